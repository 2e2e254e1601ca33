#include <criterion/criterion.h>
#include <string.h>

#include "judge.h"
#include "stash/buf.h"
#include "stash/limits.h"

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

/* Three hundred claims and mounts in a hundred sets: each name is looked up, not compared with all others. */
Test(rules_claims, are_not_compared_one_by_one, .timeout = 60)
{
    AUTO(buf_done) struct buf spec;

    buf_init(&spec, LIMIT_OBJECT);
    buf_addf(&spec, "{'repository':{'name':'s'},'target':{'replicas':100,'volumeMounts':[");
    for (size_t i = 0; i < 300; i++)
        buf_addf(&spec, "%s{'name':'d299','mountPath':'/m%zu'}", i ? "," : "", i);
    buf_addf(&spec, "],'volumeClaimTemplates':[");
    for (size_t i = 0; i < 300; i++)
        buf_addf(&spec,
                 "%s{'metadata':{'name':'d%zu-${POD_ORDINAL}'},'spec':{'accessModes':["
                 "'ReadWriteOnce'],'resources':{'requests':{'storage':'1Gi'}}}}",
                 i ? "," : "", i);
    buf_addf(&spec, "]}}");
    AUTO(judged_done) struct judged many = judge(KIND_RESTORE_SESSION, spec.data, NULL);
    cr_assert_str_eq(judged_cause(&many, path), "");
    cr_assert_str_eq(judged_cause(&many, "spec.target.volumeMounts[0].name"), "");
}
