#include "stash/footprint.h"

#include <inttypes.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>

/*
 * Only mappings that are executable and private to a file: their pages are never written, so forgetting them loses
 * nothing. Data pages, even those that are read-only by now, hold relocations that exist nowhere else.
 */
static void forget_text(const char *line)
{
    uintptr_t begin = 0;
    uintptr_t end = 0;
    char mode[5] = "";
    char path[2] = "";
    int found =
        sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %4s %*s %*s %*s %1s", &begin, &end, mode, path);

    if (found == 4 && mode[0] == 'r' && mode[1] == '-' && mode[2] == 'x' && mode[3] == 'p' &&
        path[0] == '/')
        madvise((void *)begin, end - begin, MADV_DONTNEED);
}

void footprint_shrink(void)
{
    char line[4500]; /* a path of PATH_MAX and what stands before it */
    FILE *maps = fopen("/proc/self/maps", "re");

    malloc_trim(0);
    if (!maps)
        return;
    while (fgets(line, sizeof(line), maps))
        forget_text(line);
    fclose(maps);
}
