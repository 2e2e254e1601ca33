/* ls.c - kubectl stash ls: what lies in a snapshot. */
#include <stdio.h>
#include <string.h>

#include "kubectl.h"
#include "stash/jsonx.h"
#include "stash/table.h"

static bool arg_recursive;
static int64_t arg_skip, arg_limit = 10000;

const struct flag ls_flags[] = {
    {"recursive", FLAG_BOOL, &arg_recursive, "also what lies in the folders below PATH"},
    {"limit", FLAG_INT, &arg_limit, "only so many (10000)"},
    {"skip", FLAG_INT, &arg_skip, "begin after so many"},
    REPOSITORY_JOB_ROWS,
    {0},
};

static int list_files(const struct call *call, const json_t *repository,
                      struct repository_answer *ret, struct error *err)
{
    json_auto_t *args = json_array();
    struct repository_job job = {.call = call,
                                 .repository = repository,
                                 .prefix = "stash-ls-",
                                 .command = "list-files",
                                 .args = args};

    json_array_append_new(args, json_sprintf("--id=%s", snapshot_name_id(call->args[0])));
    json_array_append_new(args, json_sprintf("--limit=%lld", (long long)arg_limit));
    json_array_append_new(args, json_sprintf("--skip=%lld", (long long)arg_skip));
    if (call->count > 1)
        json_array_append_new(args, json_sprintf("--file=%s", call->args[1]));
    if (arg_recursive)
        json_array_append_new(args, json_string("--recursive=true"));
    return repository_job_run(&job, arg_limit, ret, err);
}

static void print_table(const json_t *files)
{
    static const char *const headers[] = {"MODE", "UID", "GID", "SIZE", "MODIFIED", "PATH", NULL};
    AUTO(table_done) struct table table;

    table_init(&table, headers, true);
    for (size_t i = 0; i < json_array_size(files); i++) {
        const json_t *file = json_array_get(files, i);
        struct file_words is;
        file_words_of(file, &is);
        const char *words[] = {
            jsonx_str(file, "permissions", NULL), is.uid, is.gid, is.size, is.modified,
            jsonx_str(file, "path", NULL)};
        table_add(&table, words);
    }
    print_rows(&table);
}

static void print_files(const struct call *call, const json_t *files)
{
    if (call->output == OUTPUT_JSON || call->output == OUTPUT_YAML) {
        print_document(call->output, files);
        return;
    }
    if (call->output != OUTPUT_NAME) {
        print_table(files);
        return;
    }
    for (size_t i = 0; i < json_array_size(files); i++) {
        AUTO(mem_free)
        char *path = table_word(jsonx_str(json_array_get(files, i), "path", NULL), 0);
        puts(path);
    }
}

static int check_line(const struct call *call, char **ret_repository, struct error *err)
{
    if (call->count > 1 && *call->args[1] != '/')
        return error_set(err, ERR_INVALID, "%s: a path in a snapshot begins with /", call->args[1]);
    if (arg_recursive && call->count < 2)
        return error_set(err, ERR_INVALID, "--recursive is of a PATH: without one all is shown");
    return snapshot_name_read(call->args[0], ret_repository, err);
}

int verb_ls(const struct call *call, struct error *err)
{
    AUTO(mem_free) char *name = NULL;
    json_auto_t *repository = NULL;
    AUTO(repository_answer_done) struct repository_answer found = {0};

    if (check_line(call, &name, err) < 0)
        return call_misused(call, err);
    int r = kube_get(call->kube, kind_resource(KIND_REPOSITORY), call->namespace, name, &repository,
                     err);
    if (r == 0)
        r = list_files(call, repository, &found, err);
    if (r < 0)
        return r;
    print_files(call, found.rows);
    if (found.count > arg_skip + found.shown)
        print_note("%lld of %lld are shown; --skip %lld goes on", (long long)found.shown,
                   (long long)found.count, (long long)(arg_skip + found.shown));
    return OUTCOME_DONE;
}
