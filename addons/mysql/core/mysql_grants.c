#include "mysql_grants.h"

#include <string.h>

#include "stash/mem.h"

/* One line: GRANT SELECT, LOCK TABLES ON `shop`.* TO … */
struct grant {
    const char *rights; /* "SELECT, LOCK TABLES" */
    size_t len;
    const char *on; /* what follows; NULL: it is a role that is given */
};

static bool grant_parse(const char *line, struct grant *ret)
{
    static const char grant[] = "GRANT ";
    const char *end = strstr(line, " ON ");

    if (strncmp(line, grant, strlen(grant)) != 0)
        return false;
    ret->rights = line + strlen(grant);
    ret->len = end ? (size_t)(end - ret->rights) : 0;
    ret->on = end ? end + strlen(" ON ") : NULL;
    return end != NULL;
}

static bool has_right(const struct grant *grant, const char *right)
{
    size_t len = strlen(right);
    const char *at = grant->rights, *end = grant->rights + grant->len;

    while (at < end) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        const char *stop = comma ? comma : end;

        while (at < stop && *at == ' ')
            at++;
        if ((size_t)(stop - at) == len && memcmp(at, right, len) == 0)
            return true;
        at = stop + 1;
    }
    return false;
}

static bool gives_one(const struct grant *grant, const char *const *rights)
{
    if (has_right(grant, "ALL PRIVILEGES"))
        return true;
    for (; *rights; rights++)
        if (has_right(grant, *rights))
            return true;
    return false;
}

static const char *const reads[] = {"SELECT", NULL};
static const char *const triggers[] = {"TRIGGER", NULL};
/* whoever may do one of these sees a routine, and if it can't be dumped the tool says so */
static const char *const routines[] = {"EXECUTE", "ALTER ROUTINE", "CREATE ROUTINE", "SHOW_ROUTINE",
                                       NULL};

static bool is_everywhere(const struct grant *grant)
{
    return strncmp(grant->on, "*.*", strlen("*.*")) == 0;
}

/* "db.*" is a database, and "db.table" is one table of it; names stand between backquotes. */
static bool is_database(const struct grant *grant)
{
    const char *to = strstr(grant->on, " TO ");

    return to && to - grant->on >= 2 && memcmp(to - 2, ".*", 2) == 0;
}

struct sight {
    bool reads, triggers, routines; /* everywhere */
    bool revoked;                   /* from some databases */
};

static void see_everywhere(const char *line, struct sight *sight)
{
    struct grant grant;

    if (strncmp(line, "REVOKE ", strlen("REVOKE ")) == 0)
        sight->revoked = true;
    if (!grant_parse(line, &grant) || !is_everywhere(&grant))
        return;
    sight->reads = sight->reads || gives_one(&grant, reads);
    sight->triggers = sight->triggers || gives_one(&grant, triggers);
    sight->routines = sight->routines || gives_one(&grant, routines);
}

static void see_some(const char *line, const struct sight *sight, struct mysql_hidden *ret)
{
    struct grant grant;

    if (!grant_parse(line, &grant) || is_everywhere(&grant) || !gives_one(&grant, reads))
        return;
    ret->tables = ret->tables || (!sight->reads && !is_database(&grant));
    ret->triggers = ret->triggers || (!sight->triggers && !gives_one(&grant, triggers));
    ret->routines =
        ret->routines || (!sight->reads && !sight->routines && !gives_one(&grant, routines));
}

struct mysql_hidden mysql_grants_hidden(const char *lines)
{
    AUTO(mem_free) char *first = xstrdup(lines);
    AUTO(mem_free) char *second = xstrdup(lines);
    struct sight sight = {0};
    struct mysql_hidden hidden = {0};
    char *rest = first;

    for (char *line; (line = strsep(&rest, "\n"));)
        see_everywhere(line, &sight);
    hidden.databases = !sight.reads || sight.revoked;
    hidden.triggers = sight.reads && !sight.triggers;
    rest = second;
    for (char *line; (line = strsep(&rest, "\n"));)
        see_some(line, &sight, &hidden);
    return hidden;
}
