#include "rest.h"

#include <string.h>

#include "document.h"
#include "outage.h"
#include "stash/clock.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/pair.h"
#include "stash/spawn.h"
#include "status.h"
#include "url.h"

/* ---- one call ---------------------------------------------------------------------------------------------------- */

static int call_wrap(const struct rest_call *call, struct error *err)
{
    const char *kind = call->resource->kind;
    if (!call->name)
        return error_wrap(err, "%s %s", call->verb, kind);
    if (!call->namespace)
        return error_wrap(err, "%s %s %s", call->verb, kind, call->name);
    return error_wrap(err, "%s %s %s/%s", call->verb, kind, call->namespace, call->name);
}

static int call_attempt(struct kube *kube, struct rest_call *call, struct http_response *response,
                        struct error *err)
{
    call->http.timeout_ms = kube->timeout_ms > 0 ? kube->timeout_ms : CALL_TIMEOUT_MS;
    if (call->deadline_ms > 0) {
        int64_t left = call->deadline_ms - clock_mono_ms();
        if (left <= 0)
            return error_set(err, ERR_TIMEOUT, "the deadline passed");
        if (left < call->http.timeout_ms)
            call->http.timeout_ms = left;
    }
    if (call->http.restart)
        call->http.restart(call->http.ctx);
    atomic_fetch_add(strcmp(call->http.method, "GET") == 0 ? &kube->reads : &kube->writes, 1);
    return http_send(kube, &call->http, response, err);
}

/* How long to wait before asking again, in ms; -1: do not. `*waited_s` is what this call has waited so far. */
static int64_t busy_wait(const struct rest_call *call, const struct http_response *response,
                         long *waited_s)
{
    if (!status_is_busy(response->status) || response->retry_after_s < 0)
        return -1;
    long wait_s =
        response->retry_after_s < BUSY_WAIT_MAX_S ? response->retry_after_s : BUSY_WAIT_MAX_S;
    if (*waited_s + wait_s > BUSY_WAIT_TOTAL_S)
        return -1;
    if (call->deadline_ms > 0 && clock_mono_ms() + wait_s * 1000 >= call->deadline_ms)
        return -1;
    *waited_s += wait_s;
    return wait_s * 1000;
}

/* Patience is for calls without a deadline, and for failures that an absent server explains. */
static int64_t outage_pause(const struct kube *kube, const struct rest_call *call,
                            struct outage *outage, const struct error *failure,
                            const struct http_response *response)
{
    if (call->deadline_ms > 0)
        return -1;
    if (failure && failure->kind != ERR_TRANSPORT && failure->kind != ERR_TIMEOUT)
        return -1;
    return outage_wait(outage, failure ? 0 : response->status, kube->patience_ms, clock_mono_ms());
}

/* Whether who we are may have changed since the last call. */
static bool can_renew(const struct kube *kube)
{
    return kube->token.file || kube->config.exec.spec;
}

int rest_send(struct kube *kube, struct rest_call *call, struct http_response *response,
              struct error *err)
{
    long waited_s = 0;
    struct outage outage = {0};
    call->http.reload_token = false;
    for (int busy = 0;;) {
        int r = call_attempt(kube, call, response, err);
        int64_t pause_ms = outage_pause(kube, call, &outage, r < 0 ? err : NULL, response);
        if (pause_ms >= 0 && spawn_sleep_ms(pause_ms))
            continue; /* a process that is told to stop has no time for an outage */
        if (r < 0)
            return call_wrap(call, err);
        if (response->status == 401 && !call->http.reload_token && can_renew(kube)) {
            call->http.reload_token = true;
            continue;
        }
        int64_t wait_ms = busy_wait(call, response, &waited_s);
        if (wait_ms < 0 || busy++ >= BUSY_TRIES)
            break;
        if (!spawn_sleep_ms(wait_ms))
            break;
    }
    if (status_kind(response->status) == ERR_OK)
        return 0;
    status_error(response->status, response->body.data, response->body.len, err);
    return call_wrap(call, err);
}

int rest_fetch(struct kube *kube, struct rest_call *call, json_t **ret, struct error *err)
{
    AUTO(http_response_done) struct http_response response;
    http_response_init(&response);
    int r = rest_send(kube, call, &response, err);
    if (r < 0 || !ret)
        return r;
    json_auto_t *object = NULL;
    r = document_parse(response.body.data, response.body.len, &object, err);
    if (r == 0 && !json_is_object(object))
        r = error_set(err, ERR_TRANSPORT, "the answer is not an object");
    if (r < 0)
        return call_wrap(call, err);
    document_set_type(object, call->resource);
    *ret = TAKE(object);
    return 0;
}

/* ---- the verbs --------------------------------------------------------------------------------------------------- */

int rest_get(struct kube *kube, struct rest_call *call, const char *accept, json_t **ret,
             struct error *err)
{
    AUTO(buf_done) struct buf target;
    buf_init(&target, URL_LIMIT);
    int r = url_object(&target, call->resource, call->namespace, call->name, NULL, err);
    if (r < 0)
        return call_wrap(call, err);
    call->http.method = "GET";
    call->http.target = target.data;
    call->http.accept = accept;
    return rest_fetch(kube, call, ret, err);
}

int kube_get(struct kube *kube, const struct resource *resource, const char *namespace,
             const char *name, json_t **ret, struct error *err)
{
    struct rest_call call = {
        .verb = "get", .resource = resource, .namespace = namespace, .name = name};
    return rest_get(kube, &call, NULL, ret, err);
}

