#include "stash/flags.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stash/mem.h"
#include "stash/timefmt.h"

static const struct flag *find(const struct flag *table, const char *name, size_t len)
{
    for (const struct flag *flag = table; flag->name; flag++)
        if (strlen(flag->name) == len && strncmp(flag->name, name, len) == 0)
            return flag;
    return NULL;
}

static int set_bool(const struct flag *flag, const char *value, struct error *err)
{
    static const char *const words[] = {"false", "true", "0", "1", "f", "t"};

    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strcmp(value, words[i]) == 0) {
            *(bool *)flag->target = i % 2;
            return 0;
        }
    return error_set(err, ERR_INVALID, "flag --%s: \"%s\" is neither true nor false", flag->name,
                     value);
}

static int set_int(const struct flag *flag, const char *value, struct error *err)
{
    char *end;
    long long number = strtoll(value, &end, 10);

    if (*end)
        return error_set(err, ERR_INVALID, "flag --%s: \"%s\" is not a number", flag->name, value);
    *(int64_t *)flag->target = number;
    return 0;
}

static int add_word(const struct flag *flag, const char *value, struct error *err)
{
    struct flag_words *words = flag->target;

    if (words->count == FLAG_WORDS_MAX)
        return error_set(err, ERR_LIMIT, "flag --%s stands more than %d times", flag->name,
                         FLAG_WORDS_MAX);
    words->items[words->count++] = value;
    return 0;
}

static int set(const struct flag *flag, const char *value, struct error *err)
{
    if (!flag->target || !*value)
        return 0;
    switch (flag->type) {
    case FLAG_STRING:
        *(const char **)flag->target = value;
        return 0;
    case FLAG_BOOL:
        return set_bool(flag, value, err);
    case FLAG_INT:
        return set_int(flag, value, err);
    case FLAG_WORDS:
        return add_word(flag, value, err);
    case FLAG_DURATION:
        if (timefmt_parse_duration(value, flag->target))
            return 0;
        return error_set(err, ERR_INVALID, "flag --%s: \"%s\" is not a duration such as 30s or 5m",
                         flag->name, value);
    }
    return 0;
}

/* One argument that begins with "-"; *i moves on when the value is the next argument. */
static int parse_one(int argc, char **argv, int *i, const struct flag *table, struct error *err)
{
    const char *name = argv[*i] + (argv[*i][1] == '-' ? 2 : 1);
    size_t len = strcspn(name, "=");
    const struct flag *flag = find(table, name, len);

    if (!flag)
        return error_set(err, ERR_INVALID, "unknown flag --%.*s (see --help)", (int)len, name);
    if (name[len] == '=')
        return set(flag, name + len + 1, err);
    if (flag->type == FLAG_BOOL)
        return set(flag, "true", err);
    if (*i + 1 >= argc)
        return error_set(err, ERR_INVALID, "flag --%s needs a value", flag->name);
    return set(flag, argv[++*i], err);
}

int flags_parse(int argc, char **argv, const struct flag *table, int *ret_rest, struct error *err)
{
    int rest = 1;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--") == 0) {
            while (++i < argc)
                argv[rest++] = argv[i];
            break;
        }
        if (argv[i][0] != '-' || !argv[i][1]) {
            argv[rest++] = argv[i];
            continue;
        }
        int r = parse_one(argc, argv, &i, table, err);
        if (r < 0)
            return r;
    }
    *ret_rest = rest - 1;
    return 0;
}

void flags_usage(const char *command, const char *summary, const struct flag *table)
{
    printf("usage: stash %s [flags]\n%s\n", command, summary);
    for (const struct flag *flag = table; flag->name; flag++)
        if (flag->help)
            printf("  --%-28s %s\n", flag->name, flag->help);
}
