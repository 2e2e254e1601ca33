#include "agent_command.h"
#include "commands.h"

int cmd_backup_nats(int argc, char **argv)
{
    static const struct agent_command command = {
        "backup-nats", "dump the streams of a NATS server into the repository", agent_backup_nats};
    struct agent_flags flags = AGENT_FLAGS_DEFAULT;
    const struct flag table[] = {
        AGENT_ROWS_REPOSITORY(flags),
        AGENT_ROWS_APP(flags),
        {"nats-args", FLAG_STRING, &flags.args, "further options of nats stream backup"},
        {"streams", FLAG_STRING, &flags.streams, "comma separated; all when absent"},
        {"warning-threshold", FLAG_STRING, &flags.warning_threshold, "slowest connection allowed"},
        {"backupsession", FLAG_STRING, &flags.backupsession, "session to report to"},
        AGENT_ROWS_RETENTION,
        {"output-dir", FLAG_STRING, &flags.output_dir, "where output.json is written"},
        AGENT_ROWS_COMMON,
        {0},
    };

    return agent_command_run(&command, argc, argv, table, &flags);
}
