/*
 * exec.c - a command in a container, by a websocket: each message begins with the number of its channel.
 *
 * What a command writes has an end only when the server says on the last channel how the command ended. A connection that
 * breaks off looks like the end of a file to who does not look there.
 */
#include <string.h>

#include "client.h"
#include "socket.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/text.h"
#include "status.h"
#include "url.h"

#define PROTOCOLS  "v5.channel.k8s.io, v4.channel.k8s.io"
#define QUIET_MS   (5 * 60 * 1000)
#define STATUS_MAX (64 * LIMIT_KIB)

enum channel { CHANNEL_STDIN, CHANNEL_STDOUT, CHANNEL_STDERR, CHANNEL_STATUS };

static const struct resource pods = {"Pod", "", "v1", "pods", true};

struct exec {
    const struct kube_exec *wanted;
    unsigned char channel; /* of the message that passes */
    struct buf status;
};

static int take_piece(void *ctx, const char *data, size_t len, bool first, struct error *err)
{
    struct exec *exec = ctx;

    if (first) {
        exec->channel = (unsigned char)*data++;
        len--;
    }
    if (len == 0)
        return 0;
    if (exec->channel == CHANNEL_STDOUT)
        return exec->wanted->on_stdout(exec->wanted->ctx, data, len, err);
    if (exec->channel == CHANNEL_STDERR)
        return exec->wanted->on_stderr(exec->wanted->ctx, data, len, err);
    if (exec->channel == CHANNEL_STATUS && !buf_add(&exec->status, data, len))
        return buf_check(&exec->status, "the command's status", err);
    return 0; /* of the others nothing is said to us */
}

/* "command terminated with exit code 1" is an end, everything else that is no success is none. */
static int read_status(const struct buf *text, int *ret_exit, struct error *err)
{
    json_auto_t *status = NULL;

    if (text->len == 0)
        return error_set(err, ERR_TRANSPORT, "the connection broke off before the command ended");
    int r = jsonx_parse(text->data, text->len, &status, err);
    if (r < 0)
        return r;
    const json_t *causes = jsonx_get(status, "details", "causes", NULL);
    ptrdiff_t code = jsonx_find(causes, "reason", "ExitCode");
    *ret_exit = 0;
    if (strcmp(text_or_empty(jsonx_str(status, "status", NULL)), "Success") == 0)
        return 0;
    if (code < 0)
        return status_object_error(status, err);
    const char *number =
        text_or_empty(jsonx_str(json_array_get(causes, (size_t)code), "message", NULL));
    *ret_exit = (int)strtol(number, NULL, 10);
    return *ret_exit == 0 ? status_object_error(status, err) : 0;
}

static int render_target(const struct kube_exec *wanted, struct buf *target, struct error *err)
{
    const struct kube_container *container = &wanted->container;
    int r = url_object(target, &pods, container->namespace, container->pod, "exec", err);

    if (r < 0)
        return r;
    url_query(target, "container", container->name);
    url_query(target, "stdout", "true");
    url_query(target, "stderr", "true");
    for (size_t i = 0; i < json_array_size(wanted->command); i++)
        url_query(target, "command", json_string_value(json_array_get(wanted->command, i)));
    return buf_check(target, "exec request", err);
}

int kube_exec(struct kube *kube, const struct kube_exec *wanted, int *ret_exit, struct error *err)
{
    AUTO(socket_free) struct socket *socket = NULL;
    AUTO(buf_done) struct buf target;
    struct exec exec = {.wanted = wanted};

    buf_init(&target, URL_LIMIT);
    buf_init(&exec.status, STATUS_MAX);
    int r = render_target(wanted, &target, err);
    if (r == 0)
        r = socket_open(kube, target.data, PROTOCOLS, &socket, err);
    if (r == 0)
        r = socket_receive(socket, QUIET_MS, take_piece, &exec, err);
    if (r == 0 || (r == -ERR_TRANSPORT && exec.status.len > 0)) /* how it ended is known */
        r = read_status(&exec.status, ret_exit, err);
    buf_done(&exec.status);
    if (r < 0)
        return error_wrap(err, "run a command in Pod %s/%s", wanted->container.namespace,
                          wanted->container.pod);
    return 0;
}
