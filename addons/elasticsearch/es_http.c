/* es_http.c - questions to the server that the tool does not ask. */
#include <curl/curl.h>
#include <string.h>

#include "es.h"
#include "stash/format.h"
#include "stash/jsonx.h"
#include "stash/spawn.h"

#define ANSWER_MAX (4 * LIMIT_MIB)
#define TIMEOUT_MS 60000L

static size_t answer_keep(char *data, size_t size, size_t count, void *ctx)
{
    return buf_add(ctx, data, size * count) ? size * count : 0;
}

/* Whoever is told to stop does not wait for a server that says nothing. curl asks once a second. */
static int stop_when_told(void *ctx, curl_off_t in, curl_off_t got, curl_off_t out, curl_off_t sent)
{
    (void)ctx, (void)in, (void)got, (void)out, (void)sent;
    return spawn_is_cancelled();
}

static void free_curl(CURL **curl)
{
    curl_easy_cleanup(*curl);
}

static void free_headers(struct curl_slist **headers)
{
    curl_slist_free_all(*headers);
}

static void set_place(CURL *curl, const struct es *es, const char *url)
{
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_USERNAME, es->user);
    curl_easy_setopt(curl, CURLOPT_PASSWORD, es->password);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
                     es->left_ms > 0 && es->left_ms < TIMEOUT_MS ? (long)es->left_ms : TIMEOUT_MS);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, stop_when_told);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    if (es->ca) {
        struct curl_blob blob = {es->ca, strlen(es->ca), CURL_BLOB_NOCOPY};

        curl_easy_setopt(curl, CURLOPT_CAINFO_BLOB, &blob);
    }
    if (es->insecure) {
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    }
}

/* What is no document tells at least its status. */
static void answer_parse(const struct buf *answer, json_t **ret)
{
    json_t *doc = NULL;
    struct error ignored;

    *ret = jsonx_parse(answer->data, answer->len, &doc, &ignored) == 0 ? doc : json_null();
}

int es_ask(const struct es *es, const char *path, const char *body, json_t **ret, long *ret_status,
           struct error *err)
{
    __attribute__((cleanup(free_curl))) CURL *curl = curl_easy_init();
    __attribute__((cleanup(free_headers))) struct curl_slist *headers =
        curl_slist_append(NULL, "Content-Type: application/json");
    AUTO(buf_done) struct buf answer;
    AUTO(mem_free) char *url = NULL;
    size_t len = strlen(es->url);
    CURLcode code;

    buf_init(&answer, ANSWER_MAX);
    while (len > 0 && es->url[len - 1] == '/')
        len--;
    url = xasprintf("%.*s/%s", (int)len, es->url, path);
    set_place(curl, es, url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, answer_keep);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
    if (body)
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    code = curl_easy_perform(curl);
    if (code == CURLE_ABORTED_BY_CALLBACK)
        return error_set(err, ERR_TIMEOUT, "%s: told to stop", es->url);
    if (code != CURLE_OK)
        return error_set(err, ERR_TRANSPORT, "%s: %s", es->url,
                         answer.overflow ? "the answer is too long" : curl_easy_strerror(code));
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, ret_status);
    answer_parse(&answer, ret);
    return 0;
}

static int answer_refused(long status, const json_t *answer, const char *what, struct error *err)
{
    const char *reason = jsonx_str(answer, "error", "reason", NULL);
    struct text text;

    format_text(reason ? reason : "", &text);
    return error_set_code(err, status >= 500 ? ERR_TRANSPORT : ERR_INVALID, (int)status,
                          "%s could not be read: HTTP %ld%s%.200s", what, status,
                          *text.s ? ": " : "", text.s);
}

int es_get(const struct es *es, const char *path, const char *what, json_t **ret, struct error *err)
{
    json_auto_t *answer = NULL;
    long status = 0;
    int r = es_ask(es, path, NULL, &answer, &status, err);

    if (r < 0)
        return error_wrap(err, "%s could not be read", what);
    if (status != 200 || json_is_null(answer))
        return answer_refused(status, answer, what, err);
    *ret = TAKE(answer);
    return 0;
}

char *es_path(const struct es *es, const char *index, const char *rest)
{
    AUTO(mem_free)
    char *name =
        xasprintf("%s%s%s", es->prefix ? es->prefix : "", index, es->suffix ? es->suffix : "");
    char *escaped = curl_easy_escape(NULL, name, 0);
    char *path = xasprintf("%s/%s", escaped ? escaped : "", rest);

    curl_free(escaped);
    return path;
}

/* 404: there is no such index. */
static int count_at(const struct es *es, const char *index, const char *rest, const char *query,
                    json_t **ret, struct error *err)
{
    AUTO(mem_free) char *path = es_path(es, index, rest);
    AUTO(mem_free) char *what = xasprintf("index %s", index);
    json_auto_t *answer = NULL;
    json_int_t failed;
    long status = 0;
    int r = es_ask(es, path, query, &answer, &status, err);

    if (r < 0)
        return r;
    if (status == 404)
        return 0;
    if (status != 200)
        return answer_refused(status, answer, what, err);
    failed = jsonx_int(answer, 0, "_shards", "failed", NULL);
    if (failed > 0 || jsonx_int(answer, 0, "_shards", "successful", NULL) <
                          jsonx_int(answer, 0, "_shards", "total", NULL))
        return error_set(err, ERR_INVALID, "index %s: %lld of %lld shards do not answer", index,
                         (long long)(failed > 0 ? failed : 1),
                         (long long)jsonx_int(answer, 0, "_shards", "total", NULL));
    *ret = TAKE(answer);
    return 0;
}

int es_count(const struct es *es, const char *index, uint64_t *ret, bool *ret_there,
             struct error *err)
{
    json_auto_t *answer = NULL;
    int r = count_at(es, index, "_count", NULL, &answer, err);

    if (r < 0)
        return r;
    *ret_there = answer != NULL;
    *ret = (uint64_t)jsonx_int(answer, 0, "count", NULL);
    return 0;
}

int es_count_ids(const struct es *es, const char *index, const char *ids,
                 const struct es_shard *written, uint64_t *ret, struct error *err)
{
    AUTO(mem_free)
    char *rest =
        written ? xasprintf("_count?preference=_shards:%s", written->shard) : xstrdup("_count");
    AUTO(mem_free)
    char *since =
        written ? xasprintf(",{\"range\":{\"_seq_no\":{\"gt\":%lld}}}", (long long)written->number)
                : xstrdup("");
    AUTO(mem_free)
    char *query = xasprintf("{\"query\":{\"bool\":{\"filter\":[{\"ids\":{\"values\":[%s]}}%s]}}}",
                            ids, since);
    json_auto_t *answer = NULL;
    int r = count_at(es, index, rest, query, &answer, err);

    if (r == 0)
        *ret = (uint64_t)jsonx_int(answer, 0, "count", NULL);
    return r;
}
