#include "mysql_args.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mysql_options.h"
#include "stash/appbinding.h"
#include "stash/buf.h"
#include "stash/jsonx.h"
#include "stash/limits.h"

#define CONNECT_TIMEOUT "10"
#define PACKET_MAX      "1G" /* the largest that a server allows: a row is one packet */
#define HOST_AT         3    /* -u USER -h HOST */
#define QUERY_MAX       (1 * LIMIT_MIB)

/* ---- where and how to log in --------------------------------------------------------------------------------------- */

/* "tcp(host:port)" is how Go's drivers write an address. */
static void bare_address(char *address)
{
    size_t len;

    if (strncmp(address, "tcp(", 4) != 0)
        return;
    len = strcspn(address + 4, ")");
    memmove(address, address + 4, len);
    address[len] = '\0';
}

/* Cuts "host:port" and "[host]:port"; the port is "" when there is none. */
static const char *cut_port(char *address)
{
    char *colon = strrchr(address, ':');
    char *bracket = strrchr(address, ']');

    if (*address == '[' && bracket) {
        memmove(address, address + 1, strlen(address));
        bracket[-1] = '\0';
        return bracket[0] == ':' ? bracket + 1 : "";
    }
    if (!colon || strchr(address, ':') != colon) /* an address of IPv6 without a port */
        return "";
    *colon = '\0';
    return colon + 1;
}

static int add_address(const json_t *app, struct argv *ret, struct error *err)
{
    AUTO(mem_free) char *address = NULL;
    const char *port;
    int r = appbinding_host(app, &address, err);

    if (r < 0)
        return r;
    bare_address(address);
    port = cut_port(address);
    argv_add(ret, "-h");
    argv_add(ret, address);
    if (*port)
        argv_addf(ret, "--port=%s", port);
    if (strcmp(address, "localhost") == 0)
        argv_add(ret, "--protocol=TCP"); /* clients take the word for a socket's */
    return 0;
}

/* Password and certificate are two proofs, and one of them is enough. */
static int add_user(const json_t *secret, bool has_certificate, struct child_env *env,
                    struct argv *ret, struct error *err)
{
    AUTO(mem_free) char *user = NULL;
    AUTO(mem_free) char *password = NULL;
    int r;

    if (!json_is_object(secret))
        return error_set(err, ERR_INVALID,
                         "the AppBinding names no secret: keys username and password are needed");
    r = secret_value(secret, "username", &user, err);
    if (r == 0)
        r = secret_value(secret, "password", &password, err);
    if (r < 0)
        return r;
    if (!user || (!password && !has_certificate))
        return error_set(err, ERR_INVALID, "secret %s has no key %s", jsonx_name(secret),
                         user ? "password" : "username");
    argv_add(ret, "-u");
    argv_add(ret, user);
    if (password)
        argv_env_set(&env->env, "MYSQL_PWD", password);
    return 0;
}

static void add_verification(const struct mysql_tools *tools, const json_t *app, const char *host,
                             struct argv *ret)
{
    const char *name = jsonx_str(app, "spec", "clientConfig", "serverName", NULL);

    if (tools->is_mariadb)
        argv_add(ret, "--ssl-verify-server-cert");
    else
        argv_addf(ret, "--ssl-mode=VERIFY_%s", name && strcmp(name, host) == 0 ? "IDENTITY" : "CA");
}

/* MariaDB's client from 11.4 on would otherwise insist on a certificate that it can verify. */
static void add_no_verification(const struct mysql_tools *tools, bool encrypted, struct argv *ret)
{
    if (tools->is_mariadb) {
        if (encrypted)
            argv_add(ret, "--ssl");
        argv_add(ret, "--skip-ssl-verify-server-cert");
    } else if (encrypted) {
        argv_add(ret, "--ssl-mode=REQUIRED");
    }
}

struct certificate {
    char *cert, *key; /* NULL: there is none */
};

static void certificate_done(struct certificate *certificate)
{
    free(certificate->cert);
    free(certificate->key);
}
DEFINE_AUTO_VALUE(struct certificate, certificate_done);

static int read_certificate(const struct mysql_source *source, struct certificate *ret,
                            struct error *err)
{
    const json_t *secret = source->tls_secret ? source->tls_secret : source->secret;
    int r = secret_value(secret, "tls.crt", &ret->cert, err);

