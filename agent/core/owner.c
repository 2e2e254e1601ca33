#include "stash/owner.h"

#include "stash/text.h"

#include <string.h>

char *owner_name(const char *kind, const char *namespace, const char *name)
{
    return xasprintf("%s/%s/%s", text_or_empty(kind), text_or_empty(namespace),
                     text_or_empty(name));
}

bool owner_is_whole(const struct owner *owner)
{
    return owner->cluster && owner->target && owner->invoker;
}

static char *owner_render(const struct owner *owner, const char *target_tag)
{
    return xasprintf(TAG_CLUSTER "%s,%s%s," TAG_INVOKER "%s", text_or_empty(owner->cluster),
                     target_tag, text_or_empty(owner->target), text_or_empty(owner->invoker));
}

char *owner_tags(const struct owner *owner)
{
    return owner_render(owner, TAG_TARGET);
}

char *owner_tags_incomplete(const struct owner *owner)
{
    return owner_render(owner, TAG_INCOMPLETE);
}

static const char *owner_value(const char *tag, const char *prefix)
{
    size_t len = strlen(prefix);

    return strncmp(tag, prefix, len) == 0 ? tag + len : NULL;
}

bool owner_read_tag(struct owner *owner, bool *incomplete, const char *tag)
{
    const char *value;

    if ((value = owner_value(tag, TAG_CLUSTER)))
        owner->cluster = value;
    else if ((value = owner_value(tag, TAG_INVOKER)))
        owner->invoker = value;
    else if ((value = owner_value(tag, TAG_TARGET)))
        owner->target = value;
    else if ((value = owner_value(tag, TAG_INCOMPLETE))) {
        owner->target = value;
        *incomplete = true;
    }
    return value != NULL;
}
