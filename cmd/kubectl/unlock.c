/* unlock.c - kubectl stash unlock: locks that somebody left in a repository. */
#include <stdio.h>

#include "kubectl.h"
#include "stash/ages.h"
#include "stash/clock.h"
#include "stash/jsonx.h"
#include "stash/table.h"

static bool arg_all, arg_yes;

const struct flag unlock_flags[] = {
    {"remove-all", FLAG_BOOL, &arg_all, "also the locks of those who are at work"},
    {"yes", FLAG_BOOL, &arg_yes, "do not ask; or -y"},
    {"y", FLAG_BOOL, &arg_yes, NULL},
    REPOSITORY_JOB_ROWS,
    {0},
};

static int unlock(const struct call *call, struct repository_answer *ret, struct error *err)
{
    json_auto_t *repository = NULL;
    json_auto_t *args = json_array();
    int r = kube_get(call->kube, kind_resource(KIND_REPOSITORY), call->namespace, call->args[0],
                     &repository, err);

    if (r < 0)
        return r;
    if (arg_all)
        json_array_append_new(args, json_string("--all=true"));
    struct repository_job job = {.call = call,
                                 .repository = repository,
                                 .prefix = "stash-unlock-",
                                 .command = "unlock-repository",
                                 .args = args,
                                 .writes = true};
    return repository_job_run(&job, INT64_MAX, ret, err);
}

static void print_table(const struct call *call, const json_t *locks)
{
    static const char *const headers[] = {"LOCK", "HOST", "RENEWED", "KIND", "STATE", NULL};
    AUTO(table_done) struct table table;

    table_init(&table, headers, call->output == OUTPUT_WIDE);
    for (size_t i = 0; i < json_array_size(locks); i++) {
        const json_t *lock = json_array_get(locks, i);
        AUTO(mem_free) char *id = xstrndup(jsonx_str(lock, "id", NULL), SNAPSHOT_ID_LEN);
        char age[AGES_SIZE];
        ages_since(jsonx_str(lock, "time", NULL), clock_now(), age);
        const char *words[] = {id, jsonx_str(lock, "host", NULL), age,
                               jsonx_bool(lock, false, "exclusive", NULL) ? "Exclusive" : "Shared",
                               jsonx_bool(lock, false, "removed", NULL) ? "Removed" : "Left"};
        table_add(&table, words);
    }
    print_rows(&table);
}

/* A lock has no other name than its id. */
static void print_names(const json_t *locks)
{
    for (size_t i = 0; i < json_array_size(locks); i++) {
        const json_t *lock = json_array_get(locks, i);
        AUTO(mem_free) char *id = xstrndup(jsonx_str(lock, "id", NULL), SNAPSHOT_ID_LEN);
        AUTO(mem_free) char *word = table_word(id, 0);
        puts(word);
    }
}

static void print_locks(const struct call *call, const json_t *locks)
{
    if (call->output == OUTPUT_JSON || call->output == OUTPUT_YAML) {
        print_document(call->output, locks);
        return;
    }
    if (call->output == OUTPUT_NAME) {
        print_names(locks);
        return;
    }
    if (json_array_size(locks) == 0) {
        print_note("repository %s has no locks", call->args[0]);
        return;
    }
    print_table(call, locks);
    for (size_t i = 0; i < json_array_size(locks); i++) {
        if (jsonx_bool(json_array_get(locks, i), false, "removed", NULL))
            continue;
        print_note("a lock that is left was renewed in the last half hour: somebody is at work");
        return;
    }
}

int verb_unlock(const struct call *call, struct error *err)
{
    AUTO(repository_answer_done) struct repository_answer locks = {0};
    bool is_sure = true;
    int r = 0;

    if (arg_all && !arg_yes)
        r = print_confirm("Remove also the locks of backups that are at work?", &is_sure, err);
    if (r < 0)
        return call_misused(call, err);
    if (!is_sure)
        return OUTCOME_FAILED;
    r = unlock(call, &locks, err);
    if (r < 0)
        return r;
    print_locks(call, locks.rows);
    return OUTCOME_DONE;
}
