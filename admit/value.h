/*
 * value.h - a rule about a single value is a row: where the value stands, and what checks it.
 */
#ifndef ADMIT_VALUE_H
#define ADMIT_VALUE_H

#include "rules.h"

/** `value` stands at `path` and is neither null nor "". */
typedef void (*value_check)(const struct admit *a, const char *path, const json_t *value);

struct value_rule {
    const char *path; /* below the document: "a.b"; "a.b[].c" is c of every element of b */
    value_check check;
};

/** Check what stands at the rows' paths below `doc`, which itself stands at `base`. The table ends with a zeroed row. */
void values_check(const struct admit *a, const char *base, const json_t *doc,
                  const struct value_rule *rules);

/**
 * The string, if it can be judged now: NULL for another type (a cause is added), and for one with ${…} in a kind whose
 * variables are replaced later.
 */
const char *value_text(const struct admit *a, const char *path, const json_t *value);

/** Whether it cannot be judged yet: a text with ${…} in a kind whose variables are replaced later. */
bool value_is_open(const struct admit *a, const char *text);

void value_schedule(const struct admit *a, const char *path, const json_t *value);
void value_time_out(const struct admit *a, const char *path, const json_t *value);
void value_delay(const struct admit *a, const char *path, const json_t *value);
void value_count(const struct admit *a, const char *path, const json_t *value);
void value_quantity(const struct admit *a, const char *path, const json_t *value);
void value_int32(const struct admit *a, const char *path, const json_t *value);
void value_id(const struct admit *a, const char *path, const json_t *value);
void value_bool(const struct admit *a, const char *path, const json_t *value);
void value_label_key(const struct admit *a, const char *path, const json_t *value);
void value_label_value(const struct admit *a, const char *path, const json_t *value);
void value_sub_path(const struct admit *a, const char *path, const json_t *value);
void value_storage(const struct admit *a, const char *path, const json_t *value);
void value_name(const struct admit *a, const char *path, const json_t *value);
void value_namespace(const struct admit *a, const char *path, const json_t *value);
void value_port(const struct admit *a, const char *path, const json_t *value);
void value_named_port(const struct admit *a, const char *path, const json_t *value);

/** For checks that are a range, or a list of words that ends with NULL. */
void value_within(const struct admit *a, const char *path, const json_t *value,
                  const json_int_t range[2]);
void value_one_of(const struct admit *a, const char *path, const json_t *value,
                  const char *const *words);

#endif
