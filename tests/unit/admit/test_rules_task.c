#include <criterion/criterion.h>
#include <string.h>

#include "judge.h"

#define FUNCTION(name, args)                                                                       \
    "{'apiVersion':'stash.appscode.com/v1beta1','kind':'Function','metadata':{'name':'" name       \
    "'},'spec':{'image':'i','args':[" args "]}}"
#define CLUSTER                                                                                    \
    "[" FUNCTION("dump", "'${db}','${a:=b}'") "," FUNCTION("report", "'update-status'") "]"

Test(rules_task, name_the_variables_that_nobody_sets)
{
    AUTO(judged_done)
    struct judged judged =
        judge(KIND_TASK, "{'steps':[{'name':'dump'},{'name':'report'}]}", CLUSTER);

    cr_assert(strstr(judged_warning(&judged, "spec.steps[0]"), "${db}"));
    cr_assert_eq(judged.warnings.count, 1, "a step that runs update-status reports");
}

Test(rules_task, name_the_parameters_that_nobody_reads)
{
    AUTO(judged_done)
    struct judged judged = judge(KIND_TASK,
                                 "{'steps':[{'name':'dump','params':[{'name':'db','value':'x'},"
                                 "{'name':'c','value':'x'}]},{'name':'report'}]}",
                                 CLUSTER);

    cr_assert(strstr(judged_warning(&judged, "spec.steps[0].params[1]"), "${c}"));
    cr_assert_eq(judged.warnings.count, 1);
}

Test(rules_task, find_bad_grammar_wherever_it_stands)
{
    AUTO(judged_done)
    struct judged judged = judge(KIND_FUNCTION,
                                 "{'image':'${I','args':['${A}'],'runtimeSettings':{'env':[{'name':"
                                 "'X','value':'${'}]}}",
                                 NULL);

    cr_assert_str_neq(judged_cause(&judged, "spec.image"), "");
    cr_assert_str_neq(judged_cause(&judged, "spec.runtimeSettings.env[0].value"), "");
    cr_assert_eq(judged.causes.count, 2);
}

Test(rules_task, survive_any_nesting)
{
    AUTO(mem_free) char *spec = xasprintf("{'image':'i','a':%0500d}", 0);

    memset(spec + strlen("{'image':'i','a':"), '[', 250);
    memset(spec + strlen("{'image':'i','a':") + 250, ']', 250);
    AUTO(judged_done) struct judged judged = judge(KIND_FUNCTION, spec, NULL);
    cr_assert_eq(judged.causes.count, 0);
}
