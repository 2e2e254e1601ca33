/* Schedules: blanks around and between fields change nothing; a time zone is never accepted. */
#include <string.h>

#include "fuzz.h"
#include "stash/cron.h"
#include "stash/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(mem_free) char *text = xstrndup((const char *)data, size);
    AUTO(mem_free) char *zoned = xasprintf("TZ=UTC %s", text);
    AUTO(mem_free) char *spaced = xasprintf(" %s\t ", text);
    struct error err, other;
    int r = cron_check(text, &err);

    BUG_ON(r != 0 && r != -(int)ERR_INVALID);
    BUG_ON(r != 0 && !*err.msg);
    BUG_ON(cron_check(zoned, &other) == 0);
    if (*text != '@' && strncmp(text, "TZ=", 3) != 0 && strncmp(text, "CRON_TZ=", 8) != 0)
        BUG_ON(cron_check(spaced, &other) != r);
    return 0;
}
