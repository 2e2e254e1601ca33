/* What would leave the pods as they are is said when the invoker is written. */
#include <criterion/criterion.h>
#include <string.h>

#include "stash/inject.h"
#include "stash/jsonx.h"

static json_t *parse(const char *text)
{
    AUTO(mem_free) char *copy = xstrdup(text);
    json_error_t error;

    for (char *at = copy; (at = strchr(at, '\'')); at++)
        *at = '"';
    json_t *doc = json_loads(copy, 0, &error);
    cr_assert_not_null(doc, "%s: %s", copy, error.text);
    return doc;
}

#define REPOSITORY                                                                                 \
    "{'apiVersion':'stash.appscode.com/v1alpha1','kind':'Repository','metadata':{'name':'r',"      \
    "'namespace':'demo'},'spec':{'backend':{'s3':{'endpoint':'e','bucket':'b'}}}}"
#define WEB                                                                                        \
    "{'apiVersion':'apps/v1','kind':'StatefulSet','metadata':{'name':'web','namespace':'demo'},"   \
    "'spec':{'template':{'spec':{'containers':[{'name':'web'}],'volumes':[{'name':'data'}]}}}}"
#define RESTRICTED                                                                                 \
    "{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'demo','labels':"                    \
    "{'pod-security.kubernetes.io/enforce':'restricted'}}}"
#define POD                                                                                        \
    "{'apiVersion':'v1','kind':'Pod','metadata':{'name':'web-0','namespace':'demo',"               \
    "'ownerReferences':[{'apiVersion':'apps/v1','kind':'StatefulSet','name':'web',"                \
    "'controller':true}]},'spec':{'containers':[{'name':'web'}],'volumes':[{'name':'other'}]}}"

/* The warnings for an invoker with this settings, mounting "data", in a cluster of these objects. */
static struct warnings foreseen(enum kind kind, const char *settings, const char *cluster)
{
    AUTO(mem_free)
    char *text = xasprintf(
        "{'metadata':{'name':'b'},'spec':{'repository':{'name':'r'},'target':{'ref':{'apiVersion':"
        "'apps/v1','kind':'StatefulSet','name':'web'},'volumeMounts':[{'name':'data','mountPath':"
        "'/data'}]},'runtimeSettings':{'container':{%s}}}}",
        settings);
    AUTO(mem_free) char *all = xasprintf("[" REPOSITORY "%s%s]", *cluster ? "," : "", cluster);
    json_auto_t *object = parse(text), *objects = parse(all);
    AUTO(snapshot_free) struct snapshot *snapshot = snapshot_from_objects(objects);
    const struct admit_request request = {.kind = kind,
                                          .operation = OPERATION_CREATE,
                                          .namespace = "demo",
                                          .object = object,
                                          .snapshot = snapshot};
    struct warnings warnings = {0};

    inject_foresee(&request, &warnings);
    return warnings;
}

static void warns(const char *settings, const char *cluster, const char *part)
{
    AUTO(warnings_done)
    struct warnings warnings = foreseen(KIND_BACKUP_CONFIGURATION, settings, cluster);

    cr_expect_eq(warnings.count, part != NULL, "%s in %s: %s", settings, cluster,
                 warnings.count ? warnings.items[0] : "nothing");
    if (part && warnings.count)
        cr_expect(strstr(warnings.items[0], part), "%s: %s", part, warnings.items[0]);
}

#define ROOT "'securityContext':{'runAsUser':0}"

Test(foresee, warns_by_the_workload)
{
    warns("", WEB, NULL);
    warns("'resources':{'claims':[{'name':'gpu'}]}", WEB, "resourceClaim");
    warns("'lifecycle':{'preStop':{'sleep':{'seconds':60}}}", WEB, "30 seconds");
    warns("", POD, "no volume of that name");
}

Test(foresee, warns_by_the_namespace)
{
    warns("", RESTRICTED, NULL);
    warns("", RESTRICTED "," WEB, NULL);
    warns(ROOT, WEB, NULL);
    warns(ROOT, RESTRICTED, "Pod Security");
    warns(ROOT, RESTRICTED "," WEB, "Pod Security");
}

Test(foresee, says_nothing_of_what_it_cannot_see_or_others_say)
{
    warns("", "", NULL);
    warns("'resources':{'claims':[{'name':'gpu'}]}", "", NULL);
    warns("'livenessProbe':{'periodSeconds':1}", WEB, NULL); /* the rules of the spec refuse it */
    AUTO(warnings_done) struct warnings other = foreseen(KIND_REPOSITORY, ROOT, RESTRICTED);
    cr_assert_eq(other.count, 0);
}

Test(foresee, takes_what_has_no_name_yet)
{
    json_auto_t *object =
        parse("{'metadata':{'generateName':'b-'},'spec':{'repository':{'name':'r'},'target':{'ref':"
              "{'apiVersion':'apps/v1','kind':'StatefulSet','name':'web'},'volumeMounts':[{}]}}}");
    json_auto_t *objects = parse("[" REPOSITORY "," WEB "]");
    AUTO(snapshot_free) struct snapshot *snapshot = snapshot_from_objects(objects);
    json_t *const bodies[] = {object, NULL};
    AUTO(warnings_done) struct warnings warnings = {0};

    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        const struct admit_request request = {.kind = KIND_BACKUP_CONFIGURATION,
                                              .operation = OPERATION_CREATE,
                                              .object = bodies[i],
                                              .snapshot = snapshot};
        inject_foresee(&request, &warnings);
    }
    cr_assert_eq(warnings.count, 0);
}

Test(foresee, warns_of_restores_too)
{
    AUTO(warnings_done)
    struct warnings warnings = foreseen(KIND_RESTORE_SESSION, ROOT, RESTRICTED "," WEB);

    cr_assert_eq(warnings.count, 1);
}
