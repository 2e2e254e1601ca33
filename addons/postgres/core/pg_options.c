#include "pg_options.h"

#include <string.h>

#include "stash/mem.h"

#define NOT_TEXT  "the dump is stored as plain text from standard output"
#define NO_TOOL   "the tool would say something else, and do nothing"
#define UNREAD    "psql reads the dump"
#define ELSEWHERE "where the server is, and who logs in, stands in the AppBinding"

/* clang-format off */
#define COMMON                                                                                     \
    {"host", 'h', OPTION_VALUE, ELSEWHERE},                                                        \
    {"port", 'p', OPTION_VALUE, ELSEWHERE},                                                        \
    {"username", 'U', OPTION_VALUE, ELSEWHERE},                                                    \
    {"dbname", 'd', OPTION_VALUE, NULL},                                                           \
    {"no-password", 'w', OPTION_ALONE, NULL},                                                      \
    {"password", 'W', OPTION_ALONE, NULL},                                                         \
    {"help", '?', OPTION_ALONE, NO_TOOL},                                                          \
    {"version", 'V', OPTION_ALONE, NO_TOOL}

/* Of both tools that dump. */
#define COMMON_DUMP                                                                                \
    COMMON,                                                                                        \
    {"data-only", 'a', OPTION_ALONE, NULL},                                                        \
    {"clean", 'c', OPTION_ALONE, NULL},                                                            \
    {"encoding", 'E', OPTION_VALUE, NULL},                                                         \
    {"extra-float-digits", '\0', OPTION_VALUE, NULL},                                              \
    {"file", 'f', OPTION_VALUE, NOT_TEXT},                                                         \
    {"filter", '\0', OPTION_VALUE, NULL},                                                          \
    {"format", 'F', OPTION_VALUE, NOT_TEXT},                                                       \
    {"lock-wait-timeout", '\0', OPTION_VALUE, NULL},                                               \
    {"no-owner", 'O', OPTION_ALONE, NULL},                                                         \
    {"no-privileges", 'x', OPTION_ALONE, NULL},                                                    \
    {"no-unlogged-table-data", '\0', OPTION_ALONE, NULL},                                          \
    {"restrict-key", '\0', OPTION_VALUE, NULL},                                                    \
    {"role", '\0', OPTION_VALUE, NULL},                                                            \
    {"rows-per-insert", '\0', OPTION_VALUE, NULL},                                                 \
    {"schema-only", 's', OPTION_ALONE, NULL},                                                      \
    {"superuser", 'S', OPTION_VALUE, NULL},                                                        \
    {"verbose", 'v', OPTION_ALONE, NULL}
/* clang-format on */

static const struct option_row dump_rows[] = {
    COMMON_DUMP,
    {"compress", 'Z', OPTION_VALUE, NOT_TEXT},
    {"create", 'C', OPTION_ALONE, NULL},
    {"exclude-extension", '\0', OPTION_VALUE, NULL},
    {"exclude-schema", 'N', OPTION_VALUE, NULL},
    {"exclude-table", 'T', OPTION_VALUE, NULL},
    {"exclude-table-and-children", '\0', OPTION_VALUE, NULL},
    {"exclude-table-data", '\0', OPTION_VALUE, NULL},
    {"exclude-table-data-and-children", '\0', OPTION_VALUE, NULL},
    {"extension", 'e', OPTION_VALUE, NULL},
    {"include-foreign-data", '\0', OPTION_VALUE, NULL},
    {"jobs", 'j', OPTION_VALUE, NOT_TEXT},
    {"large-objects", 'b', OPTION_ALONE, NULL},
    {"no-large-objects", 'B', OPTION_ALONE, NULL},
    {"no-reconnect", 'R', OPTION_ALONE, NULL},
    {"schema", 'n', OPTION_VALUE, NULL},
    {"section", '\0', OPTION_VALUE, NULL},
    {"snapshot", '\0', OPTION_VALUE, NULL},
    {"sync-method", '\0', OPTION_VALUE, NULL},
    {"table", 't', OPTION_VALUE, NULL},
    {"table-and-children", '\0', OPTION_VALUE, NULL},
    {0}};

static const struct option_row dumpall_rows[] = {COMMON_DUMP,
                                                 {"database", 'l', OPTION_VALUE, NULL},
                                                 {"exclude-database", '\0', OPTION_VALUE, NULL},
                                                 {"globals-only", 'g', OPTION_ALONE, NULL},
                                                 {"roles-only", 'r', OPTION_ALONE, NULL},
                                                 {"tablespaces-only", 't', OPTION_ALONE, NULL},
                                                 {0}};

static const struct option_row psql_rows[] = {
    COMMON,
    {"command", 'c', OPTION_VALUE, UNREAD},
    {"echo-all", 'a', OPTION_ALONE, NULL},
    {"echo-errors", 'b', OPTION_ALONE, NULL},
    {"echo-hidden", 'E', OPTION_ALONE, NULL},
    {"echo-queries", 'e', OPTION_ALONE, NULL},
    {"expanded", 'x', OPTION_ALONE, NULL},
    {"field-separator", 'F', OPTION_VALUE, NULL},
    {"field-separator-zero", 'z', OPTION_ALONE, NULL},
    {"file", 'f', OPTION_VALUE, UNREAD},
    {"html", 'H', OPTION_ALONE, NULL},
    {"list", 'l', OPTION_ALONE, UNREAD},
    {"log-file", 'L', OPTION_VALUE, NULL},
    {"no-align", 'A', OPTION_ALONE, NULL},
    {"no-psqlrc", 'X', OPTION_ALONE, NULL},
    {"no-readline", 'n', OPTION_ALONE, NULL},
    {"output", 'o', OPTION_VALUE, "it names a file, or a program to run"},
    {"pset", 'P', OPTION_VALUE, NULL},
    {"quiet", 'q', OPTION_ALONE, NULL},
    {"record-separator", 'R', OPTION_VALUE, NULL},
    {"record-separator-zero", '0', OPTION_ALONE, NULL},
    {"set", 'v', OPTION_VALUE, NULL},
    {"single-line", 'S', OPTION_ALONE, "a line of the dump need not be a statement"},
    {"single-step", 's', OPTION_ALONE, "psql would take lines of the dump for its user's answers"},
    {"single-transaction", '1', OPTION_ALONE, NULL},
    {"table-attr", 'T', OPTION_VALUE, NULL},
    {"tuples-only", 't', OPTION_ALONE, NULL},
    {"variable", '\0', OPTION_VALUE, NULL},
    {0}};

const struct option_table *pg_options_of(const char *tool)
{
    static const struct {
        const char *tool;
        struct option_table table;
    } tools[] = {{"psql", {OPTIONS_GNU, psql_rows}},
                 {"pg_dump", {OPTIONS_GNU, dump_rows}},
                 {"pg_dumpall", {OPTIONS_GNU, dumpall_rows}}};

    for (size_t i = 0; i < ARRAY_LEN(tools); i++)
        if (strcmp(tools[i].tool, tool) == 0)
            return &tools[i].table;
    return NULL;
}
