#include "metrics.h"

#include <inttypes.h>
#include <string.h>

#include "invoker.h"
#include "requirements.h"
#include "session.h"
#include "stash/buf.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/pair.h"
#include "stash/plan.h"
#include "stash/timefmt.h"
#include "target_row.h"

#define METRICS_LIMIT (64 * LIMIT_KIB)

/* Every family goes out under Stash's present prefix and under the older one that dashboards still use. */
static const struct prefix {
    const char *prefix;
    const char *session; /* the older names of two families carry another word */
} prefixes[2][2] = {
    {{"stash_appscode_com_backupsession_", ""}, {"stash_backup_", "session_"}},
    {{"stash_appscode_com_restoresession_", ""}, {"stash_restore_", "session_"}},
};

struct writer {
    struct buf text;
    const struct prefix *prefix; /* two of them */
    char *base;                  /* labels of everything */
};

static void add_label(struct buf *labels, const char *name, const char *value)
{
    if (labels->len > 0)
        buf_addc(labels, ',');
    buf_addf(labels, "%s=\"", name);
    for (const char *c = value ? value : ""; *c; c++) {
        if (*c == '"' || *c == '\\')
            buf_addc(labels, '\\');
        buf_addc(labels, *c == '\n' ? ' ' : *c);
    }
    buf_addc(labels, '"');
}

static char *base_labels(const json_t *invoker)
{
    struct buf labels;
    const char *repository = jsonx_str(invoker, "spec", "repository", "name", NULL);

    buf_init(&labels, METRICS_LIMIT);
    add_label(&labels, "invoker_kind", jsonx_str(invoker, "kind", NULL));
    add_label(&labels, "invoker_name", jsonx_name(invoker));
    add_label(&labels, "namespace", jsonx_namespace(invoker));
    add_label(&labels, "driver", invoker_driver(invoker));
    add_label(&labels, "repository", repository);
    return buf_take(&labels);
}

/* One family in one spelling. `of_session`: its older name says "session_". */
static void add_type(struct writer *writer, const struct prefix *prefix, const char *name,
                     bool of_session)
{
    buf_addf(&writer->text, "# TYPE %s%s%s gauge\n", prefix->prefix,
             of_session ? prefix->session : "", name);
}

static void add_sample(struct writer *writer, const struct prefix *prefix, const char *name,
                       bool of_session, const char *labels, double value)
{
    buf_addf(&writer->text, "%s%s%s{%s%s%s} %.15g\n", prefix->prefix,
             of_session ? prefix->session : "", name, writer->base, *labels ? "," : "", labels,
             value);
}

/* A family with one sample, in both spellings. */
static void add_gauge(struct writer *writer, const char *name, bool of_session, double value)
{
    for (size_t i = 0; i < ARRAY_LEN(prefixes[0]); i++) {
        add_type(writer, &writer->prefix[i], name, of_session);
        add_sample(writer, &writer->prefix[i], name, of_session, "", value);
    }
}

/* kind and group of a target; an AppBinding says what it stands for in spec.type, "group/resource". */
static char *target_labels(const struct draft *draft, const json_t *invoker, size_t index)
{
    json_auto_t *ref = invoker_ref(invoker, index);
    const char *version = jsonx_str(ref, "apiVersion", NULL);
    const char *slash = version ? strchr(version, '/') : NULL;
    const char *type = jsonx_str(requirements_target(draft, index), "object", "spec", "type", NULL);
    const char *cut = type ? strrchr(type, '/') : NULL;
    const char *kind = jsonx_str(ref, "kind", NULL);
    AUTO(mem_free) char *group = slash ? xstrndup(version, (size_t)(slash - version)) : xstrdup("");
    struct buf labels;

    if (kind && strcmp(kind, "AppBinding") == 0 && cut) {
        kind = cut + 1;
        free(group);
        group = xstrndup(type, (size_t)(cut - type));
    }
    buf_init(&labels, METRICS_LIMIT);
    add_label(&labels, "kind", kind);
    add_label(&labels, "group", group);
    add_label(&labels, "name", jsonx_str(ref, "name", NULL));
    return buf_take(&labels);
}

static bool is_succeeded(const json_t *holder)
{
    const char *phase = jsonx_str(holder, "phase", NULL);

    return phase && strcmp(phase, "Succeeded") == 0;
}

