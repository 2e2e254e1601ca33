#include "agent_command.h"
#include "commands.h"

int cmd_run_backup(int argc, char **argv)
{
    static const struct agent_command command = {
        "run-backup", "back up the pod that this container is a sidecar of", agent_run_backup};
    struct agent_flags flags = AGENT_FLAGS_DEFAULT;
    const struct flag table[] = {
        AGENT_ROWS_INJECTED(flags),
        AGENT_ROWS_COMMON,
        {0},
    };

    return agent_command_run(&command, argc, argv, table, &flags);
}
