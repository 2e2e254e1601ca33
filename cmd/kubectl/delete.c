/* delete.c - kubectl stash delete snapshot: snapshots go from their repository, for good. */
#include <stdio.h>
#include <string.h>

#include "kubectl.h"
#include "stash/jsonx.h"
#include "stash/text.h"

static bool arg_yes;

const struct flag delete_flags[] = {
    {"yes", FLAG_BOOL, &arg_yes, "do not ask; or -y"},
    {"y", FLAG_BOOL, &arg_yes, NULL},
    REPOSITORY_JOB_ROWS,
    {0},
};

/* The names are all of one repository, which is then *ret. */
static int check_names(const struct call *call, char **ret, struct error *err)
{
    AUTO(mem_free) char *first = NULL;

    if (!text_is(call->args[0], "snapshot"))
        return error_set(err, ERR_INVALID, "%s: only a snapshot can be deleted", call->args[0]);
    int r = snapshot_name_read(call->args[1], &first, err);
    for (size_t i = 2; r == 0 && i < call->count; i++) {
        AUTO(mem_free) char *repository = NULL;
        r = snapshot_name_read(call->args[i], &repository, err);
        if (r == 0 && strcmp(repository, first) != 0)
            r = error_set(err, ERR_INVALID, "%s is not of repository %s: name those of one",
                          call->args[i], first);
    }
    if (r == 0)
        *ret = TAKE(first);
    return r;
}

static int ask(const struct call *call, bool *ret, struct error *err)
{
    AUTO(mem_free)
    char *question = call->count == 2
                         ? xasprintf("Delete snapshot %s for good?", call->args[1])
                         : xasprintf("Delete %zu snapshots for good?", call->count - 1);

    *ret = true;
    return arg_yes ? 0 : print_confirm(question, ret, err);
}

static int delete_from(const struct call *call, const json_t *repository,
                       struct repository_answer *ret, struct error *err)
{
    json_auto_t *args = json_array();
    struct repository_job job = {.call = call,
                                 .repository = repository,
                                 .prefix = "stash-delete-",
                                 .command = "delete-snapshots",
                                 .args = args,
                                 .writes = true};

    for (size_t i = 1; i < call->count; i++)
        json_array_append_new(args, json_sprintf("--id=%s", snapshot_name_id(call->args[i])));
    return repository_job_run(&job, INT64_MAX, ret, err);
}

static void print_deleted(const struct call *call, const json_t *deleted)
{
    if (call->output == OUTPUT_JSON || call->output == OUTPUT_YAML) {
        print_document(call->output, deleted);
        return;
    }
    for (size_t i = 1; i < call->count; i++)
        printf("%s%s%s\n", call->output == OUTPUT_NAME ? "" : "snapshot ", call->args[i],
               call->output == OUTPUT_NAME ? "" : " deleted");
}

int verb_delete(const struct call *call, struct error *err)
{
    AUTO(mem_free) char *name = NULL;
    json_auto_t *repository = NULL;
    AUTO(repository_answer_done) struct repository_answer deleted = {0};
    bool is_sure = false;

    if (check_names(call, &name, err) < 0 || ask(call, &is_sure, err) < 0)
        return call_misused(call, err);
    if (!is_sure)
        return OUTCOME_FAILED;
    int r = kube_get(call->kube, kind_resource(KIND_REPOSITORY), call->namespace, name, &repository,
                     err);
    if (r == 0)
        r = delete_from(call, repository, &deleted, err);
    if (r < 0)
        return r;
    print_deleted(call, deleted.rows);
    return OUTCOME_DONE;
}
