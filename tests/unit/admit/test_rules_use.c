#include <criterion/criterion.h>
#include <string.h>

#include "judge.h"

#define OBJECT(kind, name, spec)                                                                   \
    "{'apiVersion':'stash.appscode.com/v1beta1','kind':'" kind "','metadata':{'name':'" name       \
    "'},'spec':" spec "}"
#define APP(params)                                                                                \
    "{'apiVersion':'appcatalog.appscode.com/"                                                      \
    "v1alpha1','kind':'AppBinding','metadata':{'name':'db',"                                       \
    "'namespace':'demo'},'spec':{'parameters':{'stash':{'addon':{'backupTask':{'name':'t','"       \
    "params':[" params "]}}}}}}"
#define TASK     OBJECT("Task", "t", "{'steps':[{'name':'f'}],'volumes':[{'name':'${volume:=v}'}]}")
#define FUNCTION OBJECT("Function", "f", "{'args':['${db}','${HOSTNAME}']}")

static struct judged with_task(const char *task, const char *cluster)
{
    AUTO(mem_free)
    char *spec =
        xasprintf("{" GOOD_BACKUP "'target':{'ref':{'apiVersion':"
                  "'appcatalog.appscode.com/v1alpha1','kind':'AppBinding','name':'db'}}%s}",
                  task);

    return judge(KIND_BACKUP_CONFIGURATION, spec, cluster);
}

Test(rules_use, want_what_has_no_default)
{
    AUTO(judged_done) struct judged lacking = with_task("", "[" APP("") "," TASK "," FUNCTION "]");
    AUTO(judged_done)
    struct judged given =
        with_task("", "[" APP("{'name':'db','value':'x'}") "," TASK "," FUNCTION "]");

    cr_assert(strstr(judged_warning(&lacking, "spec.task.params"), "${db}"));
    cr_assert_str_eq(judged_warning(&given, "spec.task"), "");
}

Test(rules_use, know_that_the_task_reads_parameters_too)
{
    AUTO(judged_done)
    struct judged judged =
        with_task(",'task':{'params':[{'name':'volume','value':'x'},{'name':'x',"
                  "'value':''}]}",
                  "[" APP("{'name':'db','value':'x'}") "," TASK "," FUNCTION "]");

    cr_assert_str_eq(judged_warning(&judged, "spec.task.params[0]"), "");
    cr_assert(strstr(judged_warning(&judged, "spec.task.params[1]"), "${x}"));
}

Test(rules_use, judge_no_parameters_while_a_function_is_not_there)
{
    AUTO(judged_done)
    struct judged judged =
        with_task(",'task':{'params':[{'name':'x','value':''}]}", "[" APP("") "," TASK "]");

    cr_assert_str_eq(judged_warning(&judged, "spec.task.params[0]"), "");
    cr_assert(strstr(judged_warning(&judged, "spec.task:"), "Function f"));
}
