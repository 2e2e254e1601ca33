#include "mysql_dump.h"

#include <string.h>

#include "mysql_read.h"

void mysql_dump_init(struct mysql_dump *dump, unsigned cuts)
{
    *dump = (struct mysql_dump){.counts = json_object(), .cuts = cuts, .delimiter = ";"};
}

void mysql_dump_done(struct mysql_dump *dump)
{
    json_decref(dump->counts);
    dump->counts = NULL;
}

bool mysql_dump_is_whole(const struct mysql_dump *dump)
{
    return dump->ends > 0 && dump->begins == dump->ends && dump->after_end &&
           dump->kind == KIND_NONE && dump->lex == LEX_CODE;
}

bool mysql_dump_has_marks(const struct mysql_dump *dump)
{
    return dump->begins > 0 || dump->ends > 0;
}

/* ---- cutting ------------------------------------------------------------------------------------------------------- */

static const struct cut {
    const char *text;
    unsigned bit;
    char last; /* the cut ends with this byte; 0: with the statement */
} cuts[] = {
    {"SET @@GLOBAL.GTID_PURGED", MYSQL_CUT_GTID, 0},
    {"SET @@SESSION.SQL_LOG_BIN= 0", MYSQL_CUT_GTID, 0},
    {"LOCK TABLES ", MYSQL_CUT_LOCKS, 0},
    {"UNLOCK TABLES", MYSQL_CUT_LOCKS, 0},
    {"/*M!999999\\- ", MYSQL_CUT_SANDBOX, '\n'},
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_between(const struct mysql_dump *dump)
{
    return dump->lex == LEX_CODE && dump->kind == KIND_NONE && dump->word_len == 0 && !dump->prev &&
           !dump->dashes && !dump->in_code_comment;
}

/* The cut that the held bytes are, or may become the beginning of. */
static const struct cut *held_cut(const struct mysql_dump *dump)
{
    for (size_t i = 0; i < ARRAY_LEN(cuts); i++)
        if ((cuts[i].bit & dump->cuts) && strncmp(cuts[i].text, dump->held, dump->held_len) == 0)
            return &cuts[i];
    return NULL;
}

/* One byte of a statement's beginning: held, passed on with those before it, or the last that a cut needed. */
static void hold_byte(struct mysql_dump *dump, char c, struct buf *ret)
{
    const struct cut *cut;

    dump->held[dump->held_len++] = c;
    cut = held_cut(dump);
    if (!cut) {
        buf_add(ret, dump->held, dump->held_len);
        dump->held_len = 0;
    } else if (!cut->text[dump->held_len]) {
        dump->held_len = 0;
        dump->dropping = true;
        dump->cut |= cut->bit;
    }
}

static bool drop_ends(const struct mysql_dump *dump, char c)
{
    return is_between(dump) && (c == *dump->delimiter || c == '\n');
}

static void feed_cutting(struct mysql_dump *dump, const char *data, size_t len, struct buf *ret)
{
    while (len > 0) {
        bool begins = is_between(dump) && !is_blank(*data);
        bool single = dump->held_len > 0 || (begins && !dump->dropping);
        size_t n = mysql_lex(dump, data, single || dump->dropping ? 1 : len);

        if (dump->dropping)
            dump->dropping = !drop_ends(dump, *data);
        else if (single)
            hold_byte(dump, *data, ret);
        else
            buf_add(ret, data, n);
        data += n;
        len -= n;
    }
}

void mysql_dump_feed(struct mysql_dump *dump, const char *data, size_t len, struct buf *ret)
{
    if (dump->cuts) {
        feed_cutting(dump, data, len, ret);
        return;
    }
    buf_add(ret, data, len);
    while (len > 0) {
        size_t n = mysql_lex(dump, data, len);

        data += n;
        len -= n;
    }
}

void mysql_dump_end(struct mysql_dump *dump)
{
    mysql_lex_end(dump);
}
