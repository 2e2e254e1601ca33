#include "galera_args.h"

#include <string.h>

#include "stash/jsonx.h"
#include "stash/options.h"

#define SCHEME         "gcomm://"
#define METHOD_DEFAULT "xtrabackup-v2"
#define SST_PATH       "xtrabackup_sst//1" /* module, position (none), version of the protocol */
#define LISTEN         "gmcast.listen_addr="

static const char *galera_parameter(const json_t *app, const char *name)
{
    const char *text = jsonx_str(app, "spec", "parameters", name, NULL);

    return text && *text ? text : NULL;
}

int galera_group_read(const json_t *app, struct galera_group *ret, struct error *err)
{
    const char *method = galera_parameter(app, "sstMethod");

    *ret = (struct galera_group){
        .address = galera_parameter(app, "address"),
        .name = galera_parameter(app, "group"),
        .method = method ? method : METHOD_DEFAULT,
    };
    if (ret->name && !ret->address)
        return error_set(err, ERR_INVALID,
                         "AppBinding %s: parameters.group is set, but not parameters.address",
                         jsonx_name(app));
    return 0;
}

static const char *without_scheme(const char *address)
{
    return strncmp(address, SCHEME, strlen(SCHEME)) == 0 ? address + strlen(SCHEME) : address;
}

int galera_first_node(const char *address, char **ret_host, char **ret_port, struct error *err)
{
    const char *at = without_scheme(address);
    size_t len = strcspn(at, ",?/");
    AUTO(mem_free) char *node = xstrndup(at, len);
    char *port = NULL;
    char *host = node;

    if (*node == '[') {
        host = node + 1;
        port = strchr(node, ']');
        if (port)
            *port++ = '\0';
    } else {
        port = strchr(node, ':');
    }
    if (port && *port == ':')
        *port++ = '\0';
    if (!*host)
        return error_set(err, ERR_INVALID, "the cluster's address \"%s\" names no node", address);
    *ret_host = xstrdup(host);
    *ret_port = xstrdup(port && *port ? port : GALERA_PORT);
    return 0;
}

/* A node listens; ours does so where the others reach it, unless the user says where. */
static char *address_to_join(const char *address, const char *own)
{
    const char *nodes = without_scheme(address);

    if (strstr(nodes, LISTEN))
        return xasprintf(SCHEME "%s", nodes);
    return xasprintf(SCHEME "%s%c" LISTEN "tcp://%s:" GALERA_PORT, nodes,
                     strchr(nodes, '?') ? '&' : '?', own);
}

void galera_args_join(const struct galera_group *group, const char *own, struct argv *ret)
{
    AUTO(mem_free) char *address = address_to_join(group->address, own);

    argv_add(ret, "garbd");
    argv_add(ret, "--address");
    argv_add(ret, address);
    argv_add(ret, "--group");
    argv_add(ret, group->name);
    argv_addf(ret, "--sst=%s:%s:" GALERA_SST_PORT "/" SST_PATH, group->method, own);
}

const struct galera_tools *galera_tools_of(const char *method)
{
    static const struct galera_tools mariadb = {"mbstream", "mariadb-backup"};
    static const struct galera_tools percona = {"xbstream", "xtrabackup"};

    return strncmp(method, "mariabackup", strlen("mariabackup")) == 0 ? &mariadb : &percona;
}

void galera_args_unpack(const struct galera_tools *tools, const char *folder, struct argv *ret)
{
    argv_add(ret, tools->unpack);
    argv_add(ret, "-x");
    argv_add(ret, "-C");
    argv_add(ret, folder);
}

#define NO_TOOL   "the tool would do something else"
#define ELSEWHERE "the copy lies in the volume of the server"
#define UNREADY   "no server could use the copy"

int galera_args_check_prepare(const char *text, struct error *err)
{
    static const struct option_row rows[] = {{"apply-log-only", '\0', OPTION_ALONE, UNREADY},
                                             {"backup", '\0', OPTION_ALONE, NO_TOOL},
                                             {"copy-back", '\0', OPTION_ALONE, NO_TOOL},
                                             {"datadir", 'h', OPTION_VALUE, NULL},
                                             {"help", '?', OPTION_ALONE, NO_TOOL},
                                             {"host", 'H', OPTION_VALUE, NULL},
                                             {"move-back", '\0', OPTION_ALONE, NO_TOOL},
                                             {"password", 'p', OPTION_JOINED, NULL},
                                             {"port", 'P', OPTION_VALUE, NULL},
                                             {"print-defaults", '\0', OPTION_ALONE, NO_TOOL},
                                             {"print-param", '\0', OPTION_ALONE, NO_TOOL},
                                             {"socket", 'S', OPTION_VALUE, NULL},
                                             {"stats", '\0', OPTION_ALONE, NO_TOOL},
                                             {"target-dir", '\0', OPTION_VALUE, ELSEWHERE},
                                             {"tmpdir", 't', OPTION_VALUE, NULL},
                                             {"user", 'u', OPTION_VALUE, NULL},
                                             {"version", 'v', OPTION_ALONE, NO_TOOL},
                                             {0}};
    static const struct option_table table = {OPTIONS_PREFIXES, rows};
    AUTO(argv_done) struct argv words = {0};

    argv_add_words(&words, text);
    return options_check(&words, &table, err);
}

void galera_args_prepare(const struct galera_tools *tools, const char *folder, const char *words,
                         struct argv *ret)
{
    argv_add(ret, tools->prepare);
    argv_add(ret, "--no-defaults");
    argv_add(ret, "--prepare");
    argv_addf(ret, "--target-dir=%s", folder);
    argv_add_words(ret, words);
}
