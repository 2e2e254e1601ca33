#include "stash/user_args.h"

#include <string.h>

#include "stash/owner.h"

static bool names_owner(const char *text)
{
    static const char *const tags[] = {TAG_CLUSTER, TAG_TARGET, TAG_INVOKER, TAG_INCOMPLETE};

    for (size_t i = 0; text && i < ARRAY_LEN(tags); i++)
        if (strstr(text, tags[i]))
            return true;
    return false;
}

/* Where restic works, on what, and whether it works at all is said by the objects, not by arguments. */
static const char *const reserved[] = {
    "--dry-run",
    "-n",
    "--host",
    "-H",
    "--time",
    "--repo",
    "-r",
    "--target",
    "-t",
    "--group-by",
    "-g",
    "--stdin",
    "--stdin-from-command",
    "--stdin-filename",
    "--repository-file",
    "--parent",
    "--files-from",
    "--files-from-raw",
    "--files-from-verbatim",
    "--no-lock",
    "--json",
    "--quiet",
    "-q",
};

/* Flags that take no value: what follows one of them is no value of it. */
static const char *const switches[] = {
    "--exclude-caches",  "--exclude-cloud-files",
    "--force",           "-f",
    "--ignore-ctime",    "--ignore-inode",
    "--one-file-system", "-x",
    "--no-scan",         "--skip-if-unchanged",
    "--use-fs-snapshot", "--with-atime",
    "--verbose",         "-v",
    "--no-cache",        "--no-extra-verify",
    "--cleanup-cache",   "--insecure-tls",
    "--delete",          "--verify",
    "--sparse",
};

static const char SHORT_WITH_VALUE[] = "eiop"; /* the rest of "-eCACHE" is the value */

static bool is_among(const char *const *list, size_t count, const char *word, size_t len)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(list[i]) == len && strncmp(list[i], word, len) == 0)
            return true;
    return false;
}

static bool is_short_reserved(char letter)
{
    const char flag[] = {'-', letter, '\0'};

    return is_among(reserved, ARRAY_LEN(reserved), flag, 2);
}

static bool is_reserved(const char *word)
{
    if (word[0] != '-' || word[1] == '-')
        return is_among(reserved, ARRAY_LEN(reserved), word, strcspn(word, "="));
    for (const char *at = word + 1; *at && *at != '=' && !strchr(SHORT_WITH_VALUE, *at); at++)
        if (is_short_reserved(*at))
            return true;
    return false;
}

/* Whether the word after this one may be its value. */
static bool takes_next(const char *word)
{
    size_t len = strlen(word);

    if (word[0] != '-' || strchr(word, '='))
        return false;
    if (word[1] != '-' && len > 2) /* "-eCACHE", "-xv" */
        return false;
    return !is_among(switches, ARRAY_LEN(switches), word, len);
}

/* "--limit-upload 2000" as one item is what Stash splits at its blanks: no flag has a blank in its name. */
static bool is_line(const char *item)
{
    const char *blank = strpbrk(item, QUOTED_WORDS);

    return item[0] == '-' && blank && blank < item + strcspn(item, "=");
}

void user_args_add(struct argv *argv, const char *text)
{
    char *item;

    while (quoted_next(&text, QUOTED_WORDS, &item)) {
        if (is_line(item))
            argv_add_words(argv, item);
        else
            argv_add(argv, item);
        free(item);
    }
}

bool user_args_have(const char *text, const char *flag)
{
    AUTO(argv_done) struct argv words = {0};

    user_args_add(&words, text);
    for (size_t i = 0; i < words.count; i++)
        if (is_among(&flag, 1, words.items[i], strcspn(words.items[i], "=")))
            return true;
    return false;
}

static int check_word(const struct argv *words, size_t i, struct error *err)
{
    const char *word = words->items[i];

    if (i > 0 && takes_next(words->items[i - 1]))
        return 0;
    if (is_reserved(word))
        return error_set(err, ERR_INVALID,
                         "spec.target.args: %.40s is Stash's to set: leave it out", word);
    if (word[0] != '-' || strcmp(word, "--") == 0)
        return error_set(
            err, ERR_INVALID,
            "spec.target.args: \"%.40s\" is neither a flag nor the value of one; paths "
            "to back up stand in spec.target.paths",
            word);
    return 0;
}

int user_args_check(const char *text, struct error *err)
{
    AUTO(argv_done) struct argv words = {0};
    int r = 0;

    if (names_owner(text))
        return error_set(err, ERR_INVALID,
                         "spec.target.args: tags that begin with \"stash-\" tell whose a snapshot "
                         "is: leave them out");
    user_args_add(&words, text);
    for (size_t i = 0; r == 0 && i < words.count; i++)
        r = check_word(&words, i, err);
    return r;
}
