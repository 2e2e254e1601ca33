#include <criterion/criterion.h>
#include <string.h>

#include "judge.h"

static struct judged with_hook(enum kind kind, const char *name, const char *hook)
{
    AUTO(mem_free)
    char *spec = xasprintf("{" GOOD_BACKUP "'target':{" GOOD_TARGET "'paths':['/data'],"
                           "'rules':[]},'hooks':{'%s':%s}}",
                           name, hook);

    return judge(kind, spec, NULL);
}

Test(rules_hooks, take_numbers_numbers_in_text_and_names_for_ports)
{
    const char *good[] = {"80", "'80'", "'metrics'"};
    const char *bad[] = {"0",         "'0'", "65536", "-1", "'99999999999999999999'",
                         "'Metrics'", "1.5", "true"};

    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        AUTO(mem_free) char *hook = xasprintf("{'tcpSocket':{'port':%s}}", good[i]);
        AUTO(judged_done)
        struct judged judged = with_hook(KIND_BACKUP_CONFIGURATION, "preBackup", hook);
        cr_assert_eq(judged.causes.count, 0, "%s", good[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        AUTO(mem_free) char *hook = xasprintf("{'tcpSocket':{'port':%s}}", bad[i]);
        AUTO(judged_done)
        struct judged judged = with_hook(KIND_BACKUP_CONFIGURATION, "preBackup", hook);
        cr_assert_str_neq(judged_cause(&judged, "spec.hooks.preBackup.tcpSocket.port"), "", "%s",
                          bad[i]);
    }
}

Test(rules_hooks, of_restores_have_no_final_retry)
{
    static const char hook[] = "{'exec':{'command':['a']},'executionPolicy':'OnFinalRetryFailure'}";
    AUTO(judged_done)
    struct judged backup = with_hook(KIND_BACKUP_CONFIGURATION, "postBackup", hook);
    AUTO(judged_done) struct judged restore = with_hook(KIND_RESTORE_SESSION, "postRestore", hook);

    cr_assert_eq(backup.causes.count, 0);
    cr_assert_str_neq(judged_cause(&restore, "spec.hooks.postRestore.executionPolicy"), "");
}

Test(rules_hooks, of_the_other_direction_never_run)
{
    AUTO(judged_done)
    struct judged judged =
        with_hook(KIND_RESTORE_SESSION, "preBackup", "{'exec':{'command':['a']}}");

    cr_assert(strstr(judged_warning(&judged, "spec.hooks.preBackup"), "never runs"));
}
