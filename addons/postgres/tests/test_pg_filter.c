#include "pg_filter.h"

#include <criterion/criterion.h>
#include <string.h>

#include "pg_dump.h"
#include "stash/jsonx.h"
#include "stash/pair.h"

static json_t *server(int version)
{
    return json_pack("{s:i, s:b, s:s, s:[s,s,s], s:[s,s], s:[s]}", PAIR("version", version),
                     PAIR("restrict", version >= 150000), PAIR("login", "admin"),
                     PAIR("roles", "admin", "postgres", "A;b"),
                     PAIR("databases", "postgres", "app"), PAIR("tablespaces", "fast"));
}

/* What psql gets to see; in pieces of `size`. */
static char *passed(int version, const char *text, size_t size)
{
    json_auto_t *state = server(version);
    struct pg_filter filter;
    struct buf out;
    struct error err;

    pg_filter_init(&filter, state);
    AUTO(pg_dump_free) struct pg_dump *dump = pg_dump_new(pg_filter_statement, &filter);
    buf_init(&out, LIMIT_MIB);
    for (size_t at = 0; at < strlen(text); at += size) {
        size_t piece = strlen(text) - at < size ? strlen(text) - at : size;
        cr_assert_eq(pg_dump_feed(dump, text + at, piece, &out, &err), 0, "%s", err.msg);
    }
    pg_filter_done(&filter);
    return buf_take(&out);
}

static void check(int version, const char *text, const char *expected)
{
    for (size_t size = 1; size <= strlen(text); size++) {
        AUTO(mem_free) char *got = passed(version, text, size);
        cr_assert_str_eq(got, expected, "in pieces of %zu", size);
    }
}

Test(pg_filter, what_is_there_is_not_created_again)
{
    check(170000,
          "CREATE ROLE \"A;b\";\nCREATE ROLE new;\nCREATE DATABASE app WITH x;\n"
          "CREATE DATABASE other;\nCREATE TABLESPACE fast OWNER x LOCATION '/f';\n",
          "\nCREATE ROLE new;\n\nCREATE DATABASE other;\n\n");
}

Test(pg_filter, what_was_dropped_is_created_again)
{
    check(170000,
          "DROP DATABASE IF EXISTS app;\nDROP ROLE \"A;b\";\nCREATE ROLE \"A;b\";\n"
          "CREATE DATABASE app;\n",
          "DROP DATABASE IF EXISTS app;\nDROP ROLE IF EXISTS \"A;b\";\nCREATE ROLE \"A;b\";\n"
          "CREATE DATABASE app;\n");
}

Test(pg_filter, what_is_not_there_need_not_be_dropped)
{
    check(150000,
          "DROP TABLE public.\"A\";\nDROP CAST (a AS b);\nDROP TEXT SEARCH PARSER s.p;\n"
          "DROP USER MAPPING FOR app SERVER s;\nDROP FUNCTION s.\"IF\"(a text);\n"
          "DROP TABLE IF EXISTS s.t;\nALTER TABLE ONLY s.t DROP CONSTRAINT \"t;pk\";\n"
          "ALTER TABLE s.t ALTER COLUMN id DROP DEFAULT;\n"
          "SELECT pg_catalog.lo_unlink('42');\n",
          "DROP TABLE IF EXISTS public.\"A\";\nDROP CAST IF EXISTS (a AS b);\n"
          "DROP TEXT SEARCH PARSER IF EXISTS s.p;\n"
          "DROP USER MAPPING IF EXISTS FOR app SERVER s;\n"
          "DROP FUNCTION IF EXISTS s.\"IF\"(a text);\nDROP TABLE IF EXISTS s.t;\n"
          "ALTER TABLE IF EXISTS ONLY s.t DROP CONSTRAINT IF EXISTS \"t;pk\";\n"
          "ALTER TABLE IF EXISTS s.t ALTER COLUMN id DROP DEFAULT;\n"
          "SELECT pg_catalog.lo_unlink(oid) FROM pg_catalog.pg_largeobject_metadata WHERE oid = "
          "'42';\n");
    check(150000, "ALTER TABLE ONLY s.t ALTER COLUMN id SET DEFAULT 'a DROP b';\n",
          "ALTER TABLE ONLY s.t ALTER COLUMN id SET DEFAULT 'a DROP b';\n");
}

