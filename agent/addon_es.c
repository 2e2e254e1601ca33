/* addon_es.c - Elasticsearch and OpenSearch: indices dumped to files by multielasticdump. */
#include <curl/curl.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "folder.h"
#include "job.h"
#include "stash/appbinding.h"
#include "stash/clock.h"
#include "stash/file.h"
#include "stash/jsonx.h"
#include "stash/kinds.h"
#include "stash/log.h"
#include "stash/names.h"
#include "stash/tool_args.h"
#include "tool.h"

#define ANSWER_MAX  (4 * LIMIT_MIB)
#define PAUSE_FIRST 500
#define PAUSE_MAX   5000
#define META_FILE   "meta.txt" /* the interim volume's size, for whoever restores */

struct es {
    struct job *job;
    struct child_env env;
    char *url;
    const char *auth; /* path of a file, borrowed from env */
    char *user, *password;
    const char *ca; /* path, borrowed from env; NULL */
    bool insecure;
};

static void es_done(struct es *es)
{
    child_env_done(&es->env);
    free(es->url);
    free(es->user);
    free(es->password);
}
DEFINE_AUTO_VALUE(struct es, es_done);

static int open_es(struct es *es, struct error *err)
{
    const struct job *job = es->job;
    int r;

    if (!job->app)
        return error_set(err, ERR_INVALID, "--appbinding is needed");
    if (!job->flags->interim_dir)
        return error_set(err, ERR_INVALID, "--interim-data-dir is needed");
    tool_env(&es->env, job->restic.tmp);
    r = appbinding_url(job->app, &es->url, err);
    if (r == 0)
        r = es_credentials(job->app_secret, &es->user, &es->password, err);
    if (r == 0)
        r = es_env(job->app, job->app_secret, &es->env, &es->auth, err);
    if (r < 0)
        return r;
    es->ca = env_get(&es->env.env, "NODE_EXTRA_CA_CERTS");
    es->insecure = jsonx_bool(job->app, 0, "spec", "clientConfig", "insecureSkipTLSVerify", NULL);
    return folder_write_secrets(&es->env, err);
}

/* ---- asking the server --------------------------------------------------------------------------- */

static size_t keep(char *data, size_t size, size_t count, void *ctx)
{
    return buf_add(ctx, data, size * count) ? size * count : 0;
}

static void free_curl(CURL **curl)
{
    curl_easy_cleanup(*curl);
}

/* GET url/path; the status, or an error when there was no answer at all. */
static int ask(const struct es *es, const char *path, struct buf *answer, long *ret_status,
               struct error *err)
{
    __attribute__((cleanup(free_curl))) CURL *curl = curl_easy_init();
    AUTO(mem_free) char *url = NULL;
    CURLcode code;

    BUG_ON(!es->url);
    size_t len = strlen(es->url);
    while (len > 0 && es->url[len - 1] == '/')
        len--;
    url = xasprintf("%.*s/%s", (int)len, es->url, path);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_USERNAME, es->user);
    curl_easy_setopt(curl, CURLOPT_PASSWORD, es->password);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 20L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
    if (es->ca)
        curl_easy_setopt(curl, CURLOPT_CAINFO, es->ca);
    if (es->insecure) {
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    code = curl_easy_perform(curl);
    if (code != CURLE_OK)
        return error_set(err, ERR_TRANSPORT, "%s: %s", es->url, curl_easy_strerror(code));
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, ret_status);
    return 0;
}

/* 1 ready, 0 not yet, an error when waiting is no use. */
static int look(const struct es *es, struct error *err)
{
    AUTO(buf_done) struct buf answer;
    long status = 0;

    buf_init(&answer, ANSWER_MAX);
    if (ask(es, "", &answer, &status, err) < 0)
        return 0;
    if (status == 401 || status == 403)
        return error_set_code(err, ERR_DENIED, (int)status,
                              "%s refuses user and password (HTTP %ld)", es->url, status);
    if (status >= 500)
        error_set(err, ERR_TRANSPORT, "%s answers HTTP %ld", es->url, status);
    return status < 500;
}

static int wait_ready(const struct es *es, struct error *err)
{
    int64_t end = clock_mono_ms() + es->job->flags->wait_timeout * 1000;
    int64_t pause = PAUSE_FIRST;

    for (;;) {
        int ready = look(es, err);

        if (ready == 1)
            return 0;
        if (ready < 0 || clock_mono_ms() + pause > end)
            return error_wrap(err, "the server is not ready");
        clock_sleep_ms(pause);
        pause = pause * 2 < PAUSE_MAX ? pause * 2 : PAUSE_MAX;
    }
}

