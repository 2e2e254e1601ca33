#include "pg_dump.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "pg_filter.h"
#include "stash/jsonx.h"

#define FILE_MAX (1 * LIMIT_MIB)

static char *read_file(const char *name, size_t *ret_len)
{
    AUTO(mem_free) char *path = xasprintf(DATA "%s", name);
    char *text = xmalloc(FILE_MAX);
    FILE *file = fopen(path, "r");

    cr_assert_not_null(file, "%s", path);
    *ret_len = fread(text, 1, FILE_MAX - 1, file);
    fclose(file);
    text[*ret_len] = '\0';
    return text;
}

/* Feed pieces of `size`; the first one may be shorter. What passed is the text itself. */
static int feed(struct pg_dump *dump, const char *text, size_t len, size_t first, size_t size,
                struct error *err)
{
    AUTO(buf_done) struct buf out;
    int r = 0;

    buf_init(&out, 4 * FILE_MAX);
    for (size_t at = 0; r >= 0 && at < len;) {
        size_t piece = at == 0 && first ? first : size;

        piece = piece < len - at ? piece : len - at;
        r = pg_dump_feed(dump, text + at, piece, &out, err);
        at += piece;
    }
    cr_assert(r < 0 || (out.len == len && memcmp(out.data, text, len) == 0), "not what was fed");
    return r;
}

static void check(const char *text, size_t first, size_t size, const char *counts)
{
    AUTO(pg_dump_free) struct pg_dump *dump = pg_dump_new(NULL, NULL);
    struct error err;

    cr_assert_eq(feed(dump, text, strlen(text), first, size, &err), 0);
    cr_assert_eq(pg_dump_end(dump, false, &err), 0, "at %zu: %s", first, err.msg);
    json_auto_t *document = pg_dump_counts(dump);
    AUTO(mem_free) char *got = jsonx_dump_sorted(jsonx_get(document, "rows", NULL));
    cr_assert_str_eq(got, counts, "cut at %zu into %zu: %s", first, size, got);
}

static const char small[] =
    "--\n-- PostgreSQL database dump\n--\n\n\\restrict k\n"
    "SET a = 'it''s; COPY public.no FROM stdin;\n';\n"
    "CREATE FUNCTION f() AS $x$ ; $$ $y$ $x $x$;\nSELECT $1; SELECT E'\\'; --';/* ; /* ' */ \" */\n"
    "CREATE OR REPLACE FUNCTION g() BEGIN ATOMIC\nSELECT CASE WHEN a THEN b END;\n"
    "INSERT INTO public.no VALUES (1);\nEND;\n"
    "COPY public.\"T \"\"; q\" (a, b) FROM stdin;\na\n\\\\.\n.\n\\.x\n\n\\.\n\n"
    "COPY public.empty (a) FROM stdin;\n\\.\n"
    "INSERT INTO s.t (a, b) VALUES (1, '(x), (y)');\n"
    "INSERT INTO s.t VALUES\n\t(1, (2)),\n\t(E'\\'(', 3);\nINSERT INTO s.d DEFAULT VALUES;\n"
    "\\connect -reuse-previous=on \"dbname='o\\'n e'\"\n"
    "COPY s.t FROM stdin;\n-- PostgreSQL database dump\n\\.\n"
    "--\n-- PostgreSQL database dump complete\n--\n\n\\unrestrict k\n";

static const char small_counts[] =
    "{\"\":{\"public.\\\"T \\\"\\\"; q\\\"\":5,\"public.empty\":0,\"s.d\":1,\"s.t\":3},"
    "\"o'n e\":{\"s.t\":1}}";

Test(pg_dump, a_dump_may_be_cut_into_pieces_anywhere)
{
    for (size_t at = 0; at < strlen(small); at++)
        check(small, at, sizeof(small), small_counts);
    for (size_t size = 1; size < 70; size++)
        check(small, 0, size, small_counts);
}

static json_int_t rows_of(const json_t *counts, const char *database, const char *table)
{
    return jsonx_int(counts, -1, "rows", database, table, NULL);
}

static void check_shop(const json_t *counts, const char *database)
{
    cr_assert_eq(rows_of(counts, database, "\"S.x\".\"T \"\"q\""), 53);
    cr_assert_eq(rows_of(counts, database, "public.big"), 20);
    cr_assert_eq(rows_of(counts, database, "public.parted_1"), 10);
    cr_assert_eq(rows_of(counts, database, "public.parent"), 1);
    cr_assert_eq(rows_of(counts, database, "public.child"), 2);
    cr_assert_eq(jsonx_int(counts, 0, "blobs", database, NULL), 2);
    cr_assert_eq(jsonx_int(counts, 0, "uncounted", NULL), 0);
}

static json_t *count_file(const char *name, bool cluster)
{
    AUTO(pg_dump_free) struct pg_dump *dump = pg_dump_new(NULL, NULL);
    AUTO(mem_free) char *text = NULL;
    struct error err;
    size_t len;

    text = read_file(name, &len);
    cr_assert_eq(feed(dump, text, len, 0, 777, &err), 0);
    cr_assert_eq(pg_dump_end(dump, cluster, &err), 0, "%s", err.msg);
    return pg_dump_counts(dump);
}

Test(pg_dump, rows_of_a_whole_cluster_are_counted)
{
    json_auto_t *counts = count_file("cluster.sql", true);

    check_shop(counts, "shop");
    cr_assert_eq(rows_of(counts, "shop", "public.nothing"), 0);
    cr_assert_eq(rows_of(counts, "shop", "public.nocolumns"), 1);
    cr_assert_eq(rows_of(counts, "we ird'd\\b", "public.t"), 2);
}

