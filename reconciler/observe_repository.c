/* Who uses a Repository, and what their admission and turns depend on. */
#include <string.h>

#include "observe.h"
#include "stash/jsonx.h"
#include "stash/pair.h"
#include "stash/plan.h"

/* The Namespace that every cluster has and nobody makes anew tells clusters apart. Read once. */
static void put_cluster(struct observation *o)
{
    char *known = atomic_load(&o->r->cluster), *none = NULL;
    struct error err = {0};
    json_auto_t *namespace = NULL;

    if (!known && kube_get(o->r->kube, kind_resource(KIND_NAMESPACE), NULL, "kube-system",
                           &namespace, &err) < 0) {
        json_object_set_new(json_object_get(o->world, "errors"), "cluster", json_string(err.msg));
        return;
    }
    if (!known && jsonx_uid(namespace)) {
        known = xstrdup(jsonx_uid(namespace));
        if (!atomic_compare_exchange_strong(&o->r->cluster, &none, known)) {
            free(known);
            known = none;
        }
    }
    json_object_set_new(o->world, "cluster", known ? json_string(known) : json_null());
}

/* One that cannot be read may be a user of it: then it is not known who all of them are. */
static void note_unread(struct observation *o, enum kind kind, const char *namespace)
{
    json_auto_t *unread = store_unread(o->r->store, kind_resource(kind), namespace);

    if (json_array_size(unread) == 0)
        return;
    AUTO(mem_free) char *sentence = unread_sentence(json_array_get(unread, 0));
    json_object_set_new(json_object_get(o->world, "errors"), "invokers", json_string(sentence));
}

static bool wants_turn(const json_t *session)
{
    const char *state = jsonx_str(session, "status", "turn", "state", NULL);

    return state && strcmp(state, "Waiting") == 0;
}

static void add_sessions(struct observation *o, const json_t *invoker, json_t *users)
{
    json_auto_t *sessions = observe_unfinished(o, invoker);
    json_t *restores = json_object_get(o->world, "restores");
    json_t *siblings = json_object_get(o->world, "siblings");

    json_array_extend(users, sessions);
    for (size_t i = 0; i < json_array_size(sessions); i++) {
        const json_t *session = json_array_get(sessions, i);
        if (!wants_turn(session))
            continue;
        json_object_set_new(restores, jsonx_uid(session), observe_restores(o, invoker));
        json_object_set_new(siblings, jsonx_uid(session), observe_sessions(o, invoker));
    }
}

struct search {
    struct observation *o;
    const json_t *repository;
    json_t *invokers, *users;
};

static void add_invoker(struct search *search, json_t *invoker)
{
    if (kind_by_name(jsonx_str(invoker, "kind", NULL)) != KIND_RESTORE_SESSION)
        add_sessions(search->o, invoker, search->users);
    else if (!observe_session_is_finished(invoker) && observe_fits(search->o, invoker))
        json_array_append(search->users, invoker);
}

/* Of an invoker its name and target are kept: there may be thousands, as large as they are allowed to be. */
static void add_user(void *ctx, const struct resource *resource, const char *namespace,
                     const char *name)
{
    struct search *search = ctx;

    if (observe_is_full(search->o) || !observe_may_use(search->o, namespace, search->repository))
        return;
    json_auto_t *invoker = store_get(search->o->r->store, resource, namespace, name);
    if (!invoker)
        return;
    json_auto_t *known = json_pack(
        "{s:s, s:{s:s, s:s}, s:{s:{s:O*}}}", PAIR("kind", resource->kind),
        PAIR("metadata", PAIR("namespace", namespace), PAIR("name", name)),
        PAIR("spec",
             PAIR("target", PAIR("ref", jsonx_get(invoker, "spec", "target", "ref", NULL)))));
    if (!observe_fits(search->o, known))
        return;
    json_array_append(search->invokers, known);
    add_invoker(search, invoker);
}

static void put_users(struct observation *o, const json_t *repository)
{
    static const enum kind kinds[] = {KIND_BACKUP_CONFIGURATION, KIND_RESTORE_SESSION};
    AUTO(mem_free)
    char *key = xasprintf("%s/%s", jsonx_namespace(repository), jsonx_name(repository));
    struct search search = {o, repository, json_array(), json_array()};

    json_object_set_new(o->world, "invokers", search.invokers);
    json_object_set_new(o->world, "users", search.users);
    json_object_set_new(o->world, "restores", json_object());
    json_object_set_new(o->world, "siblings", json_object());
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        store_names_by_index(o->r->store, kind_resource(kinds[i]),
                             &(struct store_key){INDEX_REPOSITORY, key, 0}, add_user, &search);
        note_unread(o, kinds[i], jsonx_namespace(repository));
    }
}

/* For as many as may begin in the Repository. They are taken until the plan has been carried out: slots_settle(). */
static void put_slots(struct observation *o, const json_t *repository)
{
    AUTO(mem_free) char *key = key_of(repository);
    int64_t room;
    json_auto_t *asking = plan_slot_requests(o->r->plan_config, repository,
                                             json_object_get(o->world, "users"), &room);
    size_t count = json_array_size(asking);
    AUTO(mem_free)
    struct slot_request *requests = xcalloc(count + 1, sizeof(struct slot_request));

    for (size_t i = 0; i < count; i++) {
        const json_t *session = json_array_get(asking, i);
        requests[i] = (struct slot_request){.session = jsonx_uid(session),
                                            .namespace = jsonx_namespace(session),
                                            .name = jsonx_name(session),
                                            .repository = key,
                                            .created = observe_created(session)};
    }
    json_object_set_new(o->world, "slots", slots_take(o->r->slots, requests, count, room));
}

/* Never from the store: whether a pod has ended decides over other people's locks. */
static void put_pods(struct observation *o, const json_t *repository)
{
    json_auto_t *holders = plan_holders(repository, json_object_get(o->world, "users"));
    json_t *pods = json_object();

    json_object_set_new(o->world, "pods", pods);
    for (size_t i = 0; i < json_array_size(holders); i++) {
        const json_t *row = json_array_get(holders, i);
        observe_get(o, pods, jsonx_str(row, "uid", NULL), KIND_POD,
                    jsonx_str(row, "namespace", NULL), jsonx_str(row, "pod", NULL));
    }
}

void observe_repository(struct observation *o, const json_t *repository)
{
    put_cluster(o);
    put_users(o, repository);
    put_pods(o, repository);
    put_slots(o, repository);
}
