#include "mysql_rows.h"

#include <stdlib.h>
#include <string.h>

#include "mysql_args.h"
#include "stash/jsonx.h"
#include "stash/pair.h"

/* What the server itself writes to while it runs. */
static bool is_own(const char *database)
{
    static const char *const own[] = {"mysql", "sys", "information_schema", "performance_schema"};

    for (size_t i = 0; i < ARRAY_LEN(own); i++)
        if (strcmp(database, own[i]) == 0)
            return true;
    return false;
}

static void add_item(json_t *list, const char *database, const char *table, json_int_t rows)
{
    json_array_append_new(list, json_pack("{s:s, s:s?, s:I}", PAIR("database", database),
                                          PAIR("table", table), PAIR("rows", rows)));
}

json_t *mysql_rows_list(const json_t *counts, const struct mysql_rows_filter *filter)
{
    json_t *list = json_array();
    const char *name, *table;
    const json_t *tables, *rows;

    jsonx_foreach_member (counts, name, tables) {
        const char *database = *name ? name : filter->own;

        if (!database || is_own(database) || (filter->only && strcmp(filter->only, database) != 0))
            continue;
        add_item(list, database, NULL, 0);
        jsonx_foreach_member (tables, table, rows)
            add_item(list, database, table, json_integer_value(rows));
    }
    return list;
}

const char mysql_rows_versioned[] =
    "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES "
    "WHERE TABLE_TYPE = 'SYSTEM VERSIONED'";

/* The names of an event's tables stand in it, or in a procedure that it calls, or in a statement that it makes. */
const char mysql_rows_events[] =
    "SELECT DISTINCT t.TABLE_SCHEMA, t.TABLE_NAME FROM information_schema.EVENTS AS e JOIN "
    "information_schema.TABLES AS t ON LOCATE(CONVERT(t.TABLE_NAME USING utf8mb4) COLLATE "
    "utf8mb4_general_ci, CONVERT(e.EVENT_DEFINITION USING utf8mb4) COLLATE utf8mb4_general_ci) OR "
    "UPPER(e.EVENT_DEFINITION) REGEXP '(CALL|EXECUTE)' WHERE e.STATUS = 'ENABLED' AND "
    "@@GLOBAL.event_scheduler = 'ON'";

const char mysql_rows_deleted[] =
    "SELECT OBJECT_SCHEMA, OBJECT_NAME, COUNT_DELETE FROM "
    "performance_schema.table_io_waits_summary_by_table WHERE COUNT_DELETE > 0";

/* {"database<TAB>table": its number, or true}: in names the client writes a tab as \t. */
static json_t *read_marks(const char *lines)
{
    AUTO(mem_free) char *copy = xstrdup(lines);
    json_t *marks = json_object();
    char *rest = copy;

    for (char *line; (line = strsep(&rest, "\n"));) {
        char *tab = strchr(line, '\t');
        char *number = tab ? strchr(tab + 1, '\t') : NULL;

        if (number)
            *number++ = '\0';
        json_object_set_new(marks, line,
                            number ? json_integer(strtoll(number, NULL, 10)) : json_true());
    }
    return marks;
}

void mysql_rows_mark(json_t *list, const char *mark, const char *lines)
{
    json_auto_t *marks = read_marks(lines);
    json_t *item;
    size_t i;

    json_array_foreach (list, i, item) {
        const char *table = jsonx_str(item, "table", NULL);
        AUTO(mem_free)
        char *name = xasprintf("%s\t%s", jsonx_str(item, "database", NULL), table ? table : "");
        json_t *value = json_object_get(marks, name);

        if (value)
            json_object_set(item, mark, value);
    }
}

static size_t batch_end(const json_t *list, size_t from)
{
    size_t size = json_array_size(list);

    return size - from < MYSQL_ROWS_AT_ONCE ? size : from + MYSQL_ROWS_AT_ONCE;
}

void mysql_rows_query(const json_t *list, size_t from, struct buf *ret)
{
    for (size_t i = from; i < batch_end(list, from); i++) {
        const json_t *item = json_array_get(list, i);
        const char *database = jsonx_str(item, "database", NULL);
        const char *table = jsonx_str(item, "table", NULL);

        if (i > from)
            buf_adds(ret, " UNION ALL ");
        if (table) {
            AUTO(mem_free) char *quoted = mysql_quoted(database, '`');
            AUTO(mem_free) char *quoted_table = mysql_quoted(table, '`');
            buf_addf(ret, "SELECT %zu, COUNT(*) FROM %s.%s%s", i, quoted, quoted_table,
                     json_object_get(item, MYSQL_ROWS_VERSIONED) ? " FOR SYSTEM_TIME ALL" : "");
        } else {
            AUTO(mem_free) char *quoted = mysql_quoted(database, '\'');
            buf_addf(
                ret,
                "SELECT %zu, COUNT(*) - 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = %s",
                i, quoted);
        }
    }
}

static int check_item(json_t *item, long long has, struct error *err)
{
    const char *database = jsonx_str(item, "database", NULL);
    const char *table = jsonx_str(item, "table", NULL);
    json_int_t rows = jsonx_int(item, 0, "rows", NULL);

    if (has >= rows)
        return 0;
    if (!table)
        return error_set(err, ERR_INVALID, "the server has no database %s, which the dump holds",
                         database);
    if (json_object_get(item, MYSQL_ROWS_PURGED) ||
        rows - has <= jsonx_int(item, 0, MYSQL_ROWS_DELETED, NULL)) {
        json_object_set_new(item, "has", json_integer(has));
        return 0;
    }
    return error_set(err, ERR_INVALID, "table %s.%s has %lld rows; the dump holds %lld", database,
                     table, has, (long long)rows);
}

int mysql_rows_check(json_t *list, size_t from, const char *text, struct error *err)
{
    bool answered[MYSQL_ROWS_AT_ONCE] = {false};
    size_t want = batch_end(list, from) - from;
    size_t answers = 0;
    int r = 0;

    for (const char *at = text; r == 0 && *at; answers++) {
        char *end;
        unsigned long long index = strtoull(at, &end, 10) - from;
        long long has = strtoll(end, &end, 10);

        if (index >= want || answered[index] || *end != '\n')
            return error_set(err, ERR_INVALID, "counting rows: an answer that makes no sense");
        answered[index] = true;
        r = check_item(json_array_get(list, from + index), has, err);
        at = end + 1;
    }
    if (r == 0 && answers != want)
        r = error_set(err, ERR_INVALID, "counting rows: %zu answers to %zu questions", answers,
                      want);
    return r;
}
