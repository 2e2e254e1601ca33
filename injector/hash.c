/* What a pod carries, in 16 hex digits: eight for the backup part, eight for the restore part, zeros for none. */
#include "hash.h"

#include <string.h>

#define NO_PART "00000000"

void parts_hash(const struct part parts[PART_COUNT], bool (*counts)(const struct part *part),
                char out[2 * HASH_HALF + 1])
{
    bool any = false;

    for (size_t i = 0; i < PART_COUNT; i++) {
        bool counted = parts[i].recipe && counts(&parts[i]);
        memcpy(out + i * HASH_HALF, counted ? parts[i].recipe->hash : NO_PART, HASH_HALF + 1);
        any = any || counted;
    }
    if (!any)
        out[0] = '\0';
}

bool inject_hash_is_current(const char *have, const char *want)
{
    const char *mine = have && *have ? have : NO_PART NO_PART;
    const char *wanted = want && *want ? want : NO_PART NO_PART;

    if (strlen(mine) != 2 * HASH_HALF || strlen(wanted) != 2 * HASH_HALF)
        return false;
    if (strncmp(mine, wanted, HASH_HALF) != 0)
        return false;
    return strcmp(wanted + HASH_HALF, NO_PART) == 0 ||
           strcmp(mine + HASH_HALF, wanted + HASH_HALF) == 0;
}
