#include "outline.h"

#include <stdio.h>
#include <string.h>

#include "stash/mem.h"

enum key {
    KEY_OTHER,
    KEY_ARRAY, /* there are no keys at this depth */
    KEY_TYPE,
    KEY_OBJECT,
    KEY_METADATA,
    KEY_NAME,
    KEY_NAMESPACE,
    KEY_UID,
    KEY_VERSION,
};

static const char *const key_names[] = {
    [KEY_TYPE] = "type",
    [KEY_OBJECT] = "object",
    [KEY_METADATA] = "metadata",
    [KEY_NAME] = "name",
    [KEY_NAMESPACE] = "namespace",
    [KEY_UID] = "uid",
    [KEY_VERSION] = "resourceVersion",
};

void outline_init(struct outline *outline, bool is_event)
{
    *outline = (struct outline){.is_event = is_event};
}

static int find_key(const struct outline *outline)
{
    for (int key = KEY_TYPE; !outline->is_odd && key < (int)ARRAY_LEN(key_names); key++)
        if (strcmp(outline->token, key_names[key]) == 0)
            return key;
    return KEY_OTHER;
}

static void outline_take(char *field, size_t size, const struct outline *outline)
{
    if (!outline->is_odd && outline->token_len < size)
        memcpy(field, outline->token, outline->token_len + 1);
}

static void take_metadata(struct outline *outline, int key)
{
    if (key == KEY_NAME)
        outline_take(outline->name, sizeof(outline->name), outline);
    else if (key == KEY_NAMESPACE)
        outline_take(outline->namespace, sizeof(outline->namespace), outline);
    else if (key == KEY_UID)
        outline_take(outline->uid, sizeof(outline->uid), outline);
    else if (key == KEY_VERSION)
        outline_take(outline->version, sizeof(outline->version), outline);
}

static void take_value(struct outline *outline)
{
    const int *keys = outline->keys;
    int above = outline->is_event ? 1 : 0;

    if (outline->is_event && outline->depth == 1 && keys[1] == KEY_TYPE)
        outline_take(outline->type, sizeof(outline->type), outline);
    if (outline->depth == above + 2 && keys[above + 1] == KEY_METADATA &&
        (above == 0 || keys[1] == KEY_OBJECT))
        take_metadata(outline, keys[above + 2]);
}

static void end_string(struct outline *outline)
{
    int depth = outline->depth;

    outline->in_string = false;
    outline->token[outline->token_len] = '\0';
    if (depth < 1 || depth > OUTLINE_LEVELS || outline->keys[depth] == KEY_ARRAY)
        return;
    if (outline->is_value)
        take_value(outline);
    else
        outline->keys[depth] = find_key(outline);
}

static void step_in_string(struct outline *outline, char c)
{
    if (c == '"' && !outline->escaped) {
        end_string(outline);
        return;
    }
    outline->escaped = c == '\\' && !outline->escaped;
    if (c == '\\' || outline->token_len + 1 >= sizeof(outline->token))
        outline->is_odd = true;
    else
        outline->token[outline->token_len++] = c;
}

static void outline_enter(struct outline *outline, bool is_array)
{
    outline->depth++;
    outline->is_value = false;
    if (outline->depth > 0 && outline->depth <= OUTLINE_LEVELS)
        outline->keys[outline->depth] = is_array ? KEY_ARRAY : KEY_OTHER;
}

static void outline_step(struct outline *outline, char c)
{
    if (c == '"') {
        outline->in_string = true;
        outline->escaped = outline->is_odd = false;
        outline->token_len = 0;
    } else if (c == '{' || c == '[') {
        outline_enter(outline, c == '[');
    } else if (c == '}' || c == ']') {
        outline->depth--;
        outline->is_value = false;
    } else if (c == ':' || c == ',') {
        outline->is_value = c == ':';
    }
}

void outline_feed(struct outline *outline, const char *data, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (outline->in_string)
            step_in_string(outline, data[i]);
        else
            outline_step(outline, data[i]);
    }
}
