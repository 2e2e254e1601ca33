/*
 * YAML by libyaml's events. Every node is counted, an alias with all that it stands for, so that a
 * few lines cannot unfold into gigabytes.
 */
#include "stash/yaml.h"

#include <string.h>
#include <yaml.h>

#include "stash/jsonx.h"
#include "stash/mem.h"
#include "yaml_scalar.h"

#define YAML_MAX_DEPTH 64
#define YAML_MAX_NODES 1000000

struct reader {
    yaml_parser_t parser;
    json_t *anchors; /* name -> value, of the present document */
    json_t *weights; /* name -> nodes below it */
    long nodes;
    int depth;
    struct error *err;
};

static int yaml_compose(struct reader *r, const yaml_event_t *event, json_t **ret);

static int yaml_fail(struct reader *r, const yaml_mark_t *mark, const char *what)
{
    return error_set(r->err, ERR_INVALID, "YAML line %zu, column %zu: %s", mark->line + 1,
                     mark->column + 1, what);
}

static int yaml_next(struct reader *r, yaml_event_t *event)
{
    if (yaml_parser_parse(&r->parser, event))
        return 0;
    return yaml_fail(r, &r->parser.problem_mark,
                     r->parser.problem ? r->parser.problem : "unreadable");
}

static int compose_scalar(struct reader *r, const yaml_event_t *event, json_t **ret)
{
    const char *text = (const char *)event->data.scalar.value;
    size_t len = event->data.scalar.length;
    bool plain = event->data.scalar.plain_implicit;

    *ret = plain ? yaml_scalar(text, len) : json_stringn(text, len);
    return *ret ? 0 : yaml_fail(r, &event->start_mark, "not UTF-8 text");
}

static int compose_alias(struct reader *r, const yaml_event_t *event, json_t **ret)
{
    const char *name = (const char *)event->data.alias.anchor;
    json_t *value = json_object_get(r->anchors, name);

    if (!value)
        return yaml_fail(r, &event->start_mark, "alias of an unknown anchor");
    r->nodes += (long)json_integer_value(json_object_get(r->weights, name));
    *ret = json_incref(value);
    return 0;
}

static int compose_sequence(struct reader *r, json_t **ret)
{
    json_auto_t *list = json_array();

    for (;;) {
        yaml_event_t event;
        json_t *item = NULL;
        if (yaml_next(r, &event) < 0)
            return -(int)ERR_INVALID;
        bool end = event.type == YAML_SEQUENCE_END_EVENT;
        int failed = end ? 0 : yaml_compose(r, &event, &item);
        yaml_event_delete(&event);
        if (failed < 0)
            return failed;
        if (end)
            break;
        json_array_append_new(list, item);
    }
    *ret = TAKE(list);
    return 0;
}

/* The merge key: members of `from` that `into` does not have. */
static void yaml_merge(json_t *into, const json_t *from)
{
    for (size_t i = 0; i < json_array_size(from); i++)
        yaml_merge(into, json_array_get(from, i));
    if (json_is_object(from))
        json_object_update_missing(into, jsonx_unconst(from));
}

/* JSON's keys are strings: an unquoted yes is the key "true" for kubectl, and 0x10 is "16". */
static char *key_text(const yaml_event_t *key)
{
    const char *text = (const char *)key->data.scalar.value;
    json_auto_t *value =
        key->data.scalar.plain_implicit ? yaml_scalar(text, key->data.scalar.length) : NULL;

    if (json_is_boolean(value))
        return xstrdup(json_is_true(value) ? "true" : "false");
    if (json_is_integer(value))
        return xasprintf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
    return xstrdup(text);
}

/* `map` gets the member; what a merge key names waits in `merged`, because the map's own members
 * win. */
static int add_member(struct reader *r, json_t *map, json_t *merged, const yaml_event_t *key,
                      json_t *value)
{
    AUTO(mem_free) char *name = key_text(key);
    json_auto_t *owned = value;

    if (strcmp(name, "<<") == 0 && key->data.scalar.plain_implicit) {
        json_array_append(merged, owned);
        return 0;
    }
    if (json_object_get(map, name))
        return yaml_fail(r, &key->start_mark, "the key stands here twice");
    if (json_object_set(map, name, owned) < 0)
        return yaml_fail(r, &key->start_mark, "not UTF-8 text");
    return 0;
}

