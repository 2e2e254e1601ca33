#include <criterion/criterion.h>
#include <string.h>

#include "judge.h"

static struct judged with_claim(const char *name, const char *replicas)
{
    AUTO(mem_free)
    char *spec =
        xasprintf("{'repository':{'name':'s'},'target':{'volumeClaimTemplates':[{'metadata':{"
                  "'name':'%s'},'spec':{'accessModes':['ReadWriteOnce'],'resources':{"
                  "'requests':{'storage':'1Gi'}}}}]%s}}",
                  name, replicas);

    return judge(KIND_RESTORE_SESSION, spec, NULL);
}

static const char path[] = "spec.target.volumeClaimTemplates[0].metadata.name";

Test(rules_claims, take_the_ordinal_as_part_of_a_name)
{
    AUTO(judged_done) struct judged good = with_claim("data-${POD_ORDINAL}", ",'replicas':2");
    AUTO(judged_done) struct judged other = with_claim("data-${ORDINAL}", "");
    AUTO(judged_done) struct judged large = with_claim("Data", "");

    cr_assert_str_eq(judged_cause(&good, path), "");
    cr_assert_str_neq(judged_cause(&other, path), "");
    cr_assert_str_neq(judged_cause(&large, path), "");
}

Test(rules_claims, want_a_name_for_every_replica)
{
    AUTO(judged_done) struct judged one = with_claim("data", ",'replicas':1");
    AUTO(judged_done) struct judged two = with_claim("data", ",'replicas':2");

    cr_assert_str_eq(judged_cause(&one, path), "");
    cr_assert(strstr(judged_cause(&two, path), "write data-${POD_ORDINAL}"));
}
