#include "mysql_options.h"

#include <stddef.h>

#define NOT_SQL   "the dump would not be SQL on standard output"
#define NO_TOOL   "the tool would say something else, and do nothing"
#define UNREAD    "the client would not read the dump"
#define UNHEARD   "what the tool complains of would not be heard"
#define ELSEWHERE "where the server is, and who logs in, stands in the AppBinding"

/* Where, who, and what every client knows. */
/* clang-format off */
#define COMMON                                                                                     \
    {"bind-address", '\0', OPTION_VALUE, NULL},                                                    \
    {"character-sets-dir", '\0', OPTION_VALUE, NULL},                                              \
    {"compress", 'C', OPTION_ALONE, NULL},                                                         \
    {"compression-algorithms", '\0', OPTION_VALUE, NULL},                                          \
    {"debug", '#', OPTION_JOINED, NULL},                                                           \
    {"default-auth", '\0', OPTION_VALUE, NULL},                                                    \
    {"default-character-set", '\0', OPTION_VALUE, NULL},                                           \
    {"force", 'f', OPTION_ALONE, NULL},                                                            \
    {"help", '?', OPTION_ALONE, NO_TOOL},                                                          \
    {NULL, 'I', OPTION_ALONE, NO_TOOL},                                                            \
    {"host", 'h', OPTION_VALUE, ELSEWHERE},                                                        \
    {"init-command", '\0', OPTION_VALUE, NULL},                                                    \
    {"init-command-add", '\0', OPTION_VALUE, NULL},                                                \
    {"max-allowed-packet", '\0', OPTION_VALUE, NULL},                                              \
    {"net-buffer-length", '\0', OPTION_VALUE, NULL},                                               \
    {"password", 'p', OPTION_JOINED, NULL},                                                        \
    {"plugin-dir", '\0', OPTION_VALUE, NULL},                                                      \
    {"port", 'P', OPTION_VALUE, ELSEWHERE},                                                        \
    {"print-defaults", '\0', OPTION_ALONE, NO_TOOL},                                               \
    {"protocol", '\0', OPTION_VALUE, NULL},                                                        \
    {"server-public-key-path", '\0', OPTION_VALUE, NULL},                                          \
    {"socket", 'S', OPTION_VALUE, ELSEWHERE},                                                      \
    {"ssl", '\0', OPTION_ALONE, NULL},                                                             \
    {"ssl-ca", '\0', OPTION_VALUE, NULL},                                                          \
    {"ssl-capath", '\0', OPTION_VALUE, NULL},                                                      \
    {"ssl-cert", '\0', OPTION_VALUE, NULL},                                                        \
    {"ssl-cipher", '\0', OPTION_VALUE, NULL},                                                      \
    {"ssl-crl", '\0', OPTION_VALUE, NULL},                                                         \
    {"ssl-crlpath", '\0', OPTION_VALUE, NULL},                                                     \
    {"ssl-fips-mode", '\0', OPTION_VALUE, NULL},                                                   \
    {"ssl-fp", '\0', OPTION_VALUE, NULL},                                                          \
    {"ssl-fplist", '\0', OPTION_VALUE, NULL},                                                      \
    {"ssl-key", '\0', OPTION_VALUE, NULL},                                                         \
    {"ssl-mode", '\0', OPTION_VALUE, NULL},                                                        \
    {"ssl-session-data", '\0', OPTION_VALUE, NULL},                                                \
    {"tls-ciphersuites", '\0', OPTION_VALUE, NULL},                                                \
    {"tls-sni-servername", '\0', OPTION_VALUE, NULL},                                              \
    {"tls-version", '\0', OPTION_VALUE, NULL},                                                     \
    {"user", 'u', OPTION_VALUE, ELSEWHERE},                                                        \
    {"verbose", 'v', OPTION_ALONE, NULL},                                                          \
    {"version", 'V', OPTION_ALONE, NO_TOOL},                                                       \
    {"zstd-compression-level", '\0', OPTION_VALUE, NULL}
/* clang-format on */

