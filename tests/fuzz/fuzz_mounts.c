/* /proc/self/mountinfo: whatever stands there, a volume that is found is one that holds the path. */
#include <string.h>

#include "fuzz.h"
#include "stash/error.h"
#include "stash/mem.h"
#include "stash/mounts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(mem_free) char *text = xstrndup((const char *)data, size);
    AUTO(mem_free) char *volume = mounts_volume_of(text, "/data/a b/c");
    AUTO(buf_done) struct buf list;

    buf_init(&list, 100);
    mounts_list_volumes(text, &list);
    BUG_ON(volume && strncmp(volume, "/data/a b/c", strlen(volume)) != 0 && volume[1]);
    return 0;
}
