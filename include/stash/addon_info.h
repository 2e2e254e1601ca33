/*
 * addon_info.h - what there is to know about an addon without running it: pure data, one row for each.
 *
 * An addon is a folder addons/<name>/ and a row in addons/list.h (docs/addons.md is the recipe). From its row the
 * catalog takes Functions and Tasks, the command line its subcommands and flags, the API the question who dumps into an
 * interim volume. Rows are static and never change; safe from any thread.
 */
#ifndef STASH_ADDON_INFO_H
#define STASH_ADDON_INFO_H

#include <stdbool.h>
#include <stddef.h>

/** How the data gets into the repository. */
enum addon_shape {
    ADDON_FOLDER, /* a tool fills a folder, restic stores it */
    ADDON_STREAM, /* restic stores what a tool writes to its standard output, as one file */
    ADDON_PATHS,  /* restic stores folders as they are */
};

enum addon_step { ADDON_BACKUP = 1, ADDON_RESTORE = 2 };

enum addon_type { ADDON_TEXT, ADDON_BOOL, ADDON_NUMBER };

/** A parameter of the addon's own: `--flag=${variable:=fallback}` in a Function. */
struct addon_param {
    const char *flag;
    const char *variable; /* the name of the parameter in a Task */
    const char *fallback; /* what holds when the parameter is absent or empty */
    unsigned steps;       /* ADDON_BACKUP, ADDON_RESTORE or both */
    enum addon_type type;
    const char *help;            /* NULL: accepted, and means nothing */
    const char *const *versions; /* only the Functions of these versions name it; NULL: all */
};

/**
 * A subcommand and what its Function passes to it, in this order: blocks of the house ("@repository", "@target", …:
 * reconciler/catalog_table.c lists them), flags of `params` by name, or literal arguments that begin with "--".
 */
struct addon_command {
    const char *name; /* "backup-nats"; NULL: there is no such step */
    const char *summary;
    const char *const *layout;
};

struct addon_info {
    const char *name; /* of the Functions: <name>-backup-<version>, <name>-restore-<version> */
    struct addon_command backup, restore;
    const char *image;           /* below the registry of addons; NULL: the product's own */
    const char *const *versions; /* NULL: one Function without a version */
    enum addon_shape shape;
    bool interim;            /* FOLDER: the dump lies in the session's interim volume */
    const char *stream_file; /* STREAM: its name in the snapshot */
    const char *end_mark; /* STREAM: words in the last lines of a whole dump; NULL: verify knows */
    const struct addon_param *params; /* ends with a zeroed row; NULL: none */
    /* how the resource in an AppBinding's type begins; NULL: no AppBinding */
    const char *const *types;
    bool mounts_volume; /* the target's volume is mounted into the container */

    /* for docs/databases.md: versions of servers that a test of ours has really backed up, and what is proven of a dump */
    const char *tried;
    const char *verified;
};

/** Every addon, ends with NULL. */
extern const struct addon_info *const addon_infos[];

/** The addon that a Task or Function of this name belongs to ("nats-backup-2.8.2"), or NULL. */
const struct addon_info *addon_info_by_task(const char *name);

/** The addon for an AppBinding of this type ("kubedb.com/elasticsearch", "nats"), or NULL. */
const struct addon_info *addon_info_by_type(const char *type);

/** Its command for a step; NULL when there is none. */
const struct addon_command *addon_info_command(const struct addon_info *info, enum addon_step step);

/** How many parameters the addon has. */
size_t addon_info_param_count(const struct addon_info *info);

/** Where a flag stands among the parameters of a step; -1: it is none. */
ptrdiff_t addon_info_param(const struct addon_info *info, enum addon_step step, const char *flag);

/** Whether the Functions of a version name the parameter. */
bool addon_info_has_param(const struct addon_param *param, const char *version);

#endif
