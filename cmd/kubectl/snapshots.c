/* snapshots.c - kubectl stash snapshots: what a repository holds, asked from the repository itself. */
#include <stdio.h>
#include <string.h>

#include "kubectl.h"
#include "stash/ages.h"
#include "stash/clock.h"
#include "stash/jsonx.h"
#include "stash/table.h"
#include "stash/text.h"

static int64_t arg_last = 1000;

const struct flag snapshots_flags[] = {
    {"last", FLAG_INT, &arg_last, "of each repository only so many, the newest (1000)"},
    REPOSITORY_JOB_ROWS,
    {0},
};

/* 1: some of its snapshots cannot be read. */
static int list_repository(const struct call *call, const json_t *repository, json_t *rows,
                           struct error *err)
{
    json_auto_t *args = json_array();
    AUTO(repository_answer_done) struct repository_answer found = {0};
    struct repository_job job = {.call = call,
                                 .repository = repository,
                                 .prefix = "stash-snapshots-",
                                 .command = "list-snapshots",
                                 .args = args};

    json_array_append_new(args, json_sprintf("--last=%lld", (long long)arg_last));
    int r = repository_job_run(&job, arg_last, &found, err);
    if (r < 0)
        return r;
    size_t have = json_array_size(found.rows);
    if ((json_int_t)have < found.count)
        print_note("repository %s has %lld snapshots, the newest %zu of them are shown",
                   jsonx_name(repository), (long long)found.count, have);
    json_array_extend(rows, found.rows);
    return found.is_partial;
}

static int find_repositories(const struct call *call, json_t **ret, struct error *err)
{
    const struct resource *resource = kind_resource(KIND_REPOSITORY);
    json_auto_t *found = json_array();

    if (call->count == 0)
        return kube_list(call->kube, resource, call->namespace, NULL, ret, err);
    for (size_t i = 0; i < call->count; i++) {
        json_t *repository = NULL;
        int r = kube_get(call->kube, resource, call->namespace, call->args[i], &repository, err);
        if (r < 0)
            return r;
        json_array_append_new(found, repository);
    }
    *ret = TAKE(found);
    return 0;
}

static void print_table(const struct call *call, const json_t *rows)
{
    static const char *const headers[] = {"NAMESPACE", "REPOSITORY", "ID",    "AGE",   "CREATED",
                                          "HOST",      "TARGET",     "STATE", "PATHS", NULL};
    size_t from = call->namespace ? 1 : 0;
    AUTO(table_done) struct table table;

    table_init(&table, headers + from, call->output == OUTPUT_WIDE);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        AUTO(mem_free) char *id = xstrndup(jsonx_str(row, "id", NULL), SNAPSHOT_ID_LEN);
        char age[AGES_SIZE];
        ages_since(jsonx_str(row, "time", NULL), clock_now(), age);
        const char *words[] = {jsonx_str(row, "namespace", NULL),
                               jsonx_str(row, "repository", NULL),
                               id,
                               age,
                               jsonx_str(row, "time", NULL),
                               jsonx_str(row, "host", NULL),
                               jsonx_str(row, "target", NULL),
                               jsonx_bool(row, false, "incomplete", NULL) ? "Incomplete" : "Ok",
                               jsonx_str(row, "paths", NULL)};
        table_add(&table, words + from);
    }
    print_rows(&table);
}

static void print_names(const json_t *rows)
{
    for (size_t i = 0; i < json_array_size(rows); i++) {
        AUTO(mem_free) char *name = snapshot_name_of(json_array_get(rows, i));
        AUTO(mem_free) char *word = table_word(name, 0);
        puts(word);
    }
}

int verb_snapshots(const struct call *call, struct error *err)
{
    json_auto_t *repositories = NULL;
    json_auto_t *rows = json_array();

    if (call->count > 0 && !call->namespace) {
        error_set(err, ERR_INVALID, "a repository is named in one namespace: -n instead of -A");
        return call_misused(call, err);
    }
    int r = find_repositories(call, &repositories, err);
    bool is_partial = false;
    for (size_t i = 0; r >= 0 && i < json_array_size(repositories); i++) {
        r = list_repository(call, json_array_get(repositories, i), rows, err);
        is_partial = is_partial || r > 0;
    }
    if (r < 0)
        return r;
    if (call->output == OUTPUT_NAME)
        print_names(rows);
    else if (call->output == OUTPUT_JSON || call->output == OUTPUT_YAML)
        print_document(call->output, rows);
    else
        print_table(call, rows);
    return is_partial ? OUTCOME_FAILED : OUTCOME_DONE;
}
