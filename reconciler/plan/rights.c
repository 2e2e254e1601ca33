#include "rights.h"

#include <string.h>

#include "condition_types.h"
#include "grants.h"
#include "invoker.h"
#include "naming.h"
#include "requirements.h"
#include "stash/jsonx.h"
#include "stash/kinds.h"
#include "stash/mem.h"
#include "stash/names.h"
#include "stash/pair.h"
#include "stash/protocol.h"

#define RBAC_GROUP "rbac.authorization.k8s.io"
#define APP_GROUP  "appcatalog.appscode.com"

/* The namespaces where a member's executor has business: its own, its Repository's, its target's. Heap strings. */
struct places {
    char *names[3];
    size_t count;
};

static void places_add(struct places *places, const char *namespace)
{
    if (!namespace)
        return;
    for (size_t i = 0; i < places->count; i++) {
        if (strcmp(places->names[i], namespace) == 0)
            return;
    }
    places->names[places->count++] = xstrdup(namespace);
}

static struct places places_of(const json_t *invoker, size_t index)
{
    json_auto_t *ref = invoker_ref(invoker, index);
    struct places places = {.count = 0};

    places_add(&places, jsonx_namespace(invoker));
    places_add(&places, snapshot_repository_namespace(invoker));
    places_add(&places, jsonx_str(ref, "namespace", NULL));
    return places;
}

static void places_done(struct places *places)
{
    for (size_t i = 0; i < places->count; i++)
        free(places->names[i]);
}
DEFINE_AUTO_VALUE(struct places, places_done);

static void add_name(json_t *names, const char *name)
{
    if (name && *name && jsonx_find_text(names, name) < 0)
        json_array_append_new(names, json_string(name));
}

/* One rule about named objects; without names it would be about all of them, so there is none. */
static void add_rule(json_t *rules, const char *group, const char *resource, const json_t *names,
                     json_t *verbs)
{
    json_auto_t *owned = verbs;

    if (json_array_size(names) > 0)
        json_array_append_new(rules, json_pack("{s:[s], s:[s], s:O, s:O}", PAIR("apiGroups", group),
                                               PAIR("resources", resource),
                                               PAIR("resourceNames", names), PAIR("verbs", owned)));
}

static void add_app_secrets(json_t *names, const json_t *app)
{
    size_t i;
    json_t *transform;

    add_name(names, jsonx_str(app, "spec", "secret", "name", NULL));
    add_name(names, jsonx_str(app, "spec", "tlsSecret", "name", NULL));
    json_array_foreach (jsonx_get(app, "spec", "secretTransforms", NULL), i, transform)
        add_name(names, jsonx_str(transform, "addKeysFrom", "secretRef", "name", NULL));
}

/* What is granted in one namespace: found out from the Repository and the target as they are now. */
struct grant {
    const json_t *invoker;
    const char *namespace;
    const json_t *repository; /* NULL: it lies elsewhere */
    const json_t *app;        /* the AppBinding; NULL: elsewhere, or another kind of target */
    bool is_storage_read;     /* the Repository's Secret cannot be mounted */
};

/* Its sessions cannot be named here, they get their names when they are made; a RestoreSession is its own. */
static void add_invoker(json_t *rules, const json_t *invoker)
{
    const struct resource *resource = kind_resource(kind_by_name(jsonx_str(invoker, "kind", NULL)));
    AUTO(mem_free) char *status = xasprintf("%s/status", resource->plural);
    json_auto_t *names = json_pack("[s]", jsonx_name(invoker));

    add_rule(rules, STASH_GROUP, resource->plural, names, json_pack("[s]", "get"));
    if (invoker_is_restore(invoker))
        add_rule(rules, STASH_GROUP, status, names, json_pack("[s, s]", "patch", "update"));
}

static json_t *rules_of(const struct grant *grant)
{
    json_t *rules = json_array();
    json_auto_t *secrets = json_array();
    json_auto_t *repositories = json_array();
    json_auto_t *apps = json_array();

    if (strcmp(grant->namespace, jsonx_namespace(grant->invoker)) == 0)
        add_invoker(rules, grant->invoker);
    if (grant->is_storage_read)
        add_name(secrets,
                 jsonx_str(grant->repository, "spec", "backend", "storageSecretName", NULL));
    add_app_secrets(secrets, grant->app);
    add_rule(rules, "", "secrets", secrets, json_pack("[s]", "get"));
    add_name(repositories, jsonx_name(grant->repository));
    add_name(apps, jsonx_name(grant->app));
    add_rule(rules, STASH_GROUP, "repositories", repositories, json_pack("[s]", "get"));
    add_rule(rules, STASH_GROUP, "repositories/status", repositories,
             json_pack("[s, s]", "patch", "update"));
    add_rule(rules, APP_GROUP, "appbindings", apps, json_pack("[s]", "get"));
    return rules;
}

/* An agent from before Secrets were mounted, perhaps at work: it keeps what it needs until its pod is made anew. */
static bool has_old_agent(const struct draft *draft, size_t index)
{
    json_auto_t *pods = requirements_pods(draft, index);
    size_t i;
    json_t *pod;

    json_array_foreach (pods, i, pod) {
        const char *hash = jsonx_annotation(pod, ANNOTATION_INJECTED_HASH);

        if (hash && *hash && protocol_of(pod) < PROTOCOL_SECRET_MOUNTED)
            return true;
    }
    return false;
}

