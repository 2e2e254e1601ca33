#include "restic.h"

#include <errno.h>
#include <string.h>

#include "folder.h"
#include "stash/clock.h"
#include "stash/lines.h"
#include "stash/log.h"
#include "stash/spawn.h"
#include "stash/tool.h"
#include "stash/user_args.h"

#define OUTPUT_MAX (32 * LIMIT_MIB) /* of a command that answers with one document */
#define CONFIG_MAX (64 * LIMIT_KIB) /* of one that shows a small file of the repository */

/* How long restic itself waits for a lock before somebody looks whose it is. */
#define LOCK_WAIT "15s"

#define PROBE_TIMEOUT_MS 120000

/* What is left of a pod's thirty seconds: to leave no lock behind. The result has been told by then. */
#define GRACE_MS 25000

void restic_done(struct restic *restic)
{
    if (restic->tmp)
        folder_remove(restic->tmp);
    free(restic->tmp);
    free(restic->cache);
    free(restic->local);
    child_env_done(&restic->env);
    *restic = (struct restic){0};
}

int restic_open(const struct restic_place *place, struct restic *ret, struct error *err)
{
    AUTO(restic_done) struct restic restic = {0};
    const struct backend *backend = place->backend;
    const char *cacert = NULL;
    AUTO(mem_free) char *tmp = xasprintf("%s/tmp-XXXXXX", place->scratch);
    int r;

    if (!mkdtemp(tmp))
        return error_set_errno(err, errno, "making a folder in %s", place->scratch);
    restic.tmp = TAKE(tmp);
    tool_env(&restic.env, restic.tmp);
    r = child_env_restic(backend, place->secret, &restic.env, &cacert, err);
    if (r == 0)
        r = folder_write_secrets(&restic.env, err);
    if (r < 0)
        return r;
    restic.cache = place->cache ? xasprintf("%s/restic-cache", place->scratch) : NULL;
    restic.local = backend->provider->is_folder ? xstrdup(backend->container) : NULL;
    restic.options = (struct restic_options){
        .connections = backend->provider->connections,
        .cache_dir = restic.cache,
        .cacert = cacert,
        .max_connections = backend->max_connections,
        .insecure_tls = backend->insecure_tls,
        .nice = argv_env_get(&restic.env.env, "NICE_ADJUSTMENT"),
        .ionice_class = argv_env_get(&restic.env.env, "IONICE_CLASS"),
        .ionice_data = argv_env_get(&restic.env.env, "IONICE_CLASS_DATA"),
    };
    *ret = restic;
    restic = (struct restic){0};
    return 0;
}

/* ---- running ----------------------------------------------------------------------------------- */

static enum error_kind kind_of(int status)
{
    switch (status) {
    case RESTIC_EXIT_INCOMPLETE:
        return ERR_INVALID;
    case RESTIC_EXIT_NO_REPOSITORY:
        return ERR_NOT_FOUND;
    case RESTIC_EXIT_LOCKED:
        return ERR_CONFLICT;
    case RESTIC_EXIT_WRONG_PASSWORD:
        return ERR_DENIED;
    default:
        return ERR_SYSTEM;
    }
}

typedef void (*output_fn)(void *ctx, const char *data, size_t len);

/* 0: no limit. A deadline that passed still starts restic, and ends it at once. */
static int64_t time_left(const struct restic *restic)
{
    int64_t left = restic->deadline_ms - clock_mono_ms();

    if (!restic->deadline_ms)
        return 0;
    return left > 0 ? left : 1;
}

bool restic_is_hopeless(const char *said)
{
    return restic_out_hopeless(said, NULL);
}

/* An error of restic's own, by its exit and what it said. */
static int restic_fail(const struct spawn_result *result, struct error *err)
{
    const struct spawn_exit *ended = &result->exits[0];
    bool refused = restic_out_lock_refused(ended->status, ended->stderr_tail);
    struct restic_hopeless hopeless;
    struct text text;

    if (result->gave_up && restic_out_hopeless(ended->stderr_tail, &hopeless))
        return error_set_code(err, hopeless.kind,
                              refused                          ? RESTIC_LOCK_REFUSED
                              : hopeless.kind == ERR_NOT_FOUND ? RESTIC_EXIT_NO_REPOSITORY
                                                               : 0,
                              "%s", hopeless.why.s);
    restic_out_failure(ended->status, ended->stderr_tail, &text);
    return error_set_code(err, result->timed_out ? ERR_TIMEOUT : kind_of(ended->status),
                          refused ? RESTIC_LOCK_REFUSED : ended->status, "%s", text.s);
}

