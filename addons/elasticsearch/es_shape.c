/*
 * es_shape.c - what an index is beside its documents: mapping, settings, aliases.
 *
 * The tool goes on when the server refuses a mapping, say because an analyzer is not there: the server then guesses one from
 * the documents, all of which fit, and what was an address is text.
 */
#include <string.h>
#include <unistd.h>

#include "es.h"
#include "es_mapping.h"
#include "stash/file.h"
#include "stash/jsonx.h"

#define SHAPE_MAX (2 * LIMIT_MIB) /* what is larger is not looked at */
#define NAMES_MAX 300

static char *path_of(const struct addon_run *run, const char *index, const char *type)
{
    return xasprintf("%s/%s.%s.json", run->folder, index, type);
}

/* The settings and the aliases are a document inside of a string. `*ret` NULL: there is no such file; JSON null: it is too large. */
static int read_shape(const struct addon_run *run, const char *index, const char *type,
                      json_t **ret, struct error *err)
{
    AUTO(mem_free) char *path = path_of(run, index, type);
    AUTO(mem_free) char *text = NULL;
    json_auto_t *doc = NULL;
    const char *inside;
    size_t len;
    int r;

    *ret = NULL;
    if (access(path, F_OK) < 0)
        return 0;
    r = file_read(path, SHAPE_MAX, &text, &len, err);
    if (r == -ERR_LIMIT) {
        *ret = json_null();
        return 0;
    }
    if (r == 0)
        r = jsonx_parse(text, len, &doc, err);
    if (r < 0)
        return error_wrap(err, "index %s: its %s", index, type);
    inside = json_string_value(doc);
    if (inside)
        return jsonx_parse(inside, strlen(inside), ret, err);
    *ret = TAKE(doc);
    return 0;
}

/* The user says himself which parts are dumped. */
static bool chooses_types(const struct addon_run *run)
{
    static const char *const options[] = {"ignoreType", "includeType", "ignoreMapping",
                                          "ignoreSettings"};

    for (size_t i = 0; i < ARRAY_LEN(options); i++)
        if (es_args_has(addon_text(run, "es-args"), options[i]))
            return true;
    return false;
}

/* ---- the dump ------------------------------------------------------------------------------------------------------ */

static int check_parts(const struct addon_run *run, const char *index, struct error *err)
{
    static const char *const types[] = {"mapping", "settings"};

    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        json_auto_t *doc = NULL;
        int r = read_shape(run, index, types[i], &doc, err);

        if (r < 0)
            return r;
        if (!doc)
            return error_set(err, ERR_INVALID, "index %s: its %s is not in the dump", index,
                             types[i]);
    }
    return 0;
}

static int check_source(struct addon_run *run, const char *index, struct error *err)
{
    json_auto_t *doc = NULL;
    int r = read_shape(run, index, "mapping", &doc, err);

    if (r < 0)
        return r;
    if (json_is_null(doc))
        addon_warn(run, "index %s: its mapping is in the dump, and too large to be looked at",
                   index);
    switch (es_mapping_source(es_mapping_of(doc))) {
    case ES_SOURCE_NONE:
        return error_set(
            err, ERR_INVALID,
            "index %s keeps no source of its documents (_source.enabled is false in its "
            "mapping), so they cannot be dumped: leave it out with --match in the "
            "parameter args",
            index);
    case ES_SOURCE_PARTLY:
        addon_warn(run,
                   "index %s keeps only a part of its documents' source (_source in its mapping): "
                   "the other fields are not in the dump",
                   index);
        break;
    case ES_SOURCE_WHOLE:
        break;
    }
    return 0;
}

int es_check_shape(struct addon_run *run, const char *index, struct error *err)
{
    int r = chooses_types(run) ? 0 : check_parts(run, index, err);

    return r < 0 ? r : check_source(run, index, err);
}

/* ---- before the load ----------------------------------------------------------------------------------------------- */

