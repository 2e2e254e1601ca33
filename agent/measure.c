/* measure.c - what is pushed to the Pushgateway about hosts and Repositories. Best effort: nothing fails because of it. */
#include "measure.h"

#include <string.h>

#include "stash/appbinding.h"
#include "stash/jsonx.h"
#include "stash/kinds.h"
#include "stash/log.h"
#include "stash/push.h"
#include "stash/text.h"

#define METRICS_MAX (256 * LIMIT_KIB)

/* The subject's target names are heap strings: an AppBinding stands for the kind of its type. */
struct measured {
    struct metrics_subject subject;
    char *group, *kind;
};

static void measured_done(struct measured *measured)
{
    free(measured->group);
    free(measured->kind);
}
DEFINE_AUTO_VALUE(struct measured, measured_done);

/* The group of "apps/v1"; none in "v1". */
static char *api_group(const char *api_version)
{
    const char *slash = strchr(api_version, '/');

    return slash ? xstrndup(api_version, (size_t)(slash - api_version)) : xstrdup("");
}

static void measure_target(const struct session *session, struct measured *ret)
{
    const char *kind = text_or_empty(jsonx_str(session->ref, "kind", NULL));
    json_auto_t *app = NULL;
    struct error unread;

    if (strcmp(kind, "AppBinding") == 0 &&
        kube_get(session->kube, kind_resource(KIND_APP_BINDING),
                 jsonx_str(session->ref, "namespace", NULL), jsonx_str(session->ref, "name", NULL),
                 &app, &unread) == 0) {
        appbinding_type(app, &ret->group, &ret->kind);
        return;
    }
    ret->kind = xstrdup(kind);
    ret->group = api_group(text_or_empty(jsonx_str(session->ref, "apiVersion", NULL)));
}

static void measure_subject(const struct session *session, const struct agent_flags *flags,
                            struct measured *ret)
{
    const char *kind = jsonx_str(session->invoker, "kind", NULL);

    measure_target(session, ret);
    ret->subject = (struct metrics_subject){
        .invoker_kind = kind ? kind : text_or_empty(flags->invoker_kind),
        .invoker_name = text_or_empty(jsonx_name(session->invoker)),
        .namespace = session->namespace,
        .repository = jsonx_name(session->repository),
        .target_group = ret->group,
        .target_kind = ret->kind,
        .target_name = jsonx_str(session->ref, "name", NULL),
        .extra = flags->metrics_labels,
    };
}

static int measure_push(const struct measured *measured, const struct agent_flags *flags,
                        const char *group, const struct buf *text, struct error *err)
{
    const struct metrics_subject *subject = &measured->subject;
    AUTO(mem_free)
    char *job = push_url(flags->pushgateway_url, subject->invoker_kind, subject->namespace,
                         subject->invoker_name);
    AUTO(mem_free) char *url = xasprintf("%s%s", job, group);
    int r = buf_check(text, "metrics", err);

    return r < 0 ? r : push_metrics(url, text->data, NULL, err);
}

bool measure_is_wanted(const struct agent_flags *flags)
{
    return flags->metrics_enabled && flags->pushgateway_url;
}

static void measure_host(const struct session *session, const struct agent_flags *flags,
                         const struct measured *measured, const json_t *stat)
{
    const char *host = text_or_empty(jsonx_str(stat, "hostname", NULL));
    AUTO(mem_free) char *group = metrics_host_group(&measured->subject, host);
    AUTO(buf_done) struct buf text;
    struct error err;

    buf_init(&text, METRICS_MAX);
    if (session->restore)
        metrics_restore_host(&measured->subject, stat, &text);
    else
        metrics_backup_host(&measured->subject, stat, &text);
    if (measure_push(measured, flags, group, &text, &err) < 0)
        log_warn("host metrics were not pushed", "host", host, "error", err.msg);
}

void measure_hosts(const struct session *session, const struct agent_flags *flags,
                   const json_t *stats)
{
    AUTO(measured_done) struct measured measured = {0};
    size_t i;
    json_t *stat;

    if (!measure_is_wanted(flags))
        return;
    measure_subject(session, flags, &measured);
    json_array_foreach (jsonx_unconst(stats), i, stat)
        measure_host(session, flags, &measured, stat);
}

int measure_repository(const struct session *session, const struct agent_flags *flags,
                       const struct metrics_repository *numbers, struct error *err)
{
    AUTO(measured_done) struct measured measured = {0};
    AUTO(buf_done) struct buf text;

    buf_init(&text, METRICS_MAX);
    measure_subject(session, flags, &measured);
    metrics_repository(&measured.subject, numbers, &text);
    return measure_push(&measured, flags, "", &text, err);
}
