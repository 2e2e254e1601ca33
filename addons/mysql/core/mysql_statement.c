/* mysql_statement.c - what a dump's statements say about databases, tables and rows. */
#include <string.h>
#include <strings.h>

#include "mysql_dump.h"
#include "mysql_read.h"
#include "stash/limits.h"

/* ---- counting ------------------------------------------------------------------------------------------------------ */

/* The object or number `name` of `parent`; NULL when there is no room for another one. */
static json_t *find_or_add(struct mysql_dump *dump, json_t *parent, const char *name, json_t *fresh)
{
    json_t *found = json_object_get(parent, name);

    if (!found && dump->names + strlen(name) <= MYSQL_NAMES_MAX &&
        dump->tables < MYSQL_TABLES_MAX &&
        json_object_set(parent, name, fresh) == 0) { /* else it is no UTF-8 */
        dump->names += strlen(name);
        dump->tables++;
        found = fresh;
    }
    json_decref(fresh);
    return found;
}

static void choose_table(struct mysql_dump *dump)
{
    json_t *database = find_or_add(dump, dump->counts, dump->table_database, json_object());

    dump->current = database ? find_or_add(dump, database, dump->table, json_integer(0)) : NULL;
    if (!dump->current)
        dump->uncounted = true;
}

static void add_rows(struct mysql_dump *dump)
{
    dump->rows += dump->statement_rows;
    if (dump->current)
        json_integer_set(dump->current,
                         json_integer_value(dump->current) + (json_int_t)dump->statement_rows);
    dump->statement_rows = 0;
}

/* ---- statements ---------------------------------------------------------------------------------------------------- */

static void take_name(struct mysql_dump *dump, const char *name)
{
    bool is_same;

    if (dump->kind == KIND_USE) {
        memcpy(dump->database, name, strlen(name) + 1);
        if (!find_or_add(dump, dump->counts, name, json_object()))
            dump->uncounted = true;
        dump->kind = KIND_OTHER;
        return;
    }
    if (dump->dot) /* what came before was the database */
        memcpy(dump->table_database, dump->table, sizeof(dump->table));
    is_same = !dump->dot && strcmp(dump->table, name) == 0 &&
              strcmp(dump->table_database, dump->database) == 0 && dump->current;
    if (!dump->dot)
        memcpy(dump->table_database, dump->database, sizeof(dump->database));
    memmove(dump->table, name, strlen(name) + 1);
    if (is_same)
        return;
    dump->current = NULL;
}

/* Behind the name of a table: now it is known. */
static void table_is_named(struct mysql_dump *dump)
{
    if (!dump->current && *dump->table)
        choose_table(dump);
    if (dump->kind == KIND_CREATE_TABLE)
        dump->kind = KIND_OTHER;
}

static bool is_one_of(const char *word, const char *const *list)
{
    for (; *list; list++)
        if (strcasecmp(word, *list) == 0)
            return true;
    return false;
}

static int kind_by_first_word(const struct mysql_dump *dump)
{
    static const struct {
        const char *word;
        int kind;
    } kinds[] = {{"INSERT", KIND_INSERT},
                 {"REPLACE", KIND_INSERT},
                 {"CREATE", KIND_CREATE},
                 {"USE", KIND_USE},
                 {"SET", KIND_SET}};

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (strcasecmp(dump->word, kinds[i].word) == 0)
            return kinds[i].kind;
    return KIND_OTHER;
}

static void begin_statement(struct mysql_dump *dump)
{
    dump->kind = kind_by_first_word(dump);
    dump->after_end = false;
    /* what older clients write in executable comments are tables that stand in for views */
    if (dump->kind == KIND_CREATE && dump->in_code_comment)
        dump->kind = KIND_OTHER;
}

