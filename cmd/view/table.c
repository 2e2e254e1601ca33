#include "stash/table.h"

#include <string.h>

#include "stash/jsonx.h"

void table_init(struct table *table, const char *const *headers, bool wide)
{
    *table = (struct table){.wide = wide};
    while (headers[table->columns]) {
        BUG_ON(table->columns + 1 >= TABLE_COLUMNS);
        table->headers[table->columns] = headers[table->columns];
        table->columns++;
    }
}

void table_done(struct table *table)
{
    for (size_t i = 0; i < table->rows * table->columns; i++)
        free(table->words[i]);
    free(table->words);
    *table = (struct table){0};
}

static bool is_inside(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* Bytes of the first `most` characters of UTF-8. */
static size_t bytes_of(const char *text, size_t most)
{
    size_t len = 0, characters = 0;

    for (; text[len]; len++)
        if (!is_inside(text[len]) && characters++ == most)
            break;
    return len;
}

static size_t characters_of(const char *text)
{
    size_t count = 0;

    for (; *text; text++)
        count += !is_inside(*text);
    return count;
}

/* Control characters: those of ASCII, and those that UTF-8 writes as C2 80 to C2 9F, which some terminals obey. */
static size_t control_len(const char *text)
{
    unsigned char first = (unsigned char)text[0];

    if (first < 0x20 || first == 0x7F)
        return 1;
    return first == 0xC2 && (unsigned char)text[1] < 0xA0 ? 2 : 0;
}

char *table_word(const char *text, size_t most)
{
    char *copy = xstrdup(text);
    size_t to = 0;

    jsonx_repair_text(copy);
    for (size_t from = 0; copy[from];) {
        size_t len = control_len(copy + from);
        bool follows_blank = to == 0 || copy[to - 1] == ' ';

        if (!len)
            copy[to++] = copy[from++];
        else if (!follows_blank)
            copy[to++] = ' ';
        from += len;
    }
    while (to > 0 && copy[to - 1] == ' ')
        to--;
    copy[to] = '\0';
    if (!most || characters_of(copy) <= most)
        return copy;
    copy[bytes_of(copy, most - 1)] = '\0';
    char *cut = xasprintf("%s…", copy);
    free(copy);
    return cut;
}

void table_add(struct table *table, const char *const *words)
{
    size_t begin = table->rows * table->columns;

    table->words = xrealloc(table->words, (begin + table->columns) * sizeof(*table->words));
    for (size_t i = 0; i < table->columns; i++) {
        bool is_last = i + 1 == table->columns;
        const char *word = words[i] && *words[i] ? words[i] : is_last ? "" : "-";

        table->words[begin + i] = table_word(word, is_last && !table->wide ? TABLE_CUT : 0);
    }
    table->rows++;
}

static void measure_columns(const struct table *table, size_t widths[TABLE_COLUMNS])
{
    for (size_t i = 0; i < table->columns; i++)
        widths[i] = characters_of(table->headers[i]);
    for (size_t i = 0; i < table->rows * table->columns; i++) {
        size_t width = characters_of(table->words[i]);
        if (width > widths[i % table->columns])
            widths[i % table->columns] = width;
    }
}

/* No blanks at the end of a line. */
static void print_row(const char *const *words, size_t columns, const size_t *widths,
                      struct buf *out)
{
    size_t last = columns;

    while (last > 1 && !*words[last - 1])
        last--;
    for (size_t i = 0; i < last; i++) {
        buf_adds(out, words[i]);
        for (size_t pad = characters_of(words[i]); i + 1 < last && pad < widths[i] + 3; pad++)
            buf_addc(out, ' ');
    }
    buf_addc(out, '\n');
}

void table_print(const struct table *table, struct buf *out)
{
    size_t widths[TABLE_COLUMNS];

    if (table->rows == 0)
        return;
    measure_columns(table, widths);
    print_row(table->headers, table->columns, widths, out);
    for (size_t i = 0; i < table->rows; i++)
        print_row((const char *const *)table->words + i * table->columns, table->columns, widths,
                  out);
}
