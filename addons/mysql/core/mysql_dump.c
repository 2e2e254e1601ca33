#include "mysql_dump.h"

#include <string.h>

#include "mysql_read.h"

void mysql_dump_init(struct mysql_dump *dump, unsigned omit)
{
    *dump = (struct mysql_dump){.counts = json_object(), .omit = omit, .delimiter = ";"};
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

/* ---- leaving out --------------------------------------------------------------------------------------------------- */

/* How statements begin that are left out up to their end, which is a delimiter or a line's end. */
static const struct omission {
    const char *begin;
    unsigned bit;
} omissions[] = {
    {"SET @@GLOBAL.GTID_PURGED", MYSQL_OMIT_GTIDS},
    {"SET @@SESSION.SQL_LOG_BIN", MYSQL_OMIT_GTIDS},
    {"LOCK TABLES ", MYSQL_OMIT_LOCKS},
    {"UNLOCK TABLES", MYSQL_OMIT_LOCKS},
    {"/*M!999999\\- ", MYSQL_OMIT_SANDBOX},
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

/* The omission that the held bytes are, or may become the beginning of. */
static const struct omission *find_omission(const struct mysql_dump *dump)
{
    for (size_t i = 0; i < ARRAY_LEN(omissions); i++)
        if ((omissions[i].bit & dump->omit) &&
            strncmp(omissions[i].begin, dump->held, dump->held_len) == 0)
            return &omissions[i];
    return NULL;
}

/* One byte of a statement's beginning: held, passed on with those before it, or the last that an omission needed. */
static void hold_byte(struct mysql_dump *dump, char c, struct buf *ret)
{
    const struct omission *found;

    dump->held[dump->held_len++] = c;
    found = find_omission(dump);
    if (!found) {
        buf_add(ret, dump->held, dump->held_len);
        dump->held_len = 0;
    } else if (!found->begin[dump->held_len]) {
        dump->held_len = 0;
        dump->dropping = true;
        dump->omitted |= found->bit;
    }
}

static bool drop_ends(const struct mysql_dump *dump, char c)
{
    return is_between(dump) && (c == *dump->delimiter || c == '\n');
}

static void feed_omitting(struct mysql_dump *dump, const char *data, size_t len, struct buf *ret)
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
    if (dump->omit) {
        feed_omitting(dump, data, len, ret);
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
