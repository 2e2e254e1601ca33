/* stash list-snapshots: what `kubectl stash snapshots` runs beside a Repository. How it ended is its last line. */
#include <stdio.h>

#include "agent_command.h"
#include "commands.h"
#include "stash/jsonx.h"

int cmd_list_snapshots(int argc, char **argv)
{
    struct agent_flags flags = AGENT_FLAGS_DEFAULT;
    int64_t arg_last = 1000;
    bool arg_help = false;
    const struct flag table[] = {
        AGENT_ROWS_REPOSITORY(flags),
        {"last", FLAG_INT, &arg_last, "only so many, the newest (1000)"},
        {"help", FLAG_BOOL, &arg_help, NULL},
        {0},
    };
    struct error err;
    int rest = 0;
    int r = flags_parse(argc, argv, table, &rest, &err);

    if (r == 0 && arg_help) {
        flags_usage("list-snapshots", "print the snapshots of a repository, a line of JSON each",
                    table);
        return 0;
    }
    if (r == 0)
        r = agent_list_snapshots(&flags, arg_last, &err);
    if (r == 0)
        return 0;
    json_auto_t *why = json_pack("{s:s}", "error", err.msg);
    AUTO(mem_free) char *line = jsonx_dump(why);
    puts(line);
    return 1;
}
