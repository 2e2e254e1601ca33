/*
 * kubectl.h - kubectl stash: what its verbs share. A verb is a file here and a row in verbs.c, from which help, completion and
 * the man page are made.
 *
 * Results go to standard output, everything else to standard error.
 */
#ifndef STASH_CMD_KUBECTL_H
#define STASH_CMD_KUBECTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stash/flags.h"
#include "stash/kinds.h"
#include "stash/kube.h"

/* Exit statuses: interface, scripts know them. */
enum outcome {
    OUTCOME_DONE = 0,
    OUTCOME_FAILED = 1, /* and: status found trouble */
    OUTCOME_MISUSED = 2,
    OUTCOME_MISSING = 3,        /* an object that was named */
    OUTCOME_FORBIDDEN = 4,      /* or the server does not know us */
    OUTCOME_SESSION_FAILED = 5, /* the session ended, and not well */
    OUTCOME_TIMED_OUT = 6,
};

enum output { OUTPUT_TABLE, OUTPUT_WIDE, OUTPUT_JSON, OUTPUT_YAML, OUTPUT_NAME };
enum dry_run { DRY_RUN_NONE, DRY_RUN_CLIENT, DRY_RUN_SERVER };

/* One run of a verb. */
struct call {
    const struct verb *verb;
    const char *const *args;
    size_t count;
    struct kube *kube;
    const char *namespace; /* NULL: all of them */
    enum output output;
    enum dry_run dry_run;
};

/** Returns an enum outcome, or -(int) kind of the error. */
typedef int (*verb_fn)(const struct call *call, struct error *err);

/* Which of the shared flags mean anything to a verb. */
enum { TAKES_ALL_NAMESPACES = 1, TAKES_OUTPUT = 2, TAKES_DRY_RUN = 4, TAKES_NO_CLUSTER = 8 };

struct verb {
    const char *name;
    const char *arguments; /* as the usage shows them */
    size_t least, most;    /* how many */
    const char *summary;   /* one line */
    const char *details;   /* NULL: no more to say */
    const char *examples;  /* lines; "# …" explains the next */
    unsigned takes;
    const struct flag *flags; /* its own; NULL: none */
    enum kind completes;      /* what its arguments name; KIND_UNKNOWN: nothing in the cluster */
    verb_fn run;
};

/** Tell what is wrong with the arguments, and how they are used. OUTCOME_MISUSED. */
int call_misused(const struct call *call, const struct error *err);

/** All verbs, by name; the row after the last has no name. */
extern const struct verb verbs[];
/** The verb of that name, or NULL. */
const struct verb *verb_find(const char *name);

extern const struct flag trigger_flags[];
extern const struct flag unlock_flags[], delete_flags[], ls_flags[], find_flags[], dump_flags[],
    download_flags[];
int verb_completion(const struct call *call, struct error *err);
int verb_delete(const struct call *call, struct error *err);
int verb_download(const struct call *call, struct error *err);
int verb_dump(const struct call *call, struct error *err);
int verb_find_files(const struct call *call, struct error *err);
int verb_ls(const struct call *call, struct error *err);
int verb_man(const struct call *call, struct error *err);
int verb_pause(const struct call *call, struct error *err);
int verb_resume(const struct call *call, struct error *err);
int verb_snapshots(const struct call *call, struct error *err);
int verb_status(const struct call *call, struct error *err);
int verb_trigger(const struct call *call, struct error *err);
int verb_unlock(const struct call *call, struct error *err);
int verb_version(const struct call *call, struct error *err);
extern const struct flag pause_flags[];
extern const struct flag snapshots_flags[];

/* ---- shared_flags.c: the flags of all verbs ---------------------------------------------------------------------- */

struct shared_flags {
    struct kube_access access;
    struct flag_words as_groups;
    bool all_namespaces, help;
    const char *output, *dry_run;
    int64_t timeout;
};