    if (r == 0)
        r = secret_value(secret, "tls.key", &ret->key, err);
    if (r == 0 && source->tls_secret && (!ret->cert || !ret->key))
        r = error_set(err, ERR_INVALID, "secret %s has no key %s", jsonx_name(secret),
                      ret->cert ? "tls.key" : "tls.crt");
    return r;
}

static bool is_complete(const struct certificate *certificate)
{
    return certificate->cert && certificate->key;
}

/* `ret` holds user and host. */
static int add_tls(const struct mysql_tools *tools, const json_t *app,
                   struct certificate *certificate, struct child_env *env, struct argv *ret,
                   struct error *err)
{
    bool lax = jsonx_bool(app, false, "spec", "clientConfig", "insecureSkipTLSVerify", NULL);
    bool encrypted = is_complete(certificate);
    AUTO(mem_free) char *ca = NULL;
    int r = appbinding_ca(app, &ca, err);

    if (r < 0)
        return r;
    if (encrypted) {
        argv_addf(ret, "--ssl-cert=%s", child_env_file(env, "tls.crt", TAKE(certificate->cert)));
        argv_addf(ret, "--ssl-key=%s", child_env_file(env, "tls.key", TAKE(certificate->key)));
    }
    if (ca && !lax) {
        argv_addf(ret, "--ssl-ca=%s", child_env_file(env, "ca.crt", TAKE(ca)));
        add_verification(tools, app, ret->items[HOST_AT], ret);
    } else {
        add_no_verification(tools, ca || encrypted, ret);
    }
    return 0;
}

int mysql_args_connect(const struct mysql_tools *tools, const struct mysql_source *source,
                       struct child_env *env, struct argv *ret, struct error *err)
{
    AUTO(certificate_done) struct certificate certificate = {0};
    int r = read_certificate(source, &certificate, err);

    if (r == 0)
        r = add_user(source->secret, is_complete(&certificate), env, ret, err);
    if (r == 0)
        r = add_address(source->app, ret, err);
    return r < 0 ? r : add_tls(tools, source->app, &certificate, env, ret, err);
}

/* ---- words --------------------------------------------------------------------------------------------------------- */

bool mysql_args_all_databases(const struct argv *words)
{
    return options_have(words, &mysql_options_dump, "all-databases");
}

void mysql_args_pieces(const char *text, struct argv *ret)
{
    static const char cut[] = "$args=";

    for (const char *at = strstr(text, cut); at;) {
        const char *begin = at + strlen(cut);

        at = strstr(begin, cut);
        AUTO(mem_free)
        char *piece = at ? xstrndup(begin, (size_t)(at - begin)) : xstrdup(begin);
        argv_add(ret, piece);
    }
}

bool mysql_args_wants_all(const struct argv *words, const char *several)
{
    AUTO(argv_done) struct argv pieces = {0};

    mysql_args_pieces(several, &pieces);
    for (size_t i = 0; i < pieces.count; i++) {
        AUTO(argv_done) struct argv own = {0};

        argv_add_words(&own, pieces.items[i]);
        if (mysql_args_all_databases(&own))
            return true;
    }
    return !*several && mysql_args_all_databases(words);
}

/* ---- questions ----------------------------------------------------------------------------------------------------- */

void mysql_args_query(const struct mysql_tools *tools, const struct argv *connect, const char *sql,
                      struct argv *ret)
{
    argv_add(ret, tools->client);
    argv_add_all(ret, argv_list(connect));
    argv_add(ret, "--connect-timeout=" CONNECT_TIMEOUT);
    argv_add(ret, "--" MYSQL_UNLIMITED);
    argv_add(ret, "--default-character-set=utf8mb4");
    argv_add(ret, "--skip-column-names");
    argv_add(ret, "--batch");
    argv_add(ret, "-e");
    argv_add(ret, sql);
}

const char mysql_facts_query[] =
    "SHOW GLOBAL VARIABLES WHERE Variable_name IN "
    "('version','wsrep_on','pxc_strict_mode','gtid_executed','gtid_mode'); "
    "SELECT 'unsafe', COUNT(*) FROM information_schema.TABLES WHERE TABLE_TYPE = 'BASE TABLE' "
    "AND ENGINE NOT IN ('InnoDB','ROCKSDB','TokuDB','ndbcluster','MEMORY','BLACKHOLE') "
    "AND TABLE_SCHEMA NOT IN ('mysql','information_schema','performance_schema','sys'); "
    "SELECT 'versioned', COUNT(*) FROM information_schema.TABLES "
    "WHERE TABLE_TYPE = 'SYSTEM VERSIONED'";

