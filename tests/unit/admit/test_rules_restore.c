#include <criterion/criterion.h>
#include <string.h>

#include "judge.h"

static struct judged with_rule(const char *rule)
{
    AUTO(mem_free)
    char *spec =
        xasprintf("{'repository':{'name':'s'},'target':{" GOOD_TARGET "'rules':[%s]}}", rule);

    return judge(KIND_RESTORE_SESSION, spec, NULL);
}

static bool is_snapshot(const char *id)
{
    AUTO(mem_free) char *rule = xasprintf("{'snapshots':['%s']}", id);
    AUTO(judged_done) struct judged judged = with_rule(rule);

    return judged.causes.count == 0;
}

Test(rules_restore, know_a_snapshot_when_they_see_one)
{
    char digits[66];

    memset(digits, 'a', sizeof(digits));
    digits[64] = '\0';
    cr_assert(is_snapshot(digits));
    digits[64] = 'a';
    digits[65] = '\0';
    cr_assert_not(is_snapshot(digits));
    cr_assert(is_snapshot("latest"));
    cr_assert_not(is_snapshot("1a2b3c4d:/data"));
    cr_assert_not(is_snapshot("Latest"));
    cr_assert_not(is_snapshot("1A2B3C4D"));
    cr_assert_not(is_snapshot(""));
}

Test(rules_restore, cut_the_id_out_of_the_name_of_a_snapshot)
{
    AUTO(judged_done) struct judged judged = with_rule("{'snapshots':['my-repo-1a2b3c4d']}");

    cr_assert(strstr(judged_cause(&judged, "spec.target.rules[0].snapshots[0]"), "write 1a2b3c4d"));
}

Test(rules_restore, warn_of_rules_for_hosts_that_there_are_not)
{
    AUTO(judged_done)
    struct judged good = with_rule("{'targetHosts':['host-0'],'paths':['/data']}");
    AUTO(judged_done) struct judged bad = with_rule("{'targetHosts':['host-1'],'paths':['/data']}");

    cr_assert_str_eq(judged_warning(&good, "spec.target.rules"), "");
    cr_assert(
        strstr(judged_warning(&bad, "spec.target.rules[0].targetHosts[0]"), "its host is host-0"));
}

Test(rules_restore, survive_rules_of_any_shape)
{
    AUTO(judged_done)
    struct judged judged = with_rule("1,'x',{'targetHosts':{},'snapshots':'a','paths':[1]}");

    cr_assert_gt(judged.causes.count, 0);
}

Test(rules_restore, refuse_paths_that_go_upwards)
{
    AUTO(judged_done) struct judged up = with_rule("{'paths':['/data/..']}");

    cr_assert(strstr(judged_cause(&up, "spec.target.rules[0].paths[0]"), "upwards"));
}
