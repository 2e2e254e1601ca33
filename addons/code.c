/* code.c - the addons' code, in the order of their rows. */
#include "stash/addon.h"

#define ADDON(name) extern const struct addon addon_##name;
#include "list.h"
#undef ADDON

const struct addon *const addon_codes[] = {
#define ADDON(name) &addon_##name,
#include "list.h"
#undef ADDON
    NULL,
};
