#include "job_template.h"

#include <string.h>

#include "claim_set.h"
#include "container.h"
#include "folder_step.h"
#include "invoker.h"
#include "naming.h"
#include "pod_template.h"
#include "resolve.h"
#include "stash/backend.h"
#include "stash/jsonx.h"
#include "stash/mem.h"
#include "stash/names.h"
#include "stash/pair.h"
#include "stash/text.h"
#include "variables.h"

#define GID_NOBODY   65534
#define STORAGE_MODE 0444 /* it belongs to root, and a step may run as any user */

static struct name_job job_named(const struct job_request *request)
{
    return (struct name_job){request->invoker, request->session, request->index, request->set};
}

json_t *job_template_interim_claim(const struct job_request *request)
{
    const json_t *invoker = request->invoker;
    const json_t *session = request->session;
    const json_t *template =
        jsonx_get(invoker_member(invoker, request->index), "interimVolumeTemplate", NULL);
    const struct name_job named = job_named(request);
    AUTO(mem_free) char *name = naming_interim(request->world, &named);

    if (!name)
        return NULL;
    json_t *labels = invoker_labels(invoker);
    json_object_update_missing(labels, jsonx_get(template, "metadata", "labels", NULL));
    return json_pack("{s:s, s:s, s:{s:s, s:s?, s:o, s:O*, s:o}, s:O}", PAIR("apiVersion", "v1"),
                     PAIR("kind", "PersistentVolumeClaim"),
                     PAIR("metadata", PAIR("name", name),
                          PAIR("namespace", jsonx_namespace(session)), PAIR("labels", labels),
                          PAIR("annotations", jsonx_get(template, "metadata", "annotations", NULL)),
                          PAIR("ownerReferences", invoker_owner(session))),
                     PAIR("spec", jsonx_get(template, "spec", NULL)));
}

/* ---- volumes ------------------------------------------------------------------------------------------------------ */

static json_t *tmp_volume(const json_t *member)
{
    return json_pack("{s:s, s:{s:s*, s:O*}}", PAIR("name", VOLUME_TMP),
                     PAIR("emptyDir", PAIR("medium", jsonx_str(member, "tempDir", "medium", NULL)),
                          PAIR("sizeLimit", jsonx_get(member, "tempDir", "sizeLimit", NULL))));
}

static void mount_everywhere(json_t *containers, const char *volume, const char *path,
                             const char *sub_path)
{
    for (size_t i = 0; i < json_array_size(containers); i++)
        container_add_mount(json_array_get(containers, i), volume, path, sub_path);
}

/* The Repository's own volume: what is left of spec.backend.local without the places it is mounted at. */
static void add_local_backend(const struct job_request *request, json_t *volumes,
                              json_t *containers)
{
    const json_t *local = jsonx_get(request->repository, "spec", "backend", "local", NULL);

    if (!local)
        return;
    json_t *volume = json_copy(jsonx_unconst(local));
    json_object_del(volume, "mountPath");
    json_object_del(volume, "subPath");
    json_object_set_new(volume, "name", json_string(VOLUME_LOCAL));
    jsonx_upsert_new(volumes, "name", volume);
    mount_everywhere(containers, VOLUME_LOCAL, jsonx_str(local, "mountPath", NULL),
                     jsonx_str(local, "subPath", NULL));
}

/* Whoever else runs under the user's ServiceAccount must not be able to read the Repository's Secret. */
static void add_storage_secret(const struct job_request *request, json_t *volumes,
                               json_t *containers)
{
    const char *secret =
        jsonx_str(request->repository, "spec", "backend", "storageSecretName", NULL);
    const char *namespace = jsonx_namespace(request->repository);

    if (!secret || !*secret || !text_is(namespace, jsonx_namespace(request->session)) ||
        !invoker_service_account(invoker_member(request->invoker, request->index)))
        return;
    AUTO(mem_free) char *path = xasprintf(PATH_STORAGE "/%s", secret);
    jsonx_upsert_new(volumes, "name",
                     json_pack("{s:s, s:{s:s, s:b, s:i}}", PAIR("name", VOLUME_STORAGE),
                               PAIR("secret", PAIR("secretName", secret), PAIR("optional", 1),
                                    PAIR("defaultMode", STORAGE_MODE))));
    mount_everywhere(containers, VOLUME_STORAGE, path, NULL);
}

