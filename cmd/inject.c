/* stash inject: show what the webhook would make of pods and workloads, without a cluster. */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "objects.h"
#include "stash/flags.h"
#include "stash/inject.h"
#include "stash/jsonx.h"

/* The decision, one line per object, beside the objects themselves on standard output. */
static void explain_decision(const json_t *object, const char *namespace,
                             const struct snapshot *snapshot, const struct inject_config *config)
{
    const char *kind = jsonx_str(object, "kind", NULL);
    json_auto_t *pod = kind && strcmp(kind, "Pod") == 0 ? json_incref(jsonx_unconst(object))
                                                        : inject_template_pod(object);
    const char *own = jsonx_namespace(object), *name = jsonx_name(object);
    struct inject_request request = {.pod = pod,
                                     .namespace = own && *own ? own : namespace,
                                     .snapshot = snapshot,
                                     .config = config,
                                     .size = pod ? json_dumpb(pod, NULL, 0, JSON_COMPACT) : 0};
    AUTO(inject_result_done) struct inject_result result = {0};

    if (!pod)
        return;
    if (!name)
        name = jsonx_str(object, "metadata", "generateName", NULL);
    inject_pod(&request, &result);
    fprintf(stderr, "%s %s/%s: %s: %s%s%s\n", kind, request.namespace, name ? name : "",
            inject_reason_name(result.reason), inject_reason_text(result.reason),
            result.detail[0] ? ": " : "", result.detail);
}

static void print_object(const json_t *objects)
{
    json_auto_t *list =
        json_pack("{ss, ss, sO}", "apiVersion", "v1", "kind", "List", "items", objects);
    const json_t *shown = json_array_size(objects) == 1 ? json_array_get(objects, 0) : list;
    AUTO(mem_free) char *text = jsonx_dump_pretty(shown);

    fputs(text, stdout);
}

static void inject_all(const json_t *objects, const char *namespace, const json_t *known,
                       const struct inject_config *config)
{
    AUTO(snapshot_free) struct snapshot *snapshot = snapshot_from_objects(known);
    json_auto_t *injected = json_array();

    for (size_t i = 0; i < json_array_size(objects); i++) {
        const json_t *object = json_array_get(objects, i);
        explain_decision(object, namespace, snapshot, config);
        json_array_append_new(injected, inject_any(object, namespace, snapshot, config));
    }
    print_object(injected);
}

int cmd_inject(int argc, char **argv)
{
    const char *arg_file = NULL, *arg_objects = NULL, *arg_namespace = "default";
    const char *arg_pull_secrets = NULL;
    struct inject_config config = {.image = "localhost/stash:" STASH_VERSION};
    bool arg_help = false;
    const struct flag flags[] = {
        {"f", FLAG_STRING, &arg_file, "pods and workloads, YAML or JSON; - is standard input"},
        {"objects", FLAG_STRING, &arg_objects,
         "what the cluster holds: invokers, Repositories (default: the same file)"},
        {"namespace", FLAG_STRING, &arg_namespace, "of objects that name none (default)"},
        {"image", FLAG_STRING, &config.image, "of the containers that are added"},
        {"image-pull-secrets", FLAG_STRING, &arg_pull_secrets, "names, added to the pods' own"},
        {"pushgateway-url", FLAG_STRING, &config.pushgateway_url, "where they push their metrics"},
        {"help", FLAG_BOOL, &arg_help, NULL},
        {0},
    };
    json_auto_t *objects = json_array(), *known = json_array();
    struct error err = {0};
    int rest = 0;
    int r = flags_parse(argc, argv, flags, &rest, &err);

    if (r == 0 && (arg_help || !arg_file)) {
        flags_usage("inject -f FILE [--objects FILE]",
                    "print pods and workloads as the webhook would inject them", flags);
        return arg_help ? 0 : 2;
    }
    if (r == 0)
        r = objects_load(arg_file, arg_namespace, objects, &err);
    if (r == 0 && arg_objects)
        r = objects_load(arg_objects, arg_namespace, known, &err);
    if (r < 0) {
        fprintf(stderr, "stash inject: %s\n", err.msg);
        return 2;
    }
    json_auto_t *pull_secrets = objects_split_names(arg_pull_secrets);
    config.image_pull_secrets = pull_secrets;
    inject_all(objects, arg_namespace, arg_objects ? known : objects, &config);
    return 0;
}
