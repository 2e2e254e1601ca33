#include "agent_command.h"
#include "commands.h"

int cmd_restore_pvc(int argc, char **argv)
{
    static const struct agent_command command = {
        "restore-pvc", "restore folders of a mounted volume", agent_restore_pvc};
    struct agent_flags flags = AGENT_FLAGS_DEFAULT;
    const struct flag table[] = {
        AGENT_ROWS_REPOSITORY(flags),
        {"hostname", FLAG_STRING, &flags.hostname, "host in the repository (host-0)"},
        {"source-hostname", FLAG_STRING, &flags.source_hostname, "host whose backup is restored"},
        {"restore-paths", FLAG_STRING, &flags.paths, "comma separated (/stash-data)"},
        {"snapshots", FLAG_STRING, &flags.snapshots,
         "ids, comma separated; the latest when absent"},
        {"include", FLAG_STRING, &flags.include, "patterns, comma separated"},
        {"exclude", FLAG_STRING, &flags.exclude, "patterns, comma separated"},
        {"args", FLAG_STRING, &flags.args, "further options of restic restore"},
        AGENT_ROWS_INVOKER(flags),
        AGENT_ROWS_TARGET(flags),
        {"namespace", FLAG_STRING, &flags.namespace, "namespace of the session"},
        {"output-dir", FLAG_STRING, &flags.output_dir, "where output.json is written"},
        AGENT_ROWS_COMMON,
        {0},
    };

    return agent_command_run(&command, argc, argv, table, &flags);
}