struct call {
    const struct argv *args;
    int64_t timeout_ms; /* 0: none */
    bool
        removes; /* what the storage would not remove is an error: restic may end well all the same */
    output_fn on_stdout;
    void *ctx;
    /* LIMIT_STDERR_TAIL + 1 bytes for the end of what it said on standard error; or NULL */
    char *ret_tail;
};

static int restic_call(const struct restic *restic, const struct call *call, struct error *err)
{
    const struct spawn_request request = {
        .stages = {argv_list(call->args)},
        .count = 1,
        .env = argv_list(&restic->env.env),
        .cwd = restic->tmp,
        .stdin_fd = -1,
        .timeout_ms = call->timeout_ms,
        .grace_ms = GRACE_MS,
        .is_hopeless = restic_is_hopeless,
        .on_stdout = call->on_stdout,
        .ctx = call->ctx,
    };
    struct spawn_result result;
    struct text unremoved;
    int r = spawn_run(&request, &result, err);

    if (r < 0 && (!result.timed_out || spawn_is_cancelled()))
        return r;
    if (call->ret_tail)
        snprintf(call->ret_tail, LIMIT_STDERR_TAIL + 1, "%s", result.exits[0].stderr_tail);
    if (call->removes && restic_out_unremoved(result.exits[0].stderr_tail, &unremoved))
        return error_set_code(err, ERR_DENIED, RESTIC_REMOVAL_REFUSED, "%s", unremoved.s);
    if (r == 0 && !result.gave_up && result.exits[0].status == 0)
        return 0;
    return restic_fail(&result, err);
}

static void output_keep(void *ctx, const char *data, size_t len)
{
    if (ctx)
        buf_add(ctx, data, len);
}

static int call_and_keep(const struct restic *restic, struct call *call, struct error *err)
{
    int r;

    call->timeout_ms = time_left(restic);
    call->on_stdout = output_keep;
    r = restic_call(restic, call, err);
    return r == 0 && call->ctx ? buf_check(call->ctx, "restic's answer", err) : r;
}

int restic_run(const struct restic *restic, const struct argv *args, struct buf *output,
               struct error *err)
{
    struct call call = {.args = args, .ctx = output};

    return call_and_keep(restic, &call, err);
}

int restic_pass(const struct restic *restic, const struct argv *args, output_fn on_stdout,
                void *ctx, struct error *err)
{
    const struct call call = {
        .args = args, .timeout_ms = time_left(restic), .on_stdout = on_stdout, .ctx = ctx};

    return restic_call(restic, &call, err);
}

int restic_run_removing(const struct restic *restic, const struct argv *args, struct buf *output,
                        struct error *err)
{
    struct call call = {.args = args, .removes = true, .ctx = output};

    return call_and_keep(restic, &call, err);
}

/* A storage that does not answer at all is an error after minutes, with the words that restic had for it. */
int restic_probe(const struct restic *restic, char ret_id[RESTIC_ID_SIZE], struct error *err)
{
    AUTO(argv_done) struct argv args = {0};
    AUTO(buf_done) struct buf output;
    const struct call call = {
        .args = &args, .timeout_ms = PROBE_TIMEOUT_MS, .on_stdout = output_keep, .ctx = &output};
    int r;

    buf_init(&output, CONFIG_MAX);
    restic_args_probe(&restic->options, &args);
    r = restic_call(restic, &call, err);
    if (r == 0)
        r = buf_check(&output, "restic's answer", err);
    return r < 0 ? r : restic_out_config(output.data, output.len, ret_id, err);
}

int restic_init(const struct restic *restic, struct error *err)
{
    AUTO(argv_done) struct argv args = {0};
    int r = restic->local ? folder_make(restic->local, 0770, err) : 0;

    restic_args_init(&restic->options, &args);
    if (r == 0)
        r = restic_run(restic, &args, NULL, err);
    if (r == 0 && restic->local)
        r = folder_share(restic->local, err);
    return r;
}

/* ---- commands that take a lock ----------------------------------------------------------------- */

int restic_with_lock(struct restic *restic, restic_once_fn once, void *ctx, struct error *err)
{
    const char *given = restic->options.retry_lock;
    int r;

    if (!given)
        restic->options.retry_lock = LOCK_WAIT;
    for (;;) {
        r = once(restic, ctx, err);
        if (r == 0 || err->code != RESTIC_EXIT_LOCKED || !restic->on_locked)
            break;
        r = restic->on_locked(restic->locked_ctx, restic, err);
        if (r < 0)
            break;
    }
    restic->options.retry_lock = given;
    return r;
}

/*
 * A storage that is write-protected is often the last copy. Should somebody else, who may write there, prune meanwhile,
 * restic misses what is gone, and fails.
 */
