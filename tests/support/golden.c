#include "golden.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stash/file.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/mem.h"

static int broken_laws;

void golden_fail(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    fputs("  law: ", stdout);
    vprintf(fmt, ap);
    putchar('\n');
    va_end(ap);
    broken_laws++;
}

static json_t *load(const char *folder, const char *name)
{
    AUTO(mem_free) char *path = xasprintf("%s/%s", folder, name);
    AUTO(mem_free) char *text = NULL;
    struct error err;
    size_t len;
    json_t *doc = NULL;

    if (file_read(path, LIMIT_INPUT_FILE, &text, &len, &err) < 0 ||
        jsonx_parse(text, len, &doc, &err) < 0)
        printf("  %s: %s\n", path, err.msg);
    return doc;
}

static bool update(const char *folder, const json_t *actual)
{
    AUTO(mem_free) char *path = xasprintf("%s/want.json", folder);
    AUTO(mem_free) char *text = jsonx_dump_pretty(actual);
    struct error err;

    if (file_write(path, text, strlen(text), 0644, &err) == 0)
        return true;
    printf("  %s\n", err.msg);
    return false;
}

static bool compare(const char *folder, const json_t *actual)
{
    json_auto_t *want = load(folder, "want.json");

    if (want && json_equal(want, actual))
        return true;
    AUTO(mem_free) char *text = jsonx_dump_pretty(actual);
    printf("  differs from want.json; it is now:\n%s", text);
    return false;
}

static bool run_case(const char *folder, golden_fn run)
{
    json_auto_t *in = load(folder, "in.json");

    if (!in)
        return false;
    AUTO(mem_free) char *before = jsonx_dump(in);
    broken_laws = 0;
    json_auto_t *actual = run(in);
    AUTO(mem_free) char *after = jsonx_dump(in);
    if (strcmp(before, after) != 0)
        golden_fail("the input was changed");
    bool same = getenv("STASH_UPDATE_GOLDEN") ? update(folder, actual) : compare(folder, actual);
    return same && broken_laws == 0;
}

/* in.json and want.json are all that a case may hold: anything else would be a file that nobody
 * reads. */
static bool only_known_files(const char *folder)
{
    DIR *dir = opendir(folder);
    bool known = dir != NULL;

    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        const char *name = entry->d_name;
        if (name[0] == '.' || strcmp(name, "in.json") == 0 || strcmp(name, "want.json") == 0)
            continue;
        printf("  %s/%s is not read by this suite\n", folder, name);
        known = false;
    }
    if (dir)
        closedir(dir);
    return known;
}

static bool wanted(const char *name, int argc, char **argv)
{
    for (int i = 2; i < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return true;
    return argc <= 2;
}

static int is_case(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && entry->d_type == DT_DIR;
}

int golden_main(int argc, char **argv, golden_fn run)
{
    struct dirent **entries = NULL;
    int count = argc > 1 ? scandir(argv[1], &entries, is_case, alphasort) : -1;
    int ran = 0, failed = 0;

    for (int i = 0; i < count; i++) {
        if (wanted(entries[i]->d_name, argc, argv)) {
            AUTO(mem_free) char *folder = xasprintf("%s/%s", argv[1], entries[i]->d_name);
            bool ok = run_case(folder, run) & only_known_files(folder);
            printf("%s %s\n", ok ? "ok  " : "FAIL", entries[i]->d_name);
            ran++;
            failed += !ok;
        }
        free(entries[i]);
    }
    free(entries);
    printf("%d cases, %d failed\n", ran, failed);
    return ran == 0 || failed > 0;
}
