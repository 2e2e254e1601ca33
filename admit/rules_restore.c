/* rules_restore.c - S1 to S3 where the rules really stand: in target.rules. */
#include <string.h>

#include "rules.h"
#include "stash/jsonx.h"
#include "stash/names.h"
#include "stash/path.h"

/* The rules of one target while they are looked at. */
struct rule_set {
    const struct admit *a;
    const struct target_view *target;
    const char *field; /* "target.rules" or, deprecated, "rules" */
    const json_t *rules;
};

static void restore_cause(const struct rule_set *set, size_t index, const char *member,
                          const char *reason, const char *detail)
{
    AUTO(mem_free) char *field = xasprintf("%s[%zu].%s", set->field, index, member);

    rule_cause(set->a, set->target->path, field, reason, "%s", detail);
}

static const json_t *member_of(const struct rule_set *set, size_t index, const char *key)
{
    return jsonx_get(json_array_get(set->rules, index), key, NULL);
}

/* Two rules for every host: which one wins would be chance. */
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
        restore_cause(set, i, "targetHosts", CAUSE_DUPLICATE, detail);
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
                restore_cause(set, i, "targetHosts", CAUSE_DUPLICATE, detail);
            } else if (host) {
                json_object_set_new(owners, host, json_integer((json_int_t)i));
            }
        }
    }
}

/* ---- what a rule brings back ---------------------------------------------------------------- */

/* An id, which is some host's; the latest is chosen by its host. */
static bool has_ids(const json_t *snapshots)
{
    for (size_t i = 0; i < json_array_size(snapshots); i++)
        if (!text_is(json_string_value(json_array_get(snapshots, i)), "latest"))
            return true;
    return false;
}

/* S3, and rules that restore nothing. */
static void check_contents(const struct rule_set *set, size_t index)
{
    bool has_snapshots = !jsonx_is_empty(member_of(set, index, "snapshots"));
    bool has_paths = !jsonx_is_empty(member_of(set, index, "paths"));
    const char *source = json_string_value(member_of(set, index, "sourceHost"));

    if (has_snapshots && has_paths)
        restore_cause(set, index, "snapshots", CAUSE_INVALID,
                      "a snapshot knows its paths: set snapshots or paths, not both");
    if (target_restores_folders(set->target) && !has_snapshots && !has_paths)
        warnings_add(set->a->warnings,
                     "%s.%s[%zu]: neither snapshots nor paths: nothing is restored",
                     set->target->path, set->field, index);
    if (has_ids(member_of(set, index, "snapshots")) && source && *source)
        warnings_add(set->a->warnings,
                     "%s.%s[%zu].sourceHost: a snapshot knows its host: with snapshots it is not "
                     "looked at",
                     set->target->path, set->field, index);
}

static void check_paths(const struct rule_set *set, size_t index)
{
    const json_t *paths = member_of(set, index, "paths");

    for (size_t i = 0; i < json_array_size(paths); i++) {
        const char *path = json_string_value(json_array_get(paths, i));
        AUTO(mem_free) char *member = xasprintf("paths[%zu]", i);
        AUTO(mem_free) char *clean = NULL;
        struct error err;

        if (!path || path[0] != '/')
            restore_cause(set, index, member, CAUSE_INVALID, "must be an absolute path");
        else if (path_clean(path, &clean, &err) < 0)
            restore_cause(set, index, member, CAUSE_INVALID, err.msg);
        else if (!target_restores_folders(set->target) && strchr(path, ','))
            restore_cause(set, index, member, CAUSE_INVALID,
                          "a comma parts two paths: a Task cannot be given a path that has one");
    }
}

/* "latest", or what restic calls a snapshot: hexadecimal digits. */
static bool is_snapshot(const char *text, size_t len)
{
    bool is_latest = len == 6 && strncmp(text, "latest", 6) == 0;

    return is_latest || (len > 0 && len <= 64 && strspn(text, "0123456789abcdef") >= len);
}

/* What to write instead. kubectl get snapshots shows <repository>-<8 digits>; restic takes <snapshot>:/directory. */
static char *snapshot_remedy(const char *text)
{
    const char *hyphen = strrchr(text, '-'), *colon = strchr(text, ':');

    if (colon && is_snapshot(text, (size_t)(colon - text)))
        return xasprintf("\"%.100s\" is a part of a snapshot; write %.*s, and the part in include",
                         text, (int)(colon - text), text);
    if (hyphen && is_snapshot(hyphen + 1, strlen(hyphen + 1)))
        return xasprintf("\"%.100s\" is no id of a snapshot; write %.64s", text, hyphen + 1);
    return xasprintf("\"%.100s\" is no id of a snapshot; write latest, or the 8 or 64 hexadecimal "
                     "digits that restic shows",
                     text);
}

