/* stream_child.c - our own stage of a pipe: what restic runs for a dump, and what stands before the client in a restore. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "stash/agent.h"
#include "stash/clock.h"
#include "stash/file.h"
#include "stash/format.h"
#include "stash/tool.h"
#include "stream.h"

#define PIECE       (64 * LIMIT_KIB)
#define PASSED_MAX  (4 * LIMIT_MIB) /* that `count` may put out for one piece */
#define DOUBTS_MAX  (1 * LIMIT_KIB)
#define TELL_MS     1000
#define MARK_WITHIN ADDON_TAIL

struct stage {
    struct stream_plan plan;
    const char *folder;
    int64_t tell_at; /* when the parent is shown that bytes pass */
    bool broken;     /* why is in `err` */
    struct error err;
};

static int write_on(const char *data, size_t len, struct error *err)
{
    int r = file_write_all(STDOUT_FILENO, data, len);

    return r < 0 ? error_set_errno(err, -r, "the reader of the stream went away") : 0;
}

static void tally_tail(struct addon_tally *tally, const char *data, size_t len)
{
    size_t drop;

    if (len > ADDON_TAIL) {
        data += len - ADDON_TAIL;
        len = ADDON_TAIL;
    }
    drop = tally->tail_len + len > ADDON_TAIL ? tally->tail_len + len - ADDON_TAIL : 0;
    memmove(tally->tail, tally->tail + drop, tally->tail_len - drop);
    memcpy(tally->tail + tally->tail_len - drop, data, len);
    tally->tail_len += len - drop;
}

static void tally_add(struct addon_tally *tally, const char *data, size_t len)
{
    const char *end = data + len;

    tally->bytes += len;
    tally_tail(tally, data, len);
    for (const char *at = data; (at = memchr(at, '\n', (size_t)(end - at))); at++)
        tally->lines++;
}

static int pass_on(struct stage *stage, const char *data, size_t len, struct error *err)
{
    struct addon_run *run = &stage->plan.run;
    AUTO(buf_done) struct buf out = {0};
    int r;

    tally_add(&run->tally, data, len);
    if (!stage->plan.addon->count)
        return write_on(data, len, err);
    buf_init(&out, PASSED_MAX);
    r = stage->plan.addon->count(run, data, len, &out, err);
    if (r == 0)
        r = buf_check(&out, "what is passed on", err);
    return r < 0 ? r : write_on(out.data, out.len, err);
}

/* ---- the end ----------------------------------------------------------------------------------------------------- */

static int check_mark(const struct addon_run *run, struct error *err)
{
    const char *mark = run->info->end_mark;

    if (run->tally.bytes == 0)
        return error_set(err, ERR_INVALID, "the dump is empty");
    if (!mark || memmem(run->tally.tail, run->tally.tail_len, mark, strlen(mark)))
        return 0;
    return error_set(err, ERR_INVALID, "the dump is cut: after %llu bytes it ends without \"%s\"",
                     (unsigned long long)run->tally.bytes, mark);
}

static int stage_end(struct stage *stage, enum addon_when when, struct error *err)
{
    int r = stage->plan.addon->verify(&stage->plan.run, when, err);

    return r < 0 ? r : stream_tally_write(&stage->plan.run, stage->folder, err);
}

/* When the reader went away, it knows why. */
static int stage_fail(const struct stage *stage, int r, const struct error *err)
{
    if (r < 0) {
        if (err->code != EPIPE)
            stream_why_write(stage->folder, err->msg);
        fprintf(stderr, "stash: %s\n", err->msg);
    }
    return r;
}

/* ---- dump-stream ------------------------------------------------------------------------------------------------- */

static void child_hear(void *ctx, const char *data, size_t len)
{
    struct stage *stage = ctx;

    if (stage->broken || pass_on(stage, data, len, &stage->err) == 0)
        return;
    stage->broken = true;
    spawn_cancel(); /* nobody reads any more, or it makes no sense: the tool need not go on */
}

static bool is_complaint(const char *line)
{
    static const char *const signs[] = {"error:", "warning:", "[warning]"};

    for (size_t i = 0; i < ARRAY_LEN(signs); i++)
        if (strcasestr(line, signs[i]))
            return true;
    return false;
}

