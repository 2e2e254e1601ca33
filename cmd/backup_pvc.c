#include "agent_command.h"
#include "commands.h"

int cmd_backup_pvc(int argc, char **argv)
{
    static const struct agent_command command = {
        "backup-pvc", "back up folders of a mounted volume", agent_backup_pvc};
    struct agent_flags flags = AGENT_FLAGS_DEFAULT;
    const struct flag table[] = {
        AGENT_ROWS_REPOSITORY(flags),
        {"hostname", FLAG_STRING, &flags.hostname, "host in the repository (host-0)"},
        {"backup-paths", FLAG_STRING, &flags.paths, "comma separated (/stash-data)"},
        {"exclude", FLAG_STRING, &flags.exclude, "patterns, comma separated"},
        {"args", FLAG_STRING, &flags.args, "further options of restic backup"},
        AGENT_ROWS_INVOKER(flags),
        AGENT_ROWS_TARGET(flags),
        {"namespace", FLAG_STRING, &flags.namespace, "namespace of the session"},
        {"backupsession", FLAG_STRING, &flags.backupsession, "session to report to"},
        AGENT_ROWS_RETENTION,
        {"output-dir", FLAG_STRING, &flags.output_dir, "where output.json is written"},
        AGENT_ROWS_COMMON,
        {0},
    };

    return agent_command_run(&command, argc, argv, table, &flags);
}