static void check_snapshot(const struct rule_set *set, size_t index, size_t at, json_t *seen)
{
    const json_t *value = json_array_get(member_of(set, index, "snapshots"), at);
    const char *text = json_string_value(value) ? json_string_value(value) : "";
    AUTO(mem_free) char *member = xasprintf("snapshots[%zu]", at);
    AUTO(mem_free) char *remedy = snapshot_remedy(text);

    if (!is_snapshot(text, strlen(text)))
        restore_cause(set, index, member, CAUSE_INVALID, remedy);
    else if (json_object_get(seen, text))
        warnings_add(set->a->warnings, "%s.%s[%zu].%s: %.64s is restored twice", set->target->path,
                     set->field, index, member, text);
    json_object_set_new(seen, text, json_true());
}

static void check_snapshots(const struct rule_set *set, size_t index)
{
    json_auto_t *seen = json_object();

    for (size_t i = 0; i < json_array_size(member_of(set, index, "snapshots")); i++)
        check_snapshot(set, index, i, seen);
}

/* ---- which hosts there are ------------------------------------------------------------------- */

/* What the target's hosts are called; NULL where that cannot be told, as with nodes. `ret_numbered` adds "-<ordinal>". */
static const char *host_of(const struct target_view *t, bool *ret_numbered)
{
    const char *alias = jsonx_str(t->doc, "target", "alias", NULL);
    bool has_claims = !jsonx_is_empty(jsonx_get(t->doc, "target", "volumeClaimTemplates", NULL));
    bool has_replicas = jsonx_get(t->doc, "target", "replicas", NULL) != NULL;

    *ret_numbered =
        (t->is_sidecar && strcmp(t->kind, "StatefulSet") == 0) || (has_claims && has_replicas);
    if (t->is_sidecar && strcmp(t->kind, "DaemonSet") == 0)
        return NULL;
    if (alias && *alias)
        return alias;
    return *ret_numbered ? "host" : DEFAULT_HOST;
}

static bool is_host(const char *host, const char *name, bool is_numbered)
{
    size_t len = strlen(name);

    if (!is_numbered)
        return strcmp(host, name) == 0;
    return strncmp(host, name, len) == 0 && host[len] == '-' && host[len + 1] &&
           strspn(host + len + 1, "0123456789") == strlen(host + len + 1);
}

/* A rule for a host that there cannot be is never used, and the restore succeeds without having done anything. */
static void check_target_hosts(const struct rule_set *set, size_t index)
{
    const json_t *hosts = member_of(set, index, "targetHosts");
    bool is_numbered;
    const char *name = host_of(set->target, &is_numbered);

    for (size_t i = 0; name && i < json_array_size(hosts); i++) {
        const char *host = json_string_value(json_array_get(hosts, i));
        if (host && !is_host(host, name, is_numbered))
            warnings_add(set->a->warnings,
                         "%s.%s[%zu].targetHosts[%zu]: %.60s is no host of this target; its host "
                         "is %.60s%s",
                         set->target->path, set->field, index, i, host, name,
                         is_numbered ? "-<ordinal>" : "");
    }
}

/* ---- all of it ------------------------------------------------------------------------------- */

static void check_rules(const struct rule_set *set)
{
    check_wildcards(set);
    check_hosts(set);
    for (size_t i = 0; i < json_array_size(set->rules); i++) {
        check_contents(set, i);
        check_paths(set, i);
        check_snapshots(set, i);
        check_target_hosts(set, i);
    }
}

/* A restore into nowhere looks like a success. */
static void check_destination(const struct admit *a, const struct target_view *t)
{
    if (target_restores_folders(t) &&
        jsonx_is_empty(jsonx_get(t->doc, "target", "volumeMounts", NULL)))
        warnings_add(a->warnings,
                     t->is_sidecar ? "%s.target.volumeMounts: without one the data goes to the "
                                     "init container and is lost with it"
                                   : "%s.target.volumeMounts: without one the claims are not "
                                     "mounted, and nothing can be restored into them",
                     t->path);
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
        if (target_restores_folders(&target) && json_array_size(set.rules) == 0)
            warnings_add(a->warnings, "%s.target.rules: without a rule nothing is restored",
                         target.path);
        check_rules(&set);
        check_destination(a, &target);
        rule_claim_templates(a, &target);
    }
}
