/*
 * pg_name.h - words and names in the text of a dump. Pure.
 */
#ifndef STASH_PG_NAME_H
#define STASH_PG_NAME_H

#include <stdbool.h>
#include <stddef.h>

/** What follows the blanks and the given words ("CREATE ROLE"; any case); NULL when the text begins otherwise. */
const char *pg_after_words(const char *text, const char *words);

/** Length of the qualified name at `text` (a.b, "a"."b c"); 0 when there is none, or when it is cut. */
size_t pg_name_len(const char *text);

/** The first part of a name without its quotes; NULL when there is none. *ret_rest: what comes after it. Heap string. */
char *pg_name_take(const char *text, const char **ret_rest);

/** The database of the psql command "\connect …", as pg_dump writes it; NULL when it is none. Heap string. */
char *pg_connect_database(const char *line);

/** A database's name as a connection string ("dbname='…'"), whatever is in it. Heap string. */
char *pg_conninfo(const char *database);

/** Whether a byte may stand in a name or word. */
bool pg_is_word(char c);

#endif