/* As pg_dump --clean writes a view that needs a primary key: that is no DROP. */
Test(pg_filter, what_has_no_if_exists_is_done_where_it_is_there)
{
    check(150000,
          "CREATE OR REPLACE VIEW s.\"o'n\" AS\nSELECT\n    NULL::s.mood AS m;\n"
          "ALTER DOMAIN s.d DROP CONSTRAINT c;\nALTER DOMAIN s.d ADD CONSTRAINT c CHECK (true);\n"
          "CREATE OR REPLACE VIEW s.v AS\n SELECT NULL::integer AS id;\n"
          "CREATE VIEW s.v AS\nSELECT\n    NULL::integer AS id;\n",
          "DO $stash$ BEGIN IF pg_catalog.to_regclass('s.\"o''n\"') IS NOT NULL THEN "
          "CREATE OR REPLACE VIEW s.\"o'n\" AS\nSELECT\n    NULL::s.mood AS m; END IF; END "
          "$stash$;\n"
          "DO $stash$ BEGIN IF pg_catalog.to_regtype('s.d') IS NOT NULL THEN ALTER DOMAIN s.d DROP "
          "CONSTRAINT c; END IF; END $stash$;\nALTER DOMAIN s.d ADD CONSTRAINT c CHECK (true);\n"
          "CREATE OR REPLACE VIEW s.v AS\n SELECT NULL::integer AS id;\n"
          "CREATE VIEW s.v AS\nSELECT\n    NULL::integer AS id;\n");
}

Test(pg_filter, the_login_and_the_first_superuser_keep_rights_and_passwords)
{
    check(170000,
          "DROP ROLE IF EXISTS admin;\nALTER ROLE admin WITH NOSUPERUSER PASSWORD 'x;y';\n"
          "ALTER ROLE postgres WITH SUPERUSER PASSWORD 'old';\nALTER ROLE app WITH LOGIN;\n"
          "ALTER ROLE admin SET search_path = 'a';\n",
          "\n\n\nALTER ROLE app WITH LOGIN;\nALTER ROLE admin SET search_path = 'a';\n");
}

Test(pg_filter, settings_pass_that_the_server_knows)
{
    const char settings[] =
        "SET transaction_timeout = 0;\nSET lock_timeout = 0;\n"
        "SET default_table_access_method = heap;\nSET default_with_oids = false;\n";

    check(170000, settings,
          "SET transaction_timeout = 0;\nSET lock_timeout = 0;\n"
          "SET default_table_access_method = heap;\n\n");
    check(110000, settings, "\nSET lock_timeout = 0;\n\nSET default_with_oids = false;\n");
}

Test(pg_filter, an_older_server_is_told_of_locales_in_its_words)
{
    const char text[] = "CREATE DATABASE x WITH TEMPLATE = template0 ENCODING = 'UTF8' "
                        "LOCALE_PROVIDER = libc LOCALE = 'C.UTF-8';";

    check(150000, text, text);
    check(140000, text,
          "CREATE DATABASE x WITH TEMPLATE = template0 ENCODING = 'UTF8' LOCALE = 'C.UTF-8';");
    check(90600, text,
          "CREATE DATABASE x WITH TEMPLATE = template0 ENCODING = 'UTF8' LC_COLLATE = 'C.UTF-8' "
          "LC_CTYPE = 'C.UTF-8';");
}

Test(pg_filter, rows_and_strings_are_data_whatever_they_say)
{
    const char text[] = "COPY s.t FROM stdin;\nCREATE ROLE admin;\n\\! ls\n\\.\n"
                        "INSERT INTO s.t VALUES ('\nCREATE ROLE admin;\n\\! ls\n');\n"
                        "SELECT $$\nCREATE ROLE admin;\n\\! ls\n$$;\n";

    check(150000, text, text);
}

Test(pg_filter, a_command_that_psql_does_not_know_is_left_out)
{
    check(150000, "\\restrict k\n\\connect app\n", "\\restrict k\n\\connect app\n");
    check(140000, "\\restrict k\n\\connect app\n\\unrestrict k\n", "\\connect app\n");
}

Test(pg_filter, commands_that_pg_dump_never_writes_are_refused)
{
    const char *const bad[] = {"\\! rm -rf /\n",         "\\copy t to program 'x'\n",
                               "SELECT 1 \\g |ls\n",     "\\connect `ls`\n",
                               "SELECT 'a'; \\! ls\n",   "\\restrict\\! ls\n",
                               "\\connect app \\! ls\n", "\\connect app \\\\ \\! ls\n"};

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        json_auto_t *state = server(150000);
        AUTO(buf_done) struct buf out;
        struct pg_filter filter;
        struct error err;

        pg_filter_init(&filter, state);
        buf_init(&out, LIMIT_MIB);
        AUTO(pg_dump_free) struct pg_dump *dump = pg_dump_new(pg_filter_statement, &filter);
        cr_assert_eq(pg_dump_feed(dump, bad[i], strlen(bad[i]), &out, &err), -ERR_INVALID, "%s",
                     bad[i]);
        cr_assert_null(strstr(out.data, "ls"), "%s", bad[i]);
        pg_filter_done(&filter);
    }
}

Test(pg_filter, psql_knows_restrict_from_certain_minor_versions_on)
{
    cr_assert(pg_knows_restrict("psql (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"));
    cr_assert(pg_knows_restrict("psql (PostgreSQL) 18.0"));
    cr_assert(pg_knows_restrict("psql (PostgreSQL) 19beta1"));
    cr_assert_not(pg_knows_restrict("psql (PostgreSQL) 17.2"));
    cr_assert_not(pg_knows_restrict("psql (PostgreSQL) 9.6.24"));
    cr_assert_not(pg_knows_restrict(""));
}