Test(pg_dump, rows_written_as_inserts_are_counted)
{
    json_auto_t *each = count_file("inserts.sql", false);
    json_auto_t *many = count_file("many.sql", false);

    check_shop(each, "");
    check_shop(many, "");
}

/* Whatever is missing at the end is noticed, except blanks and psql's own last word. */
Test(pg_dump, a_dump_that_is_cut_is_refused_wherever_it_is_cut)
{
    AUTO(mem_free) char *text = NULL;
    size_t len;

    text = read_file("cluster.sql", &len);
    size_t mark = (size_t)(strstr(text, "cluster dump complete") - text) + 21;
    for (size_t cut = 0; cut <= mark; cut += cut + 600 > mark ? 1 : 97) {
        AUTO(pg_dump_free) struct pg_dump *dump = pg_dump_new(NULL, NULL);
        struct error err;

        cr_assert_eq(feed(dump, text, cut, 0, 4096, &err), 0);
        cr_assert_eq(pg_dump_end(dump, true, &err), -ERR_INVALID, "cut at %zu of %zu", cut, len);
    }
}

Test(pg_dump, what_is_no_dump_is_refused)
{
    const char *const texts[] = {"SELECT 1;\n", "PGDMP\x01\x02", "\n",
                                 "-- PostgreSQL database dump\n"};

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        AUTO(pg_dump_free) struct pg_dump *dump = pg_dump_new(NULL, NULL);
        struct error err;

        cr_assert_eq(feed(dump, texts[i], strlen(texts[i]), 0, 9, &err), 0);
        cr_assert_eq(pg_dump_end(dump, false, &err), -ERR_INVALID, "%s", texts[i]);
    }
}

static int see_all(void *ctx, const char *text, struct buf *ret, struct error *err)
{
    size_t *longest = ctx;

    (void)ret, (void)err;
    *longest = strlen(text) > *longest ? strlen(text) : *longest;
    return 0;
}

/* With a filter, what is held back stays small, and nothing is lost of what is longer. */
Test(pg_dump, rows_and_statements_of_any_length_pass)
{
    size_t len = 300000, longest = 0;
    AUTO(mem_free) char *value = xcalloc(1, len + 1);
    AUTO(pg_dump_free) struct pg_dump *dump = pg_dump_new(see_all, &longest);
    AUTO(mem_free) char *text = NULL;
    struct error err;

    memset(value, 'x', len);
    text = xasprintf("-- PostgreSQL database dump\n\nINSERT INTO s.t VALUES ('%s'), (E'%s');\n"
                     "COPY s.t FROM stdin;\n%s\n\\.\n-- PostgreSQL database dump complete\n\n",
                     value, value, value);
    cr_assert_eq(feed(dump, text, strlen(text), 0, 65536, &err), 0, "%s", err.msg);
    cr_assert_eq(pg_dump_end(dump, false, &err), 0, "%s", err.msg);
    json_auto_t *counts = pg_dump_counts(dump);
    cr_assert_eq(rows_of(counts, "", "s.t"), 3);
    cr_assert_leq(longest, PG_HOLD_MAX);
}

Test(pg_dump, tables_beyond_the_limit_are_said_to_be_uncounted)
{
    AUTO(pg_dump_free) struct pg_dump *dump = pg_dump_new(NULL, NULL);
    AUTO(buf_done) struct buf out;
    struct error err;

    buf_init(&out, 4 * FILE_MAX);
    for (int i = 0; i < PG_TABLES_MAX + 3; i++) {
        AUTO(mem_free) char *text = xasprintf("COPY s.t%d FROM stdin;\nx\n\\.\n", i);
        cr_assert_eq(pg_dump_feed(dump, text, strlen(text), &out, &err), 0);
    }
    json_auto_t *counts = pg_dump_counts(dump);
    cr_assert_eq(json_object_size(jsonx_get(counts, "rows", "", NULL)), PG_TABLES_MAX);
    cr_assert_eq(jsonx_int(counts, 0, "uncounted", NULL), 3);
}

/* Whether rows may be left out on the way. */
static bool has_conflicts(const char *text)
{
    AUTO(pg_dump_free) struct pg_dump *dump = pg_dump_new(NULL, NULL);
    struct error err;

    feed(dump, text, strlen(text), 0, 100, &err);
    json_auto_t *counts = pg_dump_counts(dump);
    return jsonx_bool(counts, 0, "conflicts", NULL);
}

Test(pg_dump, a_table_named_conflict_is_no_permission_to_lose_rows)
{
    cr_assert_not(has_conflicts("INSERT INTO public.conflict VALUES (1);\n"));
    cr_assert_not(has_conflicts("INSERT INTO public.t (on, conflict) VALUES (1, 2);\n"));
    cr_assert(has_conflicts("INSERT INTO public.conflict VALUES (1) ON CONFLICT DO NOTHING;\n"));
}

Test(pg_dump, rows_may_be_left_out_of_the_tables_that_say_so_only)
{
    static const char text[] = "\\connect shop\n"
                               "INSERT INTO public.a VALUES (1) ON CONFLICT DO NOTHING;\n"
                               "INSERT INTO public.b VALUES (1);\n"
                               "INSERT INTO public.a VALUES (2);\n";
    AUTO(pg_dump_free) struct pg_dump *dump = pg_dump_new(NULL, NULL);
    struct error err;

    feed(dump, text, strlen(text), 0, 100, &err);
    json_auto_t *counts = pg_dump_counts(dump);
    const json_t *lenient = jsonx_get(counts, "lenient", "shop", NULL);
    cr_assert_eq(json_object_size(lenient), 1);
    cr_assert(json_is_true(json_object_get(lenient, "public.a")));
    cr_assert_eq(jsonx_int(counts, 0, "rows", "shop", "public.a", NULL), 2);
}