int kube_get_metadata(struct kube *kube, const struct resource *resource, const char *namespace,
                      const char *name, json_t **ret, struct error *err)
{
    struct rest_call call = {
        .verb = "get", .resource = resource, .namespace = namespace, .name = name};
    return rest_get(kube, &call, ACCEPT_METADATA, ret, err);
}

static void add_write_options(struct buf *target, const struct kube *kube,
                              const struct kube_write *options)
{
    const char *manager = options ? options->field_manager : NULL;
    url_query(target, "fieldManager", manager ? manager : kube->field_manager);
    url_query(target, "dryRun", options && options->dry_run ? "All" : NULL);
    url_query(target, "force", options && options->force ? "true" : NULL);
}

/* Send a document to `target`, which is complete. */
static int send_document(struct kube *kube, struct rest_call *call, const char *target,
                         const json_t *document, json_t **ret, struct error *err)
{
    AUTO(mem_free) char *body = jsonx_dump(document);
    call->http.target = target;
    call->http.body = body;
    if (!call->http.content_type)
        call->http.content_type = "application/json";
    return rest_fetch(kube, call, ret, err);
}

int rest_write(struct kube *kube, struct rest_call *call, const json_t *object,
               const struct kube_write *options, json_t **ret, struct error *err)
{
    AUTO(buf_done) struct buf target;
    buf_init(&target, URL_LIMIT);
    bool is_create = strcmp(call->http.method, "POST") == 0;
    const char *subresource = options ? options->subresource : NULL;
    if (!call->resource->namespaced)
        call->namespace = NULL;
    if (call->resource->namespaced && !call->namespace)
        return error_set(err, ERR_INVALID, "%s %s: no namespace", call->verb, call->resource->kind);
    /* a subresource of a create (pods/eviction, serviceaccounts/token) hangs on the object's own path */
    const char *in_path = is_create && !subresource ? NULL : call->name;
    int r = url_object(&target, call->resource, call->namespace, in_path, subresource, err);
    if (r < 0)
        return call_wrap(call, err);
    add_write_options(&target, kube, options);
    return send_document(kube, call, target.data, object, ret, err);
}

static struct rest_call call_for(const char *verb, const char *method,
                                 const struct resource *resource, const json_t *object)
{
    return (struct rest_call){.verb = verb,
                              .resource = resource,
                              .namespace = jsonx_namespace(object),
                              .name = jsonx_name(object),
                              .http = {.method = method}};
}

int kube_create(struct kube *kube, const struct resource *resource, const json_t *object,
                const struct kube_write *options, json_t **ret, struct error *err)
{
    struct rest_call call = call_for("create", "POST", resource, object);
    return rest_write(kube, &call, object, options, ret, err);
}

int kube_replace(struct kube *kube, const struct resource *resource, const json_t *object,
                 const struct kube_write *options, json_t **ret, struct error *err)
{
    struct rest_call call = call_for("replace", "PUT", resource, object);
    if (!call.name)
        return error_set(err, ERR_INVALID, "replace %s: no name", resource->kind);
    return rest_write(kube, &call, object, options, ret, err);
}

static const char *const patch_types[] = {
    [KUBE_PATCH_MERGE] = "application/merge-patch+json",
    [KUBE_PATCH_APPLY] = "application/apply-patch+yaml", /* JSON is YAML */
    [KUBE_PATCH_STRATEGIC] = "application/strategic-merge-patch+json",
    [KUBE_PATCH_JSON] = "application/json-patch+json",
};

/* NOLINTNEXTLINE(readability-function-size): the door's signature */
int kube_patch(struct kube *kube, const struct resource *resource, const char *namespace,
               const char *name, enum kube_patch_type type, const json_t *patch,
               const struct kube_write *options, json_t **ret, struct error *err)
{
    AUTO(buf_done) struct buf target;
    buf_init(&target, URL_LIMIT);
    struct rest_call call = {.verb = type == KUBE_PATCH_APPLY ? "apply" : "patch",
                             .resource = resource,
                             .namespace = namespace,
                             .name = name,
                             .http = {.method = "PATCH", .content_type = patch_types[type]}};
    int r =
        url_object(&target, resource, namespace, name, options ? options->subresource : NULL, err);
    if (r < 0)
        return call_wrap(&call, err);
    add_write_options(&target, kube, options);
    return send_document(kube, &call, target.data, patch, ret, err);
}

int kube_delete(struct kube *kube, const struct resource *resource, const char *namespace,
                const char *name, const struct kube_delete *options, struct error *err)
{
    AUTO(buf_done) struct buf target;
    buf_init(&target, URL_LIMIT);
    struct rest_call call = {.verb = "delete",
                             .resource = resource,
                             .namespace = namespace,
                             .name = name,
                             .http = {.method = "DELETE"}};
    int r = url_object(&target, resource, namespace, name, NULL, err);
    if (r < 0)
        return call_wrap(&call, err);
    bool foreground = options && options->foreground;
    json_auto_t *body =
        json_pack("{s:s, s:s, s:s}", PAIR("apiVersion", "v1"), PAIR("kind", "DeleteOptions"),
                  PAIR("propagationPolicy", foreground ? "Foreground" : "Background"));
    if (options && options->uid)
        json_object_set_new(body, "preconditions", json_pack("{s:s}", "uid", options->uid));
    if (options && options->grace_seconds >= 0)
        json_object_set_new(body, "gracePeriodSeconds", json_integer(options->grace_seconds));
    return send_document(kube, &call, target.data, body, NULL, err);
}
