/* default.c - what is filled in, kind by kind: rules move to where they are read, then the interim volume. */
#include "stash/admit.h"

#include "default_interim.h"
#include "rules.h"
#include "stash/jsonx.h"

static bool has_old_rules(const json_t *spec)
{
    return !jsonx_is_empty(jsonx_get(spec, "rules", NULL)) &&
           json_is_object(jsonx_get(spec, "target", NULL));
}

json_t *default_spec_migrated(const json_t *spec)
{
    if (!has_old_rules(spec))
        return json_incref(jsonx_unconst(spec));
    json_t *copy = json_copy(jsonx_unconst(spec));
    json_object_set(jsonx_own(copy, "target"), "rules", jsonx_get(spec, "rules", NULL));
    json_object_del(copy, "rules");
    return copy;
}

static json_t *default_rules(const struct admit_request *request, const json_t *object,
                             struct warnings *warnings)
{
    const json_t *spec = jsonx_get(object, "spec", NULL);

    (void)request;
    (void)warnings;
    if (!has_old_rules(spec))
        return json_incref(jsonx_unconst(object));
    json_t *copy = json_copy(jsonx_unconst(object));
    json_object_set_new(copy, "spec", default_spec_migrated(spec));
    return copy;
}

/** One step: from the object so far to the object with more filled in; a new reference, the same pointer if nothing. */
typedef json_t *(*default_step)(const struct admit_request *request, const json_t *object,
                                struct warnings *warnings);

#define STEPS_MAX 2

static const struct {
    enum kind kind;
    default_step steps[STEPS_MAX];
} rows[] = {
    {KIND_BACKUP_CONFIGURATION, {default_interim}},
    {KIND_BACKUP_BATCH, {default_interim}},
    {KIND_RESTORE_SESSION, {default_rules, default_interim}},
    {KIND_RESTORE_BATCH, {default_interim}},
};

static bool is_default_time(const struct admit_request *request)
{
    return (request->operation == OPERATION_CREATE || request->operation == OPERATION_UPDATE) &&
           !jsonx_get(request->object, "metadata", "deletionTimestamp", NULL) &&
           json_is_object(jsonx_get(request->object, "spec", NULL));
}

json_t *admit_default(const struct admit_request *request, struct warnings *warnings)
{
    json_t *object = json_incref(jsonx_unconst(request->object));

    if (!is_default_time(request))
        return object;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        for (size_t j = 0; rows[i].kind == request->kind && j < STEPS_MAX && rows[i].steps[j];
             j++) {
            json_t *next = rows[i].steps[j](request, object, warnings);
            json_decref(object);
            object = next;
        }
    }
    return object;
}