/* A tool may leave something out, say so, and end as if nothing had been. */
static void tell_complaints(struct addon_run *run, const char *name, const char *said)
{
    AUTO(buf_done) struct buf doubts;
    AUTO(mem_free) char *copy = xstrdup(said);
    char *rest = copy;
    struct text text;

    buf_init(&doubts, DOUBTS_MAX);
    for (char *line; (line = strsep(&rest, "\n"));)
        if (is_complaint(line) && !doubts.overflow)
            buf_addf(&doubts, "%s%s", doubts.len ? "; " : "", line);
    format_text(doubts.data, &text);
    if (*text.s)
        addon_warn(run, "%s went on, but said: %.800s", name, text.s);
}

/* A tool of ours warns by itself. */
static bool is_ours(const struct argv *args)
{
    return args->count > 1 && strcmp(args->items[1], "addon-tool") == 0;
}

static void hear_complaints(struct addon_run *run, const struct argv *args, const char *said)
{
    size_t len = strlen(said);

    snprintf(run->complained, sizeof(run->complained), "%s",
             said + (len > ADDON_TAIL ? len - ADDON_TAIL : 0));
    if (!is_ours(args))
        tell_complaints(run, args->items[0], said);
}

static int run_one(struct stage *stage, const struct argv *args, struct error *err)
{
    AUTO(buf_done) struct buf complaints;
    const struct tool_request request = {
        .args = args,
        .complaints = &complaints,
        .env = &stage->plan.run.env.env,
        .on_stdout = child_hear,
        .ctx = stage,
        .is_working = addon_server_works,
        .watched = &stage->plan.run,
    };
    int r;

    buf_init(&complaints, LIMIT_STDERR_TAIL + 1);
    stage->plan.run.tally.tail_len = 0; /* every tool ends with a mark of its own */
    r = tool_run(&request, err);
    if (stage->broken) {
        *err = stage->err;
        return -(int)err->kind;
    }
    if (r == 0)
        hear_complaints(&stage->plan.run, args, complaints.data);
    return r < 0 ? r : check_mark(&stage->plan.run, err);
}

static int child_dump(struct stage *stage, const struct addon *const *addons, struct error *err)
{
    int r = stream_plan_read(stage->folder, addons, &stage->plan, err);

    for (size_t i = 0; r == 0 && i < stage->plan.run.tool_count; i++)
        r = run_one(stage, &stage->plan.run.tools[i], err);
    return r < 0 ? r : stage_end(stage, ADDON_DUMPED, err);
}

int agent_dump_stream(const char *folder, const struct addon *const *addons, struct error *err)
{
    struct stage stage = {.folder = folder};
    int r = child_dump(&stage, addons, err);

    stage_fail(&stage, r, err);
    stream_plan_done(&stage.plan);
    return r;
}

/* ---- pass-stream ------------------------------------------------------------------------------------------------- */

/* The parent sees neither end of the pipe; a word now and then shows that it lives. */
static void child_tell(struct stage *stage)
{
    int64_t now = clock_mono_ms();

    if (now < stage->tell_at)
        return;
    stage->tell_at = now + TELL_MS;
    fputs(".\n", stderr);
}

static int child_pass(struct stage *stage, const struct addon *const *addons, struct error *err)
{
    AUTO(mem_free) char *data = xmalloc(PIECE);
    int r = stream_plan_read(stage->folder, addons, &stage->plan, err);

    while (r == 0) {
        ssize_t n = read(STDIN_FILENO, data, PIECE);

        if (n < 0 && errno == EINTR && !spawn_is_cancelled())
            continue;
        if (n < 0)
            r = error_set_errno(err, errno, "reading the stream");
        if (n <= 0)
            break;
        child_tell(stage);
        r = pass_on(stage, data, (size_t)n, err);
    }
    if (r == 0)
        r = check_mark(&stage->plan.run, err);
    return r < 0 ? r : stage_end(stage, ADDON_FETCHED, err);
}

int agent_pass_stream(const char *folder, const struct addon *const *addons, struct error *err)
{
    struct stage stage = {.folder = folder};
    int r = child_pass(&stage, addons, err);

    stage_fail(&stage, r, err);
    stream_plan_done(&stage.plan);
    return r;
}
