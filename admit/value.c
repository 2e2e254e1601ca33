#include "value.h"

#include <stdlib.h>
#include <string.h>

#include "stash/buf.h"
#include "stash/cron.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/path.h"
#include "stash/quantity.h"
#include "stash/text.h"
#include "stash/timefmt.h"
#include "syntax.h"

/* ---- where ------------------------------------------------------------------------------------------------------- */

static void check_below(const struct admit *a, const char *at, const json_t *value,
                        const char *rest, value_check check);

static void check_elements(const struct admit *a, const char *at, const json_t *array,
                           const char *rest, value_check check)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        AUTO(mem_free) char *path = xasprintf("%s[%zu]", at, i);
        check_below(a, path, json_array_get(array, i), rest, check);
    }
}

/* `rest` is what is left of the row's path: "", "[].c", ".b.c". */
static void check_below(const struct admit *a, const char *at, const json_t *value,
                        const char *rest, value_check check)
{
    if (!value || json_is_null(value))
        return;
    if (!*rest) {
        if (!json_is_string(value) || json_string_length(value) > 0)
            check(a, at, value);
        return;
    }
    if (*rest == '[') {
        check_elements(a, at, value, rest + 2, check);
        return;
    }
    rest += *rest == '.';
    size_t len = strcspn(rest, ".[");
    AUTO(mem_free) char *path = xasprintf("%s.%.*s", at, (int)len, rest);
    check_below(a, path, json_object_getn(value, rest, len), rest + len, check);
}

void values_check(const struct admit *a, const char *base, const json_t *doc,
                  const struct value_rule *rules)
{
    for (; rules->path; rules++)
        check_below(a, base, doc, rules->path, rules->check);
}

/* ---- what -------------------------------------------------------------------------------------------------------- */

static bool has_variables(enum kind kind)
{
    return kind == KIND_BACKUP_BLUEPRINT || kind == KIND_TASK || kind == KIND_FUNCTION;
}

bool value_is_open(const struct admit *a, const char *text)
{
    return text && has_variables(a->request->kind) && strstr(text, "${");
}

const char *value_text(const struct admit *a, const char *path, const json_t *value)
{
    const char *text = json_string_value(value);

    if (!text)
        causes_add(a->causes, path, CAUSE_TYPE, "must be a string");
    return value_is_open(a, text) ? NULL : text;
}

void value_schedule(const struct admit *a, const char *path, const json_t *value)
{
    const char *text = value_text(a, path, value);
    struct error err;

    if (text && cron_check(text, &err) < 0)
        causes_add(a->causes, path, CAUSE_INVALID, "%s", err.msg);
}

static bool parse_duration(const struct admit *a, const char *path, const json_t *value,
                           int64_t *ret)
{
    const char *text = value_text(a, path, value);

    if (!text)
        return false;
    if (timefmt_parse_duration(text, ret))
        return true;
    causes_add(a->causes, path, CAUSE_INVALID,
               "\"%.60s\" is not a duration; write hours, minutes and seconds: 1h30m (there is no "
               "unit for days)",
               text);
    return false;
}

void value_time_out(const struct admit *a, const char *path, const json_t *value)
{
    int64_t nanos;

    if (parse_duration(a, path, value, &nanos) && nanos <= 0)
        causes_add(a->causes, path, CAUSE_INVALID, "must be longer than nothing");
}

void value_delay(const struct admit *a, const char *path, const json_t *value)
{
    int64_t nanos;

    if (parse_duration(a, path, value, &nanos) && nanos < 0)
        causes_add(a->causes, path, CAUSE_INVALID, "must not be negative");
}

void value_count(const struct admit *a, const char *path, const json_t *value)
{
    if (!json_is_integer(value))
        causes_add(a->causes, path, CAUSE_TYPE, "must be a whole number");
    else if (json_integer_value(value) < 0)
        causes_add(a->causes, path, CAUSE_INVALID, "must not be negative");
}

void value_within(const struct admit *a, const char *path, const json_t *value,
                  const json_int_t range[2])
{
    if (!json_is_integer(value))
        causes_add(a->causes, path, CAUSE_TYPE, "must be a whole number");
    else if (json_integer_value(value) < range[0] || json_integer_value(value) > range[1])
        causes_add(a->causes, path, CAUSE_INVALID,
                   "must be a whole number from %" JSON_INTEGER_FORMAT " to %" JSON_INTEGER_FORMAT,
                   range[0], range[1]);
}

/* How the API server holds most numbers. */
void value_int32(const struct admit *a, const char *path, const json_t *value)
{
    value_within(a, path, value, (const json_int_t[]){0, INT32_MAX});
}

/* Users and groups. */
void value_id(const struct admit *a, const char *path, const json_t *value)
{
    value_within(a, path, value, (const json_int_t[]){0, INT32_MAX});
}

void value_bool(const struct admit *a, const char *path, const json_t *value)
{
    if (!json_is_boolean(value))
        causes_add(a->causes, path, CAUSE_TYPE, "must be true or false");
}

