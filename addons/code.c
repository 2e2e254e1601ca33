/* code.c - the addons' code, in the order of their rows. */
#include "stash/addon.h"

/* The tests put a list of their own in its place. */
#ifndef ADDON_LIST
#define ADDON_LIST "list.h"
#endif

#define ADDON(name) extern const struct addon addon_##name;
#include ADDON_LIST
#undef ADDON

const struct addon *const addon_codes[] = {
#define ADDON(name) &addon_##name,
#include ADDON_LIST
#undef ADDON
    NULL,
};
