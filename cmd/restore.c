#include "agent_command.h"
#include "commands.h"

int cmd_restore(int argc, char **argv)
{
    static const struct agent_command command = {
        "restore", "restore the pod that this is an init container of", agent_restore};
    struct agent_flags flags = AGENT_FLAGS_DEFAULT;
    const struct flag table[] = {
        AGENT_ROWS_INJECTED(flags),
        {"hostname", FLAG_STRING, &flags.hostname, "of a Job: the host that it restores"},
        {"restore-model", FLAG_STRING, &flags.restore_model, "init-container or job"},
        {"backoff-max-wait", FLAG_STRING, NULL, NULL},
        AGENT_ROWS_COMMON,
        {0},
    };

    return agent_command_run(&command, argc, argv, table, &flags);
}