static void add_session(struct writer *writer, const struct draft *draft, const json_t *invoker,
                        const json_t *session)
{
    bool restore = invoker_is_restore(invoker);
    const char *text = jsonx_str(session, "status", "sessionDuration", NULL);
    int64_t nanos = 0;
    bool ok = is_succeeded(jsonx_get(session, "status", NULL));

    add_gauge(writer, "success", true, ok);
    if (!ok)
        return;
    if (text)
        timefmt_parse_duration(text, &nanos);
    add_gauge(writer, "duration_seconds", true, (double)nanos / 1e9);
    add_gauge(writer, "target_count_total", false, (double)invoker_count(invoker));
    if (!restore)
        add_gauge(writer, "last_success_time_seconds", false, (double)draft->now);
}

struct target_family {
    const char *name;
    bool on_success_only;
    bool backup_only;
    double (*value)(const struct draft *draft, const json_t *results);
};

static double value_success(const struct draft *draft, const json_t *results)
{
    (void)draft;
    return is_succeeded(results);
}

static double value_time(const struct draft *draft, const json_t *results)
{
    (void)results;
    return (double)draft->now;
}

static double value_hosts(const struct draft *draft, const json_t *results)
{
    (void)draft;
    return (double)jsonx_int(results, 0, "totalHosts", NULL);
}

static const struct target_family target_families[] = {
    {"target_success", false, false, value_success},
    {"target_last_success_time_seconds", true, true, value_time},
    {"target_host_count_total", true, false, value_hosts},
};

struct targets {
    const struct draft *draft;
    const json_t *invoker;
    const json_t *session;
};

static void add_target(struct writer *writer, const struct prefix *prefix,
                       const struct target_family *family, const struct targets *targets,
                       size_t index)
{
    const json_t *results = target_row_of(targets->session, targets->invoker, index);
    AUTO(mem_free) char *labels = target_labels(targets->draft, targets->invoker, index);

    if (!family->on_success_only || is_succeeded(results))
        add_sample(writer, prefix, family->name, false, labels,
                   family->value(targets->draft, results));
}

static void add_targets(struct writer *writer, const struct target_family *family,
                        const struct targets *targets)
{
    if (family->backup_only && invoker_is_restore(targets->invoker))
        return;
    for (size_t p = 0; p < ARRAY_LEN(prefixes[0]); p++) {
        add_type(writer, &writer->prefix[p], family->name, false);
        for (size_t i = 0; i < invoker_count(targets->invoker); i++)
            add_target(writer, &writer->prefix[p], family, targets, i);
    }
}

char *plan_push_url(const json_t *config, const json_t *invoker)
{
    const char *url = jsonx_str(config, "pushgatewayUrl", NULL);
    const char *kind = jsonx_str(invoker, "kind", NULL);
    AUTO(mem_free) char *lower = xstrdup(kind ? kind : "");

    if (!url || !*url)
        return NULL;
    for (char *c = lower; *c; c++) {
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    }
    return xasprintf("%s/metrics/job/%s-%s-%s", url, lower, jsonx_namespace(invoker),
                     jsonx_name(invoker));
}

/* The session is told of by its key, as the reconciler's queue has it. */
static void push_action(struct draft *draft, const json_t *invoker, const char *url,
                        const char *body)
{
    json_t *action = draft_action(draft, "push", invoker);
    const json_t *session = draft->object;
    json_t *key = json_sprintf("%s/%s/%s", jsonx_str(session, "kind", NULL),
                               jsonx_namespace(session), jsonx_name(session));

    json_object_set_new(action, "url", json_string(url));
    json_object_set_new(action, "body", json_string(body));
    json_object_set_new(action, "session",
                        json_pack("{s:s, s:o, s:I}", PAIR("uid", jsonx_uid(session)),
                                  PAIR("key", key),
                                  PAIR("created", (json_int_t)session_created(session))));
}

bool metrics_push(struct draft *draft, const json_t *invoker, const json_t *session)
{
    AUTO(mem_free) char *url = plan_push_url(jsonx_get(draft->world, "config", NULL), invoker);
    struct writer writer = {.prefix = prefixes[invoker_is_restore(invoker)]};

    if (!url)
        return false;
    buf_init(&writer.text, METRICS_LIMIT);
    writer.base = base_labels(invoker);
    add_session(&writer, draft, invoker, session);
    struct targets targets = {draft, invoker, session};
    for (size_t i = 0; i < ARRAY_LEN(target_families); i++)
        add_targets(&writer, &target_families[i], &targets);
    push_action(draft, invoker, url, writer.text.data);
    buf_done(&writer.text);
    free(writer.base);
    return true;
}
