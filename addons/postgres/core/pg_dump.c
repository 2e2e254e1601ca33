#include "pg_dump.h"

#include <string.h>
#include <strings.h>

#include "pg_counts.h"
#include "pg_name.h"

#define WORD_MAX 32
#define TAG_MAX  128 /* of a dollar quote */
#define WORDS    4   /* the first ones of a statement */

enum place {
    PLACE_PLAIN,     /* statements and what stands between them */
    PLACE_COMMENT,   /* -- to the end of the line */
    PLACE_BLOCK,     /* between slash-star and star-slash */
    PLACE_QUOTE,     /* 'a string' */
    PLACE_NAME,      /* "a name" */
    PLACE_TAG,       /* $tag, may begin a dollar quote */
    PLACE_DOLLAR,    /* $tag$ a string $tag$ */
    PLACE_COMMAND,   /* \command of psql */
    PLACE_COPY_HEAD, /* the rest of the line of COPY … FROM stdin; */
    PLACE_DATA,      /* rows of COPY */
};

/* What is known of the statement that passes. */
struct statement {
    bool active;
    bool released; /* too long to be held back */
    int parens, begins;
    char first[WORDS][WORD_MAX];
    int words;
    char last[WORD_MAX];
    bool values; /* VALUES of an INSERT has passed */
    uint64_t rows;
    char head[PG_HEAD_MAX];
    size_t head_len;
};

struct pg_dump {
    pg_filter_fn filter;
    void *ctx;
    enum place place;
    char prev;            /* the byte before, where it means something */
    bool escapes;         /* a backslash escapes in this string */
    bool escaped;         /* and the byte before was one */
    bool backslash_plain; /* standard_conforming_strings is off */
    int depth;            /* of block comments */
    char tag[TAG_MAX];
    size_t tag_len, matched;
    char word[WORD_MAX];
    size_t word_len;
    char line[PG_HEAD_MAX]; /* of a comment or command */
    size_t line_len;
    struct statement statement;
    struct buf held; /* what has passed of a statement or command and may still be changed */
    size_t column;   /* in data: 0, 1, 2 while the line is the beginning of "\.", else 3 */
    uint64_t rows;
    char *database;
    bool is_cluster;
    int begun, completed;   /* dumps of databases */
    bool cluster_completed; /* and of the whole */
    struct pg_counts counts;
};

struct pg_dump *pg_dump_new(pg_filter_fn filter, void *ctx)
{
    struct pg_dump *dump = xcalloc(1, sizeof(*dump));

    dump->filter = filter;
    dump->ctx = ctx;
    dump->database = xstrdup("");
    buf_init(&dump->held, 2 * PG_HOLD_MAX);
    pg_counts_init(&dump->counts);
    return dump;
}

void pg_dump_free(struct pg_dump *dump)
{
    if (!dump)
        return;
    buf_done(&dump->held);
    free(dump->database);
    pg_counts_done(&dump->counts);
    free(dump);
}

/* ---- passing on ---------------------------------------------------------------------------------------------------- */

static void held_release(struct pg_dump *dump, struct buf *out)
{
    buf_add(out, dump->held.data, dump->held.len);
    buf_reset(&dump->held);
}

/* It is too long to be held back. */
static void release_early(struct pg_dump *dump, struct buf *out)
{
    dump->statement.released = dump->statement.active;
    held_release(dump, out);
}

static int filter_held(struct pg_dump *dump, struct buf *out, struct error *err)
{
    AUTO(buf_done) struct buf instead = {0};
    int r;

    if (!dump->filter || dump->statement.released || dump->held.len == 0) {
        held_release(dump, out);
        return 0;
    }
    buf_init(&instead, 2 * PG_HOLD_MAX);
    r = dump->filter(dump->ctx, dump->held.data, &instead, err);
    if (r != 0)
        buf_reset(&dump->held);
    if (r > 0) {
        r = buf_check(&instead, "a statement", err);
        buf_add(out, instead.data, instead.len);
    }
    held_release(dump, out);
    return r;
}