static int compose_pair(struct reader *r, json_t *map, json_t *merged, const yaml_event_t *key)
{
    yaml_event_t event;
    json_t *value = NULL;

    if (key->type != YAML_SCALAR_EVENT)
        return yaml_fail(r, &key->start_mark, "a key must be a plain word");
    if (yaml_next(r, &event) < 0)
        return -(int)ERR_INVALID;
    int failed = yaml_compose(r, &event, &value);
    yaml_event_delete(&event);
    return failed < 0 ? failed : add_member(r, map, merged, key, value);
}

static int compose_mapping(struct reader *r, json_t **ret)
{
    json_auto_t *map = json_object();
    json_auto_t *merged = json_array();

    for (;;) {
        yaml_event_t key;
        if (yaml_next(r, &key) < 0)
            return -(int)ERR_INVALID;
        bool end = key.type == YAML_MAPPING_END_EVENT;
        int failed = end ? 0 : compose_pair(r, map, merged, &key);
        yaml_event_delete(&key);
        if (failed < 0)
            return failed;
        if (end)
            break;
    }
    yaml_merge(map, merged);
    *ret = TAKE(map);
    return 0;
}

static const char *anchor_of(const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return (const char *)event->data.scalar.anchor;
    case YAML_SEQUENCE_START_EVENT:
        return (const char *)event->data.sequence_start.anchor;
    case YAML_MAPPING_START_EVENT:
        return (const char *)event->data.mapping_start.anchor;
    default:
        return NULL;
    }
}

static int compose_node(struct reader *r, const yaml_event_t *event, json_t **ret)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return compose_scalar(r, event, ret);
    case YAML_ALIAS_EVENT:
        return compose_alias(r, event, ret);
    case YAML_SEQUENCE_START_EVENT:
        return compose_sequence(r, ret);
    case YAML_MAPPING_START_EVENT:
        return compose_mapping(r, ret);
    default:
        return yaml_fail(r, &event->start_mark, "a value is missing");
    }
}

static int yaml_compose(struct reader *r, const yaml_event_t *event, json_t **ret)
{
    long before = r->nodes++;
    json_t *value = NULL;

    if (++r->depth > YAML_MAX_DEPTH)
        return yaml_fail(r, &event->start_mark, "nested too deeply");
    int failed = compose_node(r, event, &value);
    r->depth--;
    if (failed < 0)
        return failed;
    if (r->nodes > YAML_MAX_NODES) {
        json_decref(value);
        return yaml_fail(r, &event->start_mark,
                         "too many values, or aliases that unfold into too many");
    }
    if (anchor_of(event)) {
        json_object_set(r->anchors, anchor_of(event), value);
        json_object_set_new(r->weights, anchor_of(event), json_integer(r->nodes - before));
    }
    *ret = value;
    return 0;
}

/* One event of the stream level; *done at its end. */
static int yaml_step(struct reader *r, json_t *documents, bool *done)
{
    yaml_event_t event;
    json_t *value = NULL;

    if (yaml_next(r, &event) < 0)
        return -(int)ERR_INVALID;
    int failed = 0;
    switch (event.type) {
    case YAML_STREAM_END_EVENT:
        *done = true;
        break;
    case YAML_DOCUMENT_START_EVENT:
        json_object_clear(r->anchors);
        break;
    case YAML_STREAM_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        break;
    default:
        failed = yaml_compose(r, &event, &value);
    }
    yaml_event_delete(&event);
    if (value && !json_is_null(value))
        json_array_append(documents, value);
    json_decref(value);
    return failed;
}

int yaml_parse_all(const char *data, size_t len, json_t **ret_array, struct error *err)
{
    struct reader r = {.anchors = json_object(), .weights = json_object(), .err = err};
    json_auto_t *documents = json_array();
    bool done = false;
    int failed = 0;

    BUG_ON(!yaml_parser_initialize(&r.parser));
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)data, len);
    while (!done && failed == 0)
        failed = yaml_step(&r, documents, &done);
    yaml_parser_delete(&r.parser);
    json_decref(r.anchors);
    json_decref(r.weights);
    if (failed < 0)
        return failed;
    *ret_array = TAKE(documents);
    return 0;
}
