#include <pthread.h>
#include <search.h>
#include <string.h>

#include "budget.h"
#include "parsed.h"
#include "record.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/text.h"
#include "store_index.h"
#include "store_private.h"

/* The records of one kind. The tree is ordered by name, and so are lists. */
struct table {
    const struct resource *resource;
    void *records; /* tree of struct record */
    size_t count;  /* of those that can be read */
    size_t unread; /* and of the others */
    struct index *indexes;
    struct budget *budget; /* of all tables */
    struct table *next;
};

struct store {
    pthread_rwlock_t lock;
    struct table *tables;
    struct budget budget;
    uint64_t serial; /* of the last record */
    struct parsed parsed;
};

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
    table->budget = &store->budget;
    table->next = store->tables;
    store->tables = table;
    return table;
}

/* The tree's own slot of a record, or NULL. */
static struct record **find_slot(const struct table *table, const char *namespace, const char *name)
{
    const struct record probe = {.namespace = text_or_empty(namespace), .name = name};
    return table ? tfind(&probe, &table->records, record_compare) : NULL;
}

/* The same, of a document that can be read. */
static struct record *find_record(const struct table *table, const char *namespace,
                                  const char *name)
{
    struct record **slot = find_slot(table, namespace, name);
    return slot && !(*slot)->unread ? *slot : NULL;
}

static size_t *counter_of(struct table *table, const struct record *record)
{
    return record->unread ? &table->unread : &table->count;
}

/* ---- life cycle -------------------------------------------------------------------------------------------------- */

struct store *store_new(void)
{
    struct store *store = xcalloc(1, sizeof(*store));
    pthread_rwlockattr_t attributes;
    /* a stream of readers must not keep the watch from writing; nobody takes the lock twice */
    pthread_rwlockattr_init(&attributes);
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&store->lock, &attributes);
    pthread_rwlockattr_destroy(&attributes);
    parsed_init(&store->parsed);
    return store;
}

static void free_node(void *node)
{
    record_unref(node);
}

void store_free(struct store *store)
{
    if (!store)
        return;
    struct table *next = NULL;
    for (struct table *table = store->tables; table; table = next) {
        next = table->next;
        store_index_free(table->indexes);
        tdestroy(table->records, free_node);
        free(table);
    }
    budget_done(&store->budget);
    parsed_done(&store->parsed);
    pthread_rwlock_destroy(&store->lock);
    free(store);
}

