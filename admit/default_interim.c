#include "default_interim.h"

#include <string.h>

#include "rules.h"
#include "semantic.h"
#include "stash/jsonx.h"
#include "stash/names.h"
#include "stash/pair.h"
#include "stash/quantity.h"
#include "storage_class.h"
#include "syntax.h"
#include "target.h"

#define FIELD_TEMPLATE "interimVolumeTemplate"

/* The PVC is called <session>-<this>. */
#define TEMPLATE_NAME "interim"

static const struct admit_config built_in = {"10Gi", NULL, "ReadWriteOnce", false, false};

/* One target being defaulted. */
struct interim {
    const struct admit_request *request;
    const struct admit_config *config;
    const struct target_view *target;
    const json_t *sources[3]; /* of annotations: object, AppBinding, Namespace; the first wins */
    const json_t *stored;     /* the template before this UPDATE, or NULL */
    struct warnings *warnings;
};

/* ---- settings: annotations, then flags ------------------------------------------------------- */

static const char *target_annotation(const struct interim *d, const char *key)
{
    for (size_t i = 0; i < ARRAY_LEN(d->sources); i++) {
        const char *value = jsonx_annotation(d->sources[i], key);
        if (value && *value)
            return value;
    }
    return NULL;
}

static bool is_opted_out(const struct interim *d)
{
    const char *value = target_annotation(d, ANNOTATION_INTERIM_DEFAULT);

    return value ? strcmp(value, "false") == 0 : d->config->interim_off;
}

static bool is_size(const char *text)
{
    int64_t bytes;

    return quantity_parse(text, &bytes) && bytes > 0;
}

/* An annotation that says nonsense is mentioned and passed over. */
static const char *interim_setting(const struct interim *d, const char *key,
                                   bool (*is_valid)(const char *), const char *configured,
                                   const char *fallback)
{
    const char *value = target_annotation(d, key);

    if (value && is_valid(value))
        return value;
    if (value)
        warnings_add(d->warnings, "annotation %s: \"%.60s\" is not usable and is ignored", key,
                     value);
    return configured && *configured ? configured : fallback;
}

static const char *size_setting(const struct interim *d)
{
    return interim_setting(d, ANNOTATION_INTERIM_SIZE, is_size, d->config->interim_size,
                           built_in.interim_size);
}

static const char *mode_setting(const struct interim *d)
{
    return interim_setting(d, ANNOTATION_INTERIM_MODE, syntax_is_access_mode,
                           d->config->interim_access_mode, built_in.interim_access_mode);
}

/* The class's name (heap), NULL when neither configured nor usable in the cluster. */
static char *class_setting(const struct interim *d)
{
    const struct snapshot *snapshot = d->request->snapshot;
    const char *name = target_annotation(d, ANNOTATION_INTERIM_CLASS);
    json_auto_t *classes = snapshot ? snapshot_list(snapshot, KIND_STORAGE_CLASS, NULL) : NULL;

    if (!name)
        name = d->config->interim_class;
    if (!name || !*name) {
        name = storage_class_default(classes);
        return name ? xstrdup(name) : NULL;
    }
    json_auto_t *class =
        snapshot ? snapshot->get(snapshot->ctx, KIND_STORAGE_CLASS, NULL, name) : NULL;
    if (!class)
        warnings_add(d->warnings, "%s.%s: StorageClass %s is not there yet", d->target->path,
                     FIELD_TEMPLATE, name);
    return xstrdup(name);
}

/* ---- the template ---------------------------------------------------------------------------- */

static json_t *whole_template(const struct interim *d)
{
    AUTO(mem_free) char *class = class_setting(d);

    if (!class) {
        warnings_add(d->warnings,
                     "%s.%s: no StorageClass is configured and the cluster has no usable default: "
                     "the dump goes to the temporary directory",
                     d->target->path, FIELD_TEMPLATE);
        return NULL;
    }
    return json_pack(
        "{s:{s:s}, s:{s:[s], s:s, s:{s:{s:s}}}}", PAIR("metadata", PAIR("name", TEMPLATE_NAME)),
        PAIR("spec", PAIR("accessModes", mode_setting(d)), PAIR("storageClassName", class),
             PAIR("resources", PAIR("requests", PAIR("storage", size_setting(d))))));
}