/* The tool fails on a server without a legacy template instead of dumping none. */
static bool has_templates(const struct es *es)
{
    AUTO(buf_done) struct buf answer;
    json_auto_t *templates = NULL;
    struct error err;
    long status = 0;

    buf_init(&answer, ANSWER_MAX);
    return ask(es, "_template", &answer, &status, &err) == 0 && status == 200 &&
           jsonx_parse(answer.data, answer.len, &templates, &err) == 0 &&
           json_object_size(templates) > 0;
}

/* ---- backup ------------------------------------------------------------------------------------ */

static int run_tool(const struct es *es, const char *ignore, bool load, struct error *err)
{
    AUTO(argv_done) struct argv args = {0};
    const struct es_dump dump = {es->url, es->job->flags->interim_dir, es->auth,
                                 es->job->flags->args, ignore};

    if (load)
        es_args_load(&dump, &args);
    else
        es_args_dump(&dump, &args);
    return tool_run(&args, &es->env, NULL, err);
}

/* The size that the session's interim volume asked for, as upstream leaves it beside the dump. */
static int write_meta(const struct es *es, struct error *err)
{
    const struct session *session = &es->job->session;
    const json_t *template = jsonx_get(session->invoker, "spec", "interimVolumeTemplate", NULL);
    const char *size = jsonx_str(template, "spec", "resources", "requests", "storage", NULL);
    AUTO(mem_free) char *path = xasprintf("%s/" META_FILE, es->job->flags->interim_dir);

    return size ? file_write(path, size, strlen(size), 0640, err) : 0;
}

static int backup(struct job *job, struct error *err)
{
    AUTO(es_done) struct es es = {.job = job};
    int r = open_es(&es, err);

    if (r == 0)
        r = job_ensure_repository(job, err);
    if (r == 0)
        r = wait_ready(&es, err);
    if (r == 0)
        r = folder_clear(job->flags->interim_dir, 0770, err);
    if (r == 0)
        r = write_meta(&es, err);
    if (r == 0)
        r = run_tool(&es, has_templates(&es) ? NULL : "template", false, err);
    return r < 0 ? r : job_store(job, job->flags->interim_dir, err);
}

int agent_backup_es(struct kube *kube, const struct agent_flags *flags, struct error *err)
{
    return job_run(kube, flags, "AppBinding", false, backup, err);
}

/* ---- restore ----------------------------------------------------------------------------------- */

static const struct file_type {
    const char *type, *suffix;
} file_types[] = {
    {"template", ".template.json"}, {"settings", ".settings.json"}, {"mapping", ".mapping.json"}};

static bool ends_with(const char *name, const char *suffix)
{
    size_t len = strlen(name), tail = strlen(suffix);

    return len > tail && strcmp(name + len - tail, suffix) == 0;
}

/* The tool opens a file of every type for every index: types of which the dump has none are ignored. */
static int missing_types(const char *folder, struct buf *ret, struct error *err)
{
    bool found[ARRAY_LEN(file_types)] = {false};
    DIR *dir = opendir(folder);
    const struct dirent *entry;

    if (!dir)
        return error_set(err, ERR_SYSTEM, "the dump's folder %s cannot be read", folder);
    while ((entry = readdir(dir)))
        for (size_t i = 0; i < ARRAY_LEN(file_types); i++)
            found[i] = found[i] || ends_with(entry->d_name, file_types[i].suffix);
    closedir(dir);
    for (size_t i = 0; i < ARRAY_LEN(file_types); i++)
        if (!found[i])
            buf_addf(ret, "%s%s", ret->len ? "," : "", file_types[i].type);
    return 0;
}

static int load(const struct es *es, struct error *err)
{
    const char *folder = es->job->flags->interim_dir;
    AUTO(mem_free) char *meta = xasprintf("%s/" META_FILE, folder);
    AUTO(buf_done) struct buf missing;
    int r;

    buf_init(&missing, LIMIT_KIB);
    remove(meta); /* the tool would take it for an index */
    r = missing_types(folder, &missing, err);
    return r < 0 ? r : run_tool(es, missing.data, true, err);
}

static int restore(struct job *job, struct error *err)
{
    AUTO(es_done) struct es es = {.job = job};
    int r = open_es(&es, err);

    if (r == 0)
        r = wait_ready(&es, err);
    if (r == 0)
        r = job_fetch_dump(job, err);
    return r < 0 ? r : load(&es, err);
}

int agent_restore_es(struct kube *kube, const struct agent_flags *flags, struct error *err)
{
    return job_run(kube, flags, "AppBinding", true, restore, err);
}
