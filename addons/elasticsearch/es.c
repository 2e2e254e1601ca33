/* es.c - Elasticsearch and OpenSearch: indices dumped to files by multielasticdump. */
#include "es.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stash/appbinding.h"
#include "stash/file.h"
#include "stash/jsonx.h"

#define SAID_MAX  (1 * LIMIT_MIB)
#define TRIES_MAX 3

static void es_done(struct addon_run *run)
{
    struct es *es = es_of(run);

    if (!es)
        return;
    free(es->url);
    free(es->user);
    free(es->password);
    free(es->ca);
    free(es->prefix);
    free(es->suffix);
    json_decref(es->chosen);
    json_decref(es->all);
    json_decref(es->before);
    free(es);
}

static int es_login(struct addon_run *run, struct error *err)
{
    struct es *es = run->state = xcalloc(1, sizeof(*es));
    int r = es_args_check(addon_text(run, "es-args"), err);

    if (r == 0)
        r = appbinding_url(run->app, &es->url, err);
    if (r == 0)
        r = es_credentials(run->secret, &es->user, &es->password, err);
    if (r == 0)
        r = appbinding_ca(run->app, &es->ca, err);
    if (r == 0)
        r = es_env(run->app, run->secret, &run->env, &es->auth, err);
    es->insecure = jsonx_bool(run->app, 0, "spec", "clientConfig", "insecureSkipTLSVerify", NULL);
    es->before = json_object();
    if (run->step == ADDON_RESTORE) { /* of a dump's files they change nothing */
        es->prefix = es_args_value(addon_text(run, "es-args"), "prefix");
        es->suffix = es_args_value(addon_text(run, "es-args"), "suffix");
    }
    return r;
}

/* Elasticsearch counts its versions on; OpenSearch began anew at 1. */
static bool knows_partial(const json_t *answer)
{
    const char *number = jsonx_str(answer, "version", "number", NULL);
    const char *distribution = jsonx_str(answer, "version", "distribution", NULL);

    return (number && strtol(number, NULL, 10) >= 7) ||
           (distribution && strcmp(distribution, "opensearch") == 0);
}

static int es_ready(struct addon_run *run, struct error *err)
{
    struct es *es = es_of(run);
    json_auto_t *answer = NULL;
    long status = 0;
    int r;

    es->left_ms = run->left_ms;
    r = es_ask(es, "", NULL, &answer, &status, err);
    es->left_ms = 0;
    if (r < 0)
        return r;
    if (status == 401 || status == 403)
        return error_set_code(err, ERR_DENIED, (int)status,
                              "%s refuses user and password (HTTP %ld)", es->url, status);
    if (status >= 500)
        return error_set(err, ERR_TRANSPORT, "%s answers HTTP %ld", es->url, status);
    es->knows_partial = knows_partial(answer);
    return 0;
}

/* ---- dump ---------------------------------------------------------------------------------------------------------- */

/* The tool fails on a server without a legacy template instead of dumping none. */
static int look_for_templates(const struct es *es, bool *ret, struct error *err)
{
    json_auto_t *templates = NULL;
    int r = es_get(es, "_template", "the templates", &templates, err);

    if (r < 0 && err->code != 404)
        return r;
    *ret = r == 0 && json_object_size(templates) > 0;
    return 0;
}

/* The size that the session's interim volume asked for, as upstream leaves it beside the dump. */
static int write_meta(const struct addon_run *run, struct error *err)
{
    const json_t *template = jsonx_get(run->invoker, "spec", "interimVolumeTemplate", NULL);
    const char *size = jsonx_str(template, "spec", "resources", "requests", "storage", NULL);
    AUTO(mem_free) char *path = xasprintf("%s/" ES_META_FILE, run->folder);

    return size ? file_write(path, size, strlen(size), 0640, err) : 0;
}

static struct es_dump call_of(const struct addon_run *run, const char *ignore)
{
    const struct es *es = es_of(run);

    return (struct es_dump){.url = es->url,
                            .folder = run->folder,
                            .auth_file = es->auth,
                            .args = addon_text(run, "es-args"),
                            .ignore = ignore,
                            .whole = es->knows_partial};
}

/* The tool does not write over files. */
static int forget_dump(struct addon_run *run, struct error *err)
{
    struct es *es = es_of(run);
    int r = addon_clear_folder(run, err);

    json_object_clear(es->before);
    json_decref(es->all);
    es->all = NULL;
    return r;
}

static int dump_indices(struct addon_run *run, const char *ignore, struct error *err)
{
    const struct es_dump dump = call_of(run, ignore);
    AUTO(argv_done) struct argv args = {0};
    int r = es_look_before_dump(run, err);

    if (r < 0)
        return r;
    es_args_dump(&dump, &args);
    return addon_run_tool(run, &args, NULL, err);
}

static int es_dump(struct addon_run *run, struct error *err)
{
    bool templates = false;
    int r = look_for_templates(es_of(run), &templates, err);

    for (int tries = 1; r == 0; tries++) {
        r = dump_indices(run, templates ? NULL : "template", err);
        if (r != -ERR_SYSTEM || tries == TRIES_MAX || !es_tell_deleted(run))
            break;
        r = forget_dump(run, err);
    }
    if (r == 0)
        r = write_meta(run, err);
    if (r == 0) {
        es_tell_left_out(run);
        es_tell_hidden(run);
    }
    return r;
}

/* ---- load ---------------------------------------------------------------------------------------------------------- */

/* Of a tool that ended well only what it said first matters, and that is kept whatever it said later. */
static int load_run(struct addon_run *run, const struct argv *args, struct error *err)
{
    AUTO(buf_done) struct buf said;
    int r;

    buf_init(&said, SAID_MAX);
    r = addon_run_tool(run, args, &said, err);
    if (r < 0 && r != -ERR_LIMIT)
        return r;
    es_of(run)->chosen = es_args_chosen(said.data);
    return 0;
}

static int es_load(struct addon_run *run, struct error *err)
{
    AUTO(argv_done) struct argv args = {0};
    AUTO(mem_free) char *missing = NULL;
    AUTO(mem_free) char *meta = xasprintf("%s/" ES_META_FILE, run->folder);
    int r;

    remove(meta); /* the tool would take it for an index */
    r = es_missing_types(run, &missing, err);
    if (r == 0)
        r = es_look_before_load(run, err);
    if (r < 0)
        return r;
    const struct es_dump load = call_of(run, missing);
    es_args_load(&load, &args);
    return load_run(run, &args, err);
}

ADDON_CODE(elasticsearch, es_login, es_ready, es_dump, es_verify, es_load, .done = es_done);