static bool lacks_size(const json_t *spec)
{
    return jsonx_is_empty(jsonx_get(spec, "resources", "requests", "storage", NULL));
}

static bool lacks_mode(const json_t *spec)
{
    return jsonx_is_empty(jsonx_get(spec, "accessModes", NULL));
}

/* An empty class name means "no dynamic volume": the user's word. */
static bool lacks_class(const json_t *spec)
{
    return !jsonx_get(spec, "storageClassName", NULL);
}

static void complete_class(const struct interim *d, const json_t *stored, json_t *spec)
{
    json_t *before = jsonx_get(stored, "storageClassName", NULL);
    AUTO(mem_free) char *class = before ? NULL : class_setting(d);

    if (before)
        json_object_set(spec, "storageClassName", before);
    else if (class)
        json_object_set_new(spec, "storageClassName", json_string(class));
    else
        warnings_add(d->warnings,
                     "%s.%s.spec.storageClassName: none is given and the cluster has no usable "
                     "default: the volume may never be bound",
                     d->target->path, FIELD_TEMPLATE);
}

static bool is_object_or_absent(const json_t *obj, const char *key)
{
    const json_t *value = jsonx_get(obj, key, NULL);

    return !value || json_is_object(value);
}

/* Only what has the right shape can be completed; the rest is for the schema to refuse. */
static bool has_usable_shape(const json_t *given)
{
    const json_t *spec = jsonx_get(given, "spec", NULL);

    return json_is_object(given) && is_object_or_absent(given, "spec") &&
           is_object_or_absent(spec, "resources") &&
           is_object_or_absent(jsonx_get(spec, "resources", NULL), "requests");
}

/* What the user left open comes from the stored template first, so that an UPDATE decides nothing anew. */
static json_t *completed_template(const struct interim *d, const json_t *given)
{
    const json_t *stored = jsonx_get(d->stored, "spec", NULL);
    const json_t *have = jsonx_get(given, "spec", NULL);

    if (!has_usable_shape(given) || (!lacks_size(have) && !lacks_mode(have) && !lacks_class(have)))
        return json_incref(jsonx_unconst(given));
    json_t *copy = json_copy(jsonx_unconst(given));
    json_t *spec = jsonx_own(copy, "spec");
    if (lacks_mode(spec)) {
        json_t *before = jsonx_get(stored, "accessModes", NULL);
        json_object_set_new(spec, "accessModes",
                            before ? json_incref(before) : json_pack("[s]", mode_setting(d)));
    }
    if (lacks_size(spec)) {
        json_t *before = jsonx_get(stored, "resources", "requests", "storage", NULL);
        json_object_set_new(jsonx_own(jsonx_own(spec, "resources"), "requests"), "storage",
                            before ? json_incref(before) : json_string(size_setting(d)));
    }
    if (lacks_class(spec))
        complete_class(d, stored, spec);
    return copy;
}

/* ---- one target, then all of them ------------------------------------------------------------ */

/* The template that the target shall have; NULL: none. *ret_ours says that it is our default. */
static json_t *interim_decide(const struct interim *d, const json_t *app_binding, bool *ret_ours)
{
    const json_t *given = jsonx_get(d->target->doc, FIELD_TEMPLATE, NULL);

    *ret_ours = false;
    if (d->target->is_sidecar || strcmp(d->target->driver, "Restic") != 0 || is_opted_out(d))
        return json_incref(jsonx_unconst(given));
    if (given)
        return completed_template(d, given);
    if (d->request->operation == OPERATION_UPDATE) {
        /* one that had to be completed is no longer as we wrote it */
        json_t *carried = d->stored ? completed_template(d, d->stored) : NULL;
        *ret_ours = carried && carried == d->stored;
        return carried;
    }
    if (!target_reads_interim(d->target, app_binding, d->request->snapshot))
        return NULL;
    json_t *whole = whole_template(d);
    *ret_ours = whole != NULL;
    return whole;
}

static bool is_marked(const json_t *object)
{
    const char *mark = jsonx_annotation(object, ANNOTATION_INTERIM_ORIGIN);

    return mark && strcmp(mark, "true") == 0;
}