int restic_read_with_lock(struct restic *restic, restic_once_fn once, void *ctx, struct error *err)
{
    int r = restic_with_lock(restic, once, ctx, err);

    if (r == 0 || err->code != RESTIC_LOCK_REFUSED || restic->options.unlocked)
        return r;
    log_warn("the storage takes no lock: it is read without one", "error", err->msg);
    restic->options.unlocked = true;
    return restic_with_lock(restic, once, ctx, err);
}

struct backup_run {
    const struct restic_backup *backup;
    struct restic_summary summary;
    struct lines lines;
};

static void backup_output(void *ctx, const char *data, size_t len)
{
    struct backup_run *backup = ctx;
    struct error ignored; /* a line that is too long is no summary, and that is noticed */

    lines_feed(&backup->lines, data, len, restic_out_backup_line, &backup->summary, &ignored);
}

static int backup_once(struct restic *restic, void *ctx, struct error *err)
{
    struct backup_run *backup = ctx;
    AUTO(argv_done) struct argv args = {0};
    const struct call call = {
        .args = &args, .timeout_ms = time_left(restic), .on_stdout = backup_output, .ctx = backup};
    int r;

    backup->summary = (struct restic_summary){0};
    lines_init(&backup->lines, LIMIT_RESTIC_LINE);
    restic_args_backup(&restic->options, backup->backup, &args);
    r = restic_call(restic, &call, err);
    lines_end(&backup->lines, restic_out_backup_line, &backup->summary);
    lines_done(&backup->lines);
    return r;
}

int restic_backup(struct restic *restic, const struct restic_backup *backup,
                  struct restic_summary *ret, struct error *err)
{
    struct backup_run state = {.backup = backup};
    int r;

    if (*backup->path != '/')
        return error_set(err, ERR_INVALID, "\"%s\" is not an absolute path", backup->path);
    r = user_args_check(backup->args, err);
    if (r < 0)
        return r;
    r = restic_with_lock(restic, backup_once, &state, err);
    if (r < 0 && err->code != RESTIC_EXIT_INCOMPLETE)
        return r;
    if (r == 0 && !state.summary.found)
        return error_set(err, ERR_INVALID, "restic backup: no summary in its answer");
    *ret = state.summary;
    return r;
}

struct restore_run {
    const struct restic_restore *restore;
    uint64_t files;
};

static int restore_once(struct restic *restic, void *ctx, struct error *err)
{
    struct restore_run *restore = ctx;
    AUTO(argv_done) struct argv args = {0};
    AUTO(buf_done) struct buf output;
    int r;

    buf_init(&output, OUTPUT_MAX);
    restic_args_restore(&restic->options, restore->restore, &args);
    r = restic_run(restic, &args, &output, err);
    return r < 0 ? r : restic_out_restore(output.data, output.len, &restore->files, err);
}

int restic_restore(struct restic *restic, const struct restic_restore *restore, uint64_t *ret_files,
                   struct error *err)
{
    struct restore_run run = {.restore = restore};
    int r = user_args_check(restore->args, err);

    if (r == 0)
        r = restic_read_with_lock(restic, restore_once, &run, err);
    if (r == 0)
        *ret_files = run.files;
    return r;
}

static int delete_once(struct restic *restic, void *ctx, struct error *err)
{
    const char *const *const *ids = ctx;
    AUTO(argv_done) struct argv args = {0};

    restic_args_delete(&restic->options, *ids, true, &args);
    return restic_run(restic, &args, NULL, err);
}

static int drop_once(struct restic *restic, void *ctx, struct error *err)
{
    const char *const *const *ids = ctx;
    AUTO(argv_done) struct argv args = {0};

    restic_args_delete(&restic->options, *ids, false, &args);
    return restic_run_removing(restic, &args, NULL, err);
}

int restic_delete(struct restic *restic, const char *const *ids, struct error *err)
{
    return restic_with_lock(restic, delete_once, &ids, err);
}

int restic_drop(struct restic *restic, const char *const *ids, struct error *err)
{
    return restic_with_lock(restic, drop_once, &ids, err);
}

struct forget_run {
    const struct restic_forget *forget;
    struct restic_forgotten forgotten;
};

static int forget_once(struct restic *restic, void *ctx, struct error *err)
{
    struct forget_run *forget = ctx;
    AUTO(argv_done) struct argv args = {0};
    struct restic_forgetting passing = {0};
    const struct call call = {.args = &args,
                              .timeout_ms = time_left(restic),
                              .removes = true,
                              .on_stdout = restic_forgetting_feed,
                              .ctx = &passing};
    int r;

    restic_args_forget(&restic->options, forget->forget, &args);
    r = restic_call(restic, &call, err);
    return r < 0 ? r : restic_forgetting_end(&passing, &forget->forgotten, err);
}

int restic_forget(struct restic *restic, const struct restic_forget *forget,
                  struct restic_forgotten *ret, struct error *err)
{
    struct forget_run run = {.forget = forget};
    int r = restic_with_lock(restic, forget_once, &run, err);

