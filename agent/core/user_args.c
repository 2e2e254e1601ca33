#include "stash/user_args.h"

#include <string.h>

#include "stash/owner.h"

#define FIELD "spec.target.args: "

/* Options without a value; a letter where there is one. All others take the next word as theirs. */
static const struct user_switch {
    const char *name;
    char letter;
} switches[] = {
    {"cleanup-cache", 0},
    {"delete", 0},
    {"dry-run", 'n'},
    {"exclude-caches", 0},
    {"force", 'f'},
    {"help", 'h'},
    {"ignore-ctime", 0},
    {"ignore-inode", 0},
    {"insecure-no-password", 0},
    {"insecure-tls", 0},
    {"json", 0},
    {"no-cache", 0},
    {"no-extra-verify", 0},
    {"no-lock", 0},
    {"no-scan", 0},
    {"one-file-system", 'x'},
    {"quiet", 'q'},
    {"skip-if-unchanged", 0},
    {"sparse", 0},
    {"stdin", 0},
    {"stdin-from-command", 0},
    {"verbose", 'v'},
    {"verify", 0},
    {"with-atime", 0},
};

/* Where restic works, on what, and whether it works at all is said by the objects, not by arguments. */
static const struct user_reserved {
    const char *name;
    char letter;
} reserved[] = {
    {"dry-run", 'n'},       {"files-from", 0}, {"files-from-raw", 0}, {"files-from-verbatim", 0},
    {"group-by", 'g'},      {"help", 'h'},     {"host", 'H'},         {"json", 0},
    {"no-lock", 0},         {"parent", 0},     {"quiet", 'q'},        {"repo", 'r'},
    {"repository-file", 0}, {"stdin", 0},      {"stdin-filename", 0}, {"stdin-from-command", 0},
    {"target", 't'},        {"time", 0},
};

static int refuse_reserved(const char *word, struct error *err)
{
    return error_set(err, ERR_INVALID, FIELD "%.40s is Stash's to set: leave it out", word);
}

static int check_owner(const char *word, struct error *err)
{
    static const char *const tags[] = {TAG_CLUSTER, TAG_TARGET, TAG_INVOKER, TAG_INCOMPLETE};

    for (size_t i = 0; i < ARRAY_LEN(tags); i++)
        if (strstr(word, tags[i]))
            return error_set(err, ERR_INVALID,
                             FIELD "tags that begin with \"stash-\" tell whose a snapshot is: "
                                   "leave them out");
    return 0;
}

static bool is_name(const char *name, size_t len, const char *row)
{
    return strlen(row) == len && strncmp(row, name, len) == 0;
}

/* "--name" or "--name=value". */
static int check_long(const char *word, bool *ret_takes_next, struct error *err)
{
    const char *name = word + 2;
    size_t len = strcspn(name, "=");

    *ret_takes_next = name[len] != '=';
    for (size_t i = 0; i < ARRAY_LEN(reserved); i++)
        if (is_name(name, len, reserved[i].name))
            return refuse_reserved(word, err);
    for (size_t i = 0; i < ARRAY_LEN(switches); i++)
        if (is_name(name, len, switches[i].name))
            *ret_takes_next = false;
    return 0;
}

static bool is_switch_letter(char letter)
{
    for (size_t i = 0; i < ARRAY_LEN(switches); i++)
        if (switches[i].letter == letter)
            return true;
    return false;
}

static bool is_reserved_letter(char letter)
{
    for (size_t i = 0; i < ARRAY_LEN(reserved); i++)
        if (reserved[i].letter == letter)
            return true;
    return false;
}

/* "-x", "-e*.tmp", "-vxe": switches, then perhaps one option whose value is the rest, or the next word. */
static int check_letters(const char *word, bool *ret_takes_next, struct error *err)
{
    const char *letter = word + 1;

    *ret_takes_next = false;
    for (; *letter; letter++) {
        if (is_reserved_letter(*letter))
            return refuse_reserved(word, err);
        if (!is_switch_letter(*letter)) {
            *ret_takes_next = letter[1] == '\0';
            return 0;
        }
    }
    return 0;
}

static int check_word(const char *word, bool *ret_takes_next, struct error *err)
{
    if (word[0] != '-' || !word[1] || strcmp(word, "--") == 0)
        return error_set(err, ERR_INVALID,
                         FIELD
                         "\"%.80s\" is no option of restic's, nor the value of one: each item "
                         "of the list is one argument, and paths stand elsewhere",
                         word);
    if (word[1] == '-')
        return check_long(word, ret_takes_next, err);
    return check_letters(word, ret_takes_next, err);
}

int user_args_check(const struct argv *words, struct error *err)
{
    const char *waiting = NULL; /* the option whose value comes next */

    for (size_t i = 0; words && i < words->count; i++) {
        const char *word = words->items[i];
        bool takes_next = false;
        int r = check_owner(word, err);

        if (r == 0 && !waiting)
            r = check_word(word, &takes_next, err);
        if (r < 0)
            return r;
        waiting = takes_next ? word : NULL;
    }
    if (waiting)
        return error_set(err, ERR_INVALID,
                         FIELD "%.40s has no value: write it as the next item, or as %.40s=…",
                         waiting, waiting);
    return 0;
}
