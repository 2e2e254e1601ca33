#include "stash/footprint.h"

#include <inttypes.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>

struct mapping {
    uintptr_t begin, end;
    bool is_code; /* text or constants of a file, private and not writable */
};

/* The first line of a mapping: "begin-end mode offset device inode path". */
static void parse_head(const char *line, struct mapping *ret)
{
    struct mapping seen = {0};
    char mode[5] = "";
    char path[2] = "";
    int found = sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %4s %*s %*s %*s %1s", &seen.begin,
                       &seen.end, mode, path);

    if (found < 3)
        return; /* one of the lines that tell more about it */
    seen.is_code = found == 4 && mode[0] == 'r' && mode[1] == '-' && mode[3] == 'p' && *path == '/';
    *ret = seen;
}

/*
 * What was written since it was mapped (relocations, above all) exists nowhere else: only mappings without one such
 * page are forgotten. Nothing in this program unloads a library, so no mapping changes between the look and the deed.
 */
void footprint_shrink(void)
{
    char line[4500]; /* a path of PATH_MAX and what stands before it */
    struct mapping mapping = {0};
    unsigned long anonymous = 0;
    FILE *maps = fopen("/proc/self/smaps", "re");

#ifndef __SANITIZE_ADDRESS__ /* which has a heap of its own: glibc's was never set up, and is not to be touched */
    malloc_trim(0);
#endif
    if (!maps)
        return;
    while (fgets(line, sizeof(line), maps)) {
        if (sscanf(line, "Anonymous: %lu kB", &anonymous) != 1)
            parse_head(line, &mapping);
        else if (mapping.is_code && anonymous == 0)
            madvise((void *)mapping.begin, mapping.end - mapping.begin, MADV_DONTNEED);
    }
    fclose(maps);
}