/* As read_shape() reads it. */
static int write_shape(const struct addon_run *run, const char *index, const char *type,
                       const json_t *doc, struct error *err)
{
    AUTO(mem_free) char *path = path_of(run, index, type);
    AUTO(mem_free) char *inside = jsonx_dump(doc);
    json_auto_t *string = json_string(inside);
    AUTO(mem_free) char *text = json_dumps(string, JSON_ENCODE_ANY);
    AUTO(mem_free) char *line = xasprintf("%s\n", text);

    return file_write(path, line, strlen(line), 0640, err);
}

int es_open_index(struct addon_run *run, const char *index, struct error *err)
{
    json_auto_t *doc = NULL;
    const char *name, *block;
    json_t *its, *value;
    bool any = false;
    int r = read_shape(run, index, "settings", &doc, err);

    json_object_foreach (doc, name, its) {
        json_t *settings = json_object_get(json_object_get(its, "settings"), "index");

        json_object_foreach (json_object_get(settings, "blocks"), block, value)
            any =
                any || (json_string_value(value) && strcmp(json_string_value(value), "true") == 0);
        json_object_del(settings, "blocks");
    }
    if (r < 0 || !any)
        return r;
    json_object_set_new(json_object_get(es_of(run)->before, index), "blocked", json_true());
    return write_shape(run, index, "settings", doc, err);
}

/* ---- the load ------------------------------------------------------------------------------------------------------ */

static int ask_shape(const struct addon_run *run, const char *index, const char *what, json_t **ret,
                     struct error *err)
{
    AUTO(mem_free) char *path = es_path(es_of(run), index, what);

    return es_get(es_of(run), path, what + 1, ret, err);
}

/* An index that was there before keeps the mapping that its owner gave it: that may be meant. */
static int compare_mapping(struct addon_run *run, const char *index, bool was_there,
                           struct error *err)
{
    json_auto_t *wanted = NULL;
    json_auto_t *there = NULL;
    AUTO(buf_done) struct buf text;
    int r = read_shape(run, index, "mapping", &wanted, err);

    buf_init(&text, LIMIT_KIB);
    if (r == 0 && json_is_object(wanted))
        r = ask_shape(run, index, "_mapping", &there, err);
    if (r < 0 || !json_is_object(wanted) ||
        !es_mapping_differs(es_mapping_of(wanted), es_mapping_of(there), &text))
        return r;
    if (!was_there)
        return error_set(err, ERR_INVALID,
                         "index %s: the server did not take its mapping or settings: %s", index,
                         text.data);
    addon_warn(run, "index %s was there before, with another mapping: %s", index, text.data);
    return 0;
}

/* The index may have another name on the server. */
static const json_t *only_member(const json_t *answer)
{
    const char *name;
    const json_t *its;

    jsonx_foreach_member (answer, name, its)
        return its;
    return NULL;
}

static int compare_aliases(struct addon_run *run, const char *index, struct error *err)
{
    json_auto_t *wanted = NULL;
    json_auto_t *there = NULL;
    AUTO(buf_done) struct buf names;
    const char *name;
    const json_t *ignored;
    int r = read_shape(run, index, "alias", &wanted, err);

    buf_init(&names, NAMES_MAX);
    if (r == 0 && json_object_size(wanted) > 0)
        r = ask_shape(run, index, "_alias", &there, err);
    if (r < 0)
        return r;
    jsonx_foreach_member (jsonx_get(wanted, index, "aliases", NULL), name, ignored)
        if (!jsonx_get(only_member(there), "aliases", name, NULL) && !names.overflow)
            buf_addf(&names, "%s%s", names.len ? ", " : "", name);
    if (names.len > 0)
        addon_warn(run, "index %s: its aliases were not restored: %s", index, names.data);
    return 0;
}

int es_compare_shape(struct addon_run *run, const char *index, struct error *err)
{
    bool was_there = jsonx_bool(es_of(run)->before, 0, index, "there", NULL);

    if (!was_there && jsonx_bool(es_of(run)->before, 0, index, "blocked", NULL))
        addon_warn(run,
                   "index %s was read only (index.blocks), and came back so that it can be written",
                   index);
    int r = chooses_types(run) ? 0 : compare_mapping(run, index, was_there, err);

    return r < 0 ? r : compare_aliases(run, index, err);
}
