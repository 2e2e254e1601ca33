#include "agent_command.h"
#include "commands.h"

int cmd_create_backupsession(int argc, char **argv)
{
    static const struct agent_command command = {
        "create-backupsession", "create a BackupSession for an invoker", agent_create_session};
    struct agent_flags flags = {0};
    const struct flag table[] = {
        AGENT_ROWS_INVOKER(flags),
        {"namespace", FLAG_STRING, &flags.namespace, "of the invoker (the pod's own)"},
        AGENT_ROWS_COMMON,
        {0},
    };

    return agent_command_run(&command, argc, argv, table, &flags);
}
