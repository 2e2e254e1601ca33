/* What the reconciler granted in another namespace goes when it is no longer allowed, asked for, or owned. */
#include <criterion/criterion.h>

#include "leader.h"
#include "stash/clock.h"
#include "stash/jsonx.h"
#include "stash/kinds.h"

#define WAIT_MS 30000
#define ROLE    "demo-backupconfiguration-letters-0"

static void begin(void)
{
    leader_begin("repository_elsewhere.yaml");
}

TestSuite(grants, .init = begin, .fini = leader_end, .timeout = 120);

static bool is_there(enum kind kind, const char *namespace, const char *name)
{
    struct error err;
    json_auto_t *object = NULL;

    return kube_get(leader_client, kind_resource(kind), namespace, name, &object, &err) == 0;
}

static void wait_for(enum kind kind, const char *namespace, const char *name, bool wanted)
{
    int64_t end = clock_mono_ms() + WAIT_MS;

    while (is_there(kind, namespace, name) != wanted) {
        cr_assert(clock_mono_ms() < end, "%s %s/%s is %s", kind_resource(kind)->kind, namespace,
                  name, wanted ? "not there" : "still there");
        clock_sleep_ms(50);
    }
}

/* Role and RoleBinding of one name. */
static void wait_for_rights(const char *namespace, bool wanted)
{
    wait_for(KIND_ROLE, namespace, ROLE, wanted);
    wait_for(KIND_ROLE_BINDING, namespace, ROLE, wanted);
}

static void patch(enum kind kind, const char *namespace, const char *name, json_t *change)
{
    json_auto_t *owned = change;
    struct error err;

    cr_assert_eq(kube_patch(leader_client, kind_resource(kind), namespace, name, KUBE_PATCH_MERGE,
                            owned, NULL, NULL, &err),
                 0, "%s", err.msg);
}

static void allow(const char *word)
{
    patch(KIND_NAMESPACE, NULL, "demo",
          json_pack("{s:{s:{s:s?}}}", "metadata", "labels", "shelf", word));
}

Test(grants, go_when_the_usage_policy_no_longer_fits_and_come_back)
{
    allow("yes");
    wait_for_rights("storage", true);
    allow(NULL);
    wait_for_rights("storage", false);
    allow("yes");
    wait_for_rights("storage", true);
}

Test(grants, go_when_the_repository_says_no)
{
    allow("yes");
    wait_for_rights("storage", true);
    patch(KIND_REPOSITORY, "storage", "shelf",
          json_pack("{s:{s:i}, s:{s:{s:{s:s, s:n}}}}", "metadata", "generation", 2, "spec",
                    "usagePolicy", "allowedNamespaces", "from", "Same", "selector"));
    wait_for_rights("storage", false);
}

Test(grants, follow_the_repository_into_another_namespace)
{
    allow("yes");
    wait_for_rights("storage", true);
    patch(KIND_BACKUP_CONFIGURATION, "demo", "letters",
          json_pack("{s:{s:{s:s}}}", "spec", "repository", "namespace", "attic"));
    wait_for_rights("attic", true);
    wait_for_rights("storage", false);
}

/* One look that fails must not let the finalizer go: nobody would look again. */
Test(grants, go_before_their_invoker_does_also_after_errors)
{
    struct error err;

    allow("yes");
    wait_for_rights("storage", true);
    cr_assert_eq(kube_delete(leader_client, kind_resource(KIND_BACKUP_CONFIGURATION), "demo",
                             "letters", &(struct kube_delete){.grace_seconds = -1}, &err),
                 0, "%s", err.msg);
    wait_for(KIND_BACKUP_CONFIGURATION, "demo", "letters", false);
    cr_assert_not(is_there(KIND_ROLE, "storage", ROLE));
    cr_assert_not(is_there(KIND_ROLE_BINDING, "storage", ROLE));
    cr_assert_geq(fake_count(leader_fake, "GET", "invoker-uid"), 3, "no look has failed");
}

Test(grants, go_when_their_invoker_is_gone_without_them)
{
    wait_for(KIND_ROLE, "storage", "demo-backupconfiguration-gone-0", false);
}

Test(grants, come_back_when_somebody_deletes_them)
{
    struct error err;

    allow("yes");
    wait_for_rights("storage", true);
    cr_assert_eq(kube_delete(leader_client, kind_resource(KIND_ROLE), "storage", ROLE,
                             &(struct kube_delete){.grace_seconds = -1}, &err),
                 0, "%s", err.msg);
    wait_for_rights("storage", true);
}
