/* addon.c - the subcommands of every addon, read from its row; and what our own stage of a streamed dump is called. */
#include "stash/addon.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent_command.h"
#include "commands.h"
#include "stash/spawn.h"

#define FLAGS_MAX 96

static void flags_add(struct flag *table, size_t *count, const struct flag *rows, size_t more)
{
    BUG_ON(*count + more >= FLAGS_MAX);
    memcpy(table + *count, rows, more * sizeof(*rows));
    *count += more;
}

/* What every addon takes; a Function passes what it has. */
static void add_common(struct flag *table, size_t *count, struct agent_flags *flags)
{
    const struct flag rows[] = {
        AGENT_ROWS_REPOSITORY(*flags),
        AGENT_ROWS_APP(*flags),
        {"source-hostname", FLAG_STRING, &flags->source_hostname, "host whose backup is restored"},
        {"snapshot", FLAG_WORDS, &agent_lists.snapshots, "ids; the latest when absent"},
        {"backupsession", FLAG_STRING, &flags->backupsession, "session to report to"},
        AGENT_ROWS_RETENTION,
        {"output-dir", FLAG_STRING, &flags->output_dir, "where output.json is written"},
        AGENT_ROWS_COMMON,
    };

    flags_add(table, count, rows, ARRAY_LEN(rows));
}

/* PATHS: what restic itself is told. */
static void add_paths(struct flag *table, size_t *count, struct agent_flags *flags)
{
    const struct flag rows[] = {
        {"backup-paths", FLAG_WORDS, &agent_lists.paths, "comma separated (/stash-data)"},
        {"restore-paths", FLAG_WORDS, &agent_lists.paths, "comma separated (/stash-data)"},
        {"snapshots", FLAG_WORDS, &agent_lists.snapshots,
         "ids, comma separated; the latest when absent"},
        {"include", FLAG_WORDS, &agent_lists.include, "patterns, comma separated"},
        {"exclude", FLAG_WORDS, &agent_lists.exclude, "patterns, comma separated"},
        {"args", FLAG_WORDS, &agent_lists.args, "further options of restic"},
        AGENT_ROWS_INVOKER(*flags),
        AGENT_ROWS_TARGET(*flags),
    };

    flags_add(table, count, rows, ARRAY_LEN(rows));
}

static void add_params(struct flag *table, size_t *count, const struct addon_info *info,
                       enum addon_step step, const char **values)
{
    for (size_t i = 0; i < addon_info_param_count(info); i++) {
        const struct addon_param *param = &info->params[i];
        const struct flag row = {param->flag, FLAG_STRING, &values[i], param->help};

        if (param->steps & step)
            flags_add(table, count, &row, 1);
    }
}

/* restic starts this program, so it has to be known by a path that does not depend on who asks. */
static const char *own_path(void)
{
    static char path[4096];
    ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);

    path[len > 0 ? len : 0] = '\0';
    return len > 0 ? path : "stash";
}

#define VALUES_MAX 32

static int run_addon(const struct addon *addon, enum addon_step step, int argc, char **argv)
{
    const struct addon_command *named = addon_info_command(addon->info, step);
    const struct agent_command command = {named->name, named->summary, agent_run_addon};
    const char *values[VALUES_MAX] = {NULL};
    struct agent_flags flags = AGENT_FLAGS_DEFAULT;
    struct flag table[FLAGS_MAX] = {0};
    size_t count = 0;

    BUG_ON(addon_info_param_count(addon->info) > VALUES_MAX);
    flags.addon = addon;
    flags.step = step;
    flags.values = values;
    flags.self = own_path();
    add_common(table, &count, &flags);
    if (addon->info->shape == ADDON_PATHS)
        add_paths(table, &count, &flags);
    add_params(table, &count, addon->info, step, values);
    return agent_command_run(&command, argc, argv, table, &flags);
}

static void on_signal(int signum)
{
    (void)signum;
    spawn_cancel();
}

typedef int (*stage_fn)(const char *folder, const struct addon *const *addons, struct error *err);

static void be_a_child(void)
{
    const struct sigaction action = {.sa_handler = on_signal};

    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    json_object_seed(0);
}

static int run_stage(stage_fn stage, int argc, char **argv)
{
    struct error err;

    if (argc != 2) {
        fprintf(stderr, "stash %s: for restic alone to call, with a folder\n", argv[0]);
        return 2;
    }
    be_a_child();
    return stage(argv[1], addon_codes, &err) < 0 ? 1 : 0;
}

/* An addon's own program: addon-tool NAME WORDS… */
static int run_program(int argc, char **argv)
{
    struct error err;

    for (const struct addon *const *addon = addon_codes; *addon; addon++)
        if (argc > 1 && (*addon)->program && strcmp((*addon)->info->name, argv[1]) == 0) {
            be_a_child();
            if ((*addon)->program(argc - 1, argv + 1, &err) == 0)
                return 0;
            fprintf(stderr, "%s\n", err.msg);
            return 1;
        }
    fprintf(stderr, "stash %s: for an addon's dump alone to call\n", argv[0]);
    return 2;
}

int cmd_addon(int argc, char **argv)
{
    static const enum addon_step steps[] = {ADDON_BACKUP, ADDON_RESTORE};

    if (strcmp(argv[0], "dump-stream") == 0)
        return run_stage(agent_dump_stream, argc, argv);
    if (strcmp(argv[0], "pass-stream") == 0)
        return run_stage(agent_pass_stream, argc, argv);
    if (strcmp(argv[0], "addon-tool") == 0)
        return run_program(argc, argv);
    for (const struct addon *const *addon = addon_codes; *addon; addon++)
        for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
            const struct addon_command *command = addon_info_command((*addon)->info, steps[i]);

            if (command && strcmp(command->name, argv[0]) == 0)
                return run_addon(*addon, steps[i], argc, argv);
        }
    return COMMAND_UNKNOWN;
}

void cmd_addon_usage(FILE *out)
{
    for (const struct addon_info *const *info = addon_infos; *info; info++) {
        const struct addon_command *commands[] = {addon_info_command(*info, ADDON_BACKUP),
                                                  addon_info_command(*info, ADDON_RESTORE)};

        for (size_t i = 0; i < ARRAY_LEN(commands); i++)
            if (commands[i])
                fprintf(out, "  %-22s %s\n", commands[i]->name, commands[i]->summary);
    }
}
