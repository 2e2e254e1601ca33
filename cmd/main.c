/* stash: one binary, one row per subcommand, under the names that Stash's Jobs and Functions use. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "stash/mem.h"

static const struct command {
    const char *name;
    command_fn run;
    const char *summary;
} commands[] = {
    {"webhook", cmd_webhook, "answer admission reviews: validate, default, inject"},
    {"inject", cmd_inject, "show pods and workloads as the webhook would inject them"},
    {"validate", cmd_validate, "say what is wrong with manifests before a cluster sees them"},
    {"run-backup", cmd_run_backup, "the backup sidecar"},
    {"restore", cmd_restore, "the restore init container"},
    {"create-backupsession", cmd_create_backupsession, "start a backup (run by the CronJob)"},
    {"update-status", cmd_update_status, "report a step's result, apply retention, check"},
    {"list-snapshots", cmd_list_snapshots, "print the snapshots of a repository"},
    {"unlock-repository", cmd_unlock_repository, "remove locks of a repository"},
    {"delete-snapshots", cmd_delete_snapshots, "remove snapshots of a repository"},
    {"list-files", cmd_list_files, "print what lies in a snapshot"},
    {"find-files", cmd_find_files, "print which snapshots hold a file"},
    {"send-file", cmd_send_file, "write a file of a snapshot to standard output"},
    {"hold", cmd_hold, "keep a container open beside a repository"},
    {"reconciler", cmd_reconciler, "drive backups and restores"},
    {"kubectl", cmd_kubectl, "kubectl stash: status, trigger and more, for people"},
    {"version", cmd_version, "print the version"},
};

int cmd_version(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    puts("stash " STASH_VERSION);
    return 0;
}

static int print_usage(FILE *out)
{
    fputs("usage: stash COMMAND [flags]; stash COMMAND --help\n", out);
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        fprintf(out, "  %-22s %s\n", commands[i].name, commands[i].summary);
    cmd_addon_usage(out);
    return out == stdout ? 0 : 2;
}

/* Whether the program was called by another name than its own. */
static bool is_called(const char *path, const char *name)
{
    const char *slash = strrchr(path, '/');

    return strcmp(slash ? slash + 1 : path, name) == 0;
}

int main(int argc, char **argv)
{
    if (argc > 0 && is_called(argv[0], "kubectl-stash"))
        return cmd_kubectl(argc, argv);
    if (argc > 0 && is_called(argv[0], "kubectl_complete-stash"))
        return cmd_kubectl_complete(argc, argv);
    if (argc < 2)
        return print_usage(stderr);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)
        return print_usage(stdout);
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    int status = cmd_addon(argc - 1, argv + 1);
    if (status != COMMAND_UNKNOWN)
        return status;
    fprintf(stderr, "stash: unknown command %s\n", argv[1]);
    return print_usage(stderr);
}