/* ---- statements ---------------------------------------------------------------------------------------------------- */

static bool is_first(const struct statement *statement, int at, const char *word)
{
    return at < statement->words && strcmp(statement->first[at], word) == 0;
}

/* BEGIN ATOMIC … END holds semicolons; it stands in functions only. */
static bool is_function(const struct statement *statement)
{
    int at = is_first(statement, 1, "OR") ? 3 : 1;

    return is_first(statement, 0, "CREATE") &&
           (is_first(statement, at, "FUNCTION") || is_first(statement, at, "PROCEDURE"));
}

static void count_begins(struct statement *statement, const char *word)
{
    if (!is_function(statement) || statement->parens > 0)
        return;
    if (strcmp(word, "BEGIN") == 0 || (statement->begins > 0 && strcmp(word, "CASE") == 0))
        statement->begins++;
    else if (statement->begins > 0 && strcmp(word, "END") == 0)
        statement->begins--;
}

static void end_word(struct pg_dump *dump)
{
    struct statement *statement = &dump->statement;
    bool after_on = strcmp(statement->last, "ON") == 0;

    if (dump->word_len == 0)
        return;
    dump->word[dump->word_len < WORD_MAX ? dump->word_len : 0] = '\0'; /* too long: no keyword */
    dump->word_len = 0;
    if (statement->words < WORDS)
        memcpy(statement->first[statement->words++], dump->word, WORD_MAX);
    memcpy(statement->last, dump->word, WORD_MAX);
    count_begins(statement, dump->word);
    if (!is_first(statement, 0, "INSERT") || statement->parens > 0)
        return;
    /* a table may be called "conflict" */
    dump->counts.conflicts = dump->counts.conflicts ||
                             (statement->values && after_on && strcmp(dump->word, "CONFLICT") == 0);
    statement->values = statement->values || strcmp(dump->word, "VALUES") == 0;
}

static void count_rows(struct pg_dump *dump, const char *after, uint64_t rows)
{
    size_t len = after ? pg_name_len(after) : 0;
    AUTO(mem_free) char *table = xstrndup(after ? after : "", len);

    pg_counts_add(&dump->counts, dump->database, table, rows);
}

static void begin_data(struct pg_dump *dump)
{
    dump->place = PLACE_COPY_HEAD;
    dump->rows = 0;
    dump->column = 0;
}

/* The semicolon has passed. */
static int end_statement(struct pg_dump *dump, struct buf *out, struct error *err)
{
    struct statement *statement = &dump->statement;
    int r;

    statement->head[statement->head_len] = '\0';
    if (is_first(statement, 0, "COPY") && strcmp(statement->last, "STDIN") == 0)
        begin_data(dump);
    else if (is_first(statement, 0, "INSERT"))
        count_rows(dump, pg_after_words(statement->head, "INSERT INTO"),
                   statement->rows ? statement->rows : statement->values);
    else if (pg_after_words(statement->head, "SELECT pg_catalog.lo_create"))
        pg_counts_add_blob(&dump->counts, dump->database);
    else if (pg_after_words(statement->head, "SET standard_conforming_strings = off"))
        dump->backslash_plain = true;
    else if (pg_after_words(statement->head, "SET standard_conforming_strings = on"))
        dump->backslash_plain = false;
    r = filter_held(dump, out, err);
    statement->active = false;
    return r;
}

/* ---- comments and commands ----------------------------------------------------------------------------------------- */

static void end_comment(struct pg_dump *dump, struct buf *out)
{
    dump->line[dump->line_len] = '\0';
    dump->place = PLACE_PLAIN;
    dump->prev = '\0';
    if (dump->statement.active)
        return;
    held_release(dump, out);
    if (strcmp(dump->line, "-- PostgreSQL database cluster dump") == 0)
        dump->is_cluster = true;
    else if (strcmp(dump->line, "-- PostgreSQL database dump") == 0)
        dump->begun++;
    else if (strcmp(dump->line, "-- PostgreSQL database dump complete") == 0)
        dump->completed++;
    else if (strcmp(dump->line, "-- PostgreSQL database cluster dump complete") == 0)
        dump->cluster_completed = true;
}