static void add_interim(const char *claim, json_t *volumes, json_t *containers)
{
    jsonx_upsert_new(volumes, "name",
                     json_pack("{s:s, s:{s:s}}", PAIR("name", VOLUME_INTERIM),
                               PAIR("persistentVolumeClaim", PAIR("claimName", claim))));
    mount_everywhere(containers, VOLUME_INTERIM, PATH_INTERIM, NULL);
}

/* ---- the pod ------------------------------------------------------------------------------------------------------ */

/* Whether there are claims, and all of them are made for this session. */
static bool only_fresh_claims(const struct job_request *request, const json_t *volumes)
{
    size_t claims = 0;
    size_t i;
    json_t *volume;

    json_array_foreach (jsonx_unconst(volumes), i, volume) {
        const char *claim = jsonx_str(volume, "persistentVolumeClaim", "claimName", NULL);

        if (!claim)
            continue;
        claims++;
        if (!text_is(jsonx_str(volume, "name", NULL), VOLUME_INTERIM) &&
            !claim_set_includes(request, claim))
            return false;
    }
    return claims > 0;
}

/*
 * A fresh volume belongs to root; fsGroup lets nobody write to it. On a volume of the user's it would rewrite owners and
 * modes, so it is set only where all claims are fresh.
 */
static void set_group(const struct job_request *request, json_t *spec, const json_t *volumes)
{
    if (jsonx_get(spec, "securityContext", NULL) || !only_fresh_claims(request, volumes))
        return;
    json_object_set_new(
        spec, "securityContext",
        json_pack("{s:i, s:s}", "fsGroup", GID_NOBODY, "fsGroupChangePolicy", "OnRootMismatch"));
}

static bool is_shared(const json_t *claim)
{
    const json_t *modes = jsonx_get(claim, "spec", "accessModes", NULL);
    size_t i;
    json_t *mode;

    json_array_foreach (jsonx_unconst(modes), i, mode) {
        if (json_is_string(mode) && strstr(json_string_value(mode), "Many"))
            return true;
    }
    return false;
}

/* A ReadWriteOnce volume can be mounted only where it is mounted already. */
static void follow_volumes(json_t *spec, const json_t *volumes, const json_t *claims)
{
    size_t i;
    json_t *volume;

    json_array_foreach (jsonx_unconst(volumes), i, volume) {
        const char *name = jsonx_str(volume, "persistentVolumeClaim", "claimName", NULL);
        const json_t *claim = name ? jsonx_get(claims, name, NULL) : NULL;
        const char *node = jsonx_str(claim, "node", NULL);

        if (!node || is_shared(jsonx_get(claim, "object", NULL)))
            continue;
        pod_template_pin(spec, node);
        return;
    }
}

/* All steps but the last are init containers, so that they run in order and the first failure ends the pod. */
static void place_containers(json_t *spec, json_t *containers)
{
    json_auto_t *init = json_array();
    size_t count = json_array_size(containers);

    for (size_t i = 0; i < count; i++) {
        json_t *container = json_array_get(containers, i);

        container_harden(container, jsonx_get(spec, "securityContext", NULL));
        if (i + 1 == count)
            break;
        container_make_init(container);
        json_array_append(init, container);
    }
    if (json_array_size(init) > 0)
        json_object_set(spec, "initContainers", init);
    json_object_set_new(spec, "containers",
                        json_pack("[O]", json_array_get(containers, count - 1)));
}

static json_t *job_around(const struct job_request *request, const char *name, json_t *template)
{
    return json_pack("{s:s, s:s, s:{s:s, s:s?, s:o, s:o}, s:{s:i, s:o}}",
                     PAIR("apiVersion", "batch/v1"), PAIR("kind", "Job"),
                     PAIR("metadata", PAIR("name", name),
                          PAIR("namespace", jsonx_namespace(request->session)),
                          PAIR("labels", invoker_labels(request->invoker)),
                          PAIR("ownerReferences", invoker_owner(request->session))),
                     PAIR("spec", PAIR("backoffLimit", 0), PAIR("template", template)));
}

