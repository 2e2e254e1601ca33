#include "golden_patch.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "stash/buf.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/mem.h"

struct patching {
    const struct golden_source *source;
    const json_t *known; /* what the patch makes, as far as it is known */
    bool changes;        /* or a document of its own, whose nulls are values */
    struct error *err;
};

#define PENDING "not known yet" /* the member of what stands for a value until it is known */

static json_t *apply(const struct patching *p, const json_t *target, const json_t *patch);

static json_t *fail(const struct patching *p, const char *what, const char *key)
{
    error_set(p->err, ERR_INVALID, "%s: %s", key, what);
    return NULL;
}

/* ---- pointers and names */

char *golden_pointer_escape(const char *segment)
{
    struct buf out;

    buf_init(&out, LIMIT_INPUT_FILE);
    for (; *segment; segment++) {
        if (*segment == '~' || *segment == '/')
            buf_adds(&out, *segment == '~' ? "~0" : "~1");
        else
            buf_addc(&out, *segment);
    }
    return buf_take(&out);
}

/* The segment at *pointer, which is left behind it. The caller frees it. */
static char *take_segment(const char **pointer)
{
    const char *from = *pointer + 1;
    size_t len = strcspn(from, "/"), to = 0;
    char *segment = xstrndup(from, len);

    *pointer = from + len;
    for (size_t i = 0; i < len; i++) {
        bool escaped = segment[i] == '~' && (segment[i + 1] == '0' || segment[i + 1] == '1');
        segment[to++] = escaped ? (segment[i + 1] == '0' ? '~' : '/') : segment[i];
        i += escaped;
    }
    segment[to] = '\0';
    return segment;
}

static const char *name_of(const json_t *element)
{
    const char *own = jsonx_str(element, "name", NULL);
    const char *name = own ? own : jsonx_name(element);

    return name && *name && !isdigit((unsigned char)*name) && !strchr("+-", *name) ? name : NULL;
}

const char *golden_element_name(const json_t *list, size_t index)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = name_of(json_array_get(list, i));
        if (!name)
            return NULL;
        for (size_t j = 0; j < i; j++)
            if (strcmp(name, name_of(json_array_get(list, j))) == 0)
                return NULL;
    }
    return name_of(json_array_get(list, index));
}

/* The element's index; the list's length: there is none. */
static size_t find_element(const json_t *list, const char *segment)
{
    char *end;
    size_t index = (size_t)strtoul(segment, &end, 10), count = json_array_size(list);

    if (*segment && !*end)
        return index < count ? index : count;
    for (index = 0; index < count; index++) {
        const char *name = name_of(json_array_get(list, index));
        if (name && strcmp(name, segment) == 0)
            break;
    }
    return index;
}

const json_t *golden_pointer_get(const json_t *doc, const char *pointer)
{
    while (doc && *pointer == '/') {
        AUTO(mem_free) char *segment = take_segment(&pointer);
        doc = json_is_array(doc) ? json_array_get(doc, find_element(doc, segment))
                                 : json_object_get(doc, segment);
    }
    return *pointer ? NULL : doc;
}

/* ---- patches */

/* One key's part: pointers that begin with the same segment become one patch for what is there. `grouped` is
 * {segment: [exact, patch]}. */
static bool group(const struct patching *p, json_t *grouped, const char *key, json_t *value)
{
    const char *rest = key + strlen(key);
    size_t len = strlen(key);
    bool exact = len > 1 && key[len - 1] == '!';
    AUTO(mem_free) char *plain = xstrndup(key, len - exact);
    AUTO(mem_free)
    char *segment = *plain == '/' ? take_segment(&(const char *){plain}) : xstrdup(plain);
    json_t *known = json_object_get(grouped, segment);

    if (*plain == '/' && strchr(plain + 1, '/'))
        rest = key + (strchr(plain + 1, '/') - plain);
    json_auto_t *part = *rest ? json_pack("{s:O}", rest, value) : json_incref(value);
    if (*rest)
        exact = false;
    if (!known)
        return json_object_set_new(grouped, segment, json_pack("[b, O]", exact, part)) == 0;
    json_t *before = json_array_get(known, 1);
    if (exact || json_is_true(json_array_get(known, 0)) || !json_is_object(before) ||
        !json_is_object(part))
        return fail(p, "is given twice", key) != NULL;
    json_auto_t *both = json_copy(before);
    json_object_update(both, part);
    return json_array_set(known, 1, both) == 0;
}

static json_t *grouped_of(const struct patching *p, const json_t *patch)
{
    json_auto_t *grouped = json_object();
    const char *key;
    const json_t *value;

    jsonx_foreach_member (patch, key, value) {
        if (strcmp(key, "base") != 0 && !group(p, grouped, key, jsonx_unconst(value)))
            return NULL;
    }
    return TAKE(grouped);
}

static json_t *apply_part(const struct patching *p, const json_t *target, const json_t *part)
{
    const json_t *value = json_array_get(part, 1);

    return json_is_true(json_array_get(part, 0)) ? json_incref(jsonx_unconst(value))
                                                 : apply(p, target, value);
}

static bool is_removal(const json_t *part)
{
    return json_is_false(json_array_get(part, 0)) && json_is_null(json_array_get(part, 1));
}

