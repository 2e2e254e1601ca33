#include <pthread.h>
#include <search.h>
#include <string.h>

#include "stash/jsonx.h"
#include "store_private.h"

/* Where one document is. The strings are borrowed from it. Trees are ordered, so lists are too. */
struct record {
    const char *namespace, *name;
    json_t *doc;
    const void *source;
    unsigned mark;
};

/* The documents found under one key of an index, in the order of the tree. */
struct posting {
    const char *key; /* points at `own_key`; a probe has none */
    char *own_key;
    struct record **records;
    size_t count;
};

struct index {
    char *name;
    store_index_fn keys;
    void *postings; /* tree of struct posting */
    struct index *next;
};

struct table {
    const struct resource *resource;
    void *records; /* tree of struct record */
    size_t count;
    struct index *indexes;
    struct table *next;
};

struct store {
    pthread_rwlock_t lock;
    struct table *tables;
};

/* ---- trees ------------------------------------------------------------------------------------------------------- */

static int record_compare(const void *a, const void *b)
{
    const struct record *left = a;
    const struct record *right = b;
    int by_namespace = strcmp(left->namespace, right->namespace);
    return by_namespace ? by_namespace : strcmp(left->name, right->name);
}

static int posting_compare(const void *a, const void *b)
{
    return strcmp(((const struct posting *)a)->key, ((const struct posting *)b)->key);
}

static void record_free(void *node)
{
    struct record *record = node;
    json_decref(record->doc);
    free(record);
}

static void posting_free(void *node)
{
    struct posting *posting = node;
    free(posting->own_key);
    free(posting->records);
    free(posting);
}

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

static bool is_same_resource(const struct resource *a, const struct resource *b)
{
    return a == b || (strcmp(a->plural, b->plural) == 0 && strcmp(a->group, b->group) == 0);
}

static struct table *find_table(struct store *store, const struct resource *resource)
{
    struct table *table = store->tables;
    while (table && !is_same_resource(table->resource, resource))
        table = table->next;
    return table;
}

static struct table *need_table(struct store *store, const struct resource *resource)
{
    struct table *table = find_table(store, resource);
    if (table)
        return table;
    table = xcalloc(1, sizeof(*table));
    table->resource = resource;
    table->next = store->tables;
    store->tables = table;
    return table;
}

static struct record *find_record(const struct table *table, const char *namespace,
                                  const char *name)
{
    const struct record probe = {.namespace = or_empty(namespace), .name = name};
    struct record *const *node = table ? tfind(&probe, &table->records, record_compare) : NULL;
    return node ? *node : NULL;
}

/* ---- indexes ----------------------------------------------------------------------------------------------------- */

struct indexing {
    struct index *index;
    struct record *record;
};

/* Where `record` stands, or would stand, among its peers. */
static size_t place_of(const struct posting *posting, const struct record *record)
{
    size_t at = 0;
    while (at < posting->count && record_compare(posting->records[at], record) < 0)
        at++;
    return at;
}

static void index_add(void *ctx, const char *key)
{
    struct indexing *indexing = ctx;
    const struct posting probe = {.key = key};
    struct posting *const *node = tfind(&probe, &indexing->index->postings, posting_compare);
    struct posting *posting = node ? *node : NULL;
    if (!posting) {
        posting = xcalloc(1, sizeof(*posting));
        posting->own_key = xstrdup(key);
        posting->key = posting->own_key;
        BUG_ON(!tsearch(posting, &indexing->index->postings, posting_compare));
    }
    size_t at = place_of(posting, indexing->record);
    if (at < posting->count && posting->records[at] == indexing->record)
        return; /* emitted twice */
    posting->records = xrealloc(posting->records, (posting->count + 1) * sizeof(struct record *));
    memmove(posting->records + at + 1, posting->records + at,
            (posting->count - at) * sizeof(struct record *));
    posting->records[at] = indexing->record;
    posting->count++;
}

static void index_drop(void *ctx, const char *key)
{
    struct indexing *indexing = ctx;
    const struct posting probe = {.key = key};
    struct posting *const *node = tfind(&probe, &indexing->index->postings, posting_compare);
    struct posting *posting = node ? *node : NULL;
    size_t at = posting ? place_of(posting, indexing->record) : 0;
    if (!posting || at == posting->count || posting->records[at] != indexing->record)
        return;
    posting->count--;
    memmove(posting->records + at, posting->records + at + 1,
            (posting->count - at) * sizeof(struct record *));
    if (posting->count == 0) {
        tdelete(posting, &indexing->index->postings, posting_compare);
        posting_free(posting);
    }
}

