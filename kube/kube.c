/* kube.c - the life of a client. */
#include "stash/kube.h"

#include <string.h>
#include <sys/utsname.h>

#include "client.h"
#include "event_log.h"
#include "http.h"

static pthread_once_t global_once = PTHREAD_ONCE_INIT;
static CURLcode global_result;

static void global_init(void)
{
    global_result = curl_global_init(CURL_GLOBAL_DEFAULT);
}

int kube_open(const char *kubeconfig, const char *user_agent, struct kube **ret, struct error *err)
{
    const struct kube_access access = {.kubeconfig = kubeconfig};
    return kube_open_as(&access, user_agent, ret, err);
}

int kube_open_as(const struct kube_access *access, const char *user_agent, struct kube **ret,
                 struct error *err)
{
    pthread_once(&global_once, global_init);
    if (global_result != CURLE_OK)
        return http_error(global_result, NULL, err);
    struct config config = {0};
    int r = config_load(access, &config, err);
    if (r < 0)
        return r;
    struct utsname machine = {0};
    uname(&machine);
    struct kube *kube = xcalloc(1, sizeof(*kube));
    kube->config = config;
    kube->timeout_ms = access->timeout_ms;
    kube->field_manager = xstrndup(user_agent, strcspn(user_agent, "/ "));
    kube->user_agent = strchr(user_agent, '/') ? xstrdup(user_agent)
                                               : xasprintf("%s/%s (linux/%s)", user_agent,
                                                           STASH_VERSION, machine.machine);
    if (config.connect_to)
        kube->connect_to = curl_slist_append(NULL, config.connect_to);
    token_init(&kube->token, config.token_file, config.token);
    identity_init(&kube->identity, &kube->config.exec);
    pool_init(&kube->pool);
    kube->events = event_log_new();
    unread_log_init(&kube->unread);
    *ret = kube;
    return 0;
}

void kube_close(struct kube *kube)
{
    if (!kube)
        return;
    event_log_free(kube->events);
    unread_log_done(&kube->unread);
    pool_done(&kube->pool);
    token_done(&kube->token);
    identity_done(&kube->identity);
    curl_slist_free_all(kube->connect_to);
    config_done(&kube->config);
    free(kube->user_agent);
    free(kube->field_manager);
    free(kube);
}

void kube_set_patience(struct kube *kube, int64_t patience_ms)
{
    kube->patience_ms = patience_ms;
}

void kube_count_requests(struct kube *kube, unsigned long *ret_reads, unsigned long *ret_writes)
{
    *ret_reads = atomic_load(&kube->reads);
    *ret_writes = atomic_load(&kube->writes);
}

const char *kube_namespace(const struct kube *kube)
{
    return kube->config.namespace;
}
