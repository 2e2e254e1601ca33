#include "agent_command.h"
#include "commands.h"

int cmd_restore(int argc, char **argv)
{
    static const struct agent_command command = {
        "restore", "restore the pod that this is an init container of", agent_restore};
    struct agent_flags flags = AGENT_FLAGS_DEFAULT;
    const struct flag table[] = {
        AGENT_ROWS_INVOKER(flags),
        AGENT_ROWS_TARGET(flags),
        {"namespace", FLAG_STRING, &flags.namespace, "of the invoker (the pod's own)"},
        {"host", FLAG_STRING, NULL, NULL},
        {"enable-cache", FLAG_BOOL, &flags.enable_cache, "keep restic's cache in the scratch dir"},
        {"max-connections", FLAG_INT, &flags.max_connections,
         "parallel connections to the backend"},
        {"scratch-dir", FLAG_STRING, &flags.scratch_dir, "folder for temporary files"},
        {"metrics-enabled", FLAG_BOOL, &flags.metrics_enabled, "push metrics"},
        {"pushgateway-url", FLAG_STRING, &flags.pushgateway_url, "of the Pushgateway"},
        {"metrics-labels", FLAG_STRING, &flags.metrics_labels, "further labels: k=v,k=v"},
        {"restore-model", FLAG_STRING, &flags.restore_model, "init-container or job"},
        {"backoff-max-wait", FLAG_STRING, NULL, NULL},
        AGENT_ROWS_COMMON,
        {0},
    };

    return agent_command_run(&command, argc, argv, table, &flags);
}
