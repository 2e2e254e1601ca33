#include <criterion/criterion.h>
#include <string.h>

#include "judge.h"

static struct judged with_policy(const char *policy, const char *more)
{
    AUTO(mem_free)
    char *spec = xasprintf("{'schedule':'@daily','repository':{'name':'s'},"
                           "'retentionPolicy':{'name':'k','prune':true%s},"
                           "'target':{" GOOD_TARGET "'paths':['/data']%s}}",
                           policy, more);

    return judge(KIND_BACKUP_CONFIGURATION, spec, NULL);
}

Test(rules_retention, refuses_to_keep_nothing)
{
    AUTO(judged_done) struct judged tags = with_policy(",'keepTags':['a'],'keepLast':0", "");
    AUTO(judged_done)
    struct judged tagged = with_policy(",'keepTags':['a']", ",'args':['--tag','a']");
    AUTO(judged_done) struct judged both = with_policy(",'keepTags':['a'],'keepYearly':1", "");

    cr_assert(strstr(judged_cause(&tags, "spec.retentionPolicy"), "keep nothing"));
    cr_assert_eq(tagged.causes.count, 0);
    cr_assert_str_neq(judged_warning(&tagged, "spec.retentionPolicy: only keepTags"), "");
    cr_assert_eq(both.causes.count, 0);
    cr_assert_str_eq(judged_warning(&both, "spec.retentionPolicy"), "");
}

Test(rules_retention, warns_of_keeping_everything)
{
    AUTO(judged_done) struct judged judged = with_policy("", "");
    AUTO(judged_done) struct judged dry = with_policy(",'keepLast':1,'dryRun':true", "");

    cr_assert(strstr(judged_warning(&judged, "spec.retentionPolicy"), "ever be removed"));
    cr_assert(strstr(judged_warning(&dry, "spec.retentionPolicy.dryRun"), "in spite of prune"));
}