    if (r == 0)
        *ret = run.forgotten;
    return r;
}

struct tag_run {
    const struct restic_retag *retag;
    json_t *changed;
};

static int tag_once(struct restic *restic, void *ctx, struct error *err)
{
    struct tag_run *tag = ctx;
    AUTO(argv_done) struct argv args = {0};
    AUTO(buf_done) struct buf output;
    AUTO(lines_done) struct lines lines;
    int r;

    buf_init(&output, OUTPUT_MAX);
    lines_init(&lines, LIMIT_RESTIC_LINE);
    restic_args_tag(&restic->options, tag->retag, &args);
    r = restic_run_removing(restic, &args, &output, err);
    if (r == 0)
        r = lines_feed(&lines, output.data, output.len, restic_out_tag_line, tag->changed, err);
    lines_end(&lines, restic_out_tag_line, tag->changed);
    return r;
}

int restic_tag(struct restic *restic, const struct restic_retag *retag, json_t *changed,
               struct error *err)
{
    struct tag_run run = {retag, changed};

    return restic_with_lock(restic, tag_once, &run, err);
}

/* ---- commands that only read ------------------------------------------------------------------- */

static int restic_ask(const struct restic *restic, const struct argv *args, struct buf *output,
                      struct error *err)
{
    buf_init(output, OUTPUT_MAX);
    return restic_run(restic, args, output, err);
}

static void list_output(void *ctx, const char *data, size_t len)
{
    restic_listing_feed(ctx, data, len);
}

/* A snapshot that cannot be read is left out of the list, with a word on standard error. */
int restic_list(const struct restic *restic, restic_snapshot_fn fn, void *ctx,
                struct text *ret_unread, struct error *err)
{
    AUTO(argv_done) struct argv args = {0};
    AUTO(restic_listing_done) struct restic_listing listing;
    char tail[LIMIT_STDERR_TAIL + 1] = "";
    struct text unread;
    const struct call call = {.args = &args,
                              .timeout_ms = time_left(restic),
                              .on_stdout = list_output,
                              .ctx = &listing,
                              .ret_tail = tail};
    int r;

    restic_listing_init(&listing, fn, ctx);
    restic_args_snapshots(&restic->options, &args);
    r = restic_call(restic, &call, err);
    if (r == 0)
        r = restic_listing_end(&listing, err);
    if (r == 0 && restic_out_unread(tail, &unread) && !ret_unread)
        r = error_set(err, ERR_SYSTEM, "restic snapshots: %s", unread.s);
    if (r == 0 && ret_unread)
        *ret_unread = unread;
    return r;
}

/* Ended from outside, restic counts what it could not look at as errors: only its own end says anything. */
static bool is_own_end(const struct error *err)
{
    return err->kind == ERR_SYSTEM && err->code == RESTIC_EXIT_FAILED;
}

/*
 * A repository with errors makes restic fail; what it counted is then the answer. But it also counts what its storage
 * did not give, and that is no damage. When its time is up it counts what it did not look at, too; what it complained of
 * until then is damage all the same.
 */
int restic_check(const struct restic *restic, struct restic_verdict *ret, struct error *err)
{
    AUTO(argv_done) struct argv args = {0};
    AUTO(buf_done) struct buf output;
    struct restic_verdict verdict = {0};
    struct error unread;
    char tail[LIMIT_STDERR_TAIL + 1] = "";
    const struct call call = {.args = &args,
                              .timeout_ms = time_left(restic),
                              .on_stdout = output_keep,
                              .ctx = &output,
                              .ret_tail = tail};

    buf_init(&output, OUTPUT_MAX);
    restic_args_check(&restic->options, &args);
    int r = restic_call(restic, &call, err);
    if (r == 0)
        r = restic_out_check(output.data, output.len, &verdict.errors, err);
    else if ((is_own_end(err) || err->kind == ERR_TIMEOUT) &&
             restic_out_check(output.data, output.len, &verdict.errors, &unread) == 0 &&
             verdict.errors > 0 && restic_out_is_damage(tail, &verdict.why) &&
             (is_own_end(err) || *verdict.why.s)) {
        verdict.cut = !is_own_end(err);
        r = 0;
    }
    if (r == 0)
        *ret = verdict;
    return r;
}

int restic_stats(const struct restic *restic, struct restic_stats *ret, struct error *err)
{
    AUTO(argv_done) struct argv args = {0};
    AUTO(buf_done) struct buf output = {0};
    int r;

    restic_args_stats(&restic->options, &args);
    r = restic_ask(restic, &args, &output, err);
    return r < 0 ? r : restic_out_stats(output.data, output.len, ret, err);
}
