#include "stash/owner.h"

#include <string.h>

static const char *owner_or_empty(const char *s)
{
    return s ? s : "";
}

char *owner_name(const char *kind, const char *namespace, const char *name)
{
    return xasprintf("%s/%s/%s", owner_or_empty(kind), owner_or_empty(namespace),
                     owner_or_empty(name));
}

bool owner_is_whole(const struct owner *owner)
{
    return owner->cluster && owner->target && owner->invoker;
}

static char *owner_render(const struct owner *owner, const char *target_tag)
{
    return xasprintf(TAG_CLUSTER "%s,%s%s," TAG_INVOKER "%s", owner_or_empty(owner->cluster),
                     target_tag, owner_or_empty(owner->target), owner_or_empty(owner->invoker));
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

static bool owner_is_named_in(const char *text)
{
    static const char *const tags[] = {TAG_CLUSTER, TAG_TARGET, TAG_INVOKER, TAG_INCOMPLETE};

    for (size_t i = 0; text && i < ARRAY_LEN(tags); i++)
        if (strstr(text, tags[i]))
            return true;
    return false;
}

/* Where restic works, on what, and whether it works at all is said by the objects, not by arguments. */
static const char *const reserved[] = {
    "--dry-run",
    "-n",
    "--host",
    "-H",
    "--time",
    "--repo",
    "-r",
    "--target",
    "-t",
    "--group-by",
    "-g",
    "--stdin",
    "--stdin-from-command",
    "--stdin-filename",
    "--repository-file",
    "--parent",
    "--files-from",
    "--files-from-raw",
    "--files-from-verbatim",
    "--no-lock",
    "--json",
    "--quiet",
    "-q",
};

static bool is_reserved(const char *word)
{
    size_t len = strcspn(word, "=");

    for (size_t i = 0; i < ARRAY_LEN(reserved); i++)
        if (strlen(reserved[i]) == len && strncmp(reserved[i], word, len) == 0)
            return true;
    return false;
}

int owner_check_args(const char *text, struct error *err)
{
    AUTO(argv_done) struct argv words = {0};

    if (owner_is_named_in(text))
        return error_set(err, ERR_INVALID,
                         "spec.target.args: tags that begin with \"stash-\" tell whose a snapshot "
                         "is: leave them out");
    argv_add_words(&words, text);
    for (size_t i = 0; i < words.count; i++)
        if (is_reserved(words.items[i]))
            return error_set(err, ERR_INVALID,
                             "spec.target.args: %.40s is Stash's to set: leave it out",
                             words.items[i]);
    return 0;
}