static void take_fact(const char *name, const char *value, struct mysql_facts *ret)
{
    if (strcmp(name, "version") == 0) {
        ret->major = (int)strtol(value, NULL, 10);
        ret->is_mariadb = strstr(value, "MariaDB") != NULL;
    } else if (strcmp(name, "wsrep_on") == 0) {
        ret->is_galera = strcmp(value, "ON") == 0;
    } else if (strcmp(name, "pxc_strict_mode") == 0) {
        ret->is_strict = strcmp(value, "ENFORCING") == 0 || strcmp(value, "MASTER") == 0;
    } else if (strcmp(name, "gtid_mode") == 0) {
        ret->takes_gtids = ret->takes_gtids && strncmp(value, "ON", 2) == 0;
    } else if (strcmp(name, "gtid_executed") == 0) {
        ret->takes_gtids = *value == '\0';
    } else if (strcmp(name, "unsafe") == 0) {
        ret->unsafe = strtol(value, NULL, 10);
    } else if (strcmp(name, "versioned") == 0) {
        ret->versioned = strtol(value, NULL, 10);
    }
}

void mysql_facts_parse(const char *text, struct mysql_facts *ret)
{
    AUTO(mem_free) char *copy = xstrdup(text);
    char *rest = copy;

    *ret = (struct mysql_facts){0};
    for (char *line; (line = strsep(&rest, "\n"));) {
        char *name = strsep(&line, "\t");

        take_fact(name, line ? line : "", ret);
    }
}

char *mysql_quoted(const char *text, char quote)
{
    AUTO(buf_done) struct buf out;

    buf_init(&out, QUERY_MAX);
    buf_addc(&out, quote);
    for (; *text; text++) {
        if (*text == quote || (*text == '\\' && quote == '\''))
            buf_addc(&out, *text);
        buf_addc(&out, *text);
    }
    buf_addc(&out, quote);
    return buf_take(&out);
}

/* ---- dump ---------------------------------------------------------------------------------------------------------- */

const char *mysql_args_charset(const struct argv *words)
{
    static const char *const whole[] = {"utf8mb4", "binary", "gb18030"};
    struct option_said said;

    if (!options_find(words, &mysql_options_dump, "default-character-set", &said) || !said.value)
        return NULL;
    for (size_t i = 0; i < ARRAY_LEN(whole); i++)
        if (strcasecmp(said.value, whole[i]) == 0)
            return NULL;
    return said.value;
}

bool mysql_args_history(const struct argv *words)
{
    return options_have(words, &mysql_options_dump, "dump-history");
}

bool mysql_args_lock_all(const struct argv *words)
{
    return options_have(words, &mysql_options_dump, "lock-all-tables");
}

/* The user's own words on locks win: both at once is refused by the tool. */
static bool wants_locks(const struct argv *words)
{
    struct option_said said;

    return mysql_args_lock_all(words) || options_have(words, &mysql_options_dump, "lock-tables") ||
           (options_find(words, &mysql_options_dump, "single-transaction", &said) && said.is_off);
}

static void add_defaults(const struct mysql_dump_request *request, const struct argv *words,
                         struct argv *ret)
{
    const struct mysql_facts *facts = request->facts;

    if (!wants_locks(words))
        argv_add(ret, "--single-transaction");
    argv_add(ret, "--routines");
    argv_add(ret, "--events");
    argv_add(ret, "--default-character-set=utf8mb4");
    argv_add(ret, "--max-allowed-packet=" PACKET_MAX);
    if (facts->is_galera)
        argv_add(ret, "--skip-add-locks");
    if (request->tools->is_mariadb)
        return;
    argv_add(ret, "--set-gtid-purged=OFF");
    argv_add(ret, "--loose-" MYSQL_UNLIMITED); /* older ones do not know it */
    if (facts->is_mariadb || facts->major < 8)
        argv_add(ret, "--loose-column-statistics=0"); /* which such a server doesn't keep */
    if (mysql_args_all_databases(words) && !request->databases)
        argv_add(ret, "--flush-privileges"); /* once they are loaded */
}