/* What the old object has for this target; NULL when it was another target. */
static const json_t *stored_template(const struct admit_request *request, size_t index,
                                     const struct target_view *target)
{
    const json_t *spec = jsonx_get(request->old, "spec", NULL);
    struct target_view old;

    if (request->operation != OPERATION_UPDATE || index >= target_count(request->kind, spec))
        return NULL;
    target_view(request->kind, spec, index, target->namespace, &old);
    if (strcmp(old.kind, target->kind) != 0 || strcmp(old.name, target->name) != 0)
        return NULL;
    return jsonx_get(old.doc, FIELD_TEMPLATE, NULL);
}

/* What one pass over the targets finds out. */
struct outcome {
    bool any_template, any_ours;
};

static void default_target(const struct admit_request *request, json_t *object, size_t index,
                           struct warnings *warnings, struct outcome *outcome)
{
    const struct snapshot *snapshot = request->snapshot;
    const char *namespace = admit_namespace(request);
    struct target_view target;

    target_view(request->kind, jsonx_get(object, "spec", NULL), index, namespace, &target);
    if (!json_is_object(target.doc))
        return; /* not for us to repair */
    json_auto_t *app_binding = target_app_binding(&target, snapshot);
    json_auto_t *namespace_object =
        snapshot ? snapshot->get(snapshot->ctx, KIND_NAMESPACE, NULL, namespace) : NULL;
    const json_t *stored = stored_template(request, index, &target);
    const json_t *given = jsonx_get(target.doc, FIELD_TEMPLATE, NULL);
    const struct interim d = {
        .request = request,
        .config = request->config ? request->config : &built_in,
        .target = &target,
        .sources = {object, app_binding, namespace_object},
        .stored = given || is_marked(request->old) ? stored : NULL,
        .warnings = warnings,
    };
    bool is_ours;
    json_auto_t *wanted = interim_decide(&d, app_binding, &is_ours);
    outcome->any_template |= wanted != NULL;
    outcome->any_ours |=
        is_ours || (wanted && is_marked(object) && (!stored || semantic_equal(wanted, stored)));
    if (wanted == given)
        return;
    json_t *doc = jsonx_own(object, "spec");
    if (strcmp(target.path, "spec") != 0)
        doc = jsonx_own_item(jsonx_own_array(doc, "members"), index);
    json_object_set(doc, FIELD_TEMPLATE, wanted);
}

static void set_mark(json_t *object, bool is_ours)
{
    if (is_marked(object) == is_ours)
        return;
    json_t *annotations = jsonx_own(jsonx_own(object, "metadata"), "annotations");
    if (is_ours)
        json_object_set_new(annotations, ANNOTATION_INTERIM_ORIGIN, json_string("true"));
    else
        json_object_del(annotations, ANNOTATION_INTERIM_ORIGIN);
}

json_t *default_interim(const struct admit_request *request, const json_t *object,
                        struct warnings *warnings)
{
    json_t *copy = json_copy(jsonx_unconst(object));
    struct outcome outcome = {0};

    for (size_t i = 0; i < target_count(request->kind, jsonx_get(copy, "spec", NULL)); i++)
        default_target(request, copy, i, warnings, &outcome);
    set_mark(copy, outcome.any_ours);
    if (jsonx_get(copy, "spec", NULL) != jsonx_get(object, "spec", NULL) ||
        jsonx_get(copy, "metadata", NULL) != jsonx_get(object, "metadata", NULL))
        return copy;
    json_decref(copy);
    return json_incref(jsonx_unconst(object));
}

/* A wrong one would stand in every object from then on, and no claim could be made of it. */
int admit_config_check(const struct admit_config *config, struct error *err)
{
    const char *size = config->interim_size, *mode = config->interim_access_mode;

    if (size && *size && !is_size(size))
        return error_set(err, ERR_INVALID, "\"%.60s\" is no size for interim volumes; write 10Gi",
                         size);
    if (mode && *mode && !syntax_is_access_mode(mode))
        return error_set(err, ERR_INVALID,
                         "\"%.60s\" is no access mode for interim volumes; write ReadWriteOnce",
                         mode);
    if (config->interim_class && *config->interim_class &&
        !syntax_is_subdomain(config->interim_class))
        return error_set(err, ERR_INVALID, "\"%.60s\" cannot be the name of a StorageClass",
                         config->interim_class);
    return 0;
}
