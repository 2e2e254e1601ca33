#include "stash/push.h"

#include <ctype.h>
#include <curl/curl.h>
#include <string.h>

#include "stash/buf.h"

#define PUSH_TIMEOUT_S    10
#define PUSH_CONNECT_S    5
#define PUSH_ANSWER_LIMIT 1024
#define PUSH_URL_LIMIT    4096

DEFINE_AUTO(CURL, curl_easy_cleanup);
DEFINE_AUTO(struct curl_slist, curl_slist_free_all);

/* What does not fit is not kept: only the beginning of a refusal is shown. */
static size_t keep_answer(char *data, size_t size, size_t count, void *answer)
{
    buf_add(answer, data, size * count);
    return size * count;
}

static int is_stopped(void *stop, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
                      curl_off_t up)
{
    (void)down_total;
    (void)down;
    (void)up_total;
    (void)up;
    return stop && atomic_load((atomic_bool *)stop);
}

static void push_configure(CURL *curl, const char *url, const char *text, struct buf *answer)
{
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, text);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(text));
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)PUSH_TIMEOUT_S);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)PUSH_CONNECT_S);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep_answer);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
}

int push_metrics(const char *url, const char *text, atomic_bool *stop, struct error *err)
{
    AUTO(curl_easy_cleanup) CURL *curl = curl_easy_init();
    AUTO(curl_slist_free_all)
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: text/plain; version=0.0.4");
    AUTO(buf_done) struct buf answer;
    long status = 0;

    buf_init(&answer, PUSH_ANSWER_LIMIT);
    if (!curl || !headers)
        return error_set(err, ERR_INTERNAL, "preparing a push to %s", url);
    push_configure(curl, url, text, &answer);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, is_stopped);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, stop);
    CURLcode code = curl_easy_perform(curl);
    if (code != CURLE_OK)
        return error_set(err, ERR_TRANSPORT, "pushing metrics to %s: %s", url,
                         curl_easy_strerror(code));
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (status / 100 == 2)
        return 0;
    return error_set_code(err, status / 100 == 4 ? ERR_INVALID : ERR_TRANSPORT, (int)status,
                          "%s answered %ld: %s", url, status, answer.data);
}

/* Names of Kubernetes objects need no escaping, but a URL is no place to trust in that. */
static void add_escaped(struct buf *url, const char *text, bool lower)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (isalnum(c) || strchr("-_.~", c))
            buf_addc(url, (char)(lower ? tolower(c) : c));
        else
            buf_addf(url, "%%%02X", c);
    }
}

char *push_url(const char *base, const char *invoker_kind, const char *namespace,
               const char *invoker)
{
    AUTO(buf_done) struct buf url;
    size_t len = strlen(base);

    while (len > 0 && base[len - 1] == '/')
        len--;
    buf_init(&url, PUSH_URL_LIMIT);
    buf_addf(&url, "%.*s/metrics/job/", (int)len, base);
    add_escaped(&url, invoker_kind, true);
    buf_addc(&url, '-');
    add_escaped(&url, namespace, false);
    buf_addc(&url, '-');
    add_escaped(&url, invoker, false);
    return buf_take(&url);
}
