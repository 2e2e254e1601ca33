#include "es_privileges.h"

#include <string.h>

#include "stash/jsonx.h"

/* "*" is any text and "?" any character. An expression between slashes is taken for one that fits. */
static bool pattern_fits(const char *pattern, const char *name)
{
    const char *star = NULL, *retry = name;

    if (*pattern == '/')
        return true;
    while (*name) {
        if (*pattern == '*') {
            star = pattern++;
            retry = name;
        } else if (*pattern && (*pattern == '?' || *pattern == *name)) {
            pattern++;
            name++;
        } else if (star) {
            pattern = star + 1;
            name = ++retry;
        } else {
            return false;
        }
    }
    return !pattern[strspn(pattern, "*")];
}

static bool group_reads(const json_t *group, const char *index)
{
    const json_t *privileges = json_object_get(group, "privileges");
    size_t i;
    json_t *name;

    if (jsonx_find_text(privileges, "read") < 0 && jsonx_find_text(privileges, "all") < 0)
        return false;
    json_array_foreach (json_object_get(group, "names"), i, name)
        if (json_is_string(name) && pattern_fits(json_string_value(name), index))
            return true;
    return false;
}

static bool all_fields(const json_t *group)
{
    const json_t *list = json_object_get(group, "field_security");
    size_t i;
    json_t *fields;

    json_array_foreach (list, i, fields)
        if (jsonx_find_text(json_object_get(fields, "grant"), "*") >= 0 &&
            jsonx_is_empty(json_object_get(fields, "except")))
            return true;
    return jsonx_is_empty(list);
}

bool es_privileges_limit(const json_t *answer, const char *index)
{
    bool found = false;
    size_t i;
    json_t *group;

    json_array_foreach (json_object_get(answer, "indices"), i, group) {
        if (!group_reads(group, index))
            continue;
        if (jsonx_is_empty(json_object_get(group, "query")) && all_fields(group))
            return false;
        found = true;
    }
    return found;
}