bool mysql_args_want_list(const struct argv *words, const struct mysql_facts *facts)
{
    return facts->major > 0 && facts->major < 8 && !facts->is_mariadb &&
           mysql_args_all_databases(words);
}

static int add_databases(const char *lines, struct argv *ret, struct error *err)
{
    static const char *const own[] = {"information_schema", "mysql", "performance_schema", "sys",
                                      NULL};
    AUTO(mem_free) char *copy = xstrdup(lines);
    char *rest = copy;
    size_t before;

    argv_add(ret, "--databases");
    before = ret->count;
    for (char *name; (name = strsep(&rest, "\n"));) {
        const char *const *other = own;

        while (*other && strcmp(*other, name) != 0)
            other++;
        if (*name && !*other)
            argv_add(ret, name);
    }
    if (ret->count == before)
        return error_set(err, ERR_NOT_FOUND, "there is no database beside the server's own");
    return 0;
}

static bool is_named(const struct option_said *said, const char *name)
{
    return said->row && said->row->name && strcmp(said->row->name, name) == 0;
}

/* --compact would take the end mark away, whatever comes after it: it becomes the other things that it stands for. */
static void add_words(const struct argv *words, bool without_all, struct argv *ret)
{
    static const char compact[] = "--skip-add-drop-table --skip-add-locks --skip-disable-keys "
                                  "--skip-set-charset";
    struct options options = {.words = words, .table = &mysql_options_dump};
    struct option_said said;

    while (options_next(&options, &said))
        if (is_named(&said, "compact") && !said.is_off)
            argv_add_words(ret, compact);
        else if (!without_all || !is_named(&said, "all-databases"))
            options_add(&said, ret);
}

int mysql_args_dump(const struct mysql_dump_request *request, struct argv *ret, struct error *err)
{
    AUTO(argv_done) struct argv words = {0};
    AUTO(argv_done) struct argv piece = {0};
    int r;

    argv_add_words(&piece, request->piece);
    r = options_check(request->words, &mysql_options_dump, err);
    if (r == 0)
        r = options_check(&piece, &mysql_options_dump, err);
    if (r < 0)
        return r;
    /* a piece chooses its own databases */
    add_words(request->words, request->databases || request->piece, &words);
    add_words(&piece, false, &words);
    argv_add(ret, request->tools->dump);
    argv_add_all(ret, argv_list(request->connect));
    add_defaults(request, &words, ret);
    argv_add_all(ret, argv_list(&words));
    if (request->databases && !request->piece)
        r = add_databases(request->databases, ret, err);
    argv_add(ret, "--comments");
    return r;
}

/* ---- load ---------------------------------------------------------------------------------------------------------- */

int mysql_args_check_load(const struct argv *words, struct error *err)
{
    return options_check(words, &mysql_options_client, err);
}

/* No commands of the client in a dump: they could run programs. --one-database needs one of them: USE. */
static void add_no_commands(const struct mysql_tools *tools, const struct argv *words,
                            struct argv *ret)
{
    if (!mysql_args_one_database(words))
        argv_add(ret, "--binary-mode");
    else
        argv_add(ret, tools->is_mariadb ? "--loose-sandbox" : "--loose-commands=1");
    if (mysql_args_one_database(words) && !tools->is_mariadb)
        argv_add(ret, "--loose-skip-system-command");
}

void mysql_args_load(const struct mysql_tools *tools, const struct argv *connect,
                     const struct argv *words, struct argv *ret)
{
    argv_add(ret, tools->client);
    argv_add_all(ret, argv_list(connect));
    argv_add(ret, "--" MYSQL_UNLIMITED);
    argv_add(ret, "--default-character-set=utf8mb4"); /* of dumps that do not say it */
    argv_add(ret, "--max-allowed-packet=" PACKET_MAX);
    if (tools->is_mariadb)
        argv_add(ret, "--loose-print-query-on-error=0"); /* rows have no place in a status */
    argv_add_all(ret, argv_list(words));
    add_no_commands(tools, words, ret); /* the last word */
}

bool mysql_args_one_database(const struct argv *words)
{
    return options_have(words, &mysql_options_client, "one-database");
}

const char *mysql_args_database(const struct argv *words)
{
    struct options options = {.words = words, .table = &mysql_options_client};
    struct option_said said;
    const char *found = NULL;

    while (options_next(&options, &said))
        if (!said.is_option || is_named(&said, "database"))
            found = said.value;
    return found;
}