static json_t *apply_object(const struct patching *p, const json_t *target, const json_t *grouped)
{
    json_auto_t *object = json_is_object(target) ? json_copy(jsonx_unconst(target)) : json_object();
    const char *segment;
    const json_t *part;

    jsonx_foreach_member (grouped, segment, part) {
        if (is_removal(part) && (target || p->changes)) {
            if (json_object_del(object, segment) < 0)
                return fail(p, "there is nothing to remove", segment);
            continue;
        }
        json_t *value = apply_part(p, json_object_get(object, segment), part);
        if (!value)
            return NULL;
        json_object_set_new(object, segment, value);
    }
    return TAKE(object);
}

/* What is inserted before element `index`, or at the end. */
static bool insert(const struct patching *p, json_t *into, const json_t *grouped, size_t index,
                   size_t count)
{
    AUTO(mem_free) char *segment = index < count ? xasprintf("+%zu", index) : xstrdup("-");
    const json_t *items = json_array_get(json_object_get(grouped, segment), 1);
    size_t i;
    json_t *item;

    json_array_foreach (jsonx_unconst(items), i, item) {
        json_t *made = apply(p, NULL, item);
        if (!made)
            return false;
        json_array_append_new(into, made);
    }
    return true;
}

/* {segment: part} as {index: part}; NULL: a segment leads nowhere. */
static json_t *edits_of(const struct patching *p, const json_t *list, const json_t *grouped)
{
    json_auto_t *edits = json_object();
    const char *segment;
    const json_t *part;

    jsonx_foreach_member (grouped, segment, part) {
        size_t at = find_element(list, segment[0] == '+' ? segment + 1 : segment);
        bool inserts = segment[0] == '+' || strcmp(segment, "-") == 0;
        AUTO(mem_free) char *index = xasprintf("%zu", at);
        if ((strcmp(segment, "-") != 0 && at == json_array_size(list)) ||
            (inserts && !json_is_array(json_array_get(part, 1))) ||
            (!inserts && json_object_get(edits, index)))
            return fail(p,
                        "the list has no such element, or it is given twice, or what is inserted "
                        "is no list",
                        segment);
        if (!inserts)
            json_object_set(edits, index, jsonx_unconst(part));
    }
    return TAKE(edits);
}

static json_t *apply_list(const struct patching *p, const json_t *list, const json_t *grouped)
{
    json_auto_t *edits = edits_of(p, list, grouped);
    json_auto_t *out = json_array();
    size_t count = json_array_size(list);

    for (size_t i = 0; edits && i < count; i++) {
        AUTO(mem_free) char *index = xasprintf("%zu", i);
        const json_t *part = json_object_get(edits, index);
        if (!insert(p, out, grouped, i, count))
            return NULL;
        if (part && is_removal(part))
            continue;
        json_t *value = part ? apply_part(p, json_array_get(list, i), part)
                             : json_incref(json_array_get(list, i));
        if (!value)
            return NULL;
        json_array_append_new(out, value);
    }
    return edits && insert(p, out, grouped, count, count) ? TAKE(out) : NULL;
}

static bool has_pointer(const json_t *patch)
{
    const char *key;
    const json_t *value;

    jsonx_foreach_member (patch, key, value)
        if (*key == '/')
            return true;
    return false;
}

/* ---- values of the document itself */

static json_t *pending(const char *ref)
{
    return json_pack("{s:s}", PENDING, ref);
}

/* The reference in `doc` that leads to no known value. Borrowed; NULL: all are known. */
static const char *find_pending(const json_t *doc)
{
    const char *key, *ref = jsonx_str(doc, PENDING, NULL);
    const json_t *member;

    jsonx_foreach_member (doc, key, member)
        ref = ref ? ref : find_pending(member);
    for (size_t i = 0; !ref && i < json_array_size(doc); i++)
        ref = find_pending(json_array_get(doc, i));
    return ref;
}

/* NULL: it isn't known yet. */
static const json_t *own_value(const struct patching *p, const char *ref)
{
    const json_t *value = golden_pointer_get(p->known, ref);

    return value && !find_pending(value) ? value : NULL;
}

static json_t *apply(const struct patching *p, const json_t *target, const json_t *patch)
{
    const char *base = jsonx_str(patch, "base", NULL);

    if (json_is_array(patch)) {
        json_auto_t *out = json_array();
        json_auto_t *items = json_pack("{s:[b, O]}", "-", 0, patch);
        return insert(p, out, items, 0, 0) ? TAKE(out) : NULL;
    }
    if (!json_is_object(patch))
        return json_incref(jsonx_unconst(patch));
    if (base && *base == '/' && !(target = own_value(p, base)))
        return pending(base);
    if (base && *base != '/' && !(target = p->source->find(p->source->ctx, base, p->err)))
        return NULL;
    json_auto_t *grouped = grouped_of(p, patch);
    if (!grouped)
        return NULL;
    if (json_is_array(target) && (has_pointer(patch) || json_object_size(grouped) == 0))
        return apply_list(p, target, grouped);
    return apply_object(p, target, grouped);
}

json_t *golden_patch_apply(const json_t *target, const json_t *patch,
                           const struct golden_source *source, struct error *err)
{
    json_auto_t *known = NULL;
    const char *unknown = "";

    /* Each time values become known that others begin with, or none ever will. */
    while (unknown) {
        const struct patching p = {source, known, target || json_object_get(patch, "base"), err};
        json_auto_t *made = apply(&p, target, patch);
        if (!made)
            return NULL;
        unknown = find_pending(made);
        if (unknown && known && json_equal(made, known))
            return fail(&p, "there is no such value in the case, or it is its own base", unknown);
        json_decref(known);
        known = TAKE(made);
    }
    return TAKE(known);
}
