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

/* So many mounts and templates, for so many replicas. */
static struct judged with_many(size_t count, size_t replicas)
{
    AUTO(buf_done) struct buf spec;

    buf_init(&spec, LIMIT_OBJECT);
    buf_addf(&spec, "{'repository':{'name':'s'},'target':{'replicas':%zu,'volumeMounts':[",
             replicas);
    for (size_t i = 0; i < count; i++)
        buf_addf(&spec, "%s{'name':'d%zu','mountPath':'/m%zu'}", i ? "," : "", count - 1, i);
    buf_addf(&spec, "],'volumeClaimTemplates':[");
    for (size_t i = 0; i < count; i++)
        buf_addf(&spec,
                 "%s{'metadata':{'name':'d%zu-${POD_ORDINAL}'},'spec':{'accessModes':["
                 "'ReadWriteOnce'],'resources':{'requests':{'storage':'1Gi'}}}}",
                 i ? "," : "", i);
    buf_addf(&spec, "]}}");
    return judge(KIND_RESTORE_SESSION, spec.data, NULL);
}

Test(rules_claims, are_so_many_that_each_can_be_looked_up, .timeout = 60)
{
    static const char list[] = "spec.target.volumeClaimTemplates";
    AUTO(judged_done) struct judged most = with_many(LIMIT_CLAIMS / 100, 100);
    AUTO(judged_done) struct judged more = with_many(LIMIT_CLAIMS / 100 + 1, 84);
    AUTO(judged_done) struct judged far_more = with_many(300, 100);

    cr_assert_str_eq(judged_cause(&most, list), "");
    cr_assert_str_eq(judged_cause(&most, path), "");
    cr_assert_str_eq(judged_cause(&most, "spec.target.volumeMounts[0].name"), "");
    cr_assert_str_eq(judged_cause(&more, list),
                     "one restore makes at most 500 claims, and these are 504: divide the "
                     "templates among several RestoreSessions");
    cr_assert(strstr(judged_cause(&far_more, list), "these are 30000"));
}
