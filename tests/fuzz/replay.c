/* replay: run a fuzz target over every file below the given folders. No file at all is a failure. */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

#define INPUT_MAX (1 << 20)

static int replayed;

static int replay(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info;
    (void)where;
    if (type != FTW_F)
        return 0;
    FILE *file = fopen(path, "rb");
    /* a heap block of the exact size, so that one byte too far is seen */
    uint8_t *whole = malloc(INPUT_MAX);
    size_t len = file && whole ? fread(whole, 1, INPUT_MAX, file) : 0;
    uint8_t *data = file && whole ? realloc(whole, len ? len : 1) : NULL;
    if (file)
        fclose(file);
    if (!data) {
        perror(path);
        free(whole);
        return 1;
    }
    LLVMFuzzerTestOneInput(data, len);
    free(data);
    replayed++;
    return 0;
}

int main(int argc, char **argv)
{
    int status = 0;

    for (int i = 1; i < argc; i++)
        status |= nftw(argv[i], replay, 16, FTW_PHYS) != 0;
    printf("%d inputs replayed\n", replayed);
    return status || replayed == 0;
}
