/* Trials: what an API server says to a pod with us and without, and which way a plan goes on. */
#include <criterion/criterion.h>
#include <string.h>

#include "fake.h"
#include "room.h"
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

#define STATUS(name)                                                                               \
    "{'verb':'status','kind':'BackupConfiguration','namespace':'demo','name':'" name               \
    "','patch':{'status':{'note':'${error}'}}}"

/* A trial in this namespace; the status that is written says which way it went. */
static json_t *trial_in(const char *namespace)
{
    AUTO(mem_free)
    char *text = xasprintf(
        "{'actions':[{'verb':'trial','kind':'Deployment','namespace':'%s','name':'web',"
        "'expectedHash':'0011223300000000','dryRunPod':{'metadata':{'generateName':'web-',"
        "'namespace':'%s','annotations':{'stash.appscode.com/trial':'true'}},'spec':{}},"
        "'onFailure':[],'onRefused':[" STATUS("refused") "]}," STATUS("accepted") "]}",
        namespace, namespace);

    return parse(text);
}

static void apply_to(struct fake *fake, const char *namespace)
{
    const struct reconciler_config config = {.namespace = "stash", .identity = "me", .image = "s"};
    AUTO(kube_close) struct kube *kube = fake_open(fake);
    AUTO(reconciler_free) struct reconciler *reconciler = reconciler_new(kube, &config);
    json_auto_t *plan = trial_in(namespace);
    struct error err = {0};

    cr_assert_eq(apply(reconciler, plan, &err), 0, "%s", err.msg);
}

/* The same for a pod that is its own target: its name is given. */
static void apply_named_to(struct fake *fake, const char *namespace)
{
    const struct reconciler_config config = {.namespace = "stash", .identity = "me", .image = "s"};
    AUTO(kube_close) struct kube *kube = fake_open(fake);
    AUTO(reconciler_free) struct reconciler *reconciler = reconciler_new(kube, &config);
    json_auto_t *plan = trial_in(namespace);
    json_t *pod = jsonx_get(json_array_get(json_object_get(plan, "actions"), 0), "dryRunPod",
                            "metadata", NULL);
    struct error err = {0};

    json_object_set_new(pod, "name", json_string("web"));
    cr_assert_eq(apply(reconciler, plan, &err), 0, "%s", err.msg);
}

static size_t written(struct fake *fake, const char *name)
{
    AUTO(mem_free) char *path = xasprintf("/backupconfigurations/%s/status", name);

    return fake_count(fake, "PATCH", path);
}

/* The metadata of what was sent, `index` requests after the first. New reference. */
static json_t *metadata_sent(struct fake *fake, size_t index)
{
    json_auto_t *requests = fake_requests(fake);
    const char *body = jsonx_str(json_array_get(requests, index), "body", NULL);
    json_auto_t *sent = body ? json_loads(body, 0, NULL) : NULL;

    return json_incref(jsonx_get(sent, "metadata", NULL));
}

Test(apply, a_trial_tells_a_pod_that_is_refused_for_us)
{
    AUTO(fake_stop) struct fake *fake = fake_start(SCRIPTS "trial.yaml");

    apply_to(fake, "demo");
    cr_assert_eq(written(fake, "refused"), 1);
    cr_assert_eq(written(fake, "accepted"), 0);
    json_auto_t *with = metadata_sent(fake, 0);
    json_auto_t *without = metadata_sent(fake, 1);
    cr_assert(jsonx_get(with, "annotations", "stash.appscode.com/trial", NULL));
    cr_assert_not(jsonx_get(without, "annotations", "stash.appscode.com/trial", NULL));
    cr_assert_str_eq(jsonx_str(without, "labels", "stash.appscode.com/inject", NULL), "false");
    cr_assert_eq(fake_count(fake, "POST", "dryRun=All"), 2);

    apply_to(fake, "demo");
    cr_assert_eq(written(fake, "refused"), 1);
    cr_assert_eq(written(fake, "accepted"), 1);
}

Test(apply, a_trial_blames_nobody_for_what_happens_without_us)
{
    AUTO(fake_stop) struct fake *fake = fake_start(SCRIPTS "trial.yaml");

    apply_to(fake, "sick");
    cr_assert_eq(fake_count(fake, "POST", "/sick/pods"), 2);
    apply_to(fake, "busy");
    cr_assert_geq(fake_count(fake, "POST", "/busy/pods"), 1);
    cr_assert_eq(written(fake, "refused") + written(fake, "accepted"), 0);
}

Test(apply, nothing_is_written_once_the_lease_is_lost)
{
    const struct reconciler_config config = {.namespace = "stash", .identity = "me", .image = "s"};
    AUTO(fake_stop) struct fake *fake = fake_start(SCRIPTS "trial.yaml");
    AUTO(kube_close) struct kube *kube = fake_open(fake);
    AUTO(reconciler_free) struct reconciler *reconciler = reconciler_new(kube, &config);
    json_auto_t *plan = parse("{'actions':[" STATUS("late") "]}");
    struct error err = {0};

    atomic_store(&reconciler->leading, true); /* it had the lease; it has never been renewed */
    cr_assert_lt(apply(reconciler, plan, &err), 0);
    cr_assert(strstr(err.msg, "lease"), "%s", err.msg);
    cr_assert_eq(written(fake, "late"), 0);
}

/* Policies are asked before the name is found to be taken, by the pod that is like it. */
Test(apply, a_name_that_is_taken_is_no_refusal)
{
    AUTO(fake_stop) struct fake *fake = fake_start(SCRIPTS "trial.yaml");

    apply_named_to(fake, "taken");
    cr_assert_eq(written(fake, "refused"), 1);
    apply_named_to(fake, "taken");
    cr_assert_eq(written(fake, "accepted"), 1);
}

/* ---- claims ------------------------------------------------------------------------------------------------------ */

/* One that a restore makes has no controller, and is known by its mark. */
static int create_claim(struct fake *fake, const char *name, struct error *err)
{
    const struct reconciler_config config = {.namespace = "stash", .identity = "me", .image = "s"};
    AUTO(kube_close) struct kube *kube = fake_open(fake);
    AUTO(reconciler_free) struct reconciler *reconciler = reconciler_new(kube, &config);
    AUTO(mem_free)
    char *text = xasprintf("{'actions':[{'verb':'create','kind':'PersistentVolumeClaim',"
                           "'namespace':'demo','name':'%s','object':{'metadata':{'name':'%s',"
                           "'namespace':'demo','labels':{'stash.appscode.com/invoker-uid':"
                           "'rs-uid'}}},'onFailure':[]}]}",
                           name, name);
    json_auto_t *plan = parse(text);

    return apply(reconciler, plan, err);
}

Test(apply, a_claim_that_is_there_counts_as_made_only_when_it_was_made_for_the_same_restore)
{
    AUTO(fake_stop) struct fake *fake = fake_start(SCRIPTS "claims.yaml");
    struct error err = {0};

    cr_assert_eq(create_claim(fake, "ours", &err), 0, "%s", err.msg);
    cr_assert_eq(create_claim(fake, "theirs", &err), -ERR_CONFLICT);
    cr_assert_eq(create_claim(fake, "of-the-one-before", &err), -ERR_CONFLICT);
}