/** The shared flags as rows for flags_parse() and for help. */
const struct flag *shared_flags_table(void);
/** Whether a shared flag is of use to the verb. */
bool shared_flags_concern(const struct verb *verb, const char *flag);
/** Parse argv[1..] with the verb's flags and the shared ones. Positional arguments are at argv[1]…, *ret_rest of them. */
int shared_flags_parse(const struct verb *verb, int argc, char **argv, struct shared_flags *ret,
                       int *ret_rest, struct error *err);
int shared_flags_output(const struct shared_flags *options, enum output *ret, struct error *err);
int shared_flags_dry_run(const struct shared_flags *options, enum dry_run *ret, struct error *err);

/* ---- help.c ------------------------------------------------------------------------------------------------------- */

void help_all(void);
void help_verb(const struct verb *verb);

/* ---- completion.c ------------------------------------------------------------------------------------------------- */

/** What kubectl_complete-stash answers: one candidate a line for the last word, then ":4". */
int completion_answer(int argc, char **argv);

/* ---- reference.c: which object is meant ---------------------------------------------------------------------------- */

struct reference {
    enum kind kind; /* KIND_UNKNOWN: none was said */
    const char *name;
};

/** NAME or KIND/NAME, the kind as kubectl takes it. ERR_INVALID when it is not a BackupConfiguration or BackupBatch. */
int reference_parse(const char *text, struct reference *ret, struct error *err);
/** Read the BackupConfiguration or BackupBatch; when none is there, the error names one that is called nearly the same. */
int reference_get(const struct call *call, const struct reference *reference, json_t **ret,
                  struct error *err);
/** Whether the server knows nothing of the kind: not an object is missing, but Stash. */
bool reference_kind_is_missing(const struct error *err);

/* ---- snapshot_name.c ------------------------------------------------------------------------------------------------ */

#define SNAPSHOT_ID_LEN 8 /* of an id, as much as restic shows and takes; so of a lock's */

/** The id in a snapshot's name, or NULL: it is none. */
const char *snapshot_name_id(const char *name);
/** Its repository. ERR_INVALID when it is no snapshot's name. */
int snapshot_name_read(const char *name, char **ret_repository, struct error *err);
/** The name of a row of an answer. Heap string. */
char *snapshot_name_of(const json_t *row);

/* ---- file_words.c --------------------------------------------------------------------------------------------------- */

#define FILE_WORD_SIZE 40
/** Of a file of a snapshot; "" where nothing is said of it. */
struct file_words {
    char uid[FILE_WORD_SIZE], gid[FILE_WORD_SIZE], size[FILE_WORD_SIZE], modified[FILE_WORD_SIZE];
};
void file_words_of(const json_t *file, struct file_words *ret);

/* ---- repository_job.c: what needs the repository runs beside it ------------------------------------------------------ */

struct repository_job {
    const struct call *call;
    const json_t *repository;
    const char *prefix;  /* of the Job's name */
    const char *command; /* a subcommand that takes the flags of the repository */
    const json_t *args;  /* more of them */
    bool writes;         /* to the repository: a local one is not mounted read-only */
    bool holds;          /* it is held open, and commands are run in it */
};

/** The flags of every verb that runs such a Job, and their rows in its table. */
struct repository_job_flags {
    int64_t timeout;             /* ns */
    const char *image;           /* NULL: the one that the namespace runs already */
    const char *service_account; /* NULL: the namespace's default; it gets no token */
};
extern struct repository_job_flags repository_job_flags;

#define REPOSITORY_JOB_ROWS                                                                        \
    {"timeout", FLAG_DURATION, &repository_job_flags.timeout, "how long the Job may take (5m)"},   \
        {"image", FLAG_STRING, &repository_job_flags.image,                                        \
         "the product's image, where no backup of the namespace tells"},                           \
    {                                                                                              \
        "service-account", FLAG_STRING, &repository_job_flags.service_account,                     \
            "that the Job runs as, where the storage knows us by it"                               \
    }

