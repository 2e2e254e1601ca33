/*
 * options.h - read the words of a user as the tool that gets them will: what is an option, what is its value, what is neither.
 *
 * One word may be several options ("-qc"), half of a name ("--exec"), or an option and its value ("-ofile", "--output=file"),
 * so nobody compares words by hand. A table of a tool's options need not be whole: it has all that matter to us, every
 * letter (they stand together), and every name whose value may be the next word. Pure.
 */
#ifndef STASH_OPTIONS_H
#define STASH_OPTIONS_H

#include <stdbool.h>

#include "stash/argv.h"
#include "stash/error.h"

/** How a tool reads, mostly by the name of what reads for it. */
enum option_style {
    OPTIONS_GNU, /* getopt_long: a name may be cut, letters may stand together */
    OPTIONS_PREFIXES, /* the same; "_" is "-", and skip-, disable-, enable-, maximum-, loose- go before any name */
    OPTIONS_FISK, /* whole names, also after no-; letters may stand together */
    OPTIONS_MINIMIST, /* whole names, also after no-; the next word is a value unless it begins with "-" */
};

enum option_value {
    OPTION_ALONE,
    OPTION_JOINED, /* a value, if any, stands in the same word */
    OPTION_VALUE,  /* in the same word or the next one */
};

struct option_row {
    const char *name; /* without dashes; NULL: it has a letter alone */
    char letter;      /* '\0': none */
    enum option_value value;
    const char *refused; /* why a user may not say it; NULL: he may */
};

struct option_table {
    enum option_style style;
    const struct option_row *rows; /* ends with one that has neither name nor letter */
};

/** One thing that the words say; everything is borrowed from words and table. */
struct option_said {
    const struct option_row *row; /* NULL: no option, or one that the table does not have */
    bool is_option;               /* else `value` is the word */
    bool is_off;                  /* --skip-x, --no-x, --x=0 */
    char letter;                  /* as which it stands in its word; '\0': as a name */
    const char *word, *value;     /* value NULL: none */
    bool is_value_next;           /* the value is a word of its own */
};

/** Zeroed but for words and table, it begins at the first word. */
struct options {
    const struct argv *words;
    const struct option_table *table;
    size_t at;           /* the next word */
    const char *letters; /* what is left of the present one; NULL: nothing */
    bool is_over;        /* "--" was met: words are no options any more */
};

/** The next option or other word; false: that was all. The word "--" is passed over. */
bool options_next(struct options *options, struct option_said *ret);

/** Append it as a word, or two, of its own. */
void options_add(const struct option_said *said, struct argv *ret);

/** The last time that an option is said; false: never. */
bool options_find(const struct argv *words, const struct option_table *table, const char *name,
                  struct option_said *ret);
/** Whether it is said, and not taken back. */
bool options_have(const struct argv *words, const struct option_table *table, const char *name);

/** ERR_INVALID names the first word of the parameter args that is refused: a row says so, or it is "--". */
int options_check(const struct argv *words, const struct option_table *table, struct error *err);

#endif
