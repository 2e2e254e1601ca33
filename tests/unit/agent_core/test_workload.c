#include "stash/workload.h"

#include <criterion/criterion.h>

#include "stash/jsonx.h"
#include "stash/mem.h"

static void check_host(const char *kind, const char *alias, const char *pod, const char *node,
                       const char *want)
{
    const struct workload_pod who = {kind, alias, pod, node, NULL};
    AUTO(mem_free) char *host = NULL;
    struct error err;
    int r = workload_host(&who, &host, &err);

    if (!want) {
        cr_assert_eq(r, -ERR_INVALID);
        return;
    }
    cr_assert_eq(r, 0);
    cr_assert_str_eq(host, want);
}

Test(workload, hosts_are_named_as_stash_names_them)
{
    check_host("Deployment", NULL, "web-abc-12", "n1", "host-0");
    check_host("Deployment", "web", "web-abc-12", "n1", "web");
    check_host("StatefulSet", NULL, "db-2", "n1", "host-2");
    check_host("StatefulSet", "pg", "my-db-10", "n1", "pg-10");
    check_host("DaemonSet", "", "agent-xyz", "n1", "n1");
    check_host("DaemonSet", "logs", "agent-xyz", "n1", "logs-n1");
}

Test(workload, a_pod_that_does_not_say_its_host_is_an_error)
{
    check_host("StatefulSet", NULL, "db", "n1", NULL);
    check_host("StatefulSet", NULL, "db-x1", "n1", NULL);
    check_host("StatefulSet", NULL, "db-", "n1", NULL);
    check_host("StatefulSet", NULL, NULL, "n1", NULL);
    check_host("DaemonSet", NULL, "a-1", NULL, NULL);
}

static bool is_turn(const char *worker, const char *pod, const char *uid)
{
    const struct workload_pod who = {.kind = "Deployment", .pod = pod, .uid = uid};
    json_auto_t *session = json_pack("{s:{s:o}}", "status", "worker", json_loads(worker, 0, NULL));

    return workload_is_turn(session, NULL, &who);
}

Test(workload, the_turn_is_the_pods_of_that_uid)
{
    cr_assert(is_turn("{\"pod\": \"web-1\", \"uid\": \"u1\"}", "web-1", "u1"));
    cr_assert_not(is_turn("{\"pod\": \"web-1\", \"uid\": \"u1\"}", "web-1", "u2"), "made anew");
    cr_assert(is_turn("{\"pod\": \"web-1\", \"uid\": \"u1\"}", "web-1", NULL));
    cr_assert_not(is_turn("{}", "web-1", "u1"));
}

Test(workload, the_turn_in_a_backup_session_is_in_the_row_of_the_target)
{
    const struct workload_pod who = {.kind = "Deployment", .pod = "web-1", .uid = "u1"};
    json_auto_t *ref =
        json_pack("{s:s, s:s, s:s}", "kind", "Deployment", "namespace", "demo", "name", "web");
    json_auto_t *session =
        json_pack("{s:{s:s}, s:{s:[{s:O, s:{s:s, s:s}}]}}", "metadata", "namespace", "demo",
                  "status", "targets", "ref", ref, "worker", "pod", "web-1", "uid", "u1");

    cr_assert(workload_is_turn(session, ref, &who));
    json_object_set_new(ref, "name", json_string("other"));
    json_auto_t *other =
        json_pack("{s:s, s:s, s:s}", "kind", "Deployment", "namespace", "demo", "name", "web");
    cr_assert_not(workload_is_turn(session, other, &who));
}

static json_t *session(const char *phase, const char *target)
{
    json_t *row = json_loads(target, 0, NULL);

    json_object_set_new(row, "ref", json_pack("{s:s, s:s}", "kind", "Deployment", "name", "web"));
    return json_pack("{s:{s:s, s:s}, s:{s:s, s:[o]}}", "metadata", "name", "s", "namespace", "demo",
                     "status", "phase", phase, "targets", row);
}

static bool has_work(const char *phase, const char *target)
{
    json_auto_t *object = session(phase, target);
    json_auto_t *ref =
        json_pack("{s:s, s:s, s:s}", "kind", "Deployment", "name", "web", "namespace", "demo");

    return workload_has_work(object, ref, "host-0");
}

Test(workload, works_on_what_has_begun_and_is_not_over)
{
    const char *reported = "{\"totalHosts\": 2, \"stats\": [{\"hostname\": \"host-0\"}]}";
    const char *other = "{\"totalHosts\": 2, \"stats\": [{\"hostname\": \"host-1\"}]}";

    cr_assert(has_work("Running", "{\"totalHosts\": 1}"));
    cr_assert(has_work("Pending", "{\"totalHosts\": 1}"));
    cr_assert(has_work("Running", other));
    cr_assert_not(has_work("Running", "{}"));
    cr_assert_not(has_work("Running", reported));
    cr_assert_not(has_work("Failed", "{\"totalHosts\": 1}"));
    cr_assert_not(has_work("Skipped", "{\"totalHosts\": 1}"));
    cr_assert_not(has_work("Running", "{\"totalHosts\": 1, \"phase\": \"Failed\"}"));
}

static const char *chosen(const char *rules, const char *host)
{
    static char name[64];
    json_auto_t *parsed = json_loads(rules, 0, NULL);
    json_auto_t *restore = json_pack("{s:{s:{s:O}}}", "spec", "target", "rules", parsed);
    const char *source = jsonx_str(workload_rule(restore, host), "sourceHost", NULL);

    snprintf(name, sizeof(name), "%s", source ? source : "none");
    return name;
}

Test(workload, a_rule_that_names_the_host_wins)
{
    const char *rules = "[{\"sourceHost\": \"a\"}, {\"targetHosts\": [\"host-1\"], \"sourceHost\": "
                        "\"b\"}, {\"targetHosts\": [], \"sourceHost\": \"c\"}]";

    cr_assert_str_eq(chosen(rules, "host-1"), "b");
    cr_assert_str_eq(chosen(rules, "host-0"), "c");
    cr_assert_str_eq(chosen("[{\"targetHosts\": [\"x\"]}]", "host-0"), "none");
    cr_assert_str_eq(chosen("[]", "host-0"), "none");
}