static int end_command(struct pg_dump *dump, struct buf *out, struct error *err)
{
    char *database;

    dump->line[dump->line_len] = '\0';
    dump->place = PLACE_PLAIN;
    database = pg_connect_database(dump->line);
    if (database) {
        free(dump->database);
        dump->database = database;
    }
    dump->statement.released = false;
    return filter_held(dump, out, err);
}

static void line_add(struct pg_dump *dump, char c)
{
    if (dump->line_len < sizeof(dump->line) - 1)
        dump->line[dump->line_len++] = c;
}

static void line_begin(struct pg_dump *dump, enum place place, const char *with)
{
    dump->place = place;
    dump->line_len = 0;
    for (; *with; with++)
        line_add(dump, *with);
}

/* ---- one byte after the other -------------------------------------------------------------------------------------- */

static void begin_quote(struct pg_dump *dump)
{
    bool is_e = dump->word_len == 1 && dump->word[0] == 'E';

    if (dump->prev != '\'') /* else it is '' and the same string goes on */
        dump->escapes = is_e || dump->backslash_plain;
    dump->escaped = false;
    dump->place = PLACE_QUOTE;
}

static int begin_backslash(struct pg_dump *dump, struct error *err)
{
    if (dump->statement.active && dump->filter)
        return error_set(err, ERR_INVALID,
                         "a psql command stands inside of a statement (%.60s): this is no dump of "
                         "pg_dump or pg_dumpall",
                         dump->held.data);
    line_begin(dump, PLACE_COMMAND, "\\");
    return 0;
}

static void statement_begin(struct pg_dump *dump, char c)
{
    dump->statement = (struct statement){.active = true, .head = {c}, .head_len = 1};
    dump->word_len = 0;
    dump->prev = '\0';
}

