#include "agent_command.h"
#include "commands.h"

int cmd_update_status(int argc, char **argv)
{
    static const struct agent_command command = {
        "update-status", "carry a step's result into the session, then apply retention and check",
        agent_update_status};
    struct agent_flags flags = AGENT_FLAGS_DEFAULT;
    const struct flag table[] = {
        AGENT_ROWS_REPOSITORY(flags),
        {"namespace", FLAG_STRING, &flags.namespace, "namespace of the session"},
        {"backupsession", FLAG_STRING, &flags.backupsession, "its name; absent for a restore"},
        AGENT_ROWS_INVOKER(flags),
        AGENT_ROWS_TARGET(flags),
        {"output-dir", FLAG_STRING, &flags.output_dir, "where output.json lies"},
        {"metrics-enabled", FLAG_BOOL, &flags.metrics_enabled, "push metrics"},
        {"metrics-pushgateway-url", FLAG_STRING, &flags.pushgateway_url, "of the Pushgateway"},
        {"metrics-labels", FLAG_WORDS, &agent_lists.metrics_labels, "further labels: k=v,k=v"},
        AGENT_ROWS_COMMON,
        {0},
    };

    return agent_command_run(&command, argc, argv, table, &flags);
}
