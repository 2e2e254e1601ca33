/*
 * vars.c - a recursive-descent expander. A default is read with the same routine as the whole text,
 * which is what makes nesting work; when it is not needed it is still read, but muted, to find
 * where it ends.
 */
#include "stash/vars.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "stash/buf.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/mem.h"

/* Defaults inside defaults, and documents inside documents. */
#define DEPTH_MAX 64

struct expander {
    const char *at; /* what is still to be read */
    const json_t *vars;
    struct buf out;
    int depth;
    int muted;     /* > 0: inside a default that is not used */
    json_t *unset; /* when not NULL: variables without a value are noted here, and are no mistake */
    struct error *err;
};

static void vars_emit(struct expander *e, const char *text, size_t len)
{
    if (!e->muted)
        buf_add(&e->out, text, len);
}

static bool is_name_start(char c)
{
    return isalpha((unsigned char)c) || c == '_';
}

static bool is_name_char(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static size_t name_length(const char *text)
{
    size_t len = 0;

    if (!is_name_start(*text))
        return 0;
    while (is_name_char(text[len]))
        len++;
    return len;
}

static const char *vars_lookup(const json_t *vars, const char *name, size_t len)
{
    return json_string_value(json_object_getn(vars, name, len));
}

static int vars_missing(struct expander *e, const char *name, size_t len)
{
    if (e->unset) {
        json_object_setn_new(e->unset, name, len, json_true());
        return 0;
    }
    return error_set(e->err, ERR_INVALID, "variable %.*s has no value and no default",
                     (int)(len < 100 ? len : 100), name);
}

static int expand_until(struct expander *e, char end);

/* The reader stands behind the operator: everything up to the closing brace is the default. */
static int expand_default(struct expander *e, const char *value)
{
    int r;

    if (value)
        vars_emit(e, value, strlen(value));
    if (e->depth == DEPTH_MAX)
        return error_set(e->err, ERR_LIMIT, "defaults are nested more than %d deep", DEPTH_MAX);
    e->depth++;
    e->muted += value != NULL;
    r = expand_until(e, '}');
    e->muted -= value != NULL;
    e->depth--;
    return r;
}

static int expand_length(struct expander *e)
{
    const char *name = e->at + 1;
    size_t len = name_length(name);
    const char *value = vars_lookup(e->vars, name, len);
    char digits[24];

    if (len == 0 || name[len] != '}')
        return error_set(e->err, ERR_INVALID, "bad substitution at ${#%.20s", name);
    e->at = name + len + 1;
    if (!value && !e->muted)
        return vars_missing(e, name, len);
    vars_emit(e, digits,
              (size_t)snprintf(digits, sizeof(digits), "%zu", value ? strlen(value) : 0));
    return 0;
}

static void emit_upper(struct expander *e, const char *value)
{
    for (; *value; value++) {
        char c = (char)toupper((unsigned char)*value);
        vars_emit(e, &c, 1);
    }
}

/* ${A} and ${A^^}: the variable must be there. */
static int expand_plain(struct expander *e, const char *name, size_t len, bool upper)
{
    const char *value = vars_lookup(e->vars, name, len);

    if (!value && !e->muted)
        return vars_missing(e, name, len);
    if (value && upper)
        emit_upper(e, value);
    else if (value)
        vars_emit(e, value, strlen(value));
    return 0;
}

/* The reader stands behind "${". */
static int expand_variable(struct expander *e)
{
    static const char *const default_operators[] = {":=", ":-", "="};
    const char *name = e->at;

    if (*name == '#')
        return expand_length(e);
    size_t len = name_length(name);
    const char *rest = name + len;
    if (len == 0)
        return error_set(e->err, ERR_INVALID, "bad substitution at ${%.20s", name);
    for (size_t i = 0; i < ARRAY_LEN(default_operators); i++) {
        size_t width = strlen(default_operators[i]);
        if (strncmp(rest, default_operators[i], width) == 0) {
            e->at = rest + width;
            return expand_default(e, vars_lookup(e->vars, name, len));
        }
    }
    bool upper = strncmp(rest, "^^}", 3) == 0;
    if (*rest != '}' && !upper)
        return error_set(e->err, ERR_INVALID,
                         *rest ? "no such operator: ${%.40s" : "unclosed ${%.40s", name);
    e->at = rest + (upper ? 3 : 1);
    return expand_plain(e, name, len, upper);
}

static int expand_until(struct expander *e, char end)
{
    while (*e->at && *e->at != end) {
        size_t plain = strcspn(e->at, end == '}' ? "$}" : "$");
        vars_emit(e, e->at, plain);
        e->at += plain;
        if (*e->at != '$')
            continue;
        if (e->at[1] == '{') {
            e->at += 2;
            int r = expand_variable(e);
            if (r < 0)
                return r;
        } else {
            /* $$ is a dollar; one before anything else stays as it is */
            vars_emit(e, "$", 1);
            e->at += e->at[1] == '$' ? 2 : 1;
        }
    }
    if (*e->at != end)
        return error_set(e->err, ERR_INVALID, "unclosed ${");
    if (end)
        e->at++;
    return 0;
}

/* Expand with a ceiling that is counted down, so that many strings together stay below it. */
static int expand_bounded(const char *text, const json_t *vars, size_t *budget, char **ret,
                          struct error *err)
{
    struct expander e = {.at = text, .vars = vars, .err = err};
    int r;

    buf_init(&e.out, *budget + 1); /* a buffer without room cannot be made */
    r = expand_until(&e, '\0');
    if (r == 0 && (e.out.overflow || e.out.len > *budget))
        r = error_set(err, ERR_LIMIT, "more than %zu bytes after substitution", LIMIT_TEMPLATE);
    if (r == 0) {
        *budget -= e.out.len;
        *ret = buf_take(&e.out);
    }
    buf_done(&e.out);
    return r;
}

int vars_unset(const char *text, const json_t *vars, json_t *unset, struct error *err)
{
    struct expander e = {.at = text, .vars = vars, .unset = unset, .err = err};
    int r;

    buf_init(&e.out, LIMIT_TEMPLATE);
    r = expand_until(&e, '\0');
    buf_done(&e.out);
    return r;
}

int vars_expand(const char *text, const json_t *vars, char **ret, struct error *err)
{
    size_t budget = LIMIT_TEMPLATE;

    return expand_bounded(text, vars, &budget, ret, err);
}

struct walk {
    const json_t *vars;
    size_t budget;
    int depth;
    struct error *err;
};

static int walk_value(struct walk *w, const json_t *value, json_t **ret);

static int walk_string(struct walk *w, const json_t *value, json_t **ret)
{
    AUTO(mem_free) char *text = NULL;
    int r = expand_bounded(json_string_value(value), w->vars, &w->budget, &text, w->err);

    if (r < 0)
        return r;
    *ret = json_string(text);
    return *ret ? 0 : error_set(w->err, ERR_INVALID, "not UTF-8 after substitution");
}

static int walk_object(struct walk *w, const json_t *value, json_t **ret)
{
    json_auto_t *copy = json_object();
    const char *key;
    const json_t *member;

    jsonx_foreach_member (value, key, member) {
        json_t *expanded = NULL;
        int r = walk_value(w, member, &expanded);
        if (r < 0)
            return error_wrap(w->err, "%.60s", key);
        json_object_set_new(copy, key, expanded);
    }
    *ret = json_incref(copy);
    return 0;
}

static int walk_array(struct walk *w, const json_t *value, json_t **ret)
{
    json_auto_t *copy = json_array();

    for (size_t i = 0; i < json_array_size(value); i++) {
        json_t *expanded = NULL;
        int r = walk_value(w, json_array_get(value, i), &expanded);
        if (r < 0)
            return error_wrap(w->err, "[%zu]", i);
        json_array_append_new(copy, expanded);
    }
    *ret = json_incref(copy);
    return 0;
}

static int walk_value(struct walk *w, const json_t *value, json_t **ret)
{
    int r = 0;

    if (w->depth == DEPTH_MAX)
        return error_set(w->err, ERR_LIMIT, "nested more than %d deep", DEPTH_MAX);
    w->depth++;
    if (json_is_string(value))
        r = walk_string(w, value, ret);
    else if (json_is_object(value))
        r = walk_object(w, value, ret);
    else if (json_is_array(value))
        r = walk_array(w, value, ret);
    else
        *ret = json_incref(jsonx_unconst(value));
    w->depth--;
    return r;
}

int vars_expand_document(const json_t *doc, const json_t *vars, json_t **ret, struct error *err)
{
    struct walk w = {.vars = vars, .budget = LIMIT_TEMPLATE, .err = err};

    return walk_value(&w, doc, ret);
}
