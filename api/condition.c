/* condition.c - reading and upserting conditions. */
#include "stash/conditions.h"

#include <string.h>

#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/mem.h"
#include "stash/pair.h"
#include "stash/timefmt.h"

const json_t *condition_find(const json_t *conditions, const char *type)
{
    ptrdiff_t at = conditions ? jsonx_find(conditions, "type", type) : -1;

    return at < 0 ? NULL : json_array_get(conditions, (size_t)at);
}

static bool has_status(const json_t *conditions, const char *type, const char *status)
{
    const char *have = jsonx_str(condition_find(conditions, type), "status", NULL);

    return have && strcmp(have, status) == 0;
}

bool condition_is_true(const json_t *conditions, const char *type)
{
    return has_status(conditions, type, "True");
}

bool condition_is_false(const json_t *conditions, const char *type)
{
    return has_status(conditions, type, "False");
}

/* Bytes of `text` that fit into a status, not cutting through a UTF-8 sequence. */
static size_t text_length(const char *text)
{
    size_t len = strnlen(text, LIMIT_STATUS_TEXT + 1);

    if (len <= LIMIT_STATUS_TEXT)
        return len;
    len = LIMIT_STATUS_TEXT;
    while (len > 0 && ((unsigned char)text[len] & 0xC0) == 0x80)
        len--;
    return len;
}

/* Messages carry text of other programs; what is not UTF-8 is shown as question marks. */
static json_t *text_encode(const char *text, size_t len)
{
    AUTO(mem_free) char *copy = xstrndup(text, len);

    jsonx_repair_text(copy);
    return json_string(copy);
}

static json_t *condition_encode(const struct condition *condition, json_t *message, int64_t now)
{
    char time[TIMEFMT_SIZE];

    timefmt_rfc3339(now, time);
    return json_pack("{s:s, s:s, s:s, s:s, s:o}", PAIR("type", condition->type),
                     PAIR("status", condition->status), PAIR("lastTransitionTime", time),
                     PAIR("reason", condition->reason ? condition->reason : ""),
                     PAIR("message", message));
}

/* Absent and empty texts are the same thing. */
static bool member_is(const json_t *condition, const char *key, const char *want)
{
    const char *have = jsonx_str(condition, key, NULL);

    return strcmp(have ? have : "", want ? want : "") == 0;
}

json_t *condition_set(const json_t *conditions, const struct condition *condition, int64_t now)
{
    const char *text = condition->message ? condition->message : "";
    const json_t *have = condition_find(conditions, condition->type);
    json_t *result = conditions ? json_copy(jsonx_unconst(conditions)) : json_array();
    json_auto_t *message = text_encode(text, text_length(text));

    if (have && member_is(have, "status", condition->status) &&
        member_is(have, "reason", condition->reason) &&
        member_is(have, "message", json_string_value(message)))
        return result;
    json_t *item = condition_encode(condition, json_incref(message), now);
    if (have)
        json_array_set_new(result, (size_t)jsonx_find(result, "type", condition->type), item);
    else
        json_array_append_new(result, item);
    return result;
}

bool condition_edit(json_t *object, const struct condition *condition, int64_t now)
{
    const json_t *old = jsonx_get(object, "status", "conditions", NULL);
    json_auto_t *conditions = condition_set(old, condition, now);

    if (old && json_equal(conditions, jsonx_unconst(old)))
        return false;
    json_object_set(jsonx_own(object, "status"), "conditions", conditions);
    return true;
}
