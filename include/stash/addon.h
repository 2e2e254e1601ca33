/*
 * addon.h - what an addon does: the code part of the contract. docs/addons.md explains it with an example.
 *
 * The driver (agent/addon.c) owns the order and the reporting; an addon fills in the steps. It never talks to restic,
 * never writes a status, never waits: one attempt is one call. An exit code proves nothing, so every addon verifies.
 *
 * FOLDER   backup:  repository, login, ready, dump, verify, store      restore: login, ready, fetch, verify, load, verify
 * STREAM   backup:  repository, login, ready, dump (says what is run); restic runs it through `dump-stream`, which counts,
 *                   looks for the end mark and verifies before restic can make a snapshot
 *          restore: login, ready, load (says what is run); restic dump | count | tool; finish, verify
 * PATHS    backup:  repository, verify, store                          restore: fetch into place, verify
 */
#ifndef STASH_ADDON_H
#define STASH_ADDON_H

#include <assert.h>
#include <jansson.h>
#include <stdint.h>

#include "stash/addon_info.h"
#include "stash/argv.h"
#include "stash/buf.h"
#include "stash/child_env.h"
#include "stash/error.h"
#include "stash/limits.h"

/** What passed through a stream. */
#define ADDON_TAIL 1024
struct addon_tally {
    uint64_t bytes, lines;
    char tail[ADDON_TAIL]; /* its last bytes */
    size_t tail_len;
    json_t *counts; /* what `count` noted: an object, say {"table": rows} */
    void *state;    /* of `count`, between its calls; ends with the process */
};

#define ADDON_TOOLS_MAX 8

/** One run of an addon. What the driver gives is lent; `env`, `tools`, `warnings` and `state` are the addon's to fill. */
struct addon_run {
    const struct addon_info *info;
    enum addon_step step;
    const char *const *values; /* of the parameters, in the row's order */
    const json_t *app;         /* the AppBinding; NULL: PATHS */
    const json_t *secret; /* the AppBinding's, after its transforms; JSON null when it names none */
    const json_t *tls_secret; /* that of spec.tlsSecret; NULL: it names none */
    const json_t *invoker;    /* BackupConfiguration or RestoreSession; may be NULL */
    const char *folder;       /* FOLDER: of the dump */
    const struct argv *paths; /* PATHS: what is stored or restored */
    const char *self;         /* the path of this program: a tool of ours begins with it */
    const char *stream_file;  /* STREAM: login may set another name than the row's */
    int64_t wait_s;           /* waitTimeout */
    int64_t left_ms;          /* ready: how long one attempt may last; else 0 */
    bool (*works)(const struct addon_run *run); /* the addon's own */
    struct child_env env;               /* of the tools; the files are written after login */
    struct argv tools[ADDON_TOOLS_MAX]; /* STREAM: run one after the other (a restore has one) */
    size_t tool_count;
    struct addon_tally tally; /* STREAM: in verify */
    /* STREAM, after a load: the last that the tool wrote to standard output */
    char said[ADDON_TAIL + 1];
    char complained[ADDON_TAIL + 1]; /* and to standard error; after a dump: what its tools did */
    json_t *warnings; /* an array: what the user should know although the run succeeds */
    void *state;
};

/** When verify is called. */
enum addon_when {
    ADDON_DUMPED, /* before anything is stored. STREAM: in a process of its own that knows values and tally only */
    ADDON_FETCHED, /* before anything is loaded. STREAM: when all has passed, in that process */
    ADDON_LOADED,  /* the server (PATHS: the folders) afterwards */
};

typedef int (*addon_step_fn)(struct addon_run *run, struct error *err);
typedef int (*addon_verify_fn)(struct addon_run *run, enum addon_when when, struct error *err);
/** STREAM: see what passes and put into `ret` what is passed on. */
typedef int (*addon_count_fn)(struct addon_run *run, const char *data, size_t len, struct buf *ret,
                              struct error *err);

struct addon {
    const struct addon_info *info;
    addon_step_fn login; /* AppBinding and Secret to env and its files */
    /* one attempt. ERR_TRANSPORT, ERR_TIMEOUT, ERR_SYSTEM: again later; others: no use */
    addon_step_fn ready;
    addon_step_fn dump;     /* FOLDER: fill the (empty) folder. STREAM: add tools */
    addon_verify_fn verify; /* an error names what is wrong; a doubt goes to warnings */
    addon_step_fn load;     /* FOLDER: the folder to the server. STREAM: add the tool */
    addon_step_fn finish;   /* STREAM: what is left to do when all was loaded; NULL: nothing */
    addon_count_fn count;   /* STREAM; NULL: bytes and lines are counted, all is passed on */
    /* Whether the server works at what a tool of this run asked of it. Asked when a tool was quiet for tool_patience_ms(),
     * in STREAM also in the process that has only values and env; soon answered. NULL: a quiet tool is ended. */
    bool (*works)(const struct addon_run *run);
    /* A program of its own, where no client of the database does what is needed. {run->self, "addon-tool", info->name,
     * words…} runs it as a process that ends with 0 or says on standard error what is wrong; argv[0] is the addon's name. */
    int (*program)(int argc, char **argv, struct error *err);
    void (*done)(struct addon_run *run); /* release state; NULL: nothing to do */
};

/**
 * Define an addon's code: ADDON_CODE(nats, login, ready, dump, verify, load, .done = x); what stands after the last comma
 * may be nothing. PATHS has no login, ready, dump and load (NULL). An addon without verify does not compile.
 */
#define ADDON_CODE(id, login_fn, ready_fn, dump_fn, verify_fn, load_fn, ...)                       \
    extern const struct addon_info addon_info_##id;                                                \
    extern const struct addon addon_##id;                                                          \
    static_assert(_Generic((verify_fn),                                                            \
                           int (*)(struct addon_run *, enum addon_when, struct error *) : 1,       \
                           default : 0),                                                           \
                  "an addon needs verify");                                                        \
    const struct addon addon_##id = {.info = &addon_info_##id,                                     \
                                     .login = login_fn,                                            \
                                     .ready = ready_fn,                                            \
                                     .dump = dump_fn,                                              \
                                     .verify = verify_fn,                                          \
                                     .load = load_fn,                                              \
                                     __VA_ARGS__}

/** Every addon's code, ends with NULL. */
extern const struct addon *const addon_codes[];

/* ---- what the driver offers ------------------------------------------------------------------------------------- */

/** The value of a parameter by its flag: as given, else its fallback; never NULL. */
const char *addon_text(const struct addon_run *run, const char *flag);
/** The same as a boolean: whether it is "true", "t" or "1". */
bool addon_bool(const struct addon_run *run, const char *flag);
/** The same as a whole number. */
int64_t addon_number(const struct addon_run *run, const char *flag);

/** Append a warning, bounded in length and in number. */
void addon_warn(struct addon_run *run, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** FOLDER: remove what a dump has written so far, to begin anew. */
int addon_clear_folder(const struct addon_run *run, struct error *err);

/** Begin the argument vector of a further tool. */
struct argv *addon_tool(struct addon_run *run);

/**
 * Run a tool of the addon to its end with run->env (tool.h), for at most run->left_ms when that is set. `output` gets its
 * standard output; NULL: kept out of sight.
 */
int addon_run_tool(const struct addon_run *run, const struct argv *args, struct buf *output,
                   struct error *err);
/** The same without output. In ready both last at most run->left_ms. */
int addon_try_tool(const struct addon_run *run, const struct argv *args, struct error *err);
/** Whether the server works for a tool of this run (an addon_run): what spawn.h asks as is_working. */
bool addon_server_works(const void *run);

#endif
