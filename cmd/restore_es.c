#include "agent_command.h"
#include "commands.h"

int cmd_restore_es(int argc, char **argv)
{
    static const struct agent_command command = {
        "restore-es", "load indices from the repository into an Elasticsearch server",
        agent_restore_es};
    struct agent_flags flags = AGENT_FLAGS_DEFAULT;
    const struct flag table[] = {
        AGENT_ROWS_REPOSITORY(flags),
        AGENT_ROWS_APP(flags),
        {"source-hostname", FLAG_STRING, &flags.source_hostname, "host whose backup is restored"},
        {"es-args", FLAG_STRING, &flags.args, "further options of multielasticdump"},
        {"snapshot", FLAG_STRING, &flags.snapshots, "ids; the latest when absent"},
        {"enable-dashboard-restore", FLAG_STRING, NULL, NULL},
        {"output-dir", FLAG_STRING, &flags.output_dir, "where output.json is written"},
        AGENT_ROWS_COMMON,
        {0},
    };

    return agent_command_run(&command, argc, argv, table, &flags);
}
