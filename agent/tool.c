#include "tool.h"

#include <string.h>

#include "stash/format.h"
#include "stash/spawn.h"

#define SAID_MAX (4 * LIMIT_KIB)

extern char **environ;

struct said {
    struct buf *output; /* the caller's, or NULL */
    struct buf tail;    /* some tools complain on standard output */
};

static void hear(void *ctx, const char *data, size_t len)
{
    struct said *said = ctx;

    if (said->output)
        buf_add(said->output, data, len);
    if (len > SAID_MAX) {
        data += len - SAID_MAX;
        len = SAID_MAX;
    }
    if (said->tail.len + len > SAID_MAX)
        buf_drop(&said->tail, said->tail.len + len - SAID_MAX);
    buf_add(&said->tail, data, len);
}

static int fail(const struct argv *args, const struct spawn_exit *ended, const struct said *said,
                struct error *err)
{
    const char *words = *ended->stderr_tail ? ended->stderr_tail : said->tail.data;
    size_t len = strlen(words);
    struct text text;

    /* as much of the end as an error holds beside its own words */
    format_text(words + (len > 360 ? len - 360 : 0), &text);
    return error_set_code(err, ERR_SYSTEM, ended->status, "%s ended with exit code %d%s%s",
                          args->items[0], ended->status, *text.s ? ": " : "", text.s);
}

void tool_env(struct child_env *env, const char *scratch)
{
    const char *const *inherited;

    memcpy(&inherited, &environ, sizeof(inherited)); /* C has no conversion that adds both consts */
    child_env_init(env, inherited, scratch);
}

int tool_run(const struct argv *args, const struct child_env *env, struct buf *output,
             struct error *err)
{
    struct said said = {.output = output};
    const struct spawn_request request = {
        .stages = {argv_list(args)},
        .count = 1,
        .env = argv_list(&env->env),
        .stdin_fd = -1,
        .on_stdout = hear,
        .ctx = &said,
    };
    struct spawn_result result;
    int r;

    buf_init(&said.tail, SAID_MAX);
    r = spawn_run(&request, &result, err);
    if (r == 0 && result.exits[0].status != 0)
        r = fail(args, &result.exits[0], &said, err);
    if (r == 0 && output)
        r = buf_check(output, "what the tool said", err);
    buf_done(&said.tail);
    return r;
}