void store_keep_parsed(struct store *store, size_t count)
{
    parsed_resize(&store->parsed, count);
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

/* Puts the record in its place, or returns false when it says nothing new. */
static bool put_locked(struct table *table, struct record *record, const json_t *doc)
{
    struct record **slot = find_slot(table, record->namespace, record->name);
    if (slot && !record->source) { /* not from a watch: it stays the one's that brought it */
        record->source = (*slot)->source;
        record->mark = (*slot)->mark;
    }
    if (slot && record_is_same(*slot, record)) {
        (*slot)->source = record->source;
        (*slot)->mark = record->mark;
        (*slot)->wanted = record->wanted;
        return false;
    }
    if (slot) {
        struct record *before = *slot;
        --*counter_of(table, before);
        store_index_drop(before);
        *slot = record; /* it has the same key */
        budget_remove(table->budget, before->namespace, record_weight(before));
        record_unref(before);
    } else {
        BUG_ON(!tsearch(record, &table->records, record_compare));
    }
    ++*counter_of(table, record);
    for (struct index *index = table->indexes; index && !record->unread; index = index->next)
        store_index_add(index, record, doc);
    budget_add(table->budget, record->namespace, record_weight(record));
    return true;
}

/* Whether `record` may take its place; asked under the lock. */
typedef bool (*admit_fn)(const struct table *table, const struct record *record);

static bool store_put_record(struct store *store, const struct resource *resource,
                             struct record *record, const json_t *doc, admit_fn admit)
{
    pthread_rwlock_wrlock(&store->lock);
    struct table *table = need_table(store, resource);
    record->serial = ++store->serial;
    bool changed = (!admit || admit(table, record)) && put_locked(table, record, doc);
    pthread_rwlock_unlock(&store->lock);
    if (!changed)
        record_unref(record);
    return changed;
}

static bool has_room_beside(size_t used, size_t bytes)
{
    return bytes <= LIMIT_NAMESPACE && used <= LIMIT_NAMESPACE - bytes;
}

bool store_has_room(struct store *store, const struct resource *resource, const json_t *object,
                    size_t bytes)
{
    const char *namespace = text_or_empty(jsonx_namespace(object));
    if (!*namespace || !jsonx_name(object))
        return true;
    pthread_rwlock_rdlock(&store->lock);
    struct record **slot = find_slot(find_table(store, resource), namespace, jsonx_name(object));
    size_t used = budget_used(&store->budget, namespace) - (slot ? record_weight(*slot) : 0);
    pthread_rwlock_unlock(&store->lock);
    return has_room_beside(used, bytes);
}

struct waiting {
    const struct budget *budget;
    const void *source;
    bool fits;
};

static void visit_waiting(const void *node, VISIT order, void *ctx)
{
    struct waiting *waiting = ctx;
    const struct record *record = *(struct record *const *)node;
    if ((order == postorder || order == leaf) && record->wanted > 0 &&
        record->source == waiting->source && !waiting->fits)
        waiting->fits =
            has_room_beside(budget_used(waiting->budget, record->namespace), record->wanted);
}

bool store_has_room_again(struct store *store, const struct resource *resource, const void *source)
{
    struct waiting waiting = {.budget = &store->budget, .source = source};
    pthread_rwlock_rdlock(&store->lock);
    const struct table *table = find_table(store, resource);
    if (table && table->unread > 0)
        twalk_r(table->records, visit_waiting, &waiting);
    pthread_rwlock_unlock(&store->lock);
    return waiting.fits;
}

bool store_put_marked(struct store *store, const struct resource *resource, json_t *object,
                      const void *source, unsigned mark)
{
    if (!jsonx_name(object))
        return false;
    json_auto_t *doc = without_managed_fields(object);
    struct record *record = record_new(doc, 0);
    record->source = source;
    record->mark = mark;
    return store_put_record(store, resource, record, doc, NULL);
}

bool store_put_unread(struct store *store, const struct resource *resource, json_t *outline,
                      const void *source, unsigned mark, size_t wanted)
{
    struct record *record = record_new(outline, 0);
    record->source = source;
    record->mark = mark;
    record->wanted = wanted;
    record->unread = true;
    return store_put_record(store, resource, record, outline, NULL);
}

static bool is_successor(const struct table *table, const struct record *record)
{
    struct record **slot = find_slot(table, record->namespace, record->name);
    return slot && record_is_newer(record, *slot);
}

bool store_renew(struct store *store, const struct resource *resource, json_t *object)
{
    if (!jsonx_name(object))
        return false;
    json_auto_t *doc = without_managed_fields(object);
    return store_put_record(store, resource, record_new(doc, 0), doc, is_successor);
}

bool store_put(struct store *store, const struct resource *resource, json_t *object)
{
    return store_put_marked(store, resource, object, NULL, 0);
}

/* Not when a later version is there already; that one is the watch's all the same. */
static bool is_current(const struct table *table, const struct record *record)
{
    struct record **slot = find_slot(table, record->namespace, record->name);
    if (!slot || !record_is_newer(*slot, record))
        return true;
    (*slot)->source = record->source;
    (*slot)->mark = record->mark;
    return false;
}

bool store_put_event(struct store *store, const struct resource *resource, json_t *object,
                     const void *source, unsigned mark)
{
    if (!jsonx_name(object))
        return false;
    json_auto_t *doc = without_managed_fields(object);
    struct record *record = record_new(doc, 0);
    record->source = source;
    record->mark = mark;
    return store_put_record(store, resource, record, doc, is_current);
}

static void remove_locked(struct table *table, struct record *record)
{
    store_index_drop(record);
    tdelete(record, &table->records, record_compare);
    --*counter_of(table, record);
    budget_remove(table->budget, record->namespace, record_weight(record));
    record_unref(record);
}

bool store_remove(struct store *store, const struct resource *resource, const char *namespace,
                  const char *name)
{
    pthread_rwlock_wrlock(&store->lock);
    struct table *table = find_table(store, resource);
    struct record **slot = find_slot(table, namespace, name);
    bool found = slot != NULL;
    if (found)
        remove_locked(table, *slot);
    pthread_rwlock_unlock(&store->lock);
    return found;
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

/* References to the records that a reader wants; they are parsed after the lock is given back. */
struct finding {
    const char *namespace, *label; /* NULL: all */
    bool unread;                   /* only what cannot be read; else only what can */
    struct record **records;
    size_t count, room;
};

static void finding_done(struct finding *finding)
{
    for (size_t i = 0; i < finding->count; i++)
        record_unref(finding->records[i]);
    free(finding->records);
}
DEFINE_AUTO_VALUE(struct finding, finding_done);

static void add_record(struct finding *finding, struct record *record)
{
    if (finding->count == finding->room) {
        finding->room = finding->room ? 2 * finding->room : 16;
        finding->records = xrealloc(finding->records, finding->room * sizeof(struct record *));
    }
    finding->records[finding->count++] = record_ref(record);
}

json_t *store_get(struct store *store, const struct resource *resource, const char *namespace,
                  const char *name)
{
    AUTO(record_unref) struct record *record = NULL;
    pthread_rwlock_rdlock(&store->lock);
    struct record *found = find_record(find_table(store, resource), namespace, name);
    if (found)
        record = record_ref(found);
    pthread_rwlock_unlock(&store->lock);
    return record ? parsed_get(&store->parsed, record, true) : NULL;
}

static void visit_record(const void *node, VISIT order, void *ctx)
{
    struct finding *finding = ctx;
    if (order != postorder && order != leaf)
        return; /* an inner node comes three times; this one is in order */
    struct record *record = *(struct record *const *)node;
    if (record->unread != finding->unread)
        return;
    if (finding->namespace && strcmp(finding->namespace, record->namespace) != 0)
        return;
    if (record_matches(record, finding->label))
        add_record(finding, record);
}

void store_each(struct store *store, const struct resource *resource, const char *namespace,
                const char *label, store_each_fn each, void *ctx)
{
    AUTO(finding_done) struct finding finding = {.namespace = namespace, .label = label};
    pthread_rwlock_rdlock(&store->lock);
    struct table *table = find_table(store, resource);
    if (table)
        twalk_r(table->records, visit_record, &finding);
    pthread_rwlock_unlock(&store->lock);
    bool wanted = true;
    for (size_t i = 0; i < finding.count && wanted; i++) {
        json_auto_t *doc = parsed_get(&store->parsed, finding.records[i], false);
        wanted = each(ctx, doc);
    }
}

static bool append_document(void *array, json_t *doc)
{
    json_array_append(array, doc);
    return true;
}

json_t *store_list(struct store *store, const struct resource *resource, const char *namespace,
                   const char *label)
{
    json_t *found = json_array();
    store_each(store, resource, namespace, label, append_document, found);
    return found;
}

size_t store_count(struct store *store, const struct resource *resource)
{
    pthread_rwlock_rdlock(&store->lock);
    const struct table *table = find_table(store, resource);
    size_t count = table ? table->count : 0;
    pthread_rwlock_unlock(&store->lock);
    return count;
}

/* ---- what cannot be read ------------------------------------------------------------------------------------------ */

bool store_is_unread(struct store *store, const struct resource *resource, const char *namespace,
                     const char *name)
{
    pthread_rwlock_rdlock(&store->lock);
    const struct table *table = find_table(store, resource);
    struct record **slot = table && table->unread ? find_slot(table, namespace, name) : NULL;
    bool unread = slot && (*slot)->unread;
    pthread_rwlock_unlock(&store->lock);
    return unread;
}

json_t *store_unread(struct store *store, const struct resource *resource, const char *namespace)
{
    AUTO(finding_done) struct finding finding = {.namespace = namespace, .unread = true};
    json_t *found = json_array();
    pthread_rwlock_rdlock(&store->lock);
    const struct table *table = find_table(store, resource);
    if (table && table->unread)
        twalk_r(table->records, visit_record, &finding);
    pthread_rwlock_unlock(&store->lock);
    for (size_t i = 0; i < finding.count; i++)
        json_array_append_new(found, record_parse(finding.records[i]));
    return found;
}

size_t store_unread_count(struct store *store)
{
    size_t count = 0;
    pthread_rwlock_rdlock(&store->lock);
    for (const struct table *table = store->tables; table; table = table->next)
        count += table->unread;
    pthread_rwlock_unlock(&store->lock);
    return count;
}

/* ---- sweeping ---------------------------------------------------------------------------------------------------- */

struct sweep {
    struct finding finding;
    const void *source;
    unsigned mark;
};

static void visit_stale(const void *node, VISIT order, void *ctx)
{
    struct sweep *sweep = ctx;
    struct record *record = *(struct record *const *)node;
    if ((order == postorder || order == leaf) && record->source == sweep->source &&
        record->mark != sweep->mark)
        add_record(&sweep->finding, record);
}

json_t *store_sweep(struct store *store, const struct resource *resource, const void *source,
                    unsigned mark)
{
    struct sweep sweep = {.source = source, .mark = mark};
    json_t *removed = json_array();
    pthread_rwlock_wrlock(&store->lock);
    struct table *table = find_table(store, resource);
    if (table)
        twalk_r(table->records, visit_stale, &sweep);
    for (size_t i = 0; i < sweep.finding.count; i++)
        remove_locked(table, sweep.finding.records[i]);
    pthread_rwlock_unlock(&store->lock);
    for (size_t i = 0; i < sweep.finding.count; i++)
        json_array_append_new(removed, record_parse(sweep.finding.records[i]));
    finding_done(&sweep.finding);
    return removed;
}

/* ---- indexes ----------------------------------------------------------------------------------------------------- */

static void visit_index(const void *node, VISIT order, void *ctx)
{
    if (order != postorder && order != leaf)
        return;
    struct table *table = ctx;
    struct record *record = *(struct record *const *)node;
    if (record->unread)
        return;
    json_auto_t *doc = record_parse(record);
    budget_remove(table->budget, record->namespace, record_weight(record));
    store_index_add(table->indexes, record, doc);
    budget_add(table->budget, record->namespace, record_weight(record));
}

void store_index(struct store *store, const struct resource *resource, const char *index,
                 store_index_fn keys)
{
    struct index *added = store_index_new(index, keys);
    pthread_rwlock_wrlock(&store->lock);
    struct table *table = need_table(store, resource);
    added->next = table->indexes;
    table->indexes = added;
    twalk_r(table->records, visit_index, table);
    pthread_rwlock_unlock(&store->lock);
}

static void find_by_index(struct store *store, const struct resource *resource,
                          const struct store_key *key, struct finding *ret)
{
    pthread_rwlock_rdlock(&store->lock);
    const struct table *table = find_table(store, resource);
    const struct posting *posting =
        table ? store_index_find(table->indexes, key->index, key->key) : NULL;
    size_t max = key->max ? key->max : SIZE_MAX;
    for (size_t i = 0; posting && i < posting->count && i < max; i++)
        add_record(ret, posting->records[i]);
    pthread_rwlock_unlock(&store->lock);
}

void store_names_by_index(struct store *store, const struct resource *resource,
                          const struct store_key *key, store_name_fn each, void *ctx)
{
    AUTO(finding_done) struct finding finding = {0};
    find_by_index(store, resource, key, &finding);
    for (size_t i = 0; i < finding.count; i++)
        each(ctx, resource, finding.records[i]->namespace, finding.records[i]->name);
}

void store_each_by_index(struct store *store, const struct resource *resource,
                         const struct store_key *key, store_each_fn each, void *ctx)
{
    AUTO(finding_done) struct finding finding = {0};
    bool wanted = true;
    find_by_index(store, resource, key, &finding);
    for (size_t i = 0; i < finding.count && wanted; i++) {
        json_auto_t *doc = parsed_get(&store->parsed, finding.records[i], true);
        wanted = each(ctx, doc);
    }
}

json_t *store_by_index(struct store *store, const struct resource *resource, const char *index,
                       const char *key)
{
    json_t *found = json_array();
    store_each_by_index(store, resource, &(struct store_key){index, key, 0}, append_document,
                        found);
    return found;
}

size_t store_count_all(struct store *store, const struct resource *resource, const char *index,
                       size_t most)
{
    pthread_rwlock_rdlock(&store->lock);
    const struct table *table = find_table(store, resource);
    size_t count = table ? store_index_sum(table->indexes, index, most) : 0;
    pthread_rwlock_unlock(&store->lock);
    return count;
}

size_t store_count_by_index(struct store *store, const struct resource *resource, const char *index,
                            const char *key)
{
    pthread_rwlock_rdlock(&store->lock);
    const struct table *table = find_table(store, resource);
    const struct posting *posting = table ? store_index_find(table->indexes, index, key) : NULL;
    size_t count = posting ? posting->count : 0;
    pthread_rwlock_unlock(&store->lock);
    return count;
}