static void insert_word(struct mysql_dump *dump)
{
    static const char *const skipped[] = {"INTO",         "IGNORE",        "DELAYED",
                                          "LOW_PRIORITY", "HIGH_PRIORITY", NULL};

    if (dump->depth > 0) /* a column */
        return;
    if (strcasecmp(dump->word, "VALUES") == 0 || strcasecmp(dump->word, "VALUE") == 0) {
        table_is_named(dump);
        dump->kind = KIND_VALUES;
    } else if (strcasecmp(dump->word, "SELECT") == 0) {
        dump->kind = KIND_OTHER;
    } else if (!is_one_of(dump->word, skipped)) {
        take_name(dump, dump->word);
    }
}

static void create_word(struct mysql_dump *dump)
{
    static const char *const skipped[] = {"OR", "REPLACE", "TEMPORARY", NULL};

    if (strcasecmp(dump->word, "TABLE") == 0)
        dump->kind = KIND_CREATE_TABLE;
    else if (!is_one_of(dump->word, skipped))
        dump->kind = KIND_OTHER;
}

static void create_table_word(struct mysql_dump *dump)
{
    static const char *const skipped[] = {"IF", "NOT", "EXISTS", NULL};

    if (!is_one_of(dump->word, skipped))
        take_name(dump, dump->word);
}

/* ---- words --------------------------------------------------------------------------------------------------------- */

void mysql_statement_word(struct mysql_dump *dump)
{
    dump->word[dump->word_len] = '\0';
    dump->word_len = 0;
    switch (dump->kind) {
    case KIND_NONE:
        if (strcasecmp(dump->word, "DELIMITER") == 0) {
            dump->lex = LEX_DELIMITER;
            dump->token_len = 0;
        } else {
            begin_statement(dump);
        }
        break;
    case KIND_INSERT:
        insert_word(dump);
        break;
    case KIND_CREATE:
        create_word(dump);
        break;
    case KIND_CREATE_TABLE:
        create_table_word(dump);
        break;
    case KIND_USE:
        take_name(dump, dump->word);
        break;
    case KIND_SET:
        dump->mode_seen = dump->mode_seen || strcasecmp(dump->word, "SQL_MODE") == 0;
        break;
    default:
        break;
    }
}

static bool token_begins(const struct mysql_dump *dump, const char *with)
{
    return dump->token_len >= strlen(with) && memcmp(dump->token, with, strlen(with)) == 0;
}

void mysql_statement_mark(struct mysql_dump *dump)
{
    if (token_begins(dump, "MySQL dump ") || token_begins(dump, "MariaDB dump ")) {
        dump->begins++;
        dump->after_end = false;
    } else if (token_begins(dump, "Dump completed")) {
        dump->ends++;
        dump->after_end = true;
    }
}

void mysql_statement_end(struct mysql_dump *dump)
{
    if (dump->kind == KIND_CREATE_TABLE)
        table_is_named(dump);
    if (dump->kind == KIND_VALUES)
        add_rows(dump);
    if (dump->kind == KIND_SET && dump->mode_seen)
        dump->no_backslash = dump->mode_no_backslash;
    dump->kind = KIND_NONE;
    dump->depth = 0;
    dump->mode_seen = dump->mode_no_backslash = false;
    dump->in_code_comment = false;
    dump->dot = false;
}

void mysql_statement_parenthesis(struct mysql_dump *dump, char c)
{
    if (c == '(' && dump->depth++ == 0) {
        if (dump->kind == KIND_VALUES)
            dump->statement_rows++;
        else if (dump->kind == KIND_INSERT || dump->kind == KIND_CREATE_TABLE)
            table_is_named(dump);
    }
    if (c == ')' && dump->depth > 0)
        dump->depth--;
}

void mysql_statement_name(struct mysql_dump *dump, const char *name)
{
    if (dump->kind == KIND_INSERT || dump->kind == KIND_CREATE_TABLE || dump->kind == KIND_USE)
        take_name(dump, name);
}

void mysql_statement_string(struct mysql_dump *dump)
{
    if (dump->kind == KIND_SET && dump->mode_seen && strstr(dump->token, "NO_BACKSLASH_ESCAPES"))
        dump->mode_no_backslash = true;
}
