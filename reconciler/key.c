/* What the queue holds: "Kind/namespace/name". */
#include <string.h>

#include "room.h"
#include "stash/jsonx.h"

char *key_make(enum kind kind, const char *namespace, const char *name)
{
    return xasprintf("%s/%s/%s", kind_resource(kind)->kind, namespace ? namespace : "", name);
}

char *key_of(const json_t *object)
{
    return key_make(kind_by_name(jsonx_str(object, "kind", NULL)), jsonx_namespace(object),
                    jsonx_name(object));
}

char *key_namespace(const char *key)
{
    const char *begin = strchr(key, '/');
    const char *end = begin ? strchr(begin + 1, '/') : NULL;

    return end ? xstrndup(begin + 1, (size_t)(end - begin - 1)) : xstrdup("");
}

bool key_split(char *key, enum kind *ret_kind, const char **ret_namespace, const char **ret_name)
{
    char *namespace = strchr(key, '/');
    char *name = namespace ? strchr(namespace + 1, '/') : NULL;

    if (!name)
        return false;
    *namespace ++ = '\0';
    *name++ = '\0';
    *ret_kind = kind_by_name(key);
    *ret_namespace = *namespace ? namespace : NULL;
    *ret_name = name;
    return *ret_kind != KIND_UNKNOWN;
}
