#include "pg_counts.h"

#include <string.h>

#include "pg_name.h"
#include "stash/jsonx.h"
#include "stash/pair.h"

void pg_counts_init(struct pg_counts *counts)
{
    *counts =
        (struct pg_counts){.rows = json_object(), .blobs = json_object(), .lenient = json_object()};
}

void pg_counts_done(struct pg_counts *counts)
{
    json_decref(counts->rows);
    json_decref(counts->blobs);
    json_decref(counts->lenient);
}

/* Whether there is still room, and the name says where the table is. */
static bool can_count(struct pg_counts *counts, const char *database, const char *table)
{
    AUTO(mem_free) char *schema = NULL;
    const char *rest = "";

    if (counts->tables >= PG_TABLES_MAX ||
        counts->names + strlen(database) + strlen(table) > PG_NAMES_MAX)
        return false;
    AUTO(mem_free) char *ended = xasprintf("%s ", table);
    schema = pg_name_take(ended, &rest);
    return schema && *rest == '.';
}

static json_t *tables_of(json_t *databases, const char *database)
{
    json_t *tables = json_object_get(databases, database);

    if (tables)
        return tables;
    tables = json_object();
    return json_object_set_new(databases, database, tables) == 0 ? tables : NULL;
}

/* Only what is counted can be missed. */
static void note_conflicts(struct pg_counts *counts, const char *database, const char *table)
{
    json_t *tables;

    if (!counts->conflicts)
        return;
    counts->conflicts = false;
    counts->any_conflicts = true;
    if (jsonx_get(counts->rows, database, table, NULL) &&
        (tables = tables_of(counts->lenient, database)))
        json_object_set_new(tables, table, json_true());
}

static void add_rows(struct pg_counts *counts, const char *database, const char *table,
                     uint64_t rows)
{
    json_t *tables = json_object_get(counts->rows, database);
    json_t *known = json_object_get(tables, table);

    if (known) {
        json_integer_set(known, json_integer_value(known) + (json_int_t)rows);
        return;
    }
    tables = can_count(counts, database, table) ? tables_of(counts->rows, database) : NULL;
    if (!tables || json_object_set_new(tables, table, json_integer((json_int_t)rows)) < 0) {
        counts->uncounted++;
        return;
    }
    counts->tables++;
    counts->names += strlen(database) + strlen(table);
}

void pg_counts_add(struct pg_counts *counts, const char *database, const char *table, uint64_t rows)
{
    add_rows(counts, database, table, rows);
    note_conflicts(counts, database, table);
}

void pg_counts_add_blob(struct pg_counts *counts, const char *database)
{
    json_t *known = json_object_get(counts->blobs, database);

    if (known)
        json_integer_set(known, json_integer_value(known) + 1);
    else if (json_object_size(counts->blobs) < PG_TABLES_MAX)
        json_object_set_new(counts->blobs, database, json_integer(1));
}

json_t *pg_counts_document(const struct pg_counts *counts)
{
    return json_pack("{s:O, s:O, s:I, s:b, s:O}", PAIR("rows", counts->rows),
                     PAIR("blobs", counts->blobs), PAIR("uncounted", (json_int_t)counts->uncounted),
                     PAIR("conflicts", counts->any_conflicts), PAIR("lenient", counts->lenient));
}
