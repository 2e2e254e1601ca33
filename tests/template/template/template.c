/* template.c - the example in docs/addons.md: a server whose tools are small scripts, and a dump of rows. */
#include <stdlib.h>
#include <string.h>

#include "stash/addon.h"
#include "stash/appbinding.h"
#include "stash/jsonx.h"

static int template_login(struct addon_run *run, struct error *err)
{
    AUTO(mem_free) char *host = NULL;
    AUTO(mem_free) char *password = NULL;
    int r = appbinding_host(run->app, &host, err);

    if (r == 0)
        r = secret_value(run->secret, "password", &password, err);
    if (r < 0)
        return r;
    if (!password)
        return error_set(err, ERR_INVALID, "secret %s has no key password",
                         jsonx_name(run->secret));
    argv_env_set(&run->env.env, "TEMPLATE_HOST", host);
    argv_env_set(&run->env.env, "TEMPLATE_PASSWORD", password);
    return 0;
}

static int template_ready(struct addon_run *run, struct error *err)
{
    AUTO(argv_done) struct argv args = {0};

    argv_add(&args, "template-ping");
    return addon_run_tool(run, &args, NULL, err);
}

static int template_dump(struct addon_run *run, struct error *err)
{
    struct argv *tool = addon_tool(run);

    (void)err;
    argv_add(tool, "template-dump");
    argv_add_words(tool, addon_text(run, "template-args"));
    return 0;
}

static int template_load(struct addon_run *run, struct error *err)
{
    struct argv *tool = addon_tool(run);

    (void)err;
    argv_add(tool, "template-load");
    if (addon_bool(run, "strict"))
        argv_add(tool, "--strict");
    return 0;
}

/* The dump ends with "-- end <number of rows>"; one line a row stands before it. */
static int verify_dump(const struct addon_run *run, struct error *err)
{
    AUTO(mem_free) char *tail = xstrndup(run->tally.tail, run->tally.tail_len);
    const char *mark = strstr(tail, run->info->end_mark);
    unsigned long long said = mark ? strtoull(mark + strlen(run->info->end_mark), NULL, 10) : 0;

    if (said + 1 != run->tally.lines)
        return error_set(err, ERR_INVALID, "the dump holds %llu of %llu rows",
                         (unsigned long long)run->tally.lines - 1, said);
    return 0;
}

static int verify_server(const struct addon_run *run, struct error *err)
{
    AUTO(argv_done) struct argv args = {0};
    AUTO(buf_done) struct buf text;
    unsigned long long has;
    int r;

    buf_init(&text, LIMIT_KIB);
    argv_add(&args, "template-count");
    r = addon_run_tool(run, &args, &text, err);
    if (r < 0)
        return r;
    has = strtoull(text.data, NULL, 10);
    if (has + 1 < run->tally.lines)
        return error_set(err, ERR_INVALID, "the server has %llu of the dump's %llu rows", has,
                         (unsigned long long)run->tally.lines - 1);
    return 0;
}

static int template_verify(struct addon_run *run, enum addon_when when, struct error *err)
{
    return when == ADDON_LOADED ? verify_server(run, err) : verify_dump(run, err);
}

ADDON_CODE(template, template_login, template_ready, template_dump, template_verify,
           template_load, );