struct repository_answer {
    json_t *rows; /* the objects that it printed, each with its repository and namespace; owned */
    json_int_t count; /* how many it says there are */
    json_int_t shown; /* how many of them it says it printed; -1: nothing */
    bool is_partial;  /* some could not be read: the person has been told which */
};
void repository_answer_done(struct repository_answer *answer);
DEFINE_AUTO_VALUE(struct repository_answer, repository_answer_done);

/**
 * Run it as a Job in the Repository's namespace, with its Secret mounted, and remove the Job. ERR_LIMIT when less
 * came than it says it printed; where it does not say, less than there are and less than `most`.
 */
int repository_job_run(const struct repository_job *job, json_int_t most,
                       struct repository_answer *ret, struct error *err);

/* Its pod, once it has ended, or while it is held open. */
struct repository_pod {
    const struct repository_job *job;
    struct kube_container container;
    bool has_ended;
};
typedef int (*repository_pod_fn)(const struct repository_pod *pod, void *ctx, struct error *err);
/** Start a Job that holds, let `use` work in its pod, and remove it. */
int repository_job_hold(const struct repository_job *job, repository_pod_fn use, void *ctx,
                        struct error *err);
/** The flags that tell a subcommand which repository is meant, appended. */
int repository_job_flags_of(const json_t *repository, json_t *args, struct error *err);

/* ---- job_rights.c -------------------------------------------------------------------------------------------------- */

/**
 * Whether the person may do all that a Job beside a repository takes, before any of it is done; with `holds` also run
 * commands in its pod. ERR_DENIED names the right that is missing. A server that does not answer that is no obstacle.
 */
int job_rights_check(const struct call *call, const char *namespace, bool holds, struct error *err);

/* ---- transfer.c: files of a snapshot, out of the cluster ---------------------------------------------------------------- */

struct transfer {
    const char *id, *path;
    bool folders; /* a folder comes as a tar */
    int (*write)(void *ctx, const char *data, size_t len, struct error *err);
    void *ctx;
};
/** What came; `type` is "file" or "dir". */
struct transfer_result {
    char type[16];
    json_int_t bytes;
};
/**
 * Hand on a file as it comes. 0 only when size and SHA-256 of all that came are those of what was sent, and restic has given all of
 * it; after an error what was written is not whole.
 */
int transfer_run(const struct repository_pod *pod, const struct transfer *transfer,
                 struct transfer_result *ret, struct error *err);
/** "file", "dir" or something else: what lies at the path. */
int transfer_look(const struct repository_pod *pod, const char *id, const char *path,
                  char ret_type[16], struct error *err);
/** The Job of both verbs. */
int transfer_hold(const struct call *call, repository_pod_fn use, void *ctx, struct error *err);

/* ---- untar.c -------------------------------------------------------------------------------------------------------- */

/** A running tar that unpacks into `folder` what is written to `*ret_fd`. */
struct untar {
    int fd, pid;
};
/** Start it. */
int untar_begin(const char *folder, struct untar *ret, struct error *err);
/** No more comes: wait for its end, which is an error unless it is a good one. */
int untar_end(struct untar *untar, struct error *err);

/* ---- print.c ------------------------------------------------------------------------------------------------------ */

/** An object, or an array of them, as -o says; with OUTPUT_TABLE the sentence stands for it. */
void print_object(const struct call *call, const json_t *object, const char *sentence);
/** A document that is no Kubernetes object, as JSON or YAML. */
void print_document(enum output output, const json_t *document);
struct table;
/** A table, to standard output. */
void print_rows(const struct table *table);
/** Whether the person at the terminal says yes; ERR_INVALID when there is no terminal: --yes has to say it. */
int print_confirm(const char *question, bool *ret, struct error *err);
/** A line to standard error, without what could steer a terminal. */
void print_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
