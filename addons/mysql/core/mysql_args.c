#include "mysql_args.h"

#include <stdlib.h>
#include <string.h>

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

/* The value of a short option follows it at once: -rFILE. */
static bool is_option(const char *word, const char *option)
{
    size_t len = strlen(option);

    return strncmp(word, option, len) == 0 &&
           (option[1] != '-' || word[len] == '\0' || word[len] == '=');
}

static bool is_one_of(const char *word, const char *const *options)
{
    for (; *options; options++)
        if (is_option(word, *options))
            return true;
    return false;
}

static const char *find_option(const struct argv *words, const char *const *options)
{
    for (size_t i = 0; i < words->count; i++)
        if (is_one_of(words->items[i], options))
            return words->items[i];
    return NULL;
}

static const char *const all_databases[] = {"--all-databases", "-A", NULL};

bool mysql_args_all_databases(const struct argv *words)
{
    return find_option(words, all_databases) != NULL;
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

/* ---- questions ----------------------------------------------------------------------------------------------------- */

void mysql_args_query(const struct mysql_tools *tools, const struct argv *connect, const char *sql,
                      struct argv *ret)
{
    argv_add(ret, tools->client);
    argv_add_all(ret, argv_list(connect));
    argv_add(ret, "--connect-timeout=" CONNECT_TIMEOUT);
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
    "AND TABLE_SCHEMA NOT IN ('mysql','information_schema','performance_schema','sys')";

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

static int check_dump(const struct argv *words, struct error *err)
{
    static const char *const elsewhere[] = {"--result-file", "-r", "--tab", "-T",
                                            "--xml",         "-X", "--dir", NULL};
    const char *found = find_option(words, elsewhere);

    if (found)
        return error_set(err, ERR_INVALID,
                         "parameter args: with %s the dump would not be SQL on standard output",
                         found);
    return 0;
}

bool mysql_args_lock_all(const struct argv *words)
{
    static const char *const options[] = {"--lock-all-tables", "-x", NULL};

    return find_option(words, options) != NULL;
}

/* The user's own words on locks win: both at once is refused by the tool. */
static bool wants_locks(const struct argv *words)
{
    static const char *const locks[] = {"--lock-all-tables",         "-x", "--lock-tables", "-l",
                                        "--skip-single-transaction", NULL};

    return find_option(words, locks) != NULL;
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
    if (facts->is_mariadb || facts->major < 8)
        argv_add(ret, "--loose-column-statistics=0"); /* which such a server doesn't keep */
    if (find_option(words, all_databases) && !request->databases)
        argv_add(ret, "--flush-privileges"); /* once they are loaded */
}

bool mysql_args_want_list(const struct argv *words, const struct mysql_facts *facts)
{
    return facts->major > 0 && facts->major < 8 && !facts->is_mariadb &&
           find_option(words, all_databases);
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

/* --compact would take the end mark away, whatever comes after it: it becomes the other things that it stands for. */
static void add_words(const struct argv *words, bool without_all, struct argv *ret)
{
    static const char compact[] = "--skip-add-drop-table --skip-add-locks --skip-disable-keys "
                                  "--skip-set-charset";

    for (size_t i = 0; i < words->count; i++) {
        const char *word = words->items[i];

        if (strcmp(word, "--compact") == 0)
            argv_add_words(ret, compact);
        else if (!without_all || !is_one_of(word, all_databases))
            argv_add(ret, word);
    }
}

int mysql_args_dump(const struct mysql_dump_request *request, struct argv *ret, struct error *err)
{
    AUTO(argv_done) struct argv words = {0};
    AUTO(argv_done) struct argv piece = {0};
    int r;

    argv_add_words(&piece, request->piece);
    /* a piece chooses its own databases */
    add_words(request->words, request->databases || request->piece, &words);
    add_words(&piece, false, &words);
    r = check_dump(&words, err);
    if (r < 0)
        return r;
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
    static const char *const others[] = {"--execute", "-e", NULL};
    const char *found = find_option(words, others);

    if (found)
        return error_set(err, ERR_INVALID,
                         "parameter args: with %s the client would not read the dump", found);
    return 0;
}

void mysql_args_load(const struct mysql_tools *tools, const struct argv *connect,
                     const struct argv *words, struct argv *ret)
{
    argv_add(ret, tools->client);
    argv_add_all(ret, argv_list(connect));
    argv_add(ret, "--default-character-set=utf8mb4"); /* of dumps that do not say it */
    argv_add(ret, "--max-allowed-packet=" PACKET_MAX);
    if (tools->is_mariadb)
        argv_add(ret, "--loose-print-query-on-error=0"); /* rows have no place in a status */
    /* No commands of the client in a dump: they could run programs. --one-database needs one of them: USE. */
    if (!mysql_args_one_database(words))
        argv_add(ret, "--binary-mode");
    else
        argv_add(ret, tools->is_mariadb ? "--loose-sandbox" : "--loose-commands=1");
    if (mysql_args_one_database(words) && !tools->is_mariadb)
        argv_add(ret, "--loose-skip-system-command");
    argv_add_all(ret, argv_list(words));
}

bool mysql_args_one_database(const struct argv *words)
{
    static const char *const options[] = {"--one-database", "-o", NULL};

    return find_option(words, options) != NULL;
}

/* Options of the client whose value may stand in the next word. */
static bool takes_next(const char *word)
{
    static const char *const options[] = {"-D",
                                          "-e",
                                          "-h",
                                          "-P",
                                          "-S",
                                          "-u",
                                          "--database",
                                          "--execute",
                                          "--host",
                                          "--port",
                                          "--socket",
                                          "--user",
                                          "--delimiter",
                                          "--init-command",
                                          "--default-character-set",
                                          "--max-allowed-packet",
                                          "--net-buffer-length",
                                          "--ssl-mode",
                                          "--ssl-ca",
                                          "--ssl-capath",
                                          "--ssl-cert",
                                          "--ssl-key",
                                          "--ssl-cipher",
                                          "--protocol",
                                          "--plugin-dir",
                                          "--default-auth",
                                          NULL};

    for (const char *const *option = options; *option; option++)
        if (strcmp(word, *option) == 0)
            return true;
    return false;
}

const char *mysql_args_database(const struct argv *words)
{
    const char *found = NULL;

    for (size_t i = 0; i < words->count; i++) {
        const char *word = words->items[i];
        const char *next = i + 1 < words->count ? words->items[i + 1] : NULL;

        if (strncmp(word, "--database=", strlen("--database=")) == 0)
            found = word + strlen("--database=");
        else if (strcmp(word, "-D") == 0 || strcmp(word, "--database") == 0)
            found = next;
        else if (strncmp(word, "-D", 2) == 0)
            found = word + 2;
        else if (*word != '-')
            found = word;
        if (takes_next(word))
            i++;
    }
    return found;
}
