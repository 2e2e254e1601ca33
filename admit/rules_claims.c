/* rules_claims.c - PersistentVolumeClaims that are made from templates: the interim volume, and those of a restore. */
#include <string.h>

#include "stash/claims.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "syntax.h"
#include "value.h"

#define ORDINAL "${POD_ORDINAL}"

#define MODES_MISSING "say how the volume may be mounted, such as [ReadWriteOnce]"
#define SIZE_MISSING  "say how large the volume has to be, such as 10Gi"

/* ---- every claim ------------------------------------------------------------------------------------------------- */

static bool is_only(const json_t *list, const char *mode)
{
    const char *first = json_string_value(json_array_get(list, 0));

    return json_array_size(list) == 1 && first && strcmp(first, mode) == 0;
}

static void check_modes(const struct admit *a, const char *path, const json_t *list)
{
    bool is_alone = false;

    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *mode = json_string_value(json_array_get(list, i));
        AUTO(mem_free) char *at = xasprintf("%s[%zu]", path, i);
        if (!syntax_is_access_mode(mode))
            causes_add(a->causes, at, CAUSE_UNKNOWN,
                       "\"%.40s\" is none of ReadWriteOnce, ReadOnlyMany, ReadWriteMany, "
                       "ReadWriteOncePod",
                       mode ? mode : "");
        is_alone |= mode && strcmp(mode, "ReadWriteOncePod") == 0;
    }
    if (is_alone && json_array_size(list) > 1)
        causes_add(a->causes, path, CAUSE_INVALID, "ReadWriteOncePod stands alone or not at all");
    if (is_only(list, "ReadOnlyMany"))
        warnings_add(a->warnings,
                     "%s: most storage lets nothing be written to a volume that is ReadOnlyMany",
                     path);
}

static void check_volume_mode(const struct admit *a, const char *path, const json_t *value)
{
    const char *text = value_text(a, path, value);

    if (text && strcmp(text, "Filesystem") != 0)
        causes_add(a->causes, path, CAUSE_UNKNOWN,
                   "\"%.40s\": files need a volume of mode Filesystem", text);
}

static const struct value_rule claim[] = {
    {"spec.accessModes", check_modes},
    {"spec.volumeMode", check_volume_mode},
    {"spec.storageClassName", value_name},
    {"spec.resources.requests.storage", value_storage},
    {0},
};

/* ---- interimVolumeTemplate --------------------------------------------------------------------------------------- */

static void check_interim(const struct admit *a, const char *path, const json_t *template)
{
    static const struct value_rule named[] = {{"metadata.name", value_name}, {0}};

    values_check(a, path, template, named);
    values_check(a, path, template, claim);
}

/* The webhook fills these in, unless it is told not to. Without them no claim can be made. */
void rule_interim(const struct admit *a, const struct target_view *t)
{
    const json_t *spec = jsonx_get(t->doc, "interimVolumeTemplate", "spec", NULL);

    if (!jsonx_get(t->doc, "interimVolumeTemplate", NULL))
        return;
    if (t->is_sidecar) {
        warnings_add(a->warnings,
                     "%s.interimVolumeTemplate: only Tasks look at it; a sidecar dumps nothing",
                     t->path);
        return;
    }
    if (jsonx_is_empty(jsonx_get(spec, "accessModes", NULL)))
        rule_cause(a, t->path, "interimVolumeTemplate.spec.accessModes", CAUSE_REQUIRED,
                   MODES_MISSING);
    if (jsonx_is_empty(jsonx_get(spec, "resources", "requests", "storage", NULL)))
        rule_cause(a, t->path, "interimVolumeTemplate.spec.resources.requests.storage",
                   CAUSE_REQUIRED, SIZE_MISSING);
}

static const struct value_rule interim[] = {
    {"interimVolumeTemplate", check_interim},
    {"members[].interimVolumeTemplate", check_interim},
    {0},
};

void rule_interim_volume(const struct admit *a)
{
    values_check(a, "spec", a->spec, interim);
}

/* ---- volumeClaimTemplates of a restore --------------------------------------------------------------------------- */

/* The templates of one target. */
struct templates {
    const struct admit *a;
    const struct target_view *target;
    const json_t *list;
    size_t sets;
    json_t *names; /* of their claims so far, and "<set>/<name>" of their volumes */
};

static char *volume_key(const char *volume, size_t set)
{
    return xasprintf("%zu/%s", set, volume);
}

/* Claims may be called what a volume of a pod may not. */
static bool can_be_mounted(const struct templates *t, const char *volume)
{
    return strcmp(t->target->driver, "Restic") != 0 || syntax_is_label(volume);
}

static bool take_name(const struct templates *t, const char *name)
{
    if (json_object_get(t->names, name))
        return false;
    json_object_set_new(t->names, name, json_true());
    return true;
}

/* The claim of one set: no other may have its name, in no set, and none in its set that of its volume. */
static bool check_claim(const struct templates *t, const char *field, const char *name, size_t set,
                        const json_t *template)
{
    AUTO(mem_free) char *its = claims_name(template, set);
    AUTO(mem_free) char *volume = its ? claims_volume(its, set) : NULL;
    AUTO(mem_free) char *key = volume ? volume_key(volume, set) : NULL;

    if (!its || !syntax_is_subdomain(its))
        rule_cause(t->a, t->target->path, field, CAUSE_INVALID,
                   "\"%.100s\" cannot be the name of a claim; only " ORDINAL " is replaced in it",
                   name);
    else if (!can_be_mounted(t, volume))
        rule_cause(t->a, t->target->path, field, CAUSE_INVALID,
                   "a volume is to be called like \"%.100s\": at most 63 small letters, digits and "
                   "\"-\"",
                   name);
    else if (!take_name(t, its))
        rule_cause(t->a, t->target->path, field, CAUSE_DUPLICATE,
                   "another template makes the claim %.100s too", its);
    else if (!take_name(t, key))
        rule_cause(t->a, t->target->path, field, CAUSE_DUPLICATE,
                   "the volume of another template is called %.63s too; without \"-" ORDINAL
                   "\" at its end, a claim's name is its volume's",
                   volume);
    else
        return true;
    return false;
}