static void see_paren(struct pg_dump *dump, char c)
{
    struct statement *statement = &dump->statement;

    if (c == '(' && statement->parens++ == 0 && statement->values)
        statement->rows++;
    if (c == ')' && statement->parens > 0)
        statement->parens--;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

/* Whether the byte begins something that is no part of the text around it; words are ended by then. */
static void see_opening(struct pg_dump *dump, char c)
{
    if (c == '\'')
        begin_quote(dump);
    else if (c == '"')
        dump->place = PLACE_NAME;
    else if (c == '-' && dump->prev == '-')
        line_begin(dump, PLACE_COMMENT, "--");
    else if (c == '*' && dump->prev == '/') {
        dump->place = PLACE_BLOCK;
        dump->depth = 1;
        c = '\0';
    } else if (c == '$') {
        dump->place = PLACE_TAG;
        dump->tag_len = 0;
        dump->tag[dump->tag_len++] = c;
    }
    dump->prev = c;
}

static void word_add(struct pg_dump *dump, char c)
{
    if (c >= 'a' && c <= 'z')
        c = (char)(c - 'a' + 'A');
    if (dump->word_len < WORD_MAX)
        dump->word[dump->word_len++] = c;
    dump->prev = c;
}

static int feed_plain(struct pg_dump *dump, char c, struct buf *out, struct error *err)
{
    struct statement *statement = &dump->statement;

    if (pg_is_word(c) && (c != '$' || dump->word_len > 0)) {
        word_add(dump, c);
        return 0;
    }
    see_opening(dump, c); /* looks at the word before: E'…' */
    end_word(dump);
    if (c == '\\')
        return begin_backslash(dump, err);
    see_paren(dump, c);
    if (c == ';' && statement->parens == 0 && statement->begins == 0)
        return end_statement(dump, out, err);
    return 0;
}

/* Between statements: blanks and comments pass at once. */
static int feed_between(struct pg_dump *dump, char c, struct buf *out, struct error *err)
{
    if (is_blank(c)) {
        dump->prev = '\0';
        held_release(dump, out);
        return 0;
    }
    if (c == '-' && dump->prev != '-') {
        dump->prev = '-'; /* perhaps a comment */
        return 0;
    }
    if (c == '-') {
        line_begin(dump, PLACE_COMMENT, "--");
        dump->prev = '\0';
        held_release(dump, out);
        return 0;
    }
    if (c == '\\')
        return begin_backslash(dump, err);
    statement_begin(dump, c);
    return feed_plain(dump, c, out, err);
}

static void feed_block(struct pg_dump *dump, char c)
{
    if (c == '*' && dump->prev == '/') {
        dump->depth++;
        c = '\0';
    } else if (c == '/' && dump->prev == '*') {
        c = '\0';
        if (--dump->depth == 0)
            dump->place = PLACE_PLAIN;
    }
    dump->prev = c;
}

static void feed_quote(struct pg_dump *dump, char c)
{
    if (dump->escaped)
        dump->escaped = false;
    else if (c == '\\' && dump->escapes)
        dump->escaped = true;
    else if (c == '\'') {
        dump->place = PLACE_PLAIN;
        dump->prev = c;
    }
}

/* A dollar and what may be the tag of a string: $1 is none. */
static int feed_tag(struct pg_dump *dump, char c, struct buf *out, struct error *err)
{
    bool fits = dump->tag_len < TAG_MAX - 1;

    if (c == '$' && fits) {
        dump->tag[dump->tag_len++] = c;
        dump->matched = 0;
        dump->place = PLACE_DOLLAR;
        return 0;
    }
    if (pg_is_word(c) && fits && !(dump->tag_len == 1 && c >= '0' && c <= '9')) {
        dump->tag[dump->tag_len++] = c;
        return 0;
    }
    dump->place = PLACE_PLAIN;
    dump->prev = '\0';
    return feed_plain(dump, c, out, err);
}

static void feed_dollar(struct pg_dump *dump, char c)
{
    if (c != dump->tag[dump->matched]) {
        dump->matched = c == '$';
        return;
    }
    if (++dump->matched < dump->tag_len)
        return;
    dump->place = PLACE_PLAIN;
    dump->prev = '\0';
}

static int feed_place(struct pg_dump *dump, char c, struct buf *out, struct error *err)
{
    switch (dump->place) {
    case PLACE_COMMENT:
        if (c == '\n')
            end_comment(dump, out);
        else
            line_add(dump, c);
        return 0;
    case PLACE_COMMAND:
        if (c == '\n')
            return end_command(dump, out, err);
        line_add(dump, c);
        return 0;
    case PLACE_BLOCK:
        feed_block(dump, c);
        return 0;
    case PLACE_QUOTE:
        feed_quote(dump, c);
        return 0;
    case PLACE_NAME:
        if (c == '"')
            dump->place = PLACE_PLAIN;
        return 0;
    case PLACE_TAG:
        return feed_tag(dump, c, out, err);
    case PLACE_DOLLAR:
        feed_dollar(dump, c);
        return 0;
    case PLACE_COPY_HEAD:
        if (c == '\n')
            dump->place = PLACE_DATA;
        return 0;
    default:
        return dump->statement.active ? feed_plain(dump, c, out, err)
                                      : feed_between(dump, c, out, err);
    }
}

static int feed_byte(struct pg_dump *dump, char c, struct buf *out, struct error *err)
{
    struct statement *statement = &dump->statement;

    buf_addc(&dump->held, c);
    if (statement->active && statement->head_len < sizeof(statement->head) - 1)
        statement->head[statement->head_len++] = c;
    if (dump->held.len > PG_HOLD_MAX && dump->place == PLACE_COMMAND)
        return error_set(err, ERR_INVALID, "a psql command in the dump is longer than %zu bytes",
                         PG_HOLD_MAX);
    if (dump->held.len > PG_HOLD_MAX)
        release_early(dump, out);
    return feed_place(dump, c, out, err);
}

/* ---- rows ---------------------------------------------------------------------------------------------------------- */

static void end_data(struct pg_dump *dump)
{
    dump->place = PLACE_PLAIN;
    dump->prev = '\0';
    count_rows(dump, pg_after_words(dump->statement.head, "COPY"), dump->rows);
}

/* Lines up to "\."; how many bytes of `data` they take. */
static size_t feed_data(struct pg_dump *dump, const char *data, size_t len)
{
    size_t at = 0;

    while (at < len && dump->place == PLACE_DATA) {
        char c = data[at];

        if (c == '\n') {
            if (dump->column == 2)
                end_data(dump);
            else
                dump->rows++;
            dump->column = 0;
            at++;
        } else if (dump->column < 2 && c == "\\."[dump->column]) {
            dump->column++;
            at++;
        } else {
            const char *end = memchr(data + at, '\n', len - at);

            dump->column = 3;
            at = end ? (size_t)(end - data) : len;
        }
    }
    return at;
}

/* A string without escapes, as fast as rows: large objects are one. How many bytes of `data` it takes. */
static size_t feed_string(struct pg_dump *dump, const char *data, size_t len, struct buf *out)
{
    const char *end = memchr(data, '\'', len);
    size_t taken = end ? (size_t)(end - data) : len;

    if (dump->held.len + taken <= PG_HOLD_MAX) {
        buf_add(&dump->held, data, taken);
        return taken;
    }
    release_early(dump, out);
    buf_add(out, data, taken);
    return taken;
}

static size_t feed_run(struct pg_dump *dump, const char *data, size_t len, struct buf *out)
{
    size_t taken;

    if (dump->place == PLACE_QUOTE && !dump->escapes &&
        dump->statement.head_len == sizeof(dump->statement.head) - 1)
        return feed_string(dump, data, len, out);
    if (dump->place != PLACE_DATA)
        return 0;
    taken = feed_data(dump, data, len);
    held_release(dump, out);
    buf_add(out, data, taken);
    return taken;
}

int pg_dump_feed(struct pg_dump *dump, const char *data, size_t len, struct buf *out,
                 struct error *err)
{
    size_t at = 0;
    int r = 0;

    while (r >= 0 && at < len) {
        at += feed_run(dump, data + at, len - at, out);
        if (at < len)
            r = feed_byte(dump, data[at++], out, err);
    }
    if (!dump->filter)
        held_release(dump, out);
    return r;
}

/* ---- the end ------------------------------------------------------------------------------------------------------- */

int pg_dump_end(const struct pg_dump *dump, bool cluster, struct error *err)
{
    bool whole = dump->place == PLACE_PLAIN && !dump->statement.active && dump->held.len == 0;

    if (dump->place == PLACE_DATA)
        return error_set(err, ERR_INVALID, "the dump is cut: it ends within the rows of %.*s",
                         (int)strcspn(dump->statement.head, "("), dump->statement.head);
    if (cluster && !dump->is_cluster)
        return error_set(err, ERR_INVALID, "this is no dump of pg_dumpall");
    if (!dump->is_cluster && dump->begun == 0)
        return error_set(err, ERR_INVALID, "this is no dump of pg_dump or pg_dumpall");
    if (!whole || dump->begun != dump->completed || (dump->is_cluster && !dump->cluster_completed))
        return error_set(err, ERR_INVALID,
                         "the dump is cut: it ends without \"PostgreSQL database%s dump complete\"",
                         dump->is_cluster ? " cluster" : "");
    return 0;
}

json_t *pg_dump_counts(const struct pg_dump *dump)
{
    return pg_counts_document(&dump->counts);
}
