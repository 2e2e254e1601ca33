#include "agent_command.h"
#include "commands.h"

int cmd_restore_nats(int argc, char **argv)
{
    static const struct agent_command command = {
        "restore-nats", "load streams from the repository into a NATS server", agent_restore_nats};
    struct agent_flags flags = AGENT_FLAGS_DEFAULT;
    const struct flag table[] = {
        AGENT_ROWS_REPOSITORY(flags),
        AGENT_ROWS_APP(flags),
        {"source-hostname", FLAG_STRING, &flags.source_hostname, "host whose backup is restored"},
        {"nats-args", FLAG_STRING, &flags.args, "further options of nats stream restore"},
        {"streams", FLAG_STRING, &flags.streams, "comma separated; all of the dump when absent"},
        {"overwrite", FLAG_BOOL, &flags.overwrite, "remove streams that exist first"},
        {"warning-threshold", FLAG_STRING, &flags.warning_threshold, "slowest connection allowed"},
        {"snapshot", FLAG_STRING, &flags.snapshots, "ids; the latest when absent"},
        {"output-dir", FLAG_STRING, &flags.output_dir, "where output.json is written"},
        AGENT_ROWS_COMMON,
        {0},
    };

    return agent_command_run(&command, argc, argv, table, &flags);
}
