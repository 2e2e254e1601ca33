/* container_log.c - what a container has printed. */
#include <stdio.h>
#include <string.h>

#include "rest.h"
#include "stash/limits.h"
#include "url.h"

static const struct resource pods = {"Pod", "", "v1", "pods", true};

int kube_log(struct kube *kube, const struct kube_container *container, size_t max, char **ret,
             struct error *err)
{
    AUTO(buf_done) struct buf target;
    AUTO(http_response_done) struct http_response response;
    struct rest_call call = {.verb = "read the log of",
                             .resource = &pods,
                             .namespace = container->namespace,
                             .name = container->pod,
                             .http = {.method = "GET", .accept = "*/*"}};
    char limit[24];
    buf_init(&target, URL_LIMIT);
    http_response_init(&response);
    int r = url_object(&target, &pods, container->namespace, container->pod, "log", err);
    if (r < 0)
        return r;
    snprintf(limit, sizeof(limit), "%zu", max);
    url_query(&target, "container", container->name);
    url_query(&target, "limitBytes", limit);
    r = buf_check(&target, "log request", err);
    if (r < 0)
        return r;
    call.http.target = target.data;
    r = rest_send(kube, &call, &response, err);
    if (r < 0)
        return r;
    *ret = xstrndup(response.body.data, max);
    return 0;
}