/* "a, b, c" */
static char *words_list(const char *const *words)
{
    struct buf list;

    buf_init(&list, LIMIT_STATUS_TEXT);
    for (size_t i = 0; words[i]; i++)
        buf_addf(&list, "%s%s", i ? ", " : "", words[i]);
    return buf_take(&list);
}

void value_one_of(const struct admit *a, const char *path, const json_t *value,
                  const char *const *words)
{
    const char *text = value_text(a, path, value);

    if (!text || text_is_one_of(text, words))
        return;
    AUTO(mem_free) char *list = words_list(words);
    causes_add(a->causes, path, CAUSE_UNKNOWN, "\"%.40s\" is not known; write one of %s", text,
               list);
}

/* Kubernetes takes plain numbers for quantities too. */
static bool parse_quantity(const struct admit *a, const char *path, const json_t *value,
                           int64_t *ret)
{
    if (json_is_integer(value)) {
        *ret = json_integer_value(value);
        return true;
    }
    const char *text = value_text(a, path, value);
    if (!text)
        return false;
    if (quantity_parse(text, ret))
        return true;
    causes_add(a->causes, path, CAUSE_INVALID,
               "\"%.60s\" is not a quantity; write a number and a unit: 500m, 2, 10Gi", text);
    return false;
}

void value_quantity(const struct admit *a, const char *path, const json_t *value)
{
    int64_t amount;

    if (parse_quantity(a, path, value, &amount) && amount < 0)
        causes_add(a->causes, path, CAUSE_INVALID, "must not be negative");
}

void value_storage(const struct admit *a, const char *path, const json_t *value)
{
    int64_t amount;

    if (parse_quantity(a, path, value, &amount) && amount <= 0)
        causes_add(a->causes, path, CAUSE_INVALID, "a volume needs room: more than 0 bytes");
}

void value_name(const struct admit *a, const char *path, const json_t *value)
{
    const char *text = value_text(a, path, value);

    if (text && !syntax_is_subdomain(text))
        causes_add(a->causes, path, CAUSE_INVALID,
                   "\"%.100s\" cannot be the name of an object; names are of small letters, "
                   "digits, \"-\" and \".\"",
                   text);
}

void value_label_key(const struct admit *a, const char *path, const json_t *value)
{
    const char *text = value_text(a, path, value);

    if (text && !syntax_is_qualified(text))
        causes_add(a->causes, path, CAUSE_INVALID,
                   "\"%.100s\" is no key of labels; write a name of at most 63 letters, digits, "
                   "\"-\", \"_\" and \".\", with example.com/ before it where it needs a prefix",
                   text);
}

void value_label_value(const struct admit *a, const char *path, const json_t *value)
{
    const char *text = value_text(a, path, value);

    if (text && !syntax_is_label_value(text))
        causes_add(a->causes, path, CAUSE_INVALID,
                   "\"%.100s\" is no value of labels; write at most 63 letters, digits, \"-\", "
                   "\"_\" and \".\", a letter or digit at both ends",
                   text);
}

/* As the API server wants it: relative, without "..". */
void value_sub_path(const struct admit *a, const char *path, const json_t *value)
{
    const char *text = value_text(a, path, value);

    if (text && (text[0] == '/' || path_goes_up(text)))
        causes_add(a->causes, path, CAUSE_INVALID,
                   "\"%.100s\": a directory in the volume, without \"/\" before it and without "
                   "\"..\"",
                   text);
}

void value_namespace(const struct admit *a, const char *path, const json_t *value)
{
    const char *text = value_text(a, path, value);

    if (text && !syntax_is_label(text))
        causes_add(a->causes, path, CAUSE_INVALID,
                   "\"%.100s\" cannot be the name of a Namespace; names are of at most 63 small "
                   "letters, digits and \"-\"",
                   text);
}

void value_port(const struct admit *a, const char *path, const json_t *value)
{
    json_int_t port = json_integer_value(value);

    if (!json_is_integer(value))
        causes_add(a->causes, path, CAUSE_TYPE, "must be a whole number");
    else if (port < 1 || port > 65535)
        causes_add(a->causes, path, CAUSE_INVALID,
                   "%" JSON_INTEGER_FORMAT " is not a port; ports are from 1 to 65535", port);
}

/* "8080" counts as the number. */
void value_named_port(const struct admit *a, const char *path, const json_t *value)
{
    const char *text = json_string_value(value);

    if (!text) {
        value_port(a, path, value);
        return;
    }
    if (strspn(text, "0123456789") == strlen(text)) {
        json_auto_t *number = json_integer(strtoll(text, NULL, 10));
        value_port(a, path, number);
    } else if (!syntax_is_port_name(text)) {
        causes_add(a->causes, path, CAUSE_INVALID,
                   "\"%.40s\" is no port; write a number, or the name of a container's port "
                   "(at most 15 small letters, digits and \"-\")",
                   text);
    }
}
