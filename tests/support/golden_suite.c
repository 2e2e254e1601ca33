#include "golden_suite.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "golden_diff.h"
#include "golden_patch.h"
#include "golden_text.h"
#include "stash/buf.h"
#include "stash/file.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/yaml.h"

struct golden_suite {
    char *folder;
    json_t *docs;  /* {name: {in, want}}; null: being read */
    json_t *order; /* names */
};

static char *path_of(const struct golden_suite *suite, const char *name)
{
    return xasprintf("%s/%s.yaml", suite->folder, name);
}

/* ---- reading */

/* `base: case/in/object`: that case's value. */
static const json_t *find_base(void *ctx, const char *ref, struct error *err)
{
    struct golden_suite *suite = ctx;
    AUTO(mem_free) char *name = xstrndup(ref, strcspn(ref, "/"));
    const json_t *doc = golden_suite_case(suite, name, err);
    const json_t *value = doc ? golden_pointer_get(doc, ref + strlen(name)) : NULL;

    if (doc && !value)
        error_set(err, ERR_NOT_FOUND, "base %s: the case %s has no such value", ref, name);
    return value;
}

/* The file as it is. New reference. */
static json_t *read_file(const struct golden_suite *suite, const char *name, struct error *err)
{
    AUTO(mem_free) char *path = path_of(suite, name);
    AUTO(mem_free) char *text = NULL;
    json_auto_t *documents = NULL;
    size_t len;

    if (file_read(path, LIMIT_INPUT_FILE, &text, &len, err) < 0 ||
        yaml_parse_all(text, len, &documents, err) < 0)
        return NULL;
    if (json_array_size(documents) != 1 || !json_is_object(json_array_get(documents, 0))) {
        error_set(err, ERR_INVALID, "%s: a case is one document with members", path);
        return NULL;
    }
    return json_incref(json_array_get(documents, 0));
}

static json_t *compose(struct golden_suite *suite, const char *name, struct error *err)
{
    const struct golden_source source = {find_base, suite};
    json_auto_t *file = read_file(suite, name, err);

    if (!file)
        return NULL;
    json_auto_t *doc = golden_patch_apply(NULL, file, &source, err);
    if (doc && json_object_size(doc) == 2 && json_object_get(doc, "in") &&
        json_object_get(doc, "want"))
        return TAKE(doc);
    if (doc)
        error_set(err, ERR_INVALID, "a case has the members in and want, and no other");
    return NULL;
}

const json_t *golden_suite_case(struct golden_suite *suite, const char *name, struct error *err)
{
    const json_t *known = json_object_get(suite->docs, name);

    if (json_is_null(known))
        error_set(err, ERR_INVALID, "%s is its own base", name);
    if (known)
        return json_is_null(known) ? NULL : known;
    json_object_set_new(suite->docs, name, json_null());
    json_t *doc = compose(suite, name, err);
    if (!doc) {
        json_object_del(suite->docs, name);
        error_wrap(err, "%s", name);
        return NULL;
    }
    json_object_set_new(suite->docs, name, doc);
    json_array_append_new(suite->order, json_string(name));
    return doc;
}

static int is_case(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);

    return len > 5 && entry->d_name[0] != '.' && strcmp(entry->d_name + len - 5, ".yaml") == 0;
}

static int read_all(struct golden_suite *suite, struct error *err)
{
    struct dirent **entries = NULL;
    int count = scandir(suite->folder, &entries, is_case, alphasort);
    int r = count < 0 ? error_set(err, ERR_SYSTEM, "%s cannot be read", suite->folder) : 0;

    json_object_clear(suite->docs);
    json_array_clear(suite->order);
    for (int i = 0; i < count; i++) {
        AUTO(mem_free) char *name = xstrndup(entries[i]->d_name, strlen(entries[i]->d_name) - 5);
        if (r == 0 && !golden_suite_case(suite, name, err))
            r = -(int)err->kind;
        free(entries[i]);
    }
    free(entries);
    return r;
}

struct golden_suite *golden_suite_open(const char *folder, struct error *err)
{
    struct golden_suite *suite = xcalloc(1, sizeof *suite);

    suite->folder = xstrdup(folder);
    suite->docs = json_object();
    suite->order = json_array();
    if (read_all(suite, err) == 0)
        return suite;
    golden_suite_free(suite);
    return NULL;
}

void golden_suite_free(struct golden_suite *suite)
{
    if (!suite)
        return;
    mem_free(suite->folder);
    json_decref(suite->docs);
    json_decref(suite->order);
    mem_free(suite);
}

const char *golden_suite_name(const struct golden_suite *suite, size_t index)
{
    return json_string_value(json_array_get(suite->order, index));
}

/* ---- writing */

static int write_text(struct golden_suite *suite, const char *name, const char *text,
                      struct error *err)
{
    AUTO(mem_free) char *path = path_of(suite, name);

    return file_write(path, text, strlen(text), 0644, err);
}

/* Read the case again, as it was written now, without those that rest on it. */
static bool reads_as(struct golden_suite *suite, const char *name, const json_t *doc,
                     struct error *err)
{
    json_auto_t *now = compose(suite, name, err);

    if (now && json_equal(now, doc)) {
        json_object_set(suite->docs, name, now);
        return true;
    }
    if (now)
        error_set(err, ERR_INVALID, "%s would read otherwise than it was written", name);
    return false;
}

/* A case that is written. */
struct writing {
    struct golden_suite *suite;
    const char *name, *head; /* head: the file's text before the changes */
    const json_t *doc;       /* how it is to read then */
};

static int write_as(const struct writing *w, const char *text, struct error *err)
{
    AUTO(mem_free) char *all = xasprintf("%s%s", w->head, text);

    if (write_text(w->suite, w->name, all, err) < 0)
        return -(int)err->kind;
    return reads_as(w->suite, w->name, w->doc, err) ? 0 : -(int)err->kind;
}

