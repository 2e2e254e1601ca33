/*
 * commands.h - the subcommands. Each is a file of its name, and a row of `commands` in main.c.
 */
#ifndef STASH_CMD_COMMANDS_H
#define STASH_CMD_COMMANDS_H

#include <stdio.h>

/* Every subcommand has the shape of main(): argv[0] is its name. Returns the exit status. */
typedef int (*command_fn)(int argc, char **argv);

int cmd_validate(int argc, char **argv);
int cmd_inject(int argc, char **argv);
int cmd_webhook(int argc, char **argv);
int cmd_run_backup(int argc, char **argv);
int cmd_restore(int argc, char **argv);
int cmd_create_backupsession(int argc, char **argv);
int cmd_update_status(int argc, char **argv);
int cmd_reconciler(int argc, char **argv);
int cmd_list_snapshots(int argc, char **argv);
int cmd_unlock_repository(int argc, char **argv);
int cmd_delete_snapshots(int argc, char **argv);
int cmd_list_files(int argc, char **argv);
int cmd_find_files(int argc, char **argv);
int cmd_send_file(int argc, char **argv);
int cmd_hold(int argc, char **argv);
/** The plugin of kubectl, and what completes its words: by the name that the program was called by. */
int cmd_kubectl(int argc, char **argv);
int cmd_kubectl_complete(int argc, char **argv);
#define COMMAND_UNKNOWN (-1)
/** The addons' subcommands, by argv[0]; COMMAND_UNKNOWN when no addon has it. */
int cmd_addon(int argc, char **argv);
/** A line for each of them: what `stash help` shows. */
void cmd_addon_usage(FILE *out);
int cmd_version(int argc, char **argv);

#endif
