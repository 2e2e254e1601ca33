#include "kept.h"

#include <pthread.h>
#include <stdint.h>
#include <string.h>

#include "stash/jsonx.h"

#define FNV_BASIS  UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME  UINT64_C(0x100000001b3)
#define IS_CHANGED 0 /* no fingerprint */

struct kept {
    pthread_mutex_t mutex;
    json_t *seen; /* "Kind/namespace/name" -> fingerprint */
};

struct kept *kept_new(void)
{
    struct kept *kept = xcalloc(1, sizeof(*kept));

    pthread_mutex_init(&kept->mutex, NULL);
    kept->seen = json_object();
    return kept;
}

void kept_free(struct kept *kept)
{
    if (!kept)
        return;
    json_decref(kept->seen);
    pthread_mutex_destroy(&kept->mutex);
    free(kept);
}

static char *key_of(const json_t *object)
{
    const char *kind = jsonx_str(object, "kind", NULL), *namespace = jsonx_namespace(object);

    return xasprintf("%s/%s/%s", kind ? kind : "", namespace ? namespace : "", jsonx_name(object));
}

static json_int_t fingerprint_of(const json_t *document)
{
    AUTO(mem_free) char *text = jsonx_dump_sorted(document);
    uint64_t hash = FNV_BASIS;

    for (const char *p = text; *p; p++)
        hash = (hash ^ (unsigned char)*p) * FNV_PRIME;
    return (json_int_t)(hash >> 1) | 1; /* never IS_CHANGED */
}

static json_int_t fingerprint_of_rights(const json_t *object)
{
    static const char *const members[] = {"uid", "generation", "labels", "annotations",
                                          "deletionTimestamp"};
    json_auto_t *counted = json_object();

    for (size_t i = 0; i < ARRAY_LEN(members); i++) {
        json_t *value = jsonx_get(object, "metadata", members[i], NULL);
        if (value)
            json_object_set(counted, members[i], value);
    }
    return fingerprint_of(counted);
}

enum seen { SEEN_FIRST, SEEN_SAME, SEEN_CHANGED };

static enum seen note_seen(struct kept *kept, const json_t *object, json_int_t now)
{
    AUTO(mem_free) char *key = key_of(object);
    enum seen seen = SEEN_SAME;

    pthread_mutex_lock(&kept->mutex);
    const json_t *before = json_object_get(kept->seen, key);
    if (!before)
        seen = SEEN_FIRST;
    else if (json_integer_value(before) != now)
        seen = SEEN_CHANGED;
    if (seen != SEEN_SAME)
        json_object_set_new(kept->seen, key, json_integer(now));
    pthread_mutex_unlock(&kept->mutex);
    return seen;
}

bool kept_is_changed(struct kept *kept, const json_t *object)
{
    return note_seen(kept, object, fingerprint_of_rights(object)) == SEEN_CHANGED;
}

bool kept_is_news(struct kept *kept, const json_t *object, const json_t *part)
{
    return note_seen(kept, object, fingerprint_of(part)) != SEEN_SAME;
}

void kept_change(struct kept *kept, const json_t *object)
{
    AUTO(mem_free) char *key = key_of(object);

    pthread_mutex_lock(&kept->mutex);
    if (json_object_get(kept->seen, key))
        json_object_set_new(kept->seen, key, json_integer(IS_CHANGED));
    pthread_mutex_unlock(&kept->mutex);
}

void kept_forget(struct kept *kept, const json_t *object)
{
    AUTO(mem_free) char *key = key_of(object);

    pthread_mutex_lock(&kept->mutex);
    json_object_del(kept->seen, key);
    pthread_mutex_unlock(&kept->mutex);
}
