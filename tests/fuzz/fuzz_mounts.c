/* Mount points: any text is read or refused; what was read holds itself and everything below it. */
#include <string.h>

#include "fuzz.h"
#include "stash/mounts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(mem_free) char *text = xstrndup((const char *)data, size);
    AUTO(mounts_done) struct mounts mounts = {0};
    struct text described;
    struct error err;

    if (mounts_parse(text, &mounts, &err) < 0)
        return 0;
    BUG_ON(mounts.count > MOUNTS_MAX);
    mounts_describe(&mounts, &described);
    for (size_t i = 0; i < mounts.count && i < 16; i++) {
        const char *point = mounts.points[i];
        AUTO(mem_free) char *below = xasprintf("%s/x", strcmp(point, "/") == 0 ? "" : point);
        const char *found = mounts_find(&mounts, below);

        BUG_ON(!found || strlen(found) < strlen(point));
        BUG_ON(!mounts_find(&mounts, point));
        (void)mounts_is_volume(point);
    }
    return 0;
}
