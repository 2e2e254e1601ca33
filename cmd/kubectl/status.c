/* status.c - kubectl stash status: what a person wants to know at three in the morning. */
#include <stdio.h>
#include <string.h>

#include "kubectl.h"
#include "stash/clock.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/overview.h"

/* Each object is looked at as it arrives, and not kept. */
struct gathering {
    struct overview *overview;
    void (*add)(struct overview *overview, const json_t *object);
    bool (*wanted)(const struct gathering *gathering, const json_t *object);
    const struct call *call;
};

static bool take_object(void *ctx, const json_t *object)
{
    const struct gathering *gathering = ctx;

    if (gathering->wanted(gathering, object))
        gathering->add(gathering->overview, object);
    return false;
}

static bool is_named(const struct call *call, const char *name)
{
    for (size_t i = 0; i < call->count; i++)
        if (name && strcmp(call->args[i], name) == 0)
            return true;
    return call->count == 0;
}

static bool is_wanted_invoker(const struct gathering *gathering, const json_t *invoker)
{
    return is_named(gathering->call, jsonx_name(invoker));
}

static bool is_wanted_session(const struct gathering *gathering, const json_t *session)
{
    return is_named(gathering->call, jsonx_str(session, "spec", "invoker", "name", NULL));
}

/* With names, the repositories are theirs. */
static bool is_wanted_repository(const struct gathering *gathering, const json_t *repository)
{
    return gathering->call->count == 0 || overview_uses(gathering->overview, repository);
}

static const struct {
    enum kind kind;
    void (*add)(struct overview *overview, const json_t *object);
    bool (*wanted)(const struct gathering *gathering, const json_t *object);
} parts[] = {
    {KIND_BACKUP_SESSION, overview_add_session, is_wanted_session},
    {KIND_RESTORE_SESSION, overview_add_session, is_wanted_session},
    {KIND_BACKUP_CONFIGURATION, overview_add_invoker, is_wanted_invoker},
    {KIND_BACKUP_BATCH, overview_add_invoker, is_wanted_invoker},
    {KIND_REPOSITORY, overview_add_repository, is_wanted_repository},
};

static int gather_overview(const struct call *call, struct overview *overview, struct error *err)
{
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        struct gathering gathering = {overview, parts[i].add, parts[i].wanted, call};
        struct kube_selector selector = {.keep = take_object, .ctx = &gathering};
        json_auto_t *none = NULL;
        int r = kube_list(call->kube, kind_resource(parts[i].kind), call->namespace, &selector,
                          &none, err);
        if (r < 0)
            return r;
    }
    return 0;
}

/* Names that nothing came of. */
static int check_names(const struct call *call, const json_t *document, struct error *err)
{
    const json_t *rows = jsonx_get(document, "configurations", NULL);

    for (size_t i = 0; i < call->count; i++)
        if (jsonx_find(rows, "name", call->args[i]) < 0)
            return error_set_code(err, ERR_NOT_FOUND, 404,
                                  "there is no BackupConfiguration or BackupBatch \"%s\" in %s%s",
                                  call->args[i], call->namespace ? "namespace " : "any namespace",
                                  call->namespace ? call->namespace : "");
    return 0;
}

static void print_names(const json_t *document)
{
    const json_t *rows = jsonx_get(document, "configurations", NULL);

    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        bool is_batch = strcmp(jsonx_str(row, "kind", NULL), "BackupBatch") == 0;
        printf("%s.stash.appscode.com/%s\n", is_batch ? "backupbatch" : "backupconfiguration",
               jsonx_str(row, "name", NULL));
    }
}

static void print_overview(const struct call *call, const json_t *document, int64_t now)
{
    const struct overview_style style = {now, !call->namespace, call->output == OUTPUT_WIDE};
    AUTO(buf_done) struct buf text;

    buf_init(&text, LIMIT_INPUT_FILE);
    overview_print(document, &style, &text);
    fputs(text.data, stdout);
}

int verb_status(const struct call *call, struct error *err)
{
    int64_t now = clock_now();
    AUTO(overview_free) struct overview *overview = overview_new(now);
    int r = gather_overview(call, overview, err);

    if (r < 0)
        return r;
    json_auto_t *document = overview_document(overview);
    r = check_names(call, document, err);
    if (r < 0)
        return r;
    if (call->output == OUTPUT_NAME)
        print_names(document);
    else if (call->output == OUTPUT_JSON || call->output == OUTPUT_YAML)
        print_document(call->output, document);
    else
        print_overview(call, document, now);
    return overview_has_trouble(document) ? OUTCOME_FAILED : OUTCOME_DONE;
}