static const struct option_row dump_rows[] = {
    COMMON,
    {"all-databases", 'A', OPTION_ALONE, NULL},
    {"all-tablespaces", 'Y', OPTION_ALONE, NULL},
    {"comments", 'i', OPTION_ALONE, NULL},
    {"compact", '\0', OPTION_ALONE, NULL},
    {"compatible", '\0', OPTION_VALUE, NULL},
    {"complete-insert", 'c', OPTION_ALONE, NULL},
    {"create-options", 'a', OPTION_ALONE, NULL},
    {"databases", 'B', OPTION_ALONE, NULL},
    {"as-of", '\0', OPTION_VALUE, NULL},
    {"dir", '\0', OPTION_VALUE, NOT_SQL},
    {"disable-keys", 'K', OPTION_ALONE, NULL},
    {"dump-history", 'H', OPTION_ALONE, NULL},
    {"events", 'E', OPTION_ALONE, NULL},
    {"extended-insert", 'e', OPTION_ALONE, NULL},
    {"fields-enclosed-by", '\0', OPTION_VALUE, NULL},
    {"fields-escaped-by", '\0', OPTION_VALUE, NULL},
    {"fields-optionally-enclosed-by", '\0', OPTION_VALUE, NULL},
    {"fields-terminated-by", '\0', OPTION_VALUE, NULL},
    {"flush-logs", 'F', OPTION_ALONE, NULL},
    {"ignore-database", '\0', OPTION_VALUE, NULL},
    {"ignore-error", '\0', OPTION_VALUE, NULL},
    {"ignore-table", '\0', OPTION_VALUE, NULL},
    {"ignore-table-data", '\0', OPTION_VALUE, NULL},
    {"lines-terminated-by", '\0', OPTION_VALUE, NULL},
    {"lock-all-tables", 'x', OPTION_ALONE, NULL},
    {"lock-tables", 'l', OPTION_ALONE, NULL},
    {"log-error", '\0', OPTION_VALUE, UNHEARD},
    {"mysqld-long-query-time", '\0', OPTION_VALUE, NULL},
    {"no-create-db", 'n', OPTION_ALONE, NULL},
    {"no-create-info", 't', OPTION_ALONE, NULL},
    {"no-data", 'd', OPTION_ALONE, NULL},
    {"no-set-names", 'N', OPTION_ALONE, NULL},
    {"no-tablespaces", 'y', OPTION_ALONE, NULL},
    {"output-as-version", '\0', OPTION_VALUE, NULL},
    {"quick", 'q', OPTION_ALONE, NULL},
    {"quote-names", 'Q', OPTION_ALONE, NULL},
    {"result-file", 'r', OPTION_VALUE, NOT_SQL},
    {"routines", 'R', OPTION_ALONE, NULL},
    {"single-transaction", '\0', OPTION_ALONE, NULL},
    {"system", '\0', OPTION_VALUE, NULL},
    {"tab", 'T', OPTION_VALUE, NOT_SQL},
    {"tables", '\0', OPTION_ALONE, NULL},
    {"triggers", '\0', OPTION_ALONE, NULL},
    {"where", 'w', OPTION_VALUE, NULL},
    {"xml", 'X', OPTION_ALONE, NOT_SQL},
    {0}};

const struct option_table mysql_options_dump = {OPTIONS_PREFIXES, dump_rows};

static const struct option_row client_rows[] = {
    COMMON,
    {"abort-source-on-error", '\0', OPTION_ALONE, NULL},
    {"auto-rehash", '\0', OPTION_ALONE, NULL},
    {"batch", 'B', OPTION_ALONE, NULL},
    {"binary-mode", '\0', OPTION_ALONE, NULL},
    {"column-names", '\0', OPTION_ALONE, NULL},
    {"comments", 'c', OPTION_ALONE, NULL},
    {"commands", '\0', OPTION_ALONE, NULL},
    {"connect-timeout", '\0', OPTION_VALUE, NULL},
    {"database", 'D', OPTION_VALUE, NULL},
    {"debug-info", 'T', OPTION_ALONE, NULL},
    {"delimiter", '\0', OPTION_VALUE, NULL},
    {"dns-srv-name", '\0', OPTION_VALUE, ELSEWHERE},
    {"execute", 'e', OPTION_VALUE, UNREAD},
    {"histignore", '\0', OPTION_VALUE, NULL},
    {"html", 'H', OPTION_ALONE, NULL},
    {"ignore-spaces", 'i', OPTION_ALONE, NULL},
    {"line-numbers", '\0', OPTION_ALONE, NULL},
    {"load-data-local-dir", '\0', OPTION_VALUE, NULL},
    {"max-join-size", '\0', OPTION_VALUE, NULL},
    {"named-commands", 'G', OPTION_ALONE, NULL},
    {"no-auto-rehash", 'A', OPTION_ALONE, NULL},
    {"no-beep", 'b', OPTION_ALONE, NULL},
    {"one-database", 'o', OPTION_ALONE, NULL},
    {"pager", '\0', OPTION_JOINED, NULL},
    {"prompt", '\0', OPTION_VALUE, NULL},
    {"quick", 'q', OPTION_ALONE, NULL},
    {"quick-max-column-width", '\0', OPTION_VALUE, NULL},
    {"raw", 'r', OPTION_ALONE, NULL},
    {"register-factor", '\0', OPTION_VALUE, NULL},
    {"safe-updates", 'U', OPTION_ALONE, NULL},
    {"sandbox", '\0', OPTION_ALONE, NULL},
    {"select-limit", '\0', OPTION_VALUE, NULL},
    {"silent", 's', OPTION_ALONE, NULL},
    {"skip-column-names", 'N', OPTION_ALONE, NULL},
    {"skip-line-numbers", 'L', OPTION_ALONE, NULL},
    {"syslog", 'j', OPTION_ALONE, NULL},
    {"table", 't', OPTION_ALONE, NULL},
    {"tee", '\0', OPTION_VALUE, NULL},
    {"unbuffered", 'n', OPTION_ALONE, NULL},
    {"vertical", 'E', OPTION_ALONE, NULL},
    {"wait", 'w', OPTION_ALONE, NULL},
    {"xml", 'X', OPTION_ALONE, NULL},
    {0}};

const struct option_table mysql_options_client = {OPTIONS_PREFIXES, client_rows};
