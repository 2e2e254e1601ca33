#include "stash/argv.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "stash/error.h"
#include "stash/quoted.h"

void argv_done(struct argv *argv)
{
    for (size_t i = 0; i < argv->count; i++)
        free(argv->items[i]);
    free(argv->items);
    *argv = (struct argv){0};
}

const char *const *argv_list(const struct argv *argv)
{
    static const char *const nothing[] = {NULL};
    const char *const *list;

    if (!argv->items)
        return nothing;
    memcpy(&list, &argv->items,
           sizeof(list)); /* C cannot add const at the second level by itself */
    return list;
}

static void add_owned(struct argv *argv, char *arg)
{
    argv->items = xrealloc(argv->items, (argv->count + 2) * sizeof(*argv->items));
    argv->items[argv->count++] = arg;
    argv->items[argv->count] = NULL;
}

void argv_add(struct argv *argv, const char *arg)
{
    add_owned(argv, xstrdup(arg));
}

void argv_addf(struct argv *argv, const char *fmt, ...)
{
    va_list args;
    char *text = NULL;

    va_start(args, fmt);
    int n = vasprintf(&text, fmt, args);
    va_end(args);
    BUG_ON(n < 0);
    add_owned(argv, text);
}

void argv_add_pair(struct argv *argv, const char *flag, const char *value)
{
    if (!value || !*value)
        return;
    argv_add(argv, flag);
    argv_add(argv, value);
}

void argv_add_words(struct argv *argv, const char *text)
{
    char *word;

    while (quoted_next(&text, QUOTED_WORDS, &word))
        add_owned(argv, word);
}

void argv_add_list(struct argv *argv, const char *flag, const char *list)
{
    char *item;

    while (quoted_next(&list, QUOTED_ITEMS, &item)) {
        if (*item && flag)
            argv_add(argv, flag);
        if (*item)
            add_owned(argv, item);
        else
            free(item);
    }
}

void argv_add_all(struct argv *argv, const char *const *list)
{
    for (; list && *list; list++)
        argv_add(argv, *list);
}

static size_t env_index(const struct argv *env, const char *key)
{
    size_t len = strlen(key);
    size_t i = 0;

    while (i < env->count && (strncmp(env->items[i], key, len) != 0 || env->items[i][len] != '='))
        i++;
    return i;
}

void argv_env_set(struct argv *env, const char *key, const char *value)
{
    size_t i = env_index(env, key);
    char *item = xasprintf("%s=%s", key, value);

    if (i == env->count) {
        add_owned(env, item);
        return;
    }
    free(env->items[i]);
    env->items[i] = item;
}

const char *argv_env_get(const struct argv *env, const char *key)
{
    size_t i = env_index(env, key);

    return i < env->count ? env->items[i] + strlen(key) + 1 : NULL;
}
