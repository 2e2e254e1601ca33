#include "stash/footprint.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* Resident pages of files, in KiB. */
static long resident_files(void)
{
    char line[200];
    long found = -1;
    FILE *status = fopen("/proc/self/status", "r");

    cr_assert_not_null(status);
    while (fgets(line, sizeof(line), status))
        sscanf(line, "RssFile: %ld kB", &found);
    fclose(status);
    return found;
}

Test(footprint, forgets_text_and_goes_on_running)
{
    long before = resident_files();

    footprint_shrink();
    long after = resident_files();
    cr_assert(before > 0 && after < before, "%ld KiB before, %ld KiB after", before, after);
    for (int i = 0; i < 3; i++)
        footprint_shrink();
    cr_assert(resident_files() > 0);
}
