/*
 * quoted_json.h - JSON in C strings: single quotes stand for double ones, and nothing is escaped.
 */
#ifndef TEST_QUOTED_JSON_H
#define TEST_QUOTED_JSON_H

#include <criterion/criterion.h>
#include <string.h>

#include "stash/jsonx.h"
#include "stash/mem.h"

/** New reference; the test fails if it is no JSON. */
static inline json_t *quoted_json(const char *text)
{
    AUTO(mem_free) char *json = xstrdup(text);
    struct error err = {0};
    json_t *doc = NULL;

    for (char *at = json; (at = strchr(at, '\'')); at++)
        *at = '"';
    cr_assert_eq(jsonx_parse(json, strlen(json), &doc, &err), 0, "%s in %s", err.msg, text);
    return doc;
}

#endif
