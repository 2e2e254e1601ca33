#include <criterion/criterion.h>

#include "stash/jsonx.h"
#include "stash/mem.h"
#include "stash/plan.h"

static json_t *document(const char *text)
{
    json_t *doc = json_loads(text, 0, NULL);

    cr_assert(doc, "the test's own document is broken: %s", text);
    return doc;
}

static void expect(const json_t *have, const char *want)
{
    json_auto_t *parsed = document(want);
    AUTO(mem_free) char *text = jsonx_dump(have);

    cr_assert(json_equal(have, parsed), "got %s", text);
}

#define PVC_BACKUP                                                                                 \
    "{\"apiVersion\": \"v1\", \"kind\": \"BackupConfiguration\", \"metadata\": {\"name\": \"b\", " \
    "\"namespace\": "                                                                              \
    "\"demo\"}, "                                                                                  \
    "\"spec\": {\"task\": {\"name\": \"pvc-backup\"}, \"repository\": {\"name\": \"r\", "          \
    "\"namespace\": "                                                                              \
    "\"store\"}, \"target\": {\"ref\": {\"kind\": \"PersistentVolumeClaim\", \"name\": "           \
    "\"data\"}}, "                                                                                 \
    "\"interimVolumeTemplate\": {\"metadata\": {\"name\": \"i\"}, \"spec\": {\"accessModes\": "    \
    "[\"x\"]}}}}"

Test(names, a_session_needs_its_interim_claim_a_configuration_does_not)
{
    json_auto_t *invoker = document(PVC_BACKUP);
    json_auto_t *session =
        document("{\"apiVersion\": \"v1\", \"kind\": \"BackupSession\", \"metadata\": {\"name\": "
                 "\"b-1\", \"namespace\": \"demo\"}}");
    json_auto_t *repository =
        document("{\"spec\": {\"backend\": {\"local\": {\"persistentVolumeClaim\": {\"claimName\": "
                 "\"vault\"}}}}}");
    json_auto_t *world = json_pack("{s:O}", "repository", repository);
    json_auto_t *of_session = plan_names(world, session, invoker);
    json_auto_t *of_invoker = plan_names(NULL, invoker, invoker);

    expect(jsonx_get(of_session, "claims", NULL), "[\"data\", \"b-1-i\", \"vault\"]");
    expect(jsonx_get(of_invoker, "claims", NULL), "[\"data\"]");
}

Test(names, bindings_are_looked_for_where_they_are_made)
{
    json_auto_t *invoker = document(PVC_BACKUP);
    json_auto_t *names = plan_names(NULL, invoker, invoker);

    cr_assert_str_eq(jsonx_str(names, "cronJob", NULL), "stash-trigger-b");
    expect(jsonx_get(names, "serviceAccounts", NULL),
           "[\"demo/stash-trigger-b\", \"demo/backupconfiguration-b-0\"]");
    expect(jsonx_get(names, "roleBindings", NULL),
           "[\"demo/stash-trigger-b\", \"demo/backupconfiguration-b-0\", "
           "\"demo/backupconfiguration-b-0-secrets\", "
           "\"store/demo-backupconfiguration-b-0\"]");
    expect(jsonx_get(names, "roles", NULL), "[\"demo/backupconfiguration-b-0-secrets\", "
                                            "\"store/demo-backupconfiguration-b-0\"]");
}

Test(names, an_invoker_without_target_or_that_is_gone_has_no_targets)
{
    json_auto_t *bare = document("{\"apiVersion\": \"v1\", \"kind\": \"BackupConfiguration\", "
                                 "\"metadata\": {\"name\": \"b\", "
                                 "\"namespace\": \"demo\"}, \"spec\": {}}");
    json_auto_t *targets = plan_targets(bare);
    json_auto_t *names = plan_names(NULL, bare, NULL);

    expect(targets, "[]");
    expect(names, "{\"serviceAccounts\": [], \"roles\": [], \"roleBindings\": [], \"claims\": [], "
                  "\"jobs\": []}");
    cr_assert_null(plan_repository_ref(bare));
}

Test(names, a_workload_without_task_is_done_by_its_sidecar)
{
    json_auto_t *invoker = document(
        "{\"apiVersion\": \"v1\", \"kind\": \"BackupConfiguration\", \"metadata\": {\"name\": "
        "\"b\", \"namespace\": "
        "\"demo\"}, \"spec\": {\"target\": {\"ref\": {\"apiVersion\": \"apps/v1\", \"kind\": "
        "\"StatefulSet\", \"name\": \"db\"}}}}");
    json_auto_t *targets = plan_targets(invoker);

    expect(targets,
           "[{\"ref\": {\"apiVersion\": \"apps/v1\", \"kind\": \"StatefulSet\", \"name\": \"db\", "
           "\"namespace\": \"demo\"}, \"model\": \"sidecar\"}]");
}
