/* find.c - kubectl stash find: which snapshots hold a file. */
#include <stdio.h>
#include <string.h>

#include "kubectl.h"
#include "stash/jsonx.h"
#include "stash/table.h"
#include "stash/text.h"

static int64_t arg_limit = 1000;

const struct flag find_flags[] = {
    {"limit", FLAG_INT, &arg_limit, "only so many files (1000)"},
    REPOSITORY_JOB_ROWS,
    {0},
};

static int find_files(const struct call *call, const json_t *repository,
                      struct repository_answer *ret, struct error *err)
{
    json_auto_t *args = json_array();
    struct repository_job job = {.call = call,
                                 .repository = repository,
                                 .prefix = "stash-find-",
                                 .command = "find-files",
                                 .args = args};

    json_array_append_new(args, json_sprintf("--pattern=%s", call->args[1]));
    json_array_append_new(args, json_sprintf("--limit=%lld", (long long)arg_limit));
    return repository_job_run(&job, arg_limit, ret, err);
}

static void print_table(const json_t *files)
{
    static const char *const headers[] = {"SNAPSHOT", "CREATED", "HOST", "SIZE",
                                          "MODIFIED", "PATH",    NULL};
    AUTO(table_done) struct table table;

    table_init(&table, headers, true);
    for (size_t i = 0; i < json_array_size(files); i++) {
        const json_t *file = json_array_get(files, i);
        AUTO(mem_free) char *name = snapshot_name_of(file);
        struct file_words is;
        file_words_of(file, &is);
        const char *words[] = {
            name,        jsonx_str(file, "time", NULL), jsonx_str(file, "host", NULL), is.size,
            is.modified, jsonx_str(file, "path", NULL)};
        table_add(&table, words);
    }
    print_rows(&table);
}

/* Each snapshot once: its files stand together. */
static void print_snapshots(const json_t *files)
{
    AUTO(mem_free) char *last = NULL;

    for (size_t i = 0; i < json_array_size(files); i++) {
        char *name = snapshot_name_of(json_array_get(files, i));
        if (!text_is(last, name)) {
            AUTO(mem_free) char *word = table_word(name, 0);
            puts(word);
        }
        free(last);
        last = name;
    }
}

static void print_found(const struct call *call, const struct repository_answer *found)
{
    if (call->output == OUTPUT_JSON || call->output == OUTPUT_YAML)
        print_document(call->output, found->rows);
    else if (call->output == OUTPUT_NAME)
        print_snapshots(found->rows);
    else
        print_table(found->rows);
    if (found->count == 0)
        print_note("no snapshot of repository %s has %s", call->args[0], call->args[1]);
    if (found->count > found->shown)
        print_note("%lld of %lld are shown; %s", (long long)found->shown, (long long)found->count,
                   found->shown < arg_limit ? "a narrower pattern shows the others"
                                            : "--limit shows more");
}

int verb_find_files(const struct call *call, struct error *err)
{
    json_auto_t *repository = NULL;
    AUTO(repository_answer_done) struct repository_answer found = {0};
    int r = kube_get(call->kube, kind_resource(KIND_REPOSITORY), call->namespace, call->args[0],
                     &repository, err);

    if (r == 0)
        r = find_files(call, repository, &found, err);
    if (r < 0)
        return r;
    print_found(call, &found);
    return found.is_partial ? OUTCOME_FAILED : OUTCOME_DONE;
}
