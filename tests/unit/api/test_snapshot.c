#include "stash/snapshot.h"

#include <criterion/criterion.h>
#include <string.h>

#include "stash/jsonx.h"

static json_t *object(const char *api_version, const char *kind, const char *namespace,
                      const char *name)
{
    return json_pack("{s:s,s:s,s:{s:s*,s:s}}", "apiVersion", api_version, "kind", kind, "metadata",
                     "namespace", namespace, "name", name);
}

static json_t *invoker(const char *kind, const char *name, const char *created,
                       const char *target_namespace)
{
    json_t *doc = object("stash.appscode.com/v1beta1", kind, "demo", name);

    json_object_set_new(jsonx_get(doc, "metadata", NULL), "creationTimestamp",
                        json_string(created));
    json_object_set_new(doc, "spec",
                        json_pack("{s:{s:{s:s,s:s,s:s*}}}", "target", "ref", "kind", "Deployment",
                                  "name", "web", "namespace", target_namespace));
    return doc;
}

Test(snapshot, gets_by_kind_namespace_and_name)
{
    json_auto_t *objects = json_pack(
        "[o,o,o]", object("stash.appscode.com/v1alpha1", "Repository", "demo", "r"),
        object("v1", "Namespace", NULL, "demo"), object("apps/v1", "Deployment", NULL, "web"));
    AUTO(snapshot_free) struct snapshot *view = snapshot_from_objects(objects);
    json_auto_t *repository = view->get(view->ctx, KIND_REPOSITORY, "demo", "r");
    json_auto_t *namespace = view->get(view->ctx, KIND_NAMESPACE, NULL, "demo");
    json_auto_t *deployment = view->get(view->ctx, KIND_DEPLOYMENT, "default", "web");

    cr_assert_str_eq(jsonx_name(repository), "r");
    cr_assert_not_null(namespace);
    cr_assert_not_null(deployment, "no namespace means default");
    cr_assert_null(view->get(view->ctx, KIND_REPOSITORY, "other", "r"));
    cr_assert_null(view->get(view->ctx, KIND_TASK, NULL, "r"));
}

Test(snapshot, lists_one_namespace_or_all_and_opens_lists)
{
    json_auto_t *objects =
        json_pack("[{s:s,s:s,s:[o,o]}]", "apiVersion", "v1", "kind", "List", "items",
                  object("v1", "Secret", "a", "s"), object("v1", "Secret", "b", "s"));
    AUTO(snapshot_free) struct snapshot *view = snapshot_from_objects(objects);
    json_auto_t *all = snapshot_list(view, KIND_SECRET, NULL);
    json_auto_t *one = snapshot_list(view, KIND_SECRET, "b");
    json_auto_t *none = snapshot_list(view, KIND_POD, NULL);

    cr_assert_eq(json_array_size(all), 2);
    cr_assert_eq(json_array_size(one), 1);
    cr_assert_eq(json_array_size(none), 0);
}

static bool keep(void *found, const json_t *object)
{
    json_array_append(found, jsonx_unconst(object));
    return true;
}

Test(snapshot, finds_the_invokers_of_a_target_oldest_first)
{
    json_auto_t *objects =
        json_pack("[o,o,o,o]", invoker("BackupConfiguration", "c", "2024-03-01T00:00:00Z", NULL),
                  invoker("BackupConfiguration", "b", "2024-01-01T00:00:00Z", "demo"),
                  invoker("RestoreSession", "a", "2024-03-01T00:00:00Z", ""),
                  invoker("RestoreSession", "elsewhere", "2024-01-01T00:00:00Z", "prod"));
    AUTO(snapshot_free) struct snapshot *view = snapshot_from_objects(objects);
    json_auto_t *found = json_array();
    json_auto_t *nothing = json_array();

    view->each_invoker(view->ctx, "Deployment", "demo", "web", keep, found);
    view->each_invoker(view->ctx, "StatefulSet", "demo", "web", keep, nothing);
    cr_assert_eq(json_array_size(found), 3);
    cr_assert_str_eq(jsonx_name(json_array_get(found, 0)), "b");
    cr_assert_str_eq(jsonx_name(json_array_get(found, 1)), "a");
    cr_assert_str_eq(jsonx_name(json_array_get(found, 2)), "c");
    cr_assert_eq(json_array_size(nothing), 0);
}

static void collect(void *ctx, const char *key)
{
    json_array_append_new(ctx, json_string(key));
}

Test(snapshot, emits_the_target_of_every_member)
{
    json_auto_t *batch =
        json_pack("{s:{s:s},s:{s:[{s:{s:{s:s,s:s}}},{s:{s:{s:s,s:s,s:s}}},{s:{}},i]}}", "metadata",
                  "namespace", "demo", "spec", "members", "target", "ref", "kind", "Deployment",
                  "name", "web", "target", "ref", "kind", "AppBinding", "name", "db", "namespace",
                  "prod", "target", 1);
    json_auto_t *keys = json_array();
    json_auto_t *want = json_pack("[s,s]", "Deployment/demo/web", "AppBinding/prod/db");

    snapshot_emit_targets(batch, collect, keys);
    cr_assert(json_equal(keys, want));
}

Test(snapshot, emits_the_claims_that_a_restore_makes)
{
    json_auto_t *restore = json_pack(
        "{s:{s:s},s:{s:{s:i,s:[{s:{s:s}}]}}}", "metadata", "namespace", "demo", "spec", "target",
        "replicas", 2, "volumeClaimTemplates", "metadata", "name", "data-${POD_ORDINAL}");
    json_auto_t *keys = json_array();
    json_auto_t *want = json_pack("[s,s]", "PersistentVolumeClaim/demo/data-0",
                                  "PersistentVolumeClaim/demo/data-1");

    snapshot_emit_targets(restore, collect, keys);
    cr_assert(json_equal(keys, want));
}
