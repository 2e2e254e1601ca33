#include "stash/bounds.h"

#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/mem.h"

size_t bounds_bytes(enum kind kind)
{
    switch (kind) {
    case KIND_BACKUP_CONFIGURATION:
    case KIND_BACKUP_BATCH:
    case KIND_BACKUP_BLUEPRINT:
    case KIND_RESTORE_BATCH:
    case KIND_TASK:
    case KIND_FUNCTION:
    case KIND_APP_BINDING:
        return LIMIT_OBJECT;
    case KIND_BACKUP_SESSION: /* the results of many hosts stand in these */
    case KIND_RESTORE_SESSION:
    case KIND_REPOSITORY: /* and in this all that use it */
        return LIMIT_WATCH_LINE;
    default:
        return 0;
    }
}

/* The first list or map, in the order of the document, that is too long. `path` grows downwards; a new string, or NULL. */
static char *find_long(const json_t *value, const char *path, size_t *ret_count)
{
    size_t count = json_is_array(value) ? json_array_size(value) : json_object_size(value);
    const char *key;
    json_t *member;

    *ret_count = count;
    if (count > LIMIT_ELEMENTS)
        return xstrdup(path);
    for (size_t i = 0; i < json_array_size(value); i++) {
        AUTO(mem_free) char *below = NULL;

        if (!json_is_object(json_array_get(value, i)) && !json_is_array(json_array_get(value, i)))
            continue;
        below = xasprintf("%s[%zu]", path, i);
        char *found = find_long(json_array_get(value, i), below, ret_count);
        if (found)
            return found;
    }
    jsonx_foreach_member (value, key, member) {
        AUTO(mem_free) char *below = NULL;

        if (!json_is_object(member) && !json_is_array(member))
            continue;
        below = xasprintf("%s.%.100s", path, key);
        char *found = find_long(member, below, ret_count);
        if (found)
            return found;
    }
    return NULL;
}

static char *count_sentence(size_t count)
{
    return xasprintf("has %zu elements; at most %d are read", count, LIMIT_ELEMENTS);
}

static int add_length(const char *data, size_t len, void *total)
{
    (void)data;
    *(size_t *)total += len;
    return 0;
}

/* What people write of an object; its status grows by itself, and is no reason to refuse them. */
static size_t written_bytes(const json_t *object)
{
    json_auto_t *written = json_copy(jsonx_unconst(object));
    size_t bytes = 0;

    json_object_del(written, "status");
    return json_dump_callback(written, add_length, &bytes, JSON_COMPACT) == 0 ? bytes : 0;
}

bool bounds_exceeded(enum kind kind, const json_t *object, char **ret_path, char **ret_problem)
{
    size_t read = kind == KIND_REPOSITORY ? LIMIT_OBJECT : bounds_bytes(kind);
    size_t limit = read / 4 * 3; /* there is to be room for its status */
    size_t bytes, count;

    if (limit == 0)
        return false;
    bytes = written_bytes(object);
    if (bytes > limit) {
        *ret_path = xstrdup("metadata");
        *ret_problem = xasprintf("the object has %zu KiB; at most %zu are read", bytes / LIMIT_KIB,
                                 limit / LIMIT_KIB);
        return true;
    }
    *ret_path = find_long(jsonx_get(object, "spec", NULL), "spec", &count);
    if (*ret_path)
        *ret_problem = count_sentence(count);
    return *ret_path != NULL;
}

int bounds_accept(const json_t *object, struct error *err)
{
    size_t count;
    AUTO(mem_free) char *path = find_long(jsonx_get(object, "spec", NULL), "spec", &count);

    if (!path)
        return 0;
    AUTO(mem_free) char *sentence = count_sentence(count);
    return error_set(err, ERR_LIMIT, "%s %s", path, sentence);
}
