#include "pg_filter.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "pg_name.h"
#include "stash/jsonx.h"
#include "stash/mem.h"

#define ALWAYS 999999

static const struct thing {
    const char *kind, *list;
} things[] = {{"ROLE", "roles"}, {"DATABASE", "databases"}, {"TABLESPACE", "tablespaces"}};

void pg_filter_init(struct pg_filter *filter, const json_t *state)
{
    size_t at;
    json_t *name;

    *filter = (struct pg_filter){.state = state, .there = json_object()};
    for (size_t i = 0; i < ARRAY_LEN(things); i++) {
        json_t *names = json_object();

        json_array_foreach (jsonx_get(state, things[i].list, NULL), at, name)
            if (json_string_value(name))
                json_object_set_new(names, json_string_value(name), json_true());
        json_object_set_new(filter->there, things[i].kind, names);
    }
    filter->keeps_postgres = jsonx_get(filter->there, "ROLE", "postgres", NULL) != NULL;
}

void pg_filter_done(struct pg_filter *filter)
{
    json_decref(filter->there);
}

static json_int_t version_of(const struct pg_filter *filter)
{
    return jsonx_int(filter->state, ALWAYS, "version", NULL);
}

/* ---- settings ------------------------------------------------------------------------------------------------------ */

/* Dumps of every version begin with some of these. */
static const struct setting {
    const char *name;
    json_int_t since, until; /* the server knows it from `since` on and before `until` */
} settings[] = {
    {"SET idle_in_transaction_session_timeout", 90600, ALWAYS},
    {"SET row_security", 90500, ALWAYS},
    {"SET lock_timeout", 90300, ALWAYS},
    {"SET default_table_access_method = heap", 120000, ALWAYS},
    {"SET transaction_timeout", 170000, ALWAYS},
    {"SET default_with_oids = false", 0, 120000},
};

static bool is_unknown_setting(const struct pg_filter *filter, const char *text)
{
    json_int_t version = version_of(filter);

    for (size_t i = 0; i < ARRAY_LEN(settings); i++)
        if (pg_after_words(text, settings[i].name))
            return version < settings[i].since || version >= settings[i].until;
    return false;
}

/* ---- roles, databases, tablespaces --------------------------------------------------------------------------------- */

/* The name after "VERB KIND"; NULL when the statement is another. */
static char *name_behind(const char *text, const char *verb, const char *kind,
                         const char **ret_rest)
{
    AUTO(mem_free) char *words = xasprintf("%s %s", verb, kind);
    AUTO(mem_free) char *with_if = xasprintf("%s IF EXISTS", words);
    const char *after = pg_after_words(text, with_if);

    if (!after)
        after = pg_after_words(text, words);
    return after ? pg_name_take(after, ret_rest) : NULL;
}

/* The role that the restore works as, and the first superuser of the server: they keep their passwords and rights. */
static bool is_kept(const struct pg_filter *filter, const char *role)
{
    const char *login = jsonx_str(filter->state, "login", NULL);

    return (login && strcmp(role, login) == 0) ||
           (filter->keeps_postgres && strcmp(role, "postgres") == 0);
}

static bool is_there(const struct pg_filter *filter, const char *text, const char *kind)
{
    const char *rest;
    AUTO(mem_free) char *name = name_behind(text, "CREATE", kind, &rest);

    return name && jsonx_get(filter->there, kind, name, NULL);
}

/* What is dropped may be created again. */
static bool is_drop_of_kept(struct pg_filter *filter, const char *text, const char *kind)
{
    const char *rest;
    AUTO(mem_free) char *name = name_behind(text, "DROP", kind, &rest);

    if (!name)
        return false;
    if (strcmp(kind, "ROLE") == 0 && is_kept(filter, name))
        return true;
    json_object_del(json_object_get(filter->there, kind), name);
    return false;
}

static bool changes_kept_role(const struct pg_filter *filter, const char *text)
{
    const char *rest;
    AUTO(mem_free) char *name = name_behind(text, "ALTER", "ROLE", &rest);

    return name && is_kept(filter, name) && pg_after_words(rest, "WITH");
}

