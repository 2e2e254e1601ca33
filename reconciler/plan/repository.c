#include <string.h>

#include "draft.h"
#include "invoker.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/mem.h"
#include "stash/names.h"
#include "stash/pair.h"
#include "stash/plan.h"
#include "turn.h"

#define RECHECK_SECONDS 60

/* As the tag of its snapshots names it; NULL when there are several. The caller frees it. */
static char *only_target(const json_t *invoker)
{
    json_auto_t *ref = invoker_ref(invoker, 0);
    const char *kind = jsonx_str(ref, "kind", NULL), *name = jsonx_str(ref, "name", NULL);

    if (invoker_count(invoker) != 1 || !kind || !name)
        return NULL;
    return xasprintf("%s/%s/%s", kind, jsonx_str(ref, "namespace", NULL), name);
}

static json_t *reference_to(const json_t *invoker)
{
    AUTO(mem_free) char *target = only_target(invoker);

    return json_pack("{s:s, s:s?, s:s?, s:s?, s:s*}", PAIR("apiGroup", STASH_GROUP),
                     PAIR("kind", jsonx_str(invoker, "kind", NULL)),
                     PAIR("namespace", jsonx_namespace(invoker)), PAIR("name", jsonx_name(invoker)),
                     PAIR("target", target));
}

static int compare_references(const void *a, const void *b)
{
    static const char *const keys[] = {"kind", "namespace", "name"};
    const json_t *left = *(json_t *const *)a;
    const json_t *right = *(json_t *const *)b;
    int order = 0;

    for (size_t i = 0; i < ARRAY_LEN(keys) && order == 0; i++) {
        const char *l = jsonx_str(left, keys[i], NULL);
        const char *r = jsonx_str(right, keys[i], NULL);

        order = strcmp(l ? l : "", r ? r : "");
    }
    return order;
}

/* Of what etcd takes of an object, 1.5 MiB: some ten thousand. Those beyond are not listed, but served all the same. */
#define REFERENCES_BYTES LIMIT_MIB

/* Takes the reference. */
static size_t append_if_it_fits(json_t *list, json_t *row, size_t used)
{
    json_auto_t *owned = row;
    size_t bytes = json_dumpb(row, NULL, 0, JSON_COMPACT) + 1;

    if (used + bytes > REFERENCES_BYTES)
        return used;
    json_array_append(list, owned);
    return used + bytes;
}

/* Sorted, so that the order in which they were found does not show. */
static json_t *references_of(const json_t *invokers)
{
    size_t count = json_array_size(invokers), used = 0;
    AUTO(mem_free) void *memory = xcalloc(count + 1, sizeof(json_t *));
    json_t **rows = memory;
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++)
        rows[i] = reference_to(json_array_get(invokers, i));
    qsort(rows, count, sizeof(json_t *), compare_references);
    for (size_t i = 0; i < count; i++)
        used = append_if_it_fits(list, rows[i], used);
    return list;
}

static void enqueue_invokers(struct draft *draft, const json_t *invokers)
{
    size_t i;
    json_t *invoker;

    json_array_foreach (jsonx_unconst(invokers), i, invoker)
        draft_enqueue(draft, jsonx_str(invoker, "kind", NULL), jsonx_namespace(invoker),
                      jsonx_name(invoker));
}

/* Data is never deleted by a version that cannot do it completely; the object still goes. */
static void plan_removal(struct draft *draft)
{
    if (!draft_finalizer(draft, FINALIZER_REPOSITORY, false))
        return;
    if (jsonx_bool(draft->object, false, "spec", "wipeOut", NULL))
        draft_add_event(draft, &(struct draft_event){
                                   "WipeOutSkipped",
                                   "spec.wipeOut is not supported by this version: the backed-up "
                                   "data stays in the backend",
                                   "Repository Controller", true});
}

json_t *plan_repository(const json_t *world)
{
    AUTO(draft_done) struct draft draft;
    const json_t *invokers = jsonx_get(world, "invokers", NULL);
    /* who cannot be read may be one of them, and at work: what was said before stands, and nobody gets a turn */
    bool all_known = !jsonx_str(world, "errors", "invokers", NULL);

    draft_init(&draft, world, NULL);
    if (!jsonx_name(draft.object) || !jsonx_namespace(draft.object))
        return draft_discard(&draft);
    if (jsonx_get(draft.object, "metadata", "deletionTimestamp", NULL)) {
        plan_removal(&draft);
    } else {
        json_auto_t *wanted = references_of(invokers);

        draft_finalizer(&draft, FINALIZER_REPOSITORY, true);
        if (!all_known)
            draft_requeue(&draft, RECHECK_SECONDS);
        else if (json_array_size(wanted) > 0 || jsonx_get(draft.status, "references", NULL))
            json_object_set(draft.status, "references", wanted);
        draft_flush(&draft);
    }
    if (draft_has_actions(&draft))
        enqueue_invokers(&draft, invokers);
    if (all_known && !jsonx_get(draft.object, "metadata", "deletionTimestamp", NULL))
        turn_plan(&draft);
    return draft_take(&draft);
}
