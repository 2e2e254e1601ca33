/*
 * repository.c - the subcommands that kubectl stash runs beside a Repository. Each prints lines of JSON; how it ended is the
 * last of them.
 */
#include <signal.h>
#include <stdio.h>

#include "agent_command.h"
#include "commands.h"
#include "stash/jsonx.h"
#include "stash/spawn.h"
#include "stash/text.h"

struct repository_args {
    struct agent_flags flags;
    struct agent_listing listing;
    const char *pattern;
    int64_t last;
    int64_t idle;     /* ns */
    int64_t patience; /* ns */
    bool all, folders, help;
    bool writes_data; /* to standard output: its error goes elsewhere */
    struct flag_words ids;
};

#define REPOSITORY_ARGS                                                                            \
    {                                                                                              \
        .flags = AGENT_FLAGS_DEFAULT, .last = 1000, .listing = {.limit = 1000},                    \
        .idle = INT64_C(60000000000), .patience = INT64_C(300000000000)                            \
    }

typedef int (*repository_fn)(const struct repository_args *args, struct error *err);

static int tell_end(int r, const struct error *err, FILE *out)
{
    if (r == 0)
        return 0;
    json_auto_t *why = json_pack("{s:s}", "error", err->msg);
    AUTO(mem_free) char *line = jsonx_dump(why);
    fprintf(out, "%s\n", line);
    return 1;
}

/* `about` explains the subcommand; its rows are in `table`. */
static int run(int argc, char **argv, const struct flag *table, struct repository_args *args,
               const char *about, repository_fn fn)
{
    struct error err;
    int rest = 0;
    int r = flags_parse(argc, argv, table, &rest, &err);

    if (r == 0 && args->help) {
        flags_usage(argv[0], about, table);
        return 0;
    }
    return tell_end(r < 0 ? r : fn(args, &err), &err, args->writes_data ? stderr : stdout);
}

static int list_snapshots(const struct repository_args *args, struct error *err)
{
    return agent_list_snapshots(&args->flags, args->last, err);
}

int cmd_list_snapshots(int argc, char **argv)
{
    struct repository_args args = REPOSITORY_ARGS;
    const struct flag table[] = {
        AGENT_ROWS_REPOSITORY(args.flags),
        {"last", FLAG_INT, &args.last, "only so many, the newest (1000)"},
        {"help", FLAG_BOOL, &args.help, NULL},
        {0},
    };

    return run(argc, argv, table, &args, "print the snapshots of a repository", list_snapshots);
}

static int unlock_repository(const struct repository_args *args, struct error *err)
{
    return agent_unlock_repository(&args->flags, args->all, err);
}

int cmd_unlock_repository(int argc, char **argv)
{
    struct repository_args args = REPOSITORY_ARGS;
    const struct flag table[] = {
        AGENT_ROWS_REPOSITORY(args.flags),
        {"all", FLAG_BOOL, &args.all, "also locks that are renewed"},
        {"help", FLAG_BOOL, &args.help, NULL},
        {0},
    };

    return run(argc, argv, table, &args, "remove locks of a repository", unlock_repository);
}

static int delete_snapshots(const struct repository_args *args, struct error *err)
{
    return agent_delete_snapshots(&args->flags, args->ids.items, args->ids.count, err);
}

int cmd_delete_snapshots(int argc, char **argv)
{
    struct repository_args args = REPOSITORY_ARGS;
    const struct flag table[] = {
        AGENT_ROWS_REPOSITORY(args.flags),
        {"id", FLAG_WORDS, &args.ids, "the first digits of an id; may stand again"},
        {"help", FLAG_BOOL, &args.help, NULL},
        {0},
    };

    return run(argc, argv, table, &args,
               "remove snapshots of a repository, and what only they need", delete_snapshots);
}

static int list_files(const struct repository_args *args, struct error *err)
{
    return agent_list_files(&args->flags, &args->listing, err);
}

int cmd_list_files(int argc, char **argv)
{
    struct repository_args args = REPOSITORY_ARGS;
    const struct flag table[] = {
        AGENT_ROWS_REPOSITORY(args.flags),
        {"id", FLAG_STRING, &args.listing.id, "the first digits of the snapshot's id"},
        {"file", FLAG_STRING, &args.listing.path, "only this, and of a folder what lies in it"},
        {"recursive", FLAG_BOOL, &args.listing.recursive, "and what lies below"},
        {"skip", FLAG_INT, &args.listing.skip, "begin after so many"},
        {"limit", FLAG_INT, &args.listing.limit, "only so many (1000)"},
        {"help", FLAG_BOOL, &args.help, NULL},
        {0},
    };

    return run(argc, argv, table, &args, "print what lies in a snapshot", list_files);
}

static int find_files(const struct repository_args *args, struct error *err)
{
    return agent_find_files(&args->flags, args->pattern, args->listing.limit, err);
}

int cmd_find_files(int argc, char **argv)
{
    struct repository_args args = REPOSITORY_ARGS;
    const struct flag table[] = {
        AGENT_ROWS_REPOSITORY(args.flags),
        {"pattern", FLAG_STRING, &args.pattern,
         "as restic takes it: a name, the end of a path, * ? []"},
        {"limit", FLAG_INT, &args.listing.limit, "only so many (1000)"},
        {"help", FLAG_BOOL, &args.help, NULL},
        {0},
    };

    return run(argc, argv, table, &args, "print which snapshots hold a file", find_files);
}

static int send_file(const struct repository_args *args, struct error *err)
{
    const struct agent_sending sending = {args->listing.id, args->listing.path, args->folders,
                                          args->patience / 1000000};

    signal(SIGPIPE, SIG_IGN);
    return agent_send_file(&args->flags, &sending, err);
}

int cmd_send_file(int argc, char **argv)
{
    struct repository_args args = REPOSITORY_ARGS;
    const struct flag table[] = {
        AGENT_ROWS_REPOSITORY(args.flags),
        {"id", FLAG_STRING, &args.listing.id, "the first digits of the snapshot's id"},
        {"file", FLAG_STRING, &args.listing.path, "which of its files"},
        {"patience", FLAG_DURATION, &args.patience, "with who does not read (5m)"},
        {"folders", FLAG_BOOL, &args.folders, "or folders: as a tar"},
        {"help", FLAG_BOOL, &args.help, NULL},
        {0},
    };

    args.writes_data = true;
    return run(argc, argv, table, &args, "write a file of a snapshot to standard output",
               send_file);
}

static void on_signal(int signum)
{
    (void)signum;
    spawn_cancel();
}

/* It is the container's first process: a signal that it does not ask for would not end it. */
static int hold(const struct repository_args *args, struct error *err)
{
    struct sigaction action = {.sa_handler = on_signal};

    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    return agent_hold(&args->flags, args->idle / 1000000, err);
}

int cmd_hold(int argc, char **argv)
{
    struct repository_args args = REPOSITORY_ARGS;
    const struct flag table[] = {
        AGENT_ROWS_REPOSITORY(args.flags),
        {"idle", FLAG_DURATION, &args.idle, "end when nobody has sent a file for so long (1m)"},
        {"help", FLAG_BOOL, &args.help, NULL},
        {0},
    };

    return run(argc, argv, table, &args, "keep a container open beside a repository", hold);
}
