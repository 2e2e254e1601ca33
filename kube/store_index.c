#include "store_index.h"

#include <search.h>
#include <string.h>

static int posting_compare(const void *a, const void *b)
{
    return strcmp(((const struct posting *)a)->key, ((const struct posting *)b)->key);
}

static void posting_free(void *node)
{
    struct posting *posting = node;
    free(posting->own_key);
    free(posting->records);
    free(posting);
}

struct index *store_index_new(const char *name, store_index_fn keys)
{
    struct index *index = xcalloc(1, sizeof(*index));
    index->name = xstrdup(name);
    index->keys = keys;
    return index;
}

void store_index_free(struct index *chain)
{
    struct index *next = NULL;
    for (struct index *index = chain; index; index = next) {
        next = index->next;
        tdestroy(index->postings, posting_free);
        free(index->name);
        free(index);
    }
}

/* RFC 3339 in UTC sorts as text. */
static int age_compare(const struct record *a, const struct record *b)
{
    int order = strcmp(a->created, b->created);
    return order ? order : record_compare(a, b);
}

/* Where `record` stands, or would stand, among its peers. */
static size_t place_of(const struct posting *posting, const struct record *record)
{
    size_t low = 0;
    size_t high = posting->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (age_compare(posting->records[middle], record) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Beside its text, what a key takes: its posting, a node of the tree, a pointer each way, and what malloc adds to five. */
#define KEY_BYTES (sizeof(struct posting) + 7 * sizeof(void *) + (size_t)5 * 16)

static struct posting *need_posting(struct index *index, const char *key)
{
    const struct posting probe = {.key = key};
    struct posting *const *node = tfind(&probe, &index->postings, posting_compare);
    if (node)
        return *node;
    struct posting *posting = xcalloc(1, sizeof(*posting));
    posting->own_key = xstrdup(key);
    posting->key = posting->own_key;
    posting->index = index;
    BUG_ON(!tsearch(posting, &index->postings, posting_compare));
    return posting;
}

struct adding {
    struct index *index;
    struct record *record;
};

static void add_under(void *ctx, const char *key)
{
    const struct adding *adding = ctx;
    struct record *record = adding->record;
    if (!key)
        return;
    struct posting *posting = need_posting(adding->index, key);
    size_t at = place_of(posting, record);
    if (at < posting->count && posting->records[at] == record)
        return; /* emitted twice */
    posting->records = xrealloc(posting->records, (posting->count + 1) * sizeof(struct record *));
    memmove(posting->records + at + 1, posting->records + at,
            (posting->count - at) * sizeof(struct record *));
    posting->records[at] = record;
    posting->count++;
    record->postings =
        xrealloc(record->postings, (record->posting_count + 1) * sizeof(struct posting *));
    record->postings[record->posting_count++] = posting;
    record->key_bytes += KEY_BYTES + strlen(key);
}

void store_index_add(struct index *index, struct record *record, const json_t *doc)
{
    struct adding adding = {.index = index, .record = record};
    index->keys(doc, add_under, &adding);
}

static void take_out(struct posting *posting, const struct record *record)
{
    size_t at = place_of(posting, record);
    BUG_ON(at == posting->count || posting->records[at] != record);
    posting->count--;
    memmove(posting->records + at, posting->records + at + 1,
            (posting->count - at) * sizeof(struct record *));
    if (posting->count > 0)
        return;
    tdelete(posting, &posting->index->postings, posting_compare);
    posting_free(posting);
}

void store_index_drop(struct record *record)
{
    for (size_t i = 0; i < record->posting_count; i++)
        take_out(record->postings[i], record);
    record->posting_count = 0;
}

static const struct index *find_index(const struct index *chain, const char *name)
{
    while (chain && strcmp(chain->name, name) != 0)
        chain = chain->next;
    return chain;
}

struct sum {
    size_t most, total;
};

static void visit_posting(const void *node, VISIT which, void *ctx)
{
    const struct posting *posting = *(struct posting *const *)node;
    struct sum *sum = ctx;
    if (which == postorder || which == leaf)
        sum->total += posting->count < sum->most ? posting->count : sum->most;
}

size_t store_index_sum(const struct index *chain, const char *name, size_t most)
{
    const struct index *index = find_index(chain, name);
    struct sum sum = {.most = most};
    if (index)
        twalk_r(index->postings, visit_posting, &sum);
    return sum.total;
}

const struct posting *store_index_find(const struct index *chain, const char *name, const char *key)
{
    const struct posting probe = {.key = key};
    const struct index *index = find_index(chain, name);
    struct posting *const *node = index ? tfind(&probe, &index->postings, posting_compare) : NULL;
    return node ? *node : NULL;
}
