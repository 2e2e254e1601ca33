#include "folder_step.h"

#include "container.h"
#include "stash/jsonx.h"
#include "stash/mem.h"
#include "stash/names.h"
#include "stash/vars.h"

static const char *const restore_args[] = {
    "restore",
    "--restore-model=job",
    "--invoker-kind=${INVOKER_KIND}",
    "--invoker-name=${INVOKER_NAME}",
    "--target-kind=${TARGET_KIND}",
    "--target-name=${TARGET_NAME}",
    "--target-namespace=${TARGET_NAMESPACE}",
    "--namespace=${NAMESPACE}",
    "--enable-cache=${ENABLE_CACHE}",
    "--max-connections=${MAX_CONNECTIONS:=0}",
    "--scratch-dir=" PATH_TMP,
    "--metrics-enabled=true",
    "--pushgateway-url=${PROMETHEUS_PUSHGATEWAY_URL}",
};

int folder_step(const char *image, const char *host, const json_t *variables, json_t **ret,
                struct error *err)
{
    json_auto_t *spec = json_pack("{s:s?, s:[]}", "image", image, "args");
    json_t *args = json_object_get(spec, "args");

    for (size_t i = 0; i < ARRAY_LEN(restore_args); i++) {
        char *arg = NULL;
        int r = vars_expand(restore_args[i], variables, &arg, err);

        if (r < 0)
            return r;
        json_array_append_new(args, json_string(arg));
        free(arg);
    }
    json_array_append_new(args, json_sprintf("--hostname=%s", host));
    json_t *container = container_from_function(CONTAINER_SIDECAR, 0, spec);
    json_object_set_new(container, "name", json_string(CONTAINER_SIDECAR));
    *ret = json_pack("{s:[o]}", "containers", container);
    return 0;
}
