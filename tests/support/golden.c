#include "golden.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "golden_diff.h"
#include "golden_suite.h"
#include "golden_text.h"
#include "stash/jsonx.h"
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

/* The patch from one document to another, each line behind a mark. */
static void print_changes(char mark, const json_t *from, const json_t *to)
{
    json_auto_t *before = json_pack("{s:O}", "want", from);
    json_auto_t *after = json_pack("{s:O}", "want", to);
    json_auto_t *patch = golden_diff(before, after, NULL);
    AUTO(mem_free) char *text = golden_text_patch(patch);
    char *rest = text, *line;

    while ((line = strsep(&rest, "\n")) && *line)
        printf("  %c %s\n", mark, line);
}

static bool compare(const json_t *want, const json_t *actual)
{
    if (json_equal(want, actual))
        return true;
    puts("  what comes out (+) is not what is wanted (-):");
    print_changes('-', actual, want);
    print_changes('+', want, actual);
    return false;
}

static bool update(struct golden_suite *suite, const char *name, const json_t *actual)
{
    struct error err;

    if (golden_suite_write_want(suite, name, actual, &err) == 0)
        return true;
    printf("  %s\n", err.msg);
    return false;
}

static bool run_case(struct golden_suite *suite, const char *name, golden_fn run)
{
    struct error err;
    json_auto_t *doc = json_incref(jsonx_unconst(golden_suite_case(suite, name, &err)));
    const json_t *in = json_object_get(doc, "in"), *want = json_object_get(doc, "want");
    AUTO(mem_free) char *before = jsonx_dump(in);

    broken_laws = 0;
    json_auto_t *actual = run(in);
    AUTO(mem_free) char *after = jsonx_dump(in);
    if (strcmp(before, after) != 0)
        golden_fail("the input was changed");
    bool same = getenv("STASH_UPDATE_GOLDEN") ? update(suite, name, actual) : compare(want, actual);
    return same && broken_laws == 0;
}

/* Anything but cases and README.md would be a file that nobody reads. */
static bool only_known_files(const char *folder)
{
    DIR *dir = opendir(folder);
    bool known = dir != NULL;

    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        const char *name = entry->d_name, *end = strrchr(name, '.');
        if (name[0] == '.' || strcmp(name, "README.md") == 0 || (end && strcmp(end, ".yaml") == 0))
            continue;
        printf("%s/%s is not read by this suite\n", folder, name);
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

/* The names as they are now: an update reads the suite again. */
static json_t *names_of(const struct golden_suite *suite, int argc, char **argv)
{
    json_t *names = json_array();
    const char *name;

    for (size_t i = 0; (name = golden_suite_name(suite, i)); i++)
        if (wanted(name, argc, argv))
            json_array_append_new(names, json_string(name));
    return names;
}

int golden_main(int argc, char **argv, golden_fn run)
{
    struct error err = {0};
    AUTO(golden_suite_free)
    struct golden_suite *suite = argc > 1 ? golden_suite_open(argv[1], &err) : NULL;
    size_t i, failed = 0;
    json_t *entry;

    if (!suite) {
        printf("%s\n", argc > 1 ? err.msg : "usage: a suite's folder, and cases");
        return 1;
    }
    json_auto_t *names = names_of(suite, argc, argv);
    bool known = only_known_files(argv[1]);
    json_array_foreach (names, i, entry) {
        const char *name = json_string_value(entry);
        bool ok = run_case(suite, name, run);
        printf("%s %s\n", ok ? "ok  " : "FAIL", name);
        failed += !ok;
    }
    printf("%zu cases, %zu failed\n", json_array_size(names), failed);
    return json_array_size(names) == 0 || failed > 0 || !known;
}