static void check_template_name(const struct templates *t, const char *field,
                                const json_t *template)
{
    const char *name = jsonx_str(template, "metadata", "name", NULL);

    if (!name || !*name)
        rule_cause(t->a, t->target->path, field, CAUSE_REQUIRED, "name the claim to make");
    else if (t->sets > 1 && !strstr(name, ORDINAL))
        rule_cause(t->a, t->target->path, field, CAUSE_INVALID,
                   "every replica needs a claim of its own; write %.60s-" ORDINAL, name);
    else
        for (size_t set = 0; set < t->sets && check_claim(t, field, name, set, template); set++) {
        }
}

static void check_template(const struct templates *t, size_t index)
{
    const json_t *template = json_array_get(t->list, index);
    AUTO(mem_free) char *field = xasprintf("target.volumeClaimTemplates[%zu]", index);
    AUTO(mem_free) char *path = xasprintf("%s.%s", t->target->path, field);
    AUTO(mem_free) char *name = xasprintf("%s.metadata.name", field);

    check_template_name(t, name, template);
    values_check(t->a, path, template, claim);
    if (jsonx_is_empty(jsonx_get(template, "spec", "accessModes", NULL)))
        rule_cause(t->a, path, "spec.accessModes", CAUSE_REQUIRED, MODES_MISSING);
    if (jsonx_is_empty(jsonx_get(template, "spec", "resources", "requests", "storage", NULL)))
        rule_cause(t->a, path, "spec.resources.requests.storage", CAUSE_REQUIRED, SIZE_MISSING);
}

static void check_replicas(const struct templates *t)
{
    json_int_t replicas = jsonx_int(t->target->doc, 1, "target", "replicas", NULL);

    if (replicas < 1 || replicas > LIMIT_CLAIM_SETS)
        rule_cause(t->a, t->target->path, "target.replicas", CAUSE_INVALID,
                   "one restore makes 1 to %d sets of claims, not %" JSON_INTEGER_FORMAT,
                   LIMIT_CLAIM_SETS, replicas);
}

static bool check_count(const struct templates *t)
{
    size_t count = t->sets * json_array_size(t->list);

    if (count > LIMIT_CLAIMS)
        rule_cause(t->a, t->target->path, "target.volumeClaimTemplates", CAUSE_INVALID,
                   "one restore makes at most %d claims, and these are %zu: divide the templates "
                   "among several RestoreSessions",
                   LIMIT_CLAIMS, count);
    return count <= LIMIT_CLAIMS;
}

/* The keys of all volumes; NULL when a template has no name, which is told by itself. */
static json_t *find_volumes(const struct templates *t)
{
    json_auto_t *volumes = json_object();

    for (size_t i = 0; i < t->sets * json_array_size(t->list); i++) {
        size_t set = i % t->sets;
        AUTO(mem_free) char *its = claims_name(json_array_get(t->list, i / t->sets), set);
        AUTO(mem_free) char *volume = its ? claims_volume(its, set) : NULL;
        AUTO(mem_free) char *key = volume ? volume_key(volume, set) : NULL;

        if (!key)
            return NULL;
        json_object_set_new(volumes, key, json_true());
    }
    return TAKE(volumes);
}

static bool is_volume(const json_t *volumes, const char *name, size_t sets)
{
    for (size_t set = 0; set < sets; set++) {
        AUTO(mem_free) char *key = volume_key(name, set);

        if (!json_object_get(volumes, key))
            return false;
    }
    return true;
}

/* A Task may bring volumes of its own. */
static void check_mounts(const struct templates *t)
{
    const json_t *mounts = jsonx_get(t->target->doc, "target", "volumeMounts", NULL);
    json_auto_t *volumes = target_restores_folders(t->target) ? find_volumes(t) : NULL;

    for (size_t i = 0; volumes && i < json_array_size(mounts); i++) {
        const char *name = jsonx_str(json_array_get(mounts, i), "name", NULL);
        AUTO(mem_free) char *field = xasprintf("target.volumeMounts[%zu].name", i);

        if (name && *name && !is_volume(volumes, name, t->sets))
            rule_cause(t->a, t->target->path, field, CAUSE_INVALID,
                       "no claim of volumeClaimTemplates is called %.63s; without \"-" ORDINAL
                       "\" at its end, a claim's name is its volume's",
                       name);
    }
}

void rule_claim_templates(const struct admit *a, const struct target_view *t)
{
    json_auto_t *names = json_object();
    const json_t *target = jsonx_get(t->doc, "target", NULL);
    const struct templates templates = {a, t, jsonx_get(target, "volumeClaimTemplates", NULL),
                                        claims_sets(target), names};

    if (!target_has_claims(t))
        return;
    if (strcmp(t->kind, "DaemonSet") == 0)
        warnings_add(a->warnings,
                     "%s.target.volumeClaimTemplates: all pods of a DaemonSet use the volumes of "
                     "its template, so claims that are made here are used by none: leave them out",
                     t->path);
    check_replicas(&templates);
    if (!check_count(&templates))
        return;
    for (size_t i = 0; i < json_array_size(templates.list); i++)
        check_template(&templates, i);
    check_mounts(&templates);
}
