#include "stash/options.h"

#include <string.h>
#include <strings.h>

/* ---- names --------------------------------------------------------------------------------------------------------- */

static bool may_be_cut(const struct option_table *table)
{
    return table->style == OPTIONS_GNU || table->style == OPTIONS_PREFIXES;
}

static bool name_begins(const struct option_table *table, const char *name, const char *text,
                        size_t len)
{
    for (size_t i = 0; i < len; i++) {
        bool is_same = name[i] == text[i] ||
                       (table->style == OPTIONS_PREFIXES && name[i] == '-' && text[i] == '_');

        if (!is_same)
            return false;
    }
    return true;
}

static bool is_last(const struct option_row *row)
{
    return !row->name && !row->letter;
}

/* A cut name that fits several: the tool refuses it, unless it is too old to know the others. So the one that matters counts. */
static const struct option_row *find_name(const struct option_table *table, const char *text,
                                          size_t len)
{
    const struct option_row *cut = NULL;

    for (const struct option_row *row = table->rows; len > 0 && !is_last(row); row++) {
        if (!row->name || !name_begins(table, row->name, text, len))
            continue;
        if (!row->name[len])
            return row;
        if (!cut || (row->refused && !cut->refused))
            cut = row;
    }
    return may_be_cut(table) ? cut : NULL;
}

struct prefix {
    const char *text;
    bool is_off;
};

/* What may go before a name; ends with an empty one. */
static const struct prefix *prefixes_of(const struct option_table *table)
{
    static const struct prefix many[] = {{"skip-", true},    {"disable-", true},
                                         {"enable-", false}, {"maximum-", false},
                                         {"loose-", false},  {NULL, false}};
    static const struct prefix no[] = {{"no-", true}, {NULL, false}};
    static const struct prefix none[] = {{NULL, false}};

    if (table->style == OPTIONS_PREFIXES)
        return many;
    return table->style == OPTIONS_GNU ? none : no;
}

/* Take one prefix away; they may stand one before the other. */
static bool cut_prefix(const struct option_table *table, const char **text, size_t *len,
                       bool *is_off)
{
    for (const struct prefix *prefix = prefixes_of(table); prefix->text; prefix++) {
        size_t own = strlen(prefix->text);

        if (*len <= own || !name_begins(table, prefix->text, *text, own))
            continue;
        *text += own;
        *len -= own;
        *is_off = prefix->is_off || *is_off;
        return true;
    }
    return false;
}

/* ---- words --------------------------------------------------------------------------------------------------------- */

static const char *next_word(const struct options *options)
{
    return options->at < options->words->count ? options->words->items[options->at] : NULL;
}

static void take_next(struct options *options, struct option_said *ret)
{
    ret->value = next_word(options);
    ret->is_value_next = ret->value != NULL;
    options->at += ret->is_value_next;
}

static bool wants_next(const struct options *options, const struct option_row *row)
{
    const char *next = next_word(options);

    if (options->table->style == OPTIONS_MINIMIST)
        return next && *next != '-';
    return row && row->value == OPTION_VALUE;
}

static bool means_off(const char *value)
{
    return value && (strcmp(value, "0") == 0 || strcasecmp(value, "off") == 0 ||
                     strcasecmp(value, "false") == 0);
}

static void read_name(struct options *options, struct option_said *ret)
{
    const char *text = ret->word + 2;
    size_t len = strcspn(text, "=");
    const char *equals = text[len] ? text + len + 1 : NULL;

    do
        ret->row = find_name(options->table, text, len);
    while (!ret->row && cut_prefix(options->table, &text, &len, &ret->is_off));
    ret->value = equals;
    if (!equals && wants_next(options, ret->row))
        take_next(options, ret);
    ret->is_off = ret->is_off || means_off(ret->value);
}

static const struct option_row *find_letter(const struct option_table *table, char letter)
{
    for (const struct option_row *row = table->rows; !is_last(row); row++)
        if (row->letter == letter)
            return row;
    return NULL;
}

static void read_letter(struct options *options, struct option_said *ret)
{
    const char *rest = options->letters + 1;

    ret->letter = *options->letters;
    ret->row = find_letter(options->table, ret->letter);
    options->letters = *rest ? rest : NULL;
    if (ret->row && ret->row->value != OPTION_ALONE && *rest) {
        ret->value = rest;
        options->letters = NULL;
    } else if (!*rest && wants_next(options, ret->row)) {
        take_next(options, ret);
    }
}

bool options_next(struct options *options, struct option_said *ret)
{
    *ret = (struct option_said){0};
    if (options->letters) {
        ret->word = options->words->items[options->at - 1];
        ret->is_option = true;
        read_letter(options, ret);
        return true;
    }
    ret->word = next_word(options);
    if (!ret->word)
        return false;
    options->at++;
    if (options->is_over || ret->word[0] != '-' || !ret->word[1]) {
        ret->value = ret->word;
    } else if (strcmp(ret->word, "--") == 0) {
        options->is_over = true;
        return options_next(options, ret);
    } else {
        ret->is_option = true;
        options->letters = ret->word[1] == '-' ? NULL : ret->word + 1;
        (options->letters ? read_letter : read_name)(options, ret);
    }
    return true;
}

/* ---- questions ----------------------------------------------------------------------------------------------------- */

void options_add(const struct option_said *said, struct argv *ret)
{
    if (!said->letter)
        argv_add(ret, said->word);
    else
        argv_addf(ret, "-%c%s", said->letter,
                  said->value && !said->is_value_next ? said->value : "");
    if (said->is_value_next)
        argv_add(ret, said->value);
}

bool options_find(const struct argv *words, const struct option_table *table, const char *name,
                  struct option_said *ret)
{
    struct options options = {.words = words, .table = table};
    struct option_said said;
    bool found = false;

    while (options_next(&options, &said))
        if (said.row && said.row->name && strcmp(said.row->name, name) == 0) {
            *ret = said;
            found = true;
        }
    return found;
}

bool options_have(const struct argv *words, const struct option_table *table, const char *name)
{
    struct option_said said;

    return options_find(words, table, name, &said) && !said.is_off;
}

static int options_refuse(const char *word, const char *why, struct error *err)
{
    return error_set(err, ERR_INVALID, "parameter args: %.60s cannot be used: %s", word, why);
}

int options_check(const struct argv *words, const struct option_table *table, struct error *err)
{
    struct options options = {.words = words, .table = table};
    struct option_said said;

    while (options_next(&options, &said))
        if (said.row && said.row->refused)
            return options_refuse(said.word, said.row->refused, err);
    return options.is_over ? options_refuse("--", "options that follow would be none", err) : 0;
}