/*
 * In the invoker's namespace the Repository's Secret is mounted into our container: an account that others use too gets
 * no right to read it. A Job's own account is nobody else's.
 */
static bool is_storage_read(const struct draft *draft, const json_t *invoker, size_t index,
                            const char *namespace)
{
    if (strcmp(namespace, jsonx_namespace(invoker)) != 0)
        return true;
    if (!invoker_is_sidecar(invoker, index))
        return !invoker_service_account(invoker_member(invoker, index));
    return has_old_agent(draft, index);
}

static struct grant grant_of(const struct draft *draft, const json_t *invoker, size_t index,
                             const char *namespace)
{
    const json_t *target = requirements_object(draft, index);
    const char *kind = jsonx_str(target, "kind", NULL);
    const char *place = jsonx_namespace(target);
    struct grant grant = {.invoker = invoker,
                          .namespace = namespace,
                          .is_storage_read = is_storage_read(draft, invoker, index, namespace)};

    if (strcmp(snapshot_repository_namespace(invoker), namespace) == 0)
        grant.repository = jsonx_get(draft->world, "repository", NULL);
    if (!kind || !place || strcmp(place, namespace) != 0)
        return grant;
    grant.app = strcmp(kind, "AppBinding") == 0 ? target : NULL;
    return grant;
}

static json_t *binding_of(const struct rbac_request *who, const char *name, const char *namespace)
{
    return json_pack(
        "{s:s, s:s, s:o, s:{s:s, s:s, s:s}, s:[{s:s, s:s, s:s}]}",
        PAIR("apiVersion", RBAC_GROUP "/v1"), PAIR("kind", "RoleBinding"),
        PAIR("metadata", grants_metadata(who->invoker, namespace, name)),
        PAIR("roleRef", PAIR("apiGroup", RBAC_GROUP), PAIR("kind", "Role"), PAIR("name", name)),
        PAIR("subjects", PAIR("kind", "ServiceAccount"), PAIR("name", who->service_account),
             PAIR("namespace", who->account_namespace)));
}

static void ensure_grant(struct draft *draft, const struct rbac_request *who, size_t index,
                         const char *namespace)
{
    const struct grant grant = grant_of(draft, who->invoker, index, namespace);
    AUTO(mem_free) char *name = naming_role(draft->world, who->invoker, index, namespace);
    json_auto_t *rules = rules_of(&grant);

    if (json_array_size(rules) == 0)
        return;
    grants_apply(draft, json_pack("{s:s, s:s, s:o, s:O}", PAIR("apiVersion", RBAC_GROUP "/v1"),
                                  PAIR("kind", "Role"),
                                  PAIR("metadata", grants_metadata(who->invoker, namespace, name)),
                                  PAIR("rules", rules)));
    grants_apply(draft, binding_of(who, name, namespace));
}

static bool is_shared_account(const json_t *invoker, size_t index)
{
    return invoker_is_sidecar(invoker, index) ||
           invoker_service_account(invoker_member(invoker, index));
}

/* Whoever asked for it should know what it costs. */
static void note_readers(const struct draft *draft, const struct rbac_request *who, size_t index)
{
    const json_t *invoker = who->invoker;
    const char *namespace = snapshot_repository_namespace(invoker);
    const char *secret =
        jsonx_str(draft->world, "repository", "spec", "backend", "storageSecretName", NULL);
    bool readable = secret && strcmp(namespace, jsonx_namespace(invoker)) != 0 &&
                    is_shared_account(invoker, index);

    if (invoker != draft->object)
        return;
    if (readable) {
        AUTO(mem_free)
        char *message = xasprintf("the Repository lies in another namespace, so every pod of "
                                  "ServiceAccount %s/%s can read Secret %s/%s",
                                  who->account_namespace, who->service_account, namespace, secret);
        draft_condition(draft, draft->status,
                        &(struct condition){CONDITION_SECRET_READABLE, "True",
                                            "RepositoryInAnotherNamespace", message});
    } else if (condition_is_true(jsonx_get(draft->status, "conditions", NULL),
                                 CONDITION_SECRET_READABLE)) {
        draft_condition(draft, draft->status,
                        &(struct condition){CONDITION_SECRET_READABLE, "False", "SecretMounted",
                                            "no account that others use can read it"});
    }
}

void rights_ensure(struct draft *draft, const struct rbac_request *who, size_t index)
{
    AUTO(places_done) struct places places = places_of(who->invoker, index);

    for (size_t i = 0; i < places.count; i++)
        ensure_grant(draft, who, index, places.names[i]);
    note_readers(draft, who, index);
}

void rights_list(const json_t *world, const json_t *invoker, size_t index, json_t *names)
{
    AUTO(places_done) struct places places = places_of(invoker, index);

    for (size_t i = 0; i < places.count; i++) {
        AUTO(mem_free) char *name = naming_role(world, invoker, index, places.names[i]);
        json_auto_t *key = json_sprintf("%s/%s", places.names[i], name);

        json_array_append(json_object_get(names, "roles"), key);
        json_array_append(json_object_get(names, "roleBindings"), key);
    }
}
