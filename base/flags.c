#include "stash/flags.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stash/limits.h"
#include "stash/mem.h"
#include "stash/quoted.h"
#include "stash/spelling.h"
#include "stash/timefmt.h"

#define FLAG_TEXT_MAX (16 * LIMIT_MIB) /* more than a command line holds, even quoted */

static const struct flag *flag_find(const struct flag *table, const char *name, size_t len)
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

bool flags_number(const char *text, int64_t *ret)
{
    char *end;
    long long number;

    errno = 0;
    number = strtoll(text, &end, 10);
    if (end == text || *end || errno == ERANGE || number < 0 || number > FLAG_INT_MAX)
        return false;
    *ret = number;
    return true;
}

static int set_int(const struct flag *flag, const char *value, struct error *err)
{
    if (flags_number(value, flag->target))
        return 0;
    return error_set(err, ERR_INVALID, "flag --%s: \"%s\" is not a number from 0 to %lld",
                     flag->name, value, FLAG_INT_MAX);
}

static int set_duration(const struct flag *flag, const char *value, struct error *err)
{
    int64_t nanos;

    if (!timefmt_parse_duration(value, &nanos) || nanos < 0)
        return error_set(err, ERR_INVALID, "flag --%s: \"%s\" is not a duration such as 30s or 5m",
                         flag->name, value);
    *(int64_t *)flag->target = nanos;
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

static int flag_set(const struct flag *flag, const char *value, struct error *err)
{
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
        return set_duration(flag, value, err);
    }
    return 0;
}

/* The last of two values would win, and nobody would miss the first one. `given`: what each row was given so far. */
static int set_once(const struct flag *table, const char **given, const struct flag *flag,
                    const char *value, struct error *err)
{
    if (!flag->target || !*value)
        return 0;
    for (size_t i = 0; table[i].name && flag->type != FLAG_WORDS; i++)
        if (given[i] && table[i].target == flag->target && strcmp(given[i], value) != 0)
            return error_set(err, ERR_INVALID,
                             "flag --%s stands twice with different values: give it once",
                             flag->name);
    given[flag - table] = value;
    return flag_set(flag, value, err);
}

/* "-ojson": a flag of one letter may have its value at once behind it. */
static const struct flag *flag_find_joined(const struct flag *table, const char *arg)
{
    const struct flag *flag = arg[1] != '-' && arg[2] ? flag_find(table, arg + 1, 1) : NULL;

    return flag && flag->type != FLAG_BOOL ? flag : NULL;
}

/* The visible flag whose name is nearly the same. */
static const struct flag *flag_find_near(const struct flag *table, const char *name)
{
    const struct flag *found = NULL;
    unsigned distance, best = 0;

    for (const struct flag *flag = table; flag->name; flag++) {
        if (!flag->help || !spelling_is_near(name, flag->name, &distance) ||
            (found && distance >= best))
            continue;
        found = flag;
        best = distance;
    }
    return found;
}

static int flag_unknown(const struct flag *table, const char *name, size_t len, struct error *err)
{
    AUTO(mem_free) char *alone = xstrndup(name, len);
    const struct flag *near = flag_find_near(table, alone);

    if (near)
        return error_set(err, ERR_INVALID, "unknown flag --%s: did you mean --%s? (see --help)",
                         alone, near->name);
    return error_set(err, ERR_INVALID, "unknown flag --%s (see --help)", alone);
}

/* One argument that begins with "-"; *i moves on when the value is the next argument. */
static int parse_one(int argc, char **argv, int *i, const struct flag *table, const char **given,
                     struct error *err)
{
    const char *name = argv[*i] + (argv[*i][1] == '-' ? 2 : 1);
    size_t len = strcspn(name, "=");
    const struct flag *flag = flag_find(table, name, len);

    if (!flag) {
        flag = flag_find_joined(table, argv[*i]);
        return flag ? set_once(table, given, flag, name + 1, err)
                    : flag_unknown(table, name, len, err);
    }
    if (name[len] == '=')
        return set_once(table, given, flag, name + len + 1, err);
    if (flag->type == FLAG_BOOL)
        return set_once(table, given, flag, "true", err);
    if (*i + 1 >= argc)
        return error_set(err, ERR_INVALID, "flag --%s needs a value", flag->name);
    return set_once(table, given, flag, argv[++*i], err);
}

static size_t count_rows(const struct flag *table)
{
    size_t count = 0;

    while (table[count].name)
        count++;
    return count;
}

int flags_parse(int argc, char **argv, const struct flag *table, int *ret_rest, struct error *err)
{
    AUTO(mem_free) const char **given = xcalloc(count_rows(table) + 1, sizeof(*given));
    int rest = 1, first = 0;

    for (int i = 1; i < argc; i++) {
        struct error later;

        if (strcmp(argv[i], "--") == 0) {
            while (++i < argc)
                argv[rest++] = argv[i];
            break;
        }
        if (argv[i][0] != '-' || !argv[i][1]) {
            argv[rest++] = argv[i];
            continue;
        }
        int r = parse_one(argc, argv, &i, table, given, first < 0 ? &later : err);
        if (first == 0)
            first = r;
    }
    if (first == 0)
        *ret_rest = rest - 1;
    return first;
}

char *flags_join_words(const struct flag_words *words, const char *separators)
{
    struct buf text;

    if (words->count == 0)
        return NULL;
    buf_init(&text, FLAG_TEXT_MAX);
    for (size_t i = 0; i < words->count; i++) {
        const char *at = words->items[i];
        char *item;

        while (quoted_next(&at, separators, &item)) {
            quoted_add(&text, item, separators);
            free(item);
        }
    }
    BUG_ON(text.overflow);
    return buf_take(&text);
}

void flags_usage(const char *command, const char *summary, const struct flag *table)
{
    printf("usage: stash %s [flags]\n%s\n", command, summary);
    for (const struct flag *flag = table; flag->name; flag++)
        if (flag->help)
            printf("  --%-28s %s\n", flag->name, flag->help);
}
