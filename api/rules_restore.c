/* rules_restore.c - S1 to S3 where the rules really stand: in target.rules. */
#include <string.h>

#include "rules.h"
#include "stash/jsonx.h"
#include "stash/quantity.h"

/* The rules of one target while they are looked at. */
struct rule_set {
    const struct admit *a;
    const struct target_view *target;
    const char *field; /* "target.rules" or, deprecated, "rules" */
    const json_t *rules;
};

static void cause(const struct rule_set *set, size_t index, const char *member, const char *reason,
                  const char *detail)
{
    AUTO(mem_free) char *field = xasprintf("%s[%zu].%s", set->field, index, member);

    rule_cause(set->a, set->target->path, field, reason, "%s", detail);
}

static const json_t *member_of(const struct rule_set *set, size_t index, const char *key)
{
    return jsonx_get(json_array_get(set->rules, index), key, NULL);
}

/* S1: two rules for every host: which one wins would be chance. */
static void check_wildcards(const struct rule_set *set)
{
    const size_t none = json_array_size(set->rules);
    size_t first = none;

    for (size_t i = 0; i < json_array_size(set->rules); i++) {
        if (!jsonx_is_empty(member_of(set, i, "targetHosts")))
            continue;
        if (first == none) {
            first = i;
            continue;
        }
        AUTO(mem_free)
        char *detail = xasprintf(
            "rules %zu and %zu have no targetHosts: only one rule may be for every host", first, i);
        cause(set, i, "targetHosts", CAUSE_DUPLICATE, detail);
    }
}

/* S2: a host that two rules claim, or one rule twice. */
static void check_hosts(const struct rule_set *set)
{
    json_auto_t *owners = json_object();

    for (size_t i = 0; i < json_array_size(set->rules); i++) {
        const json_t *hosts = member_of(set, i, "targetHosts");
        for (size_t j = 0; j < json_array_size(hosts); j++) {
            const char *host = json_string_value(json_array_get(hosts, j));
            const json_t *owner = host ? json_object_get(owners, host) : NULL;
            if (owner) {
                AUTO(mem_free)
                char *detail = xasprintf("host %.100s is in rule %d and in rule %zu", host,
                                         (int)json_integer_value(owner), i);
                cause(set, i, "targetHosts", CAUSE_DUPLICATE, detail);
            } else if (host) {
                json_object_set_new(owners, host, json_integer((json_int_t)i));
            }
        }
    }
}

/* S3, and rules that restore nothing. */
static void check_contents(const struct rule_set *set)
{
    for (size_t i = 0; i < json_array_size(set->rules); i++) {
        bool has_snapshots = !jsonx_is_empty(member_of(set, i, "snapshots"));
        const json_t *paths = member_of(set, i, "paths");
        if (has_snapshots && !jsonx_is_empty(paths))
            cause(set, i, "snapshots", CAUSE_INVALID,
                  "a snapshot knows its paths: set snapshots or paths, not both");
        if (set->target->is_sidecar && !has_snapshots && jsonx_is_empty(paths))
            warnings_add(set->a->warnings,
                         "%s.%s[%zu]: neither snapshots nor paths: nothing is restored",
                         set->target->path, set->field, i);
        for (size_t j = 0; j < json_array_size(paths); j++) {
            const char *path = json_string_value(json_array_get(paths, j));
            AUTO(mem_free) char *member = xasprintf("paths[%zu]", j);
            if (!path || path[0] != '/')
                cause(set, i, member, CAUSE_INVALID, "must be an absolute path");
        }
    }
}

static void check_claim_templates(const struct admit *a, const struct target_view *t)
{
    const json_t *templates = jsonx_get(t->doc, "target", "volumeClaimTemplates", NULL);

    for (size_t i = 0; i < json_array_size(templates); i++) {
        const json_t *template = json_array_get(templates, i);
        const char *size = jsonx_str(template, "spec", "resources", "requests", "storage", NULL);
        int64_t bytes;
        AUTO(mem_free) char *field = xasprintf("target.volumeClaimTemplates[%zu]", i);
        if (jsonx_is_empty(jsonx_get(template, "metadata", "name", NULL)))
            rule_cause(a, t->path, field, CAUSE_REQUIRED, "metadata.name must be set");
        if (size && (!quantity_parse(size, &bytes) || bytes <= 0))
            rule_cause(a, t->path, field, CAUSE_INVALID, "\"%.60s\" is not a size; write 10Gi",
                       size);
    }
}

void rule_restore_rules(const struct admit *a)
{
    enum kind kind = a->request->kind;

    for (size_t i = 0; i < target_count(kind, a->spec); i++) {
        struct target_view target;
        target_view(kind, a->spec, i, a->namespace, &target);
        const json_t *old_place = jsonx_get(target.doc, "rules", NULL);
        bool is_old = !jsonx_is_empty(old_place);
        const struct rule_set set = {
            .a = a,
            .target = &target,
            .field = is_old ? "rules" : "target.rules",
            .rules = is_old ? old_place : jsonx_get(target.doc, "target", "rules", NULL),
        };
        if (target.is_sidecar && json_array_size(set.rules) == 0)
            warnings_add(a->warnings, "%s.target.rules: without a rule nothing is restored",
                         target.path);
        check_wildcards(&set);
        check_hosts(&set);
        check_contents(&set);
        check_claim_templates(a, &target);
    }
}
