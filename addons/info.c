#include "stash/addon_info.h"

#include <string.h>
#include <strings.h>

/* The tests put a list of their own in its place. */
#ifndef ADDON_LIST
#define ADDON_LIST "list.h"
#endif

#define ADDON(name) extern const struct addon_info addon_info_##name;
#include ADDON_LIST
#undef ADDON

const struct addon_info *const addon_infos[] = {
#define ADDON(name) &addon_info_##name,
#include ADDON_LIST
#undef ADDON
    NULL,
};

static bool name_begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

const struct addon_info *addon_info_by_task(const char *name)
{
    for (const struct addon_info *const *info = addon_infos; *info; info++) {
        const char *rest = name + strlen((*info)->name);

        if (name_begins(name, (*info)->name) &&
            (name_begins(rest, "-backup") || name_begins(rest, "-restore")))
            return *info;
    }
    return NULL;
}

static bool has_type(const struct addon_info *info, const char *resource)
{
    for (const char *const *type = info->types; type && *type; type++)
        if (strncasecmp(resource, *type, strlen(*type)) == 0)
            return true;
    return false;
}

const struct addon_info *addon_info_by_type(const char *type)
{
    const char *slash = strrchr(type, '/');

    for (const struct addon_info *const *info = addon_infos; *info; info++)
        if (has_type(*info, slash ? slash + 1 : type))
            return *info;
    return NULL;
}

const struct addon_command *addon_info_command(const struct addon_info *info, enum addon_step step)
{
    const struct addon_command *command = step == ADDON_BACKUP ? &info->backup : &info->restore;

    return command->name ? command : NULL;
}

size_t addon_info_param_count(const struct addon_info *info)
{
    size_t count = 0;

    while (info->params && info->params[count].flag)
        count++;
    return count;
}

ptrdiff_t addon_info_param(const struct addon_info *info, enum addon_step step, const char *flag)
{
    for (size_t i = 0; i < addon_info_param_count(info); i++)
        if (info->params[i].steps & step && strcmp(info->params[i].flag, flag) == 0)
            return (ptrdiff_t)i;
    return -1;
}

bool addon_info_has_param(const struct addon_param *param, const char *version)
{
    for (const char *const *its = param->versions; its && *its; its++)
        if (version && strcmp(*its, version) == 0)
            return true;
    return !param->versions;
}
