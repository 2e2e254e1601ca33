#include "pod_template.h"

#include "invoker.h"
#include "stash/jsonx.h"
#include "stash/mem.h"
#include "stash/pair.h"

/* Members of runtimeSettings.pod that are members of a pod spec with the same name. */
static const char *const setting_keys[] = {
    "nodeSelector",       "automountServiceAccountToken",
    "nodeName",           "securityContext",
    "imagePullSecrets",   "affinity",
    "schedulerName",      "tolerations",
    "priorityClassName",  "priority",
    "readinessGates",     "runtimeClassName",
    "enableServiceLinks", "topologySpreadConstraints",
};

static void add_pull_secrets(json_t *spec, const json_t *names)
{
    size_t i;
    json_t *name;

    json_array_foreach (jsonx_unconst(names), i, name) {
        json_t *list = jsonx_own_array(spec, "imagePullSecrets");

        if (json_is_string(name) && jsonx_find(list, "name", json_string_value(name)) < 0)
            json_array_append_new(list, json_pack("{s:O}", "name", name));
    }
}

/* A mesh's proxy never ends, and a Job waits for all its containers: no pod of ours gets one, unless the user says so. */
static void stay_out_of_meshes(json_t *labels, json_t *annotations)
{
    json_auto_t *mesh_labels = json_pack("{s:s, s:s}", "sidecar.istio.io/inject", "false",
                                         "kuma.io/sidecar-injection", "disabled");
    json_auto_t *mesh_annotations = json_pack("{s:s, s:s}", "sidecar.istio.io/inject", "false",
                                              "linkerd.io/inject", "disabled");

    json_object_update_missing(labels, mesh_labels);
    json_object_update_missing(annotations, mesh_annotations);
}

json_t *pod_template_new(const struct pod_request *request)
{
    const json_t *settings = request->settings;
    json_t *labels = invoker_marks(request->invoker);
    json_t *annotations = json_copy(jsonx_get(settings, "podAnnotations", NULL));
    json_t *template =
        json_pack("{s:{s:o, s:o}, s:{s:s, s:s}}",
                  PAIR("metadata", PAIR("labels", labels),
                       PAIR("annotations", annotations ? annotations : json_object())),
                  PAIR("spec", PAIR("restartPolicy", "Never"),
                       PAIR("serviceAccountName", request->service_account)));
    json_t *spec = json_object_get(template, "spec");

    json_object_update_missing(labels, jsonx_get(settings, "podLabels", NULL));
    stay_out_of_meshes(labels, jsonx_get(template, "metadata", "annotations", NULL));
    for (size_t i = 0; i < ARRAY_LEN(setting_keys); i++) {
        json_t *value = jsonx_get(settings, setting_keys[i], NULL);

        if (value)
            json_object_set(spec, setting_keys[i], value);
    }
    add_pull_secrets(spec, jsonx_get(request->config, "imagePullSecrets", NULL));
    return template;
}

/* Terms are alternatives, so the node goes into each of them. */
static void pin_terms(json_t *terms, const json_t *field)
{
    for (size_t i = 0; i < json_array_size(terms); i++) {
        if (!json_is_object(json_array_get(terms, i)))
            continue;
        json_t *term = jsonx_own_item(terms, i);
        json_array_append(jsonx_own_array(term, "matchFields"), jsonx_unconst(field));
    }
}

void pod_template_pin(json_t *spec, const char *node)
{
    json_auto_t *field = json_pack("{s:s, s:s, s:[s]}", PAIR("key", "metadata.name"),
                                   PAIR("operator", "In"), PAIR("values", node));

    if (jsonx_get(spec, "nodeName", NULL))
        return;
    json_t *affinity = jsonx_own(jsonx_own(spec, "affinity"), "nodeAffinity");
    json_t *required = jsonx_own(affinity, "requiredDuringSchedulingIgnoredDuringExecution");
    json_t *terms = jsonx_own_array(required, "nodeSelectorTerms");
    if (json_array_size(terms) == 0)
        json_array_append_new(terms, json_object());
    pin_terms(terms, field);
}