static bool is_left_out(struct pg_filter *filter, const char *text)
{
    if (is_unknown_setting(filter, text) || changes_kept_role(filter, text))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(things); i++)
        if (is_there(filter, text, things[i].kind) || is_drop_of_kept(filter, text, things[i].kind))
            return true;
    return false;
}

/* Put `text` with one part replaced into `ret`. */
static void statement_replace(const char *text, const char *at, size_t len, const char *with,
                              struct buf *ret)
{
    buf_add(ret, text, (size_t)(at - text));
    buf_adds(ret, with);
    buf_adds(ret, at + len);
}

/* ---- what --clean drops -------------------------------------------------------------------------------------------- */

/* Behind "DROP KIND": a name, which is in small letters or quoted, or FOR. NULL when the statement is another. */
static const char *after_kind(const char *text)
{
    const char *at = pg_after_words(text, "DROP");
    size_t words = 0, len;

    while (at && !pg_after_words(at, "FOR") && !pg_after_words(at, "IF") &&
           (len = strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")) > 0 && at[len] == ' ') {
        at += len + 1;
        words++;
    }
    return words > 0 && !pg_after_words(at, "IF") ? at : NULL;
}

/* "ALTER TABLE name DROP CONSTRAINT …" and "ALTER TABLE name ALTER COLUMN name DROP …". */
static int drop_of_table(const char *text, struct buf *ret)
{
    const char *table = pg_after_words(text, "ALTER TABLE");
    const char *only = table ? pg_after_words(table, "ONLY") : NULL;
    const char *name = only ? only : table;
    const char *rest = name ? name + pg_name_len(name) : NULL;
    const char *constraint = rest ? pg_after_words(rest, "DROP CONSTRAINT") : NULL;
    const char *column = rest ? pg_after_words(rest, "ALTER COLUMN") : NULL;

    if (!constraint && !(column && pg_after_words(column + pg_name_len(column), "DROP")))
        return 0;
    buf_addf(ret, "ALTER TABLE IF EXISTS %.*s%s%s", (int)(rest - table), table,
             constraint ? " DROP CONSTRAINT IF EXISTS " : "", constraint ? constraint : rest);
    return 1;
}

/* A statement that has no IF EXISTS of its own: `to_reg` finds what its name stands for. */
static int drop_where(const char *text, const char *to_reg, const char *name, struct buf *ret)
{
    const char *end = name + pg_name_len(name);

    if (strstr(text, "$stash$"))
        return 0;
    buf_addf(ret, "DO $stash$ BEGIN IF pg_catalog.%s('", to_reg);
    for (const char *c = name; c < end; c++) {
        if (*c == '\'')
            buf_addc(ret, *c);
        buf_addc(ret, *c);
    }
    buf_addf(ret, "') IS NOT NULL THEN %s END IF; END $stash$;", text);
    return 1;
}

/*
 * A view that needs a table's primary key (GROUP BY id) is no longer in the way of that key's DROP when it has been replaced
 * by one that chooses nothing. A new server has neither the view nor the schema and the types that this one names.
 */
static int drop_of_view_or_domain(const char *text, struct buf *ret)
{
    static const char nothing[] = " AS\nSELECT\n    NULL::";
    const char *view = pg_after_words(text, "CREATE OR REPLACE VIEW");
    const char *domain = pg_after_words(text, "ALTER DOMAIN");

    if (view && strncmp(view + pg_name_len(view), nothing, strlen(nothing)) == 0)
        return drop_where(text, "to_regclass", view, ret);
    if (domain && pg_after_words(domain + pg_name_len(domain), "DROP CONSTRAINT"))
        return drop_where(text, "to_regtype", domain, ret);
    return 0;
}

/*
 * A dump with --clean and without --if-exists drops what a new server does not have. psql alone would complain and go on;
 * here it stops at the first error, so these words become those of --if-exists.
 */
static int drop_if_exists(const char *text, struct buf *ret)
{
    static const char unlink[] = "SELECT pg_catalog.lo_unlink('";
    const char *name = after_kind(text);

    if (name) {
        statement_replace(text, name, 0, "IF EXISTS ", ret);
        return 1;
    }
    if (strncmp(text, unlink, strlen(unlink)) == 0) {
        const char *number = text + strlen(unlink);

        buf_addf(ret,
                 "SELECT pg_catalog.lo_unlink(oid) FROM pg_catalog.pg_largeobject_metadata WHERE "
                 "oid = '%.*s';",
                 (int)strspn(number, "0123456789"), number);
        return 1;
    }
    return drop_of_table(text, ret) || drop_of_view_or_domain(text, ret);
}

/* ---- an older server's words --------------------------------------------------------------------------------------- */

/* " LOCALE = 'x'" becomes its two parts, which every version knows. */
static int split_locale(const char *text, const char *at, struct buf *ret)
{
    const char *value = at + strlen(" LOCALE = ");
    size_t len = *value == '\'' ? 2 + strcspn(value + 1, "'") : 0;
    AUTO(mem_free) char *both = NULL;

    if (len == 0)
        return 0;
    both = xasprintf(" LC_COLLATE = %.*s LC_CTYPE = %.*s", (int)len, value, (int)len, value);
    statement_replace(text, at, (size_t)(value - at) + len, both, ret);
    return 1;
}

static int create_database(const struct pg_filter *filter, const char *text, struct buf *ret)
{
    static const char provider[] = " LOCALE_PROVIDER = libc";
    const char *at = strstr(text, provider);
    AUTO(mem_free) char *shorter = NULL;

    if (version_of(filter) >= 150000 || !pg_after_words(text, "CREATE DATABASE"))
        return 0;
    if (at)
        shorter = xasprintf("%.*s%s", (int)(at - text), text, at + strlen(provider));
    at = strstr(shorter ? shorter : text, " LOCALE = ");
    if (at && version_of(filter) < 130000 && split_locale(shorter ? shorter : text, at, ret))
        return 1;
    if (shorter)
        buf_adds(ret, shorter);
    return shorter != NULL;
}

/* ---- psql's commands ----------------------------------------------------------------------------------------------- */

/* What comes after the command's name and blanks; NULL when the command is another. */
static const char *after_command(const char *text, const char *name)
{
    size_t len = strlen(name);

    if (strncmp(text, name, len) != 0 || text[len] != ' ')
        return NULL;
    return text + len + strspn(text + len, " ");
}

/* One plain word or one "quoted" word up to the end of the line: nothing that psql would take for another command. */
static bool is_one_word(const char *text)
{
    size_t len = pg_is_word(*text) || *text == '"' ? pg_name_len(text) : 0;

    return len > 0 && text[len + strspn(text + len, " \t\r\n")] == '\0';
}

static bool is_connect(const char *text)
{
    const char *after = after_command(text, "\\connect");
    const char *reused = after ? after_command(after, "-reuse-previous=on") : NULL;

    return after && is_one_word(reused ? reused : after);
}

/* A command can do anything in this container: only those that pg_dump writes are obeyed. */
static int filter_command(const struct pg_filter *filter, const char *text, struct error *err)
{
    const char *key = after_command(text, "\\restrict");
    const char *encoding = after_command(text, "\\encoding");

    if (!key)
        key = after_command(text, "\\unrestrict");
    if (key && is_one_word(key))
        return !jsonx_bool(filter->state, 1, "restrict", NULL);
    if (is_connect(text) || (encoding && is_one_word(encoding)))
        return 0;
    return error_set(
        err, ERR_INVALID,
        "the dump holds the psql command %.*s: this is no dump of pg_dump or pg_dumpall",
        (int)strcspn(text, " \t\r\n"), text);
}

int pg_filter_statement(void *ctx, const char *text, struct buf *ret, struct error *err)
{
    struct pg_filter *filter = ctx;

    text += strspn(text, " \t\r\n");
    if (*text == '\\')
        return filter_command(filter, text, err);
    if (is_left_out(filter, text) || drop_if_exists(text, ret))
        return 1;
    return create_database(filter, text, ret);
}

bool pg_knows_restrict(const char *text)
{
    /* the minor version of each major one in which it came */
    static const int minors[] = {[13] = 22, [14] = 19, [15] = 14, [16] = 10, [17] = 6};
    const char *number = strpbrk(text, "0123456789");
    int major = 0, minor = 0;

    if (!number || sscanf(number, "%d.%d", &major, &minor) < 1)
        return false;
    return major >= 18 || (major >= 13 && minor >= minors[major]);
}
