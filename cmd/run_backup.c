#include "agent_command.h"
#include "commands.h"

int cmd_run_backup(int argc, char **argv)
{
    static const struct agent_command command = {
        "run-backup", "back up the pod that this container is a sidecar of", agent_run_backup};
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
        AGENT_ROWS_COMMON,
        {0},
    };

    return agent_command_run(&command, argc, argv, table, &flags);
}
