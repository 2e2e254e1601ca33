/*
 * mysql_read.h - the halves of the reader: mysql_lex.c cuts text into words and names, mysql_statement.c makes statements of them.
 */
#ifndef STASH_MYSQL_READ_H
#define STASH_MYSQL_READ_H

#include <stddef.h>

struct mysql_dump;

/* Where the reader is in the text. */
enum {
    LEX_CODE,
    LEX_LINE,    /* a comment up to the end of the line */
    LEX_OPEN,    /* behind slash and asterisk: which kind of comment is it */
    LEX_OPEN_M,  /* the same, and an M */
    LEX_VERSION, /* digits at the beginning of an executable comment */
    LEX_COMMENT,
    LEX_QUOTED,
    LEX_ESCAPED,   /* behind a backslash in quotes */
    LEX_DELIMITER, /* the rest of a line that begins with DELIMITER */
};

/* What the statement is, as far as its first words tell. */
enum {
    KIND_NONE, /* it has not begun */
    KIND_INSERT,
    KIND_VALUES,
    KIND_CREATE,
    KIND_CREATE_TABLE,
    KIND_USE,
    KIND_SET,
    KIND_OTHER,
};

/** Read at least one byte; how many. One byte at a time between statements. */
size_t mysql_lex(struct mysql_dump *dump, const char *data, size_t len);
/** The text ends within a line. */
void mysql_lex_end(struct mysql_dump *dump);

/** dump->word is complete. */
void mysql_statement_word(struct mysql_dump *dump);
/** A quoted name outside of parentheses is complete. */
void mysql_statement_name(struct mysql_dump *dump, const char *name);
/** A string is complete, as far as it is kept. */
void mysql_statement_string(struct mysql_dump *dump);
void mysql_statement_parenthesis(struct mysql_dump *dump, char c);
void mysql_statement_end(struct mysql_dump *dump);
/** The text of a line of comment between statements is in dump->token. */
void mysql_statement_mark(struct mysql_dump *dump);

#endif
