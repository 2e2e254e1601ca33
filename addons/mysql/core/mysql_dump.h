/*
 * mysql_dump.h - read what mysqldump or mariadb-dump writes while it passes, in whatever pieces. Pure.
 *
 * Rows are counted per table in plain and in extended INSERTs; strings, quoted names, comments, executable comments and
 * bodies of routines are read as the server reads them. Memory is the same for a row of 10 bytes and one of 1 GB: of a
 * statement only the names at its beginning are kept, and counts for at most MYSQL_TABLES_MAX tables.
 */
#ifndef STASH_MYSQL_DUMP_H
#define STASH_MYSQL_DUMP_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "stash/buf.h"

#define MYSQL_TABLES_MAX 10000
#define MYSQL_NAMES_MAX  (600 * LIMIT_KIB) /* of all databases and tables that are counted */
#define MYSQL_TOKEN_MAX  640 /* a quoted name of 64 characters, or a list of SQL modes */
#define MYSQL_WORD_MAX   64
#define MYSQL_HELD_MAX   40

/** What of a dump is left out on its way to the server: bits. */
enum mysql_omission {
    MYSQL_OMIT_GTIDS =
        1, /* GTID_PURGED, and with it the order to keep the load out of the binary log */
    MYSQL_OMIT_LOCKS = 2,   /* LOCK TABLES, UNLOCK TABLES: refused by strict clusters */
    MYSQL_OMIT_SANDBOX = 4, /* MariaDB's first line, which other clients take for a command */
};

struct mysql_dump {
    /* {"database": {"table": rows}}; database "" is the one that the connection chose */
    json_t *counts;
    uint64_t rows;    /* of all tables */
    unsigned begins;  /* marks "-- MySQL dump …" or "-- MariaDB dump …" */
    unsigned ends;    /* marks "-- Dump completed" */
    bool uncounted;   /* some tables are not in counts: too many, or names that are no UTF-8 */
    unsigned omitted; /* what has been left out: bits */

    /* the reader's own */
    unsigned omit;
    int lex, kind;
    char quote, prev;
    unsigned dashes, depth;
    bool in_code_comment, no_backslash, mode_seen, mode_no_backslash, after_end, dropping;
    char delimiter[9];
    size_t delimiter_at;
    char word[MYSQL_WORD_MAX + 1], token[MYSQL_TOKEN_MAX + 1], held[MYSQL_HELD_MAX + 1];
    size_t word_len, token_len, held_len;
    char database[MYSQL_TOKEN_MAX + 1], table_database[MYSQL_TOKEN_MAX + 1];
    char table[MYSQL_TOKEN_MAX + 1];
    bool dot;
    json_t *current; /* the number of the table above; borrowed from counts */
    uint64_t statement_rows;
    size_t names, tables;
};

/** `omit`: what is to be left out. */
void mysql_dump_init(struct mysql_dump *dump, unsigned omit);
void mysql_dump_done(struct mysql_dump *dump);
DEFINE_AUTO_VALUE(struct mysql_dump, mysql_dump_done);

/** Read a piece; what is passed on is appended to `ret`. */
void mysql_dump_feed(struct mysql_dump *dump, const char *data, size_t len, struct buf *ret);

/** The text has ended, perhaps within a line. */
void mysql_dump_end(struct mysql_dump *dump);

/** Whether all that was begun has ended, and nothing stands behind the last end mark. */
bool mysql_dump_is_whole(const struct mysql_dump *dump);

/** Whether the dump was made with comments; without them there are no marks. */
bool mysql_dump_has_marks(const struct mysql_dump *dump);

#endif
