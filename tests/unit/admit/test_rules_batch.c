#include <criterion/criterion.h>
#include <string.h>

#include "judge.h"

static struct judged with_members(const char *one, const char *two)
{
    AUTO(mem_free) char *spec = xasprintf("{" GOOD_BACKUP "'members':[%s,%s]}", one, two);

    return judge(KIND_BACKUP_BATCH, spec, NULL);
}

#define MEMBER(name, more)                                                                         \
    "{'target':{'ref':{'apiVersion':'apps/v1','kind':'Deployment','name':'" name                   \
    "'},'paths':['/data'],'volumeMounts':[{'name':'d','mountPath':'/data'}]" more "}}"

Test(rules_batch, refuse_one_target_twice)
{
    AUTO(judged_done) struct judged judged = with_members(MEMBER("a", ""), MEMBER("a", ""));

    cr_assert(strstr(judged_cause(&judged, "spec.members[1].target.ref"), "member 0"));
}

Test(rules_batch, warn_of_members_that_are_one_host)
{
    AUTO(judged_done) struct judged same = with_members(MEMBER("a", ""), MEMBER("b", ""));
    AUTO(judged_done)
    struct judged told = with_members(MEMBER("a", ",'alias':'a'"), MEMBER("b", ",'alias':'b'"));

    cr_assert_str_neq(judged_warning(&same, "spec.members[1].target.alias"), "");
    cr_assert_str_eq(judged_warning(&told, "spec.members"), "");
}

Test(rules_batch, want_members)
{
    AUTO(judged_done) struct judged judged = judge(KIND_RESTORE_BATCH, "{'members':{}}", NULL);

    cr_assert_str_neq(judged_cause(&judged, "spec.members"), "");
}
