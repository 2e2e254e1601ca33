#include "stash/tool.h"

#include <string.h>

#include "stash/format.h"

#define SAID_MAX (4 * LIMIT_KIB)
#define PATIENCE 1800 /* seconds */
/* of a tool that is told to stop: the result has to be told within five seconds */
#define GRACE_MS 3000

extern char **environ;

struct said {
    const struct tool_request *request;
    struct buf tail; /* some tools complain on standard output */
};

static void tool_hear(void *ctx, const char *data, size_t len)
{
    struct said *said = ctx;

    if (said->request->output)
        buf_add(said->request->output, data, len);
    if (said->request->on_stdout) {
        said->request->on_stdout(said->request->ctx, data, len);
        return;
    }
    if (len > SAID_MAX) {
        data += len - SAID_MAX;
        len = SAID_MAX;
    }
    if (said->tail.len + len > SAID_MAX)
        buf_drop(&said->tail, said->tail.len + len - SAID_MAX);
    buf_add(&said->tail, data, len);
}

int tool_failure(const char *name, const struct spawn_exit *ended, const char *said,
                 struct error *err)
{
    const char *words = *ended->stderr_tail ? ended->stderr_tail : said;
    size_t len = strlen(words);
    struct text text;

    /* as much of the end as an error holds beside its own words */
    format_text(words + (len > 360 ? len - 360 : 0), &text);
    return error_set_code(err, ERR_SYSTEM, ended->status, "%s ended with exit code %d%s%s", name,
                          ended->status, *text.s ? ": " : "", text.s);
}

void tool_env(struct child_env *env, const char *scratch)
{
    const char *const *inherited;

    memcpy(&inherited, &environ, sizeof(inherited)); /* C has no conversion that adds both consts */
    child_env_init(env, inherited, scratch);
}

int64_t tool_patience_ms(void)
{
    const char *text = getenv("STASH_TOOL_PATIENCE");
    char *end;
    long long seconds = text ? strtoll(text, &end, 10) : PATIENCE;

    if (text && (end == text || *end || seconds < 0 || seconds > 1000000))
        seconds = PATIENCE;
    return seconds * 1000;
}

/* What a tool that had to be ended said last is the best hint at what it waited for. */
static int fail_ended(const char *name, const char *why, const struct spawn_exit *ended,
                      struct error *err)
{
    const char *words = ended->stderr_tail;
    size_t len = strlen(words);
    struct text text;

    format_text(words + (len > 240 ? len - 240 : 0), &text);
    return error_set(err, ERR_TIMEOUT, "%s%s%s%s", name, why, *text.s ? ": " : "", text.s);
}

int tool_stalled(const char *name, const struct spawn_exit *ended, struct error *err)
{
    AUTO(mem_free)
    char *why = xasprintf(" got nowhere for %lld s and was ended (STASH_TOOL_PATIENCE)",
                          (long long)(tool_patience_ms() / 1000));

    return fail_ended(name, why, ended, err);
}

static int fail_late(const struct tool_request *request, const struct spawn_result *result,
                     struct error *err)
{
    const char *name = request->args->items[0];

    if (result->stalled)
        return tool_stalled(name, &result->exits[0], err);
    return fail_ended(name, spawn_is_cancelled() ? ": told to stop" : ": gave no answer in time",
                      &result->exits[0], err);
}

int tool_run(const struct tool_request *request, struct error *err)
{
    struct said said = {.request = request};
    const struct spawn_request spawn = {
        .stages = {argv_list(request->args)},
        .count = 1,
        .env = argv_list(request->env),
        .stdin_fd = -1,
        .timeout_ms = request->timeout_ms,
        .quiet_ms = tool_patience_ms(),
        .is_working = request->is_working,
        .watched = request->watched,
        .grace_ms = GRACE_MS,
        .on_stdout = tool_hear,
        .ctx = &said,
    };
    struct spawn_result result;
    int r;

    buf_init(&said.tail, SAID_MAX);
    r = spawn_run(&spawn, &result, err);
    if (r < 0 && result.timed_out)
        r = fail_late(request, &result, err);
    else if (r == 0 && result.exits[0].status != 0)
        r = tool_failure(request->args->items[0], &result.exits[0], said.tail.data, err);
    if (r == 0 && request->complaints)
        buf_adds(request->complaints, result.exits[0].stderr_tail);
    if (r == 0 && request->output)
        r = buf_check(request->output, "what the tool said", err);
    buf_done(&said.tail);
    return r;
}
