#include "claim_set.h"

#include "container.h"
#include "invoker.h"
#include "naming.h"
#include "stash/claims.h"
#include "stash/jsonx.h"
#include "stash/mem.h"
#include "stash/names.h"
#include "stash/pair.h"
#include "stash/text.h"

static const json_t *target_of(const struct job_request *request)
{
    return jsonx_get(invoker_member(request->invoker, request->index), "target", NULL);
}

static const json_t *templates_of(const struct job_request *request)
{
    return request->set > 0 ? jsonx_get(target_of(request), "volumeClaimTemplates", NULL) : NULL;
}

/* Of what a user pasted, only what makes a new claim is taken. */
static json_t *claim_object(const struct job_request *request, const json_t *template)
{
    const json_t *session = request->session;
    AUTO(mem_free) char *identity = naming_identity(session);
    json_t *labels = json_object(), *annotations = json_object();

    json_object_update(labels, jsonx_get(template, "metadata", "labels", NULL));
    json_object_update(annotations, jsonx_get(template, "metadata", "annotations", NULL));
    if (jsonx_uid(session))
        json_object_set_new(labels, LABEL_INVOKER_UID, json_string(jsonx_uid(session)));
    json_object_set_new(annotations, ANNOTATION_INVOKER, json_string(identity));
    return json_pack("{s:s, s:s, s:{s:s?, s:s?, s:o, s:o}, s:O*}", PAIR("apiVersion", "v1"),
                     PAIR("kind", "PersistentVolumeClaim"),
                     PAIR("metadata", PAIR("name", jsonx_name(template)),
                          PAIR("namespace", jsonx_namespace(session)), PAIR("labels", labels),
                          PAIR("annotations", annotations)),
                     PAIR("spec", jsonx_get(template, "spec", NULL)));
}

int claim_set_build(const struct job_request *request, json_t *claims, struct error *err)
{
    const json_t *templates = templates_of(request);

    for (size_t i = 0; i < json_array_size(templates); i++) {
        json_auto_t *template = NULL;
        int r = claims_expand(json_array_get(templates, i), request->set - 1, &template, err);

        if (r < 0)
            return error_wrap(err, "volumeClaimTemplates[%zu]", i);
        json_array_append_new(claims, claim_object(request, template));
    }
    return 0;
}

bool claim_set_is_own(const json_t *claim, const json_t *session)
{
    return text_is(jsonx_label(claim, LABEL_INVOKER_UID), jsonx_uid(session));
}

bool claim_set_includes(const struct job_request *request, const char *name)
{
    const json_t *templates = templates_of(request);

    for (size_t i = 0; i < json_array_size(templates); i++) {
        AUTO(mem_free)
        char *its = claims_name(json_array_get(templates, i), request->set - 1);

        if (text_is(its, name))
            return true;
    }
    return false;
}

/* The user's mounts name the volumes, so a container gets all of them. */
static void mount_set(const struct job_request *request, json_t *container)
{
    const json_t *mounts = jsonx_get(target_of(request), "volumeMounts", NULL);
    AUTO(mem_free) char *ordinal = xasprintf("%zu", request->set - 1);

    for (size_t i = 0; i < json_array_size(mounts); i++)
        jsonx_upsert_new(jsonx_own_array(container, "volumeMounts"), "mountPath",
                         json_incref(json_array_get(mounts, i)));
    container_set_env(container, CLAIMS_ORDINAL, ordinal);
}

void claim_set_mount(const struct job_request *request, json_t *volumes, json_t *containers)
{
    const json_t *templates = templates_of(request);

    for (size_t i = 0; i < json_array_size(templates); i++) {
        AUTO(mem_free)
        char *claim = claims_name(json_array_get(templates, i), request->set - 1);
        if (!claim)
            continue;
        AUTO(mem_free) char *volume = claims_volume(claim, request->set - 1);
        jsonx_upsert_new(volumes, "name",
                         json_pack("{s:s, s:{s:s}}", PAIR("name", volume),
                                   PAIR("persistentVolumeClaim", PAIR("claimName", claim))));
    }
    for (size_t i = 0; request->set > 0 && i < json_array_size(containers); i++)
        mount_set(request, json_array_get(containers, i));
}