static void identify_containers(const struct job_request *request, json_t *containers)
{
    const json_t *session = request->session;
    AUTO(mem_free)
    char *key = xasprintf("%s/%s/%s", jsonx_str(session, "kind", NULL), jsonx_namespace(session),
                          jsonx_name(session));

    for (size_t i = 0; i < json_array_size(containers); i++)
        container_identify(json_array_get(containers, i), key);
}

static json_t *job_assemble(const struct job_request *request, const char *interim,
                            json_t *containers, json_t *volumes)
{
    const json_t *member = invoker_member(request->invoker, request->index);
    const char *users = invoker_service_account(member);
    AUTO(mem_free)
    char *account =
        users ? xstrdup(users) : naming_executor(request->world, request->invoker, request->index);
    const struct name_job named = job_named(request);
    AUTO(mem_free) char *name = naming_job(request->world, &named);
    struct pod_request pod = {request->config, request->invoker,
                              jsonx_get(member, "runtimeSettings", "pod", NULL), account};
    json_t *template = pod_template_new(&pod);
    json_t *spec = json_object_get(template, "spec");

    jsonx_upsert_new(volumes, "name", tmp_volume(member));
    if (interim)
        add_interim(interim, volumes, containers);
    claim_set_mount(request, volumes, containers);
    add_local_backend(request, volumes, containers);
    add_storage_secret(request, volumes, containers);
    set_group(request, spec, volumes);
    follow_volumes(spec, volumes, request->claims);
    place_containers(spec, containers);
    json_object_set(spec, "volumes", volumes);
    return job_around(request, name, template);
}

/* ---- the Job ------------------------------------------------------------------------------------------------------ */

/* Into claims of its own, as an init container would: no Task is needed. */
static bool job_restores_folders(const struct job_request *request)
{
    return request->set > 0 && !resolve_task_name(invoker_member(request->invoker, request->index),
                                                  request->target_object, true);
}

static int job_resolve(const struct job_request *request, const json_t *vars, json_t **ret,
                       struct error *err)
{
    const json_t *member = invoker_member(request->invoker, request->index);
    AUTO(mem_free) char *host = variables_host_of_set(member, request->set);
    json_auto_t *task_ref = NULL;

    if (job_restores_folders(request))
        return folder_step(jsonx_str(request->config, "image", NULL), host, vars, ret, err);
    if (request->set > 0 && variables_has_rules(request->invoker, member) &&
        !variables_rule(request->invoker, member, host))
        return error_set(err, ERR_INVALID, "no rule of the RestoreSession is for host %s", host);
    int r = resolve_task_ref(member, request->target_object, invoker_is_restore(request->invoker),
                             &task_ref, err);
    if (r < 0)
        return r;
    struct resolve_request resolve = {task_ref, request->tasks, request->functions, vars};
    return resolve_task(&resolve, ret, err);
}

int job_template_build(const struct job_request *request, json_t **ret, struct error *err)
{
    const json_t *member = invoker_member(request->invoker, request->index);
    const struct name_job named = job_named(request);
    AUTO(mem_free)
    char *interim = request->without_interim ? NULL : naming_interim(request->world, &named);
    struct variables_request variables = {
        request->config,     request->invoker, member,       request->session,
        request->repository, interim != NULL,  request->set,
    };
    json_auto_t *vars = NULL;
    json_auto_t *resolved = NULL;
    size_t i;
    json_t *container;

    int r = variables_build(&variables, &vars, err);
    if (r < 0)
        return r;
    r = job_resolve(request, vars, &resolved, err);
    if (r < 0)
        return r;
    json_t *containers = jsonx_own_array(resolved, "containers");
    json_array_foreach (containers, i, container)
        container_apply_settings(container,
                                 jsonx_get(member, "runtimeSettings", "container", NULL));
    identify_containers(request, containers);
    *ret = job_assemble(request, interim, containers, jsonx_own_array(resolved, "volumes"));
    return 0;
}