/* A case without a base. */
static int write_whole(const struct writing *w, const json_t *to, const json_t *pool,
                       struct error *err)
{
    json_auto_t *nothing = json_object();
    json_auto_t *all = golden_diff(nothing, to, pool);
    AUTO(mem_free) char *text = golden_text_document(all);

    return write_as(w, text, err);
}

/* The changes from `from` to `to`; where a patch cannot say them, the members as they are. */
static int write_changes(const struct writing *w, const json_t *from, const json_t *to,
                         const json_t *pool, struct error *err)
{
    json_auto_t *patch = golden_diff(from, to, pool);
    json_auto_t *exact = json_object();
    AUTO(mem_free) char *change = patch ? golden_text_patch(patch) : xstrdup("");
    const char *key;
    const json_t *member;

    if (write_as(w, change, err) == 0)
        return 0;
    jsonx_foreach_member (to, key, member) {
        AUTO(mem_free) char *marked = xasprintf("%s!", key);
        json_object_set(exact, marked, jsonx_unconst(member));
    }
    AUTO(mem_free) char *whole = golden_text_patch(exact);
    return write_as(w, whole, err);
}

/* The values of `own`, the case itself, and of others. */
static json_t *pool_of(struct golden_suite *suite, const json_t *own, const json_t *names,
                       struct error *err)
{
    json_auto_t *pool = json_array();
    size_t i;
    json_t *name;

    golden_pool_add(pool, "", own);
    json_array_foreach (jsonx_unconst(names), i, name) {
        const json_t *doc = golden_suite_case(suite, json_string_value(name), err);
        if (!doc)
            return NULL;
        golden_pool_add(pool, json_string_value(name), doc);
    }
    return TAKE(pool);
}

int golden_suite_write(struct golden_suite *suite, const char *name, const char *base,
                       const json_t *doc, const json_t *pool, struct error *err)
{
    json_auto_t *own = json_deep_copy(doc); /* no value stands in it twice */
    json_auto_t *values = pool_of(suite, own, pool, err);
    if (!values)
        return -(int)err->kind;
    if (!base) {
        const struct writing whole = {suite, name, "", own};
        return write_whole(&whole, own, values, err);
    }
    json_auto_t *from = json_incref(jsonx_unconst(golden_suite_case(suite, base, err)));
    if (!from)
        return -(int)err->kind;
    AUTO(mem_free) char *head = xasprintf("base: %s\n", base);
    const struct writing changed = {suite, name, head, own};
    return write_changes(&changed, from, own, values, err);
}

/* The file up to the line that begins with want. The caller frees it. */
static char *head_of(const struct golden_suite *suite, const char *name, struct error *err)
{
    AUTO(mem_free) char *path = path_of(suite, name);
    AUTO(mem_free) char *text = NULL;
    size_t len, end = 0;

    if (file_read(path, LIMIT_INPUT_FILE, &text, &len, err) < 0)
        return NULL;
    while (end < len) {
        const char *line = text + end + (text[end] == '"' || text[end] == '\'');
        line += *line == '/';
        if (strncmp(line, "want", 4) == 0)
            break;
        end += strcspn(text + end, "\n") + 1;
    }
    end = end < len ? end : len;
    return xasprintf("%.*s%s", (int)end, text, end > 0 && text[end - 1] != '\n' ? "\n" : "");
}

/* The case's base, that one's base and so on. */
static json_t *ancestors_of(struct golden_suite *suite, const char *name, struct error *err)
{
    json_auto_t *names = json_array();
    json_auto_t *file = read_file(suite, name, err);
    const char *base;

    while (file && (base = jsonx_str(file, "base", NULL))) {
        json_array_append_new(names, json_string(base));
        json_t *next = read_file(suite, base, err);
        json_decref(file);
        file = next;
    }
    return file ? TAKE(names) : NULL;
}

/* Put the new answer behind the file's head. */
static int replace_want(struct golden_suite *suite, const char *name, const char *head,
                        const json_t *doc, struct error *err)
{
    json_auto_t *ancestors = ancestors_of(suite, name, err);
    const char *base = json_string_value(json_array_get(ancestors, 0));
    json_auto_t *to = json_pack("{s:O}", "want", json_object_get(doc, "want"));
    json_auto_t *pool = ancestors ? pool_of(suite, doc, ancestors, err) : NULL;
    const struct writing writing = {suite, name, head, doc};

    if (!pool)
        return -(int)err->kind;
    if (!base)
        return write_whole(&writing, to, pool, err);
    const json_t *near = golden_suite_case(suite, base, err);
    json_auto_t *from = json_pack("{s:O*}", "want", json_object_get(near, "want"));
    return near ? write_changes(&writing, from, to, pool, err) : -(int)err->kind;
}

/* The order of members means nothing in an answer; sorted ones make the smallest difference to the file. */
static json_t *sorted(const json_t *value)
{
    AUTO(mem_free) char *text = jsonx_dump_sorted(value);

    return json_loads(text, JSON_DECODE_ANY, NULL);
}

int golden_suite_write_want(struct golden_suite *suite, const char *name, const json_t *want,
                            struct error *err)
{
    const json_t *in = json_object_get(golden_suite_case(suite, name, err), "in");
    json_auto_t *doc = json_pack("{s:o, s:o}", "in", json_deep_copy(in), "want", sorted(want));
    struct error ignored;

    if (reads_as(suite, name, doc, &ignored)) /* its base may have changed as it did */
        return 0;
    AUTO(mem_free) char *head = head_of(suite, name, err);
    return head ? replace_want(suite, name, head, doc, err) : -(int)err->kind;
}
