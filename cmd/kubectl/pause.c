/* pause.c - kubectl stash pause and resume: spec.paused of BackupConfigurations and BackupBatches. */
#include <string.h>

#include "kubectl.h"
#include "stash/jsonx.h"

static const char *arg_configuration, *arg_batch;

/* Stash's own way to name them. */
const struct flag pause_flags[] = {
    {"backupconfig", FLAG_STRING, &arg_configuration,
     "a BackupConfiguration, as Stash's plugin names it"},
    {"backupbatch", FLAG_STRING, &arg_batch, "a BackupBatch"},
    {0},
};

static int set_paused(const struct call *call, const struct reference *reference, bool paused,
                      struct error *err)
{
    json_auto_t *object = NULL;
    json_auto_t *written = NULL;
    int r = reference_get(call, reference, &object, err);

    if (r < 0)
        return r;
    const char *kind = jsonx_str(object, "kind", NULL), *name = jsonx_name(object);
    bool is_so = jsonx_bool(object, false, "spec", "paused", NULL) == paused;
    if (!is_so && call->dry_run != DRY_RUN_CLIENT) {
        json_auto_t *patch = json_pack("{s:{s:b}}", "spec", "paused", (int)paused);
        struct kube_write options = {.dry_run = call->dry_run == DRY_RUN_SERVER};
        r = kube_patch(call->kube, kind_resource(kind_by_name(kind)), call->namespace, name,
                       KUBE_PATCH_MERGE, patch, &options, &written, err);
        if (r < 0)
            return r;
    }
    AUTO(mem_free)
    char *line = xasprintf("%s/%s %s%s%s", kind, name, is_so ? "is " : "",
                           paused ? "paused" : (is_so ? "not paused" : "resumed"),
                           call->dry_run && !is_so ? " (dry run)" : "");
    print_object(call, written ? written : object, line);
    return OUTCOME_DONE;
}

/* "pause backup --backupconfig=db": the word is Stash's, unless it stands alone and is a name. */
static bool is_stashs_word(const struct call *call)
{
    return (arg_configuration || arg_batch) && call->count == 1 &&
           strcmp(call->args[0], "backup") == 0;
}

static int set_all(const struct call *call, bool paused, struct error *err)
{
    size_t begin = is_stashs_word(call) ? 1 : 0;
    const struct reference flagged[] = {{KIND_BACKUP_CONFIGURATION, arg_configuration},
                                        {KIND_BACKUP_BATCH, arg_batch}};
    int r = OUTCOME_DONE;

    if (call->count == begin && !arg_configuration && !arg_batch) {
        error_set(err, ERR_INVALID, "name what to %s", call->verb->name);
        return call_misused(call, err);
    }
    for (size_t i = 0; r == 0 && i < ARRAY_LEN(flagged); i++)
        if (flagged[i].name)
            r = set_paused(call, &flagged[i], paused, err);
    for (size_t i = begin; r == 0 && i < call->count; i++) {
        struct reference reference;
        if (reference_parse(call->args[i], &reference, err) < 0)
            return call_misused(call, err);
        r = set_paused(call, &reference, paused, err);
    }
    return r;
}

int verb_pause(const struct call *call, struct error *err)
{
    return set_all(call, true, err);
}

int verb_resume(const struct call *call, struct error *err)
{
    return set_all(call, false, err);
}
