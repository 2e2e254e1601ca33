#include "agent_command.h"
#include "commands.h"

int cmd_backup_es(int argc, char **argv)
{
    static const struct agent_command command = {
        "backup-es", "dump the indices of an Elasticsearch server into the repository",
        agent_backup_es};
    struct agent_flags flags = AGENT_FLAGS_DEFAULT;
    const struct flag table[] = {
        AGENT_ROWS_REPOSITORY(flags),
        AGENT_ROWS_APP(flags),
        {"es-args", FLAG_STRING, &flags.args, "further options of multielasticdump"},
        {"backupsession", FLAG_STRING, &flags.backupsession, "session to report to"},
        {"enable-dashboard-backup", FLAG_STRING, NULL, NULL},
        AGENT_ROWS_RETENTION,
        {"output-dir", FLAG_STRING, &flags.output_dir, "where output.json is written"},
        AGENT_ROWS_COMMON,
        {0},
    };

    return agent_command_run(&command, argc, argv, table, &flags);
}