static void each_index(struct table *table, struct record *record, store_emit_fn emit)
{
    for (struct index *index = table->indexes; index; index = index->next) {
        struct indexing indexing = {.index = index, .record = record};
        index->keys(record->doc, emit, &indexing);
    }
}

/* ---- life cycle -------------------------------------------------------------------------------------------------- */

struct store *store_new(void)
{
    struct store *store = xcalloc(1, sizeof(*store));
    pthread_rwlock_init(&store->lock, NULL);
    return store;
}

static void table_free(struct table *table)
{
    struct index *next = NULL;
    for (struct index *index = table->indexes; index; index = next) {
        next = index->next;
        tdestroy(index->postings, posting_free);
        free(index->name);
        free(index);
    }
    tdestroy(table->records, record_free);
    free(table);
}

void store_free(struct store *store)
{
    if (!store)
        return;
    struct table *next = NULL;
    for (struct table *table = store->tables; table; table = next) {
        next = table->next;
        table_free(table);
    }
    pthread_rwlock_destroy(&store->lock);
    free(store);
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

/* The document without managedFields; a new reference, the same document when it has none. */
static json_t *without_managed_fields(json_t *object)
{
    if (!jsonx_get(object, "metadata", "managedFields", NULL))
        return json_incref(object);
    json_t *copy = json_copy(object);
    json_object_del(jsonx_own(copy, "metadata"), "managedFields");
    return copy;
}

static bool is_same_string(const json_t *a, const json_t *b, const char *key)
{
    const char *left = jsonx_str(a, "metadata", key, NULL);
    const char *right = jsonx_str(b, "metadata", key, NULL);
    return left && right && strcmp(left, right) == 0;
}

/* A resourceVersion is good for one question only: is it the same? Documents without one are compared. */
static bool is_same_document(const json_t *a, const json_t *b)
{
    if (!jsonx_str(b, "metadata", "resourceVersion", NULL))
        return json_equal(a, b);
    return is_same_string(a, b, "resourceVersion") && is_same_string(a, b, "uid");
}

static struct record *add_record(struct table *table, const char *namespace, const char *name)
{
    struct record *record = xcalloc(1, sizeof(*record));
    record->namespace = namespace;
    record->name = name;
    BUG_ON(!tsearch(record, &table->records, record_compare));
    table->count++;
    return record;
}

/* Takes the reference. */
static bool put_locked(struct table *table, json_t *doc, const void *source, unsigned mark)
{
    const char *namespace = or_empty(jsonx_namespace(doc));
    const char *name = jsonx_name(doc);
    struct record *record = find_record(table, namespace, name);
    if (record) {
        record->source = source;
        record->mark = mark;
        if (is_same_document(record->doc, doc)) {
            json_decref(doc);
            return false;
        }
        each_index(table, record, index_drop);
        json_decref(record->doc);
    } else {
        record = add_record(table, namespace, name);
    }
    *record = (struct record){namespace, name, doc, source, mark};
    each_index(table, record, index_add);
    return true;
}

bool store_put_marked(struct store *store, const struct resource *resource, json_t *object,
                      const void *source, unsigned mark)
{
    if (!jsonx_name(object))
        return false;
    json_t *doc = without_managed_fields(object);
    pthread_rwlock_wrlock(&store->lock);
    bool changed = put_locked(need_table(store, resource), doc, source, mark);
    pthread_rwlock_unlock(&store->lock);
    return changed;
}

bool store_put(struct store *store, const struct resource *resource, json_t *object)
{
    return store_put_marked(store, resource, object, NULL, 0);
}

static void remove_locked(struct table *table, struct record *record)
{
    each_index(table, record, index_drop);
    tdelete(record, &table->records, record_compare);
    table->count--;
    record_free(record);
}

bool store_remove(struct store *store, const struct resource *resource, const char *namespace,
                  const char *name)
{
    pthread_rwlock_wrlock(&store->lock);
    struct table *table = find_table(store, resource);
    struct record *record = find_record(table, namespace, name);
    if (record)
        remove_locked(table, record);
    pthread_rwlock_unlock(&store->lock);
    return record != NULL;
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

struct gathering {
    json_t *found;
    const char *namespace, *label; /* NULL: all */
    const void *source;            /* when sweeping */
    unsigned mark;
};

json_t *store_get(struct store *store, const struct resource *resource, const char *namespace,
                  const char *name)
{
    pthread_rwlock_rdlock(&store->lock);
    struct record *record = find_record(find_table(store, resource), namespace, name);
    json_t *doc = record ? json_incref(record->doc) : NULL;
    pthread_rwlock_unlock(&store->lock);
    return doc;
}

/* "key=value[,key=value]", every pair. */
static bool matches_label(const json_t *doc, const char *selector)
{
    while (selector && *selector) {
        size_t len = strcspn(selector, ",");
        const char *equals = memchr(selector, '=', len);
        AUTO(mem_free) char *key = xstrndup(selector, equals ? (size_t)(equals - selector) : len);
        const char *value = jsonx_label(doc, key);
        size_t value_len = equals ? len - (size_t)(equals - selector) - 1 : 0;
        if (!value || !equals || strlen(value) != value_len ||
            memcmp(value, equals + 1, value_len) != 0)
            return false;
        selector += len + (selector[len] == ',');
    }
    return true;
}

static void gather(const void *node, VISIT visit, void *ctx)
{
    struct gathering *gathering = ctx;
    if (visit != postorder && visit != leaf)
        return; /* an inner node comes three times; this one is in order */
    const struct record *record = *(struct record *const *)node;
    if (gathering->namespace && strcmp(gathering->namespace, record->namespace) != 0)
        return;
    if (matches_label(record->doc, gathering->label))
        json_array_append(gathering->found, record->doc);
}

json_t *store_list(struct store *store, const struct resource *resource, const char *namespace,
                   const char *label)
{
    struct gathering gathering = {.found = json_array(), .namespace = namespace, .label = label};
    pthread_rwlock_rdlock(&store->lock);
    struct table *table = find_table(store, resource);
    if (table)
        twalk_r(table->records, gather, &gathering);
    pthread_rwlock_unlock(&store->lock);
    return gathering.found;
}

size_t store_count(struct store *store, const struct resource *resource)
{
    pthread_rwlock_rdlock(&store->lock);
    const struct table *table = find_table(store, resource);
    size_t count = table ? table->count : 0;
    pthread_rwlock_unlock(&store->lock);
    return count;
}

static void gather_unmarked(const void *node, VISIT visit, void *ctx)
{
    struct gathering *gathering = ctx;
    if (visit != postorder && visit != leaf)
        return;
    const struct record *record = *(struct record *const *)node;
    if (record->source == gathering->source && record->mark != gathering->mark)
        json_array_append(gathering->found, record->doc);
}

json_t *store_sweep(struct store *store, const struct resource *resource, const void *source,
                    unsigned mark)
{
    struct gathering gathering = {.found = json_array(), .source = source, .mark = mark};
    size_t i = 0;
    json_t *doc = NULL;
    pthread_rwlock_wrlock(&store->lock);
    struct table *table = find_table(store, resource);
    if (table)
        twalk_r(table->records, gather_unmarked, &gathering);
    json_array_foreach (gathering.found, i, doc)
        remove_locked(table, find_record(table, jsonx_namespace(doc), jsonx_name(doc)));
    pthread_rwlock_unlock(&store->lock);
    return gathering.found;
}

/* ---- indexes, from outside --------------------------------------------------------------------------------------- */

static void index_record(const void *node, VISIT visit, void *ctx)
{
    struct indexing *indexing = ctx;
    if (visit != postorder && visit != leaf)
        return;
    indexing->record = *(struct record *const *)node;
    indexing->index->keys(indexing->record->doc, index_add, indexing);
}

void store_index(struct store *store, const struct resource *resource, const char *index,
                 store_index_fn keys)
{
    struct index *added = xcalloc(1, sizeof(*added));
    struct indexing indexing = {.index = added};
    added->name = xstrdup(index);
    added->keys = keys;
    pthread_rwlock_wrlock(&store->lock);
    struct table *table = need_table(store, resource);
    twalk_r(table->records, index_record, &indexing);
    added->next = table->indexes;
    table->indexes = added;
    pthread_rwlock_unlock(&store->lock);
}

static const struct posting *find_posting(const struct table *table, const char *index,
                                          const char *key)
{
    const struct posting probe = {.key = key};
    const struct index *found = table ? table->indexes : NULL;
    while (found && strcmp(found->name, index) != 0)
        found = found->next;
    struct posting *const *node = found ? tfind(&probe, &found->postings, posting_compare) : NULL;
    return node ? *node : NULL;
}

json_t *store_by_index(struct store *store, const struct resource *resource, const char *index,
                       const char *key)
{
    json_t *found = json_array();
    pthread_rwlock_rdlock(&store->lock);
    const struct posting *posting = find_posting(find_table(store, resource), index, key);
    for (size_t i = 0; posting && i < posting->count; i++)
        json_array_append(found, posting->records[i]->doc);
    pthread_rwlock_unlock(&store->lock);
    return found;
}
