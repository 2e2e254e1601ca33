/* stash validate: judge manifests before they meet a cluster, by the rules of the webhook. */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "objects.h"
#include "stash/admit.h"
#include "stash/fields.h"
#include "stash/flags.h"
#include "stash/inject.h"
#include "stash/jsonx.h"
#include "stash/names.h"
#include "stash/reconciler.h"

static enum kind kind_of(const json_t *object)
{
    return kind_find(jsonx_str(object, "apiVersion", NULL), jsonx_str(object, "kind", NULL));
}

static bool is_of_our_group(const char *api_version)
{
    size_t len = strlen(STASH_GROUP);

    return api_version && strncmp(api_version, STASH_GROUP, len) == 0 && api_version[len] == '/';
}

/* AppBindings are of another group. */
static bool is_judged(const json_t *object)
{
    return is_of_our_group(jsonx_str(object, "apiVersion", NULL)) ||
           kind_of(object) == KIND_APP_BINDING;
}

static void print_line(const json_t *object, const char *path, const char *text)
{
    const char *kind = jsonx_str(object, "kind", NULL);
    const char *namespace = jsonx_namespace(object);
    const char *name = jsonx_name(object);

    printf("%s %s%s%s: %s: %s\n", kind ? kind : "object", namespace ? namespace : "",
           namespace ? "/" : "", name ? name : "without a name", path, text);
}

struct tally {
    const json_t *object;
    size_t mistakes;
};

static void on_field(void *ctx, const char *path, const char *sentence)
{
    struct tally *tally = ctx;

    print_line(tally->object, path, sentence);
    tally->mistakes++;
}

/* Fill in, then judge, as the API server would have it done. */
static void check_rules(struct tally *tally, enum kind kind, const struct snapshot *snapshot)
{
    const json_t *object = tally->object;
    AUTO(causes_done) struct causes causes = {0};
    AUTO(warnings_done) struct warnings warnings = {0}, of_defaults = {0};
    struct admit_request request = {.kind = kind,
                                    .operation = OPERATION_CREATE,
                                    .namespace = jsonx_namespace(object),
                                    .object = object,
                                    .snapshot = snapshot};
    json_auto_t *completed = admit_default(&request, &of_defaults);

    request.object = completed;
    admit_validate(&request, &causes, &warnings);
    inject_foresee(&request, &warnings);
    for (size_t i = 0; i < causes.count; i++)
        print_line(object, causes.items[i].path, causes.items[i].detail);
    for (size_t i = 0; i < warnings.count; i++)
        print_line(object, "warning", warnings.items[i]);
    tally->mistakes += causes.count;
}

/* Returns whether there are mistakes. */
static bool check_object(const json_t *object, const struct snapshot *snapshot)
{
    struct tally tally = {object, 0};
    const char *version = jsonx_str(object, "apiVersion", NULL);
    const char *name = jsonx_str(object, "kind", NULL);
    AUTO(mem_free) char *former = kinds_former(version, name ? name : "");
    enum kind kind = kind_of(object);

    if (former)
        on_field(&tally, "kind", former);
    else if (kind == KIND_UNKNOWN)
        on_field(&tally, "kind", "not known in " STASH_GROUP);
    if (kind == KIND_UNKNOWN)
        return true;
    fields_check(kind, object, on_field, &tally);
    check_rules(&tally, kind, snapshot);
    return tally.mistakes > 0;
}

/* What is not ours to judge, and looks as if it were meant to be: nothing, or for another program. Returns as above. */
static bool glance_at(const json_t *object)
{
    const char *version = jsonx_str(object, "apiVersion", NULL);
    const char *kind = jsonx_str(object, "kind", NULL);

    if (json_is_null(object))
        return false;
    if (!version || !kind) {
        print_line(object, version ? "kind" : "apiVersion",
                   "missing: this is no object of Kubernetes; was its indentation lost?");
        return true;
    }
    AUTO(mem_free) char *former = kinds_former(version, kind);
    if (former)
        print_line(object, "warning", former);
    return false;
}

/* The files, over what every cluster has where the product is installed. */
static struct snapshot *expected_cluster(const json_t *objects)
{
    static const struct reconciler_config config = {
        .image = "stash", .addon_registry = "localhost", .addon_tag = STASH_VERSION};
    json_auto_t *all = catalog_documents(&config);

    json_array_extend(all, jsonx_unconst(objects));
    return snapshot_from_objects(all);
}

static int check_all(const json_t *objects)
{
    AUTO(snapshot_free) struct snapshot *snapshot = expected_cluster(objects);
    size_t checked = 0, wrong = 0;

    for (size_t i = 0; i < json_array_size(objects); i++) {
        const json_t *object = json_array_get(objects, i);
        if (!is_judged(object)) {
            wrong += glance_at(object);
            continue;
        }
        checked++;
        wrong += check_object(object, snapshot);
    }
    printf("%zu of %zu objects are Stash's; %zu of them with mistakes\n", checked,
           json_array_size(objects), wrong);
    return wrong > 0;
}

static int load_all(const char *const *paths, size_t count, const char *namespace, json_t *objects,
                    struct error *err)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < count; i++)
        r = objects_load(paths[i], namespace, objects, err);
    return r;
}

int cmd_validate(int argc, char **argv)
{
    struct flag_words arg_files = {0};
    const char *arg_namespace = "default";
    bool arg_help = false;
    const struct flag flags[] = {
        {"f", FLAG_WORDS, &arg_files,
         "YAML or JSON with any number of documents; - is standard input; may stand again"},
        {"namespace", FLAG_STRING, &arg_namespace, "of objects that name none (default); or -n"},
        {"n", FLAG_STRING, &arg_namespace, NULL},
        {"help", FLAG_BOOL, &arg_help, NULL},
        {0},
    };
    json_auto_t *objects = json_array();
    struct error err = {0};
    int rest = 0;
    int r = flags_parse(argc, argv, flags, &rest, &err);

    if (r == 0 && (arg_help || (arg_files.count == 0 && rest == 0))) {
        flags_usage("validate -f FILE [FILE...]",
                    "say what is wrong with manifests; exit status 0: nothing, 1: something, 2: "
                    "they cannot be read",
                    flags);
        return arg_help ? 0 : 2;
    }
    if (r == 0)
        r = load_all(arg_files.items, arg_files.count, arg_namespace, objects, &err);
    if (r == 0)
        r = load_all((const char *const *)argv + 1, (size_t)rest, arg_namespace, objects, &err);
    if (r < 0) {
        fprintf(stderr, "stash validate: %s\n", err.msg);
        return 2;
    }
    return check_all(objects);
}
