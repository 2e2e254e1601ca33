#include "parsed.h"

struct parsed_slot {
    uint64_t serial; /* 0: empty */
    json_t *doc;
};

void parsed_init(struct parsed *parsed)
{
    *parsed = (struct parsed){0};
    pthread_mutex_init(&parsed->lock, NULL);
    parsed_resize(parsed, PARSED_DEFAULT);
}

static void free_slots(struct parsed *parsed)
{
    for (size_t i = 0; i < parsed->count; i++)
        json_decref(parsed->slots[i].doc);
    free(parsed->slots);
}

void parsed_done(struct parsed *parsed)
{
    free_slots(parsed);
    pthread_mutex_destroy(&parsed->lock);
}

void parsed_resize(struct parsed *parsed, size_t count)
{
    pthread_mutex_lock(&parsed->lock);
    free_slots(parsed);
    parsed->count = count > 0 ? count : 1;
    parsed->slots = xcalloc(parsed->count, sizeof(*parsed->slots));
    pthread_mutex_unlock(&parsed->lock);
}

json_t *parsed_get(struct parsed *parsed, const struct record *record, bool keep)
{
    pthread_mutex_lock(&parsed->lock);
    struct parsed_slot *slot = &parsed->slots[record->serial % parsed->count];
    json_t *doc = slot->serial == record->serial ? json_incref(slot->doc) : NULL;
    pthread_mutex_unlock(&parsed->lock);
    if (doc)
        return doc;
    doc = record_parse(record); /* outside the lock: others need not wait for it */
    if (!keep || record->text_len > PARSED_TEXT_MAX)
        return doc;
    pthread_mutex_lock(&parsed->lock);
    slot = &parsed->slots[record->serial % parsed->count];
    json_t *before = slot->doc;
    slot->serial = record->serial;
    slot->doc = json_incref(doc);
    pthread_mutex_unlock(&parsed->lock);
    json_decref(before);
    return doc;
}
