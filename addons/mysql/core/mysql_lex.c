/* mysql_lex.c - the text of a dump: words, quoted names, strings, comments of all kinds, delimiters. */
#include <string.h>

#include "mysql_dump.h"
#include "mysql_read.h"

static bool is_word_byte(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || c == '@' || c >= 0x80;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* ---- quotes -------------------------------------------------------------------------------------------------------- */

static bool keeps_tokens(const struct mysql_dump *dump)
{
    return dump->kind != KIND_VALUES && dump->kind != KIND_OTHER && dump->kind != KIND_NONE;
}

static void quote_begin(struct mysql_dump *dump, char quote)
{
    dump->lex = LEX_QUOTED;
    if (dump->prev != quote) /* a doubled quote goes on where the string seemed to end */
        dump->token_len = 0;
    else if (dump->token_len < MYSQL_TOKEN_MAX)
        dump->token[dump->token_len++] = quote;
    dump->quote = quote;
    if (dump->kind == KIND_NONE)
        dump->kind = KIND_OTHER;
}

/* Seen again when a doubled quote lengthens it: the last one counts. */
static void quote_end(struct mysql_dump *dump)
{
    dump->lex = LEX_CODE;
    dump->prev = dump->quote;
    if (!keeps_tokens(dump))
        return;
    dump->token[dump->token_len] = '\0';
    mysql_statement_string(dump);
}

static void name_end(struct mysql_dump *dump)
{
    if (dump->prev != '`' && dump->prev != '"')
        return;
    if (dump->depth == 0)
        mysql_statement_name(dump, dump->token);
    dump->prev = 0;
}

static size_t quoted_bytes(struct mysql_dump *dump, const char *data, size_t len)
{
    const char quote = dump->quote;
    const bool escapes = quote != '`' && !dump->no_backslash;
    size_t n = 0;

    while (n < len && data[n] != quote && (data[n] != '\\' || !escapes))
        n++;
    if (keeps_tokens(dump)) {
        size_t room = MYSQL_TOKEN_MAX - dump->token_len;

        memcpy(dump->token + dump->token_len, data, n < room ? n : room);
        dump->token_len += n < room ? n : room;
    }
    if (n == len)
        return n;
    if (data[n] == quote)
        quote_end(dump);
    else
        dump->lex = LEX_ESCAPED;
    return n + 1;
}

/* ---- code ---------------------------------------------------------------------------------------------------------- */

static void delimiter_line_byte(struct mysql_dump *dump, char c)
{
    if (c != '\n') {
        if (!is_blank(c) && dump->token_len < sizeof(dump->delimiter) - 1)
            dump->token[dump->token_len++] = c;
        return;
    }
    dump->lex = LEX_CODE;
    if (dump->token_len > 0) {
        memcpy(dump->delimiter, dump->token, dump->token_len);
        dump->delimiter[dump->token_len] = '\0';
    }
}

/* Whether it is the delimiter's last byte. Half a delimiter may be half of something else. */
static bool delimiter_byte(struct mysql_dump *dump, char c)
{
    if (c != dump->delimiter[dump->delimiter_at])
        dump->delimiter_at = 0;
    if (c != dump->delimiter[dump->delimiter_at])
        return false;
    name_end(dump);
    dump->delimiter_at++;
    if (dump->delimiter[dump->delimiter_at])
        return false;
    dump->delimiter_at = 0;
    mysql_statement_end(dump);
    return true;
}

static void line_comment_begin(struct mysql_dump *dump, char c)
{
    dump->lex = c == '\n' ? LEX_CODE : LEX_LINE;
    dump->token_len = 0;
}

static void code_sign(struct mysql_dump *dump, char c)
{
    bool opens = c == '*' && dump->prev == '/';
    bool closes = c == '/' && dump->prev == '*';

    dump->dashes = c == '-' ? dump->dashes + 1 : 0;
    if (c == '\'' || c == '"' || c == '`') {
        quote_begin(dump, c);
        return;
    }
    name_end(dump);
    dump->prev = 0;
    if (opens)
        dump->lex = LEX_OPEN;
    else if (closes)
        dump->in_code_comment = false;
    else if (c == '#')
        line_comment_begin(dump, c);
    else if (c == '(' || c == ')')
        mysql_statement_parenthesis(dump, c);
    else if (c == '/' || c == '*')
        dump->prev = c;
    if (!is_blank(c))
        dump->dot = c == '.';
}

static void code_byte(struct mysql_dump *dump, char c)
{
    if (is_word_byte((unsigned char)c)) {
        name_end(dump);
        dump->prev = 0;
        dump->dashes = 0;
        dump->delimiter_at = 0;
        if (dump->word_len < MYSQL_WORD_MAX)
            dump->word[dump->word_len++] = c;
        return;
    }
    if (dump->word_len > 0) {
        mysql_statement_word(dump);
        dump->dot = false;
    }
    if (dump->lex == LEX_DELIMITER) {
        delimiter_line_byte(dump, c);
        return;
    }
    if (dump->dashes >= 2 && is_blank(c)) {
        dump->dashes = 0;
        line_comment_begin(dump, c);
        return;
    }
    if ((c == *dump->delimiter || dump->delimiter_at > 0) && delimiter_byte(dump, c)) {
        dump->prev = 0;
        dump->dashes = 0;
        return;
    }
    code_sign(dump, c);
}

/* Of values only few bytes matter. */
static size_t code_skip(const struct mysql_dump *dump, const char *data, size_t len)
{
    static const bool stops[256] = {
        ['\''] = true, ['"'] = true, ['`'] = true, ['('] = true, [')'] = true,
        ['/'] = true,  ['*'] = true, ['-'] = true, ['#'] = true};
    const unsigned char delimiter = (unsigned char)*dump->delimiter;
    size_t n = 0;

    if ((dump->kind != KIND_VALUES && dump->kind != KIND_OTHER) || dump->dashes || dump->prev ||
        dump->delimiter_at || dump->word_len)
        return 0;
    while (n < len && !stops[(unsigned char)data[n]] && (unsigned char)data[n] != delimiter)
        n++;
    return n;
}

static size_t code_bytes(struct mysql_dump *dump, const char *data, size_t len)
{
    size_t n = code_skip(dump, data, len);

    if (n > 0)
        return n;
    code_byte(dump, *data);
    return 1;
}

/* ---- comments ------------------------------------------------------------------------------------------------------ */

static void line_end(struct mysql_dump *dump)
{
    dump->lex = LEX_CODE;
    if (dump->kind == KIND_NONE)
        mysql_statement_mark(dump);
}

static void line_byte(struct mysql_dump *dump, char c)
{
    if (c == '\n')
        line_end(dump);
    else if (dump->token_len < MYSQL_WORD_MAX)
        dump->token[dump->token_len++] = c;
}

static void open_byte(struct mysql_dump *dump, char c)
{
    if (c == '!') {
        dump->lex = LEX_VERSION;
        dump->in_code_comment = true;
    } else if (c == 'M' && dump->lex == LEX_OPEN) {
        dump->lex = LEX_OPEN_M;
    } else {
        dump->lex = LEX_COMMENT;
        dump->prev = c == '*' ? '*' : 0;
    }
}

/* MariaDB's first line is an order to its client, of a version that no server has. */
static void version_byte(struct mysql_dump *dump, char c)
{
    if (c >= '0' && c <= '9')
        return;
    dump->lex = c == '\\' ? LEX_COMMENT : LEX_CODE;
    if (c == '\\')
        dump->in_code_comment = false;
    else
        code_byte(dump, c);
}

static void comment_byte(struct mysql_dump *dump, char c)
{
    if (c == '/' && dump->prev == '*') {
        dump->lex = LEX_CODE;
        dump->prev = 0;
        return;
    }
    dump->prev = c == '*' ? '*' : 0;
}

size_t mysql_lex(struct mysql_dump *dump, const char *data, size_t len)
{
    switch (dump->lex) {
    case LEX_CODE:
        return code_bytes(dump, data, len);
    case LEX_QUOTED:
        return quoted_bytes(dump, data, len);
    case LEX_ESCAPED:
        dump->lex = LEX_QUOTED;
        break;
    case LEX_LINE:
        line_byte(dump, *data);
        break;
    case LEX_DELIMITER:
        delimiter_line_byte(dump, *data);
        break;
    case LEX_OPEN:
    case LEX_OPEN_M:
        open_byte(dump, *data);
        break;
    case LEX_VERSION:
        version_byte(dump, *data);
        break;
    default:
        comment_byte(dump, *data);
    }
    return 1;
}

void mysql_lex_end(struct mysql_dump *dump)
{
    if (dump->lex == LEX_LINE)
        line_end(dump);
}
