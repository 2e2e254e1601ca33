/*
 * es.h - what the parts of the addon share: the server as it is asked, and what a run has seen.
 */
#ifndef STASH_ADDON_ES_H
#define STASH_ADDON_ES_H

#include "es_args.h"
#include "es_files.h"
#include "stash/addon.h"

#define ES_META_FILE "meta.txt" /* the interim volume's size, for whoever restores */

struct es {
    char *url;
    const char *auth; /* path of a file, borrowed from the run's env */
    char *user, *password;
    char *ca; /* the certificate itself; NULL: the system's */
    bool insecure;
    int64_t left_ms;    /* of the wait; 0: it is over */
    bool knows_partial; /* the server knows allow_partial_search_results */
    bool refreshed;     /* what had been written was searchable when `before` was looked at */
    char *prefix,
        *suffix;    /* of a load: what the tool puts around each index's name; NULL: nothing */
    json_t *chosen; /* {index: true}: what the tool said that it loads; NULL: it did not say */
    json_t *all;    /* the cluster's health before the indices were listed; NULL: it is not known */
    json_t *before; /* {index: {count, writes, …}} before the tool ran */
};

static inline struct es *es_of(const struct addon_run *run)
{
    return run->state;
}

/* ---- asking (es_http.c) -------------------------------------------------------------------------------------------- */

/**
 * GET url/path, or POST when there is a body (NULL: none). The answer is a document (JSON null when it is empty); *ret_status says
 * how it was meant. An error when there was none.
 */
int es_ask(const struct es *es, const char *path, const char *body, json_t **ret, long *ret_status,
           struct error *err);
/** The same, and anything but 200 is an error that says `what` could not be read. */
int es_get(const struct es *es, const char *path, const char *what, json_t **ret,
           struct error *err);
/** "<index>/<rest>" with the index as the server has it, escaped. Heap string. */
char *es_path(const struct es *es, const char *index, const char *rest);

/** How many documents an index has; *ret_there false: there is no such index. Shards that do not answer are an error. */
int es_count(const struct es *es, const char *index, uint64_t *ret, bool *ret_there,
             struct error *err);

/** What was written to a shard after its sequence number `number`. */
struct es_shard {
    const char *shard;
    json_int_t number;
};
/** How many of these documents (JSON strings, comma separated) an index has; `written`: only what it says (NULL: any). */
int es_count_ids(const struct es *es, const char *index, const char *ids,
                 const struct es_shard *written, uint64_t *ret, struct error *err);

/* ---- written (es_written.c) ---------------------------------------------------------------------------------------- */

/** What there is in an index, and how far its shards have counted: {count, writes, shards}. Before a load. */
int es_look_at_writes(const struct es *es, const char *index, json_t **ret, struct error *err);
/** How many of the dump's documents were written since es_look_at_writes() said `before`. */
int es_count_written(const struct addon_run *run, const char *index, const json_t *before,
                     uint64_t *ret, struct error *err);
/** Whether any document was, of the dump or not. */
int es_any_written(const struct es *es, const char *index, const json_t *before, bool *ret,
                   struct error *err);

/* ---- shape (es_shape.c) -------------------------------------------------------------------------------------------- */

/** Whether the dump tells what the index is, and whether its documents were there to be dumped. */
int es_check_shape(struct addon_run *run, const char *index, struct error *err);
/**
 * Take what made the index read only out of the dump's settings, as it would refuse its own documents: lifecycles leave indices
 * so, and full disks.
 */
int es_open_index(struct addon_run *run, const char *index, struct error *err);
/** Whether an index that came back is what it was: fields, aliases. */
int es_compare_shape(struct addon_run *run, const char *index, struct error *err);

/* ---- sight (es_sight.c) -------------------------------------------------------------------------------------------- */

/** Remember what the cluster has, before the user's list of indices is read. */
void es_look_at_all(struct addon_run *run);
/** After a dump: warn of indices, documents and fields that the user may not see. */
void es_tell_hidden(struct addon_run *run);

/* ---- looking (es_verify.c) ----------------------------------------------------------------------------------------- */

/** Remember in es->before what the server has. Before a dump: also that the tool can tell its files apart. */
int es_look_before_dump(struct addon_run *run, struct error *err);
int es_look_before_load(struct addon_run *run, struct error *err);
/** Whether any of these has been deleted since, and a warning that names them: the tool fails when it comes to one. */
bool es_tell_deleted(struct addon_run *run);
/** Whether the user's words say anything of which indices are dumped. */
bool es_chooses_indices(const struct addon_run *run);
/** Types of which the dump has no file: the tool would look for one of every type. A comma separated heap string. */
int es_missing_types(const struct addon_run *run, char **ret, struct error *err);
/** Warn of what the server has beside indices and the tool has not dumped (es_beside.c). */
void es_tell_left_out(struct addon_run *run);
/** Warn of an index that came back, and was a data stream's. */
void es_tell_stream(struct addon_run *run, const char *index);
/** The dump's file of an index, line by line. */
int es_read_lines(const struct addon_run *run, const char *index, struct es_lines *lines,
                  struct error *err);
int es_verify(struct addon_run *run, enum addon_when when, struct error *err);

#endif
