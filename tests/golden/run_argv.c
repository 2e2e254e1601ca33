/* The suite argv: `in` names a command of restic or of a database's tool and what it is about; `want` is its argument
 * vector. */
#include <string.h>

#include "es_args.h"
#include "golden.h"
#include "nats_args.h"
#include "stash/jsonx.h"
#include "stash/provider.h"
#include "stash/restic_args.h"

static const char *str(const json_t *in, const char *key)
{
    return jsonx_str(in, key, NULL);
}

static struct restic_options options_of(const json_t *in)
{
    const json_t *from = jsonx_get(in, "options", NULL);
    const struct provider *provider = provider_find(str(from, "provider"));

    return (struct restic_options){
        .connections = provider ? provider->connections : NULL,
        .cache_dir = str(from, "cacheDir"),
        .cacert = str(from, "cacert"),
        .retry_lock = str(from, "retryLock"),
        .nice = str(from, "nice"),
        .ionice_class = str(from, "ioniceClass"),
        .ionice_data = str(from, "ioniceData"),
        .max_connections = jsonx_int(from, 0, "maxConnections", NULL),
        .insecure_tls = jsonx_bool(from, 0, "insecureTls", NULL),
    };
}

static void build_tag(const struct restic_options *options, const json_t *in, struct argv *ret)
{
    AUTO(argv_done) struct argv ids = {0};
    size_t i;
    json_t *id;

    json_array_foreach (jsonx_get(in, "ids", NULL), i, id)
        argv_add(&ids, json_string_value(id));
    const struct restic_retag retag = {argv_list(&ids), str(in, "add"), str(in, "remove")};
    restic_args_tag(options, &retag, ret);
}

static void build_restic(const char *command, const json_t *in, struct argv *ret)
{
    struct restic_options options = options_of(in);
    const json_t *owner = jsonx_get(in, "owner", NULL);
    const struct restic_backup backup = {
        .path = str(in, "path"),
        .host = str(in, "host"),
        .exclude = str(in, "exclude"),
        .args = str(in, "args"),
        .owner = {str(owner, "cluster"), str(owner, "target"), str(owner, "invoker")},
        .parent = str(in, "parent")};
    const struct restic_forget forget = {jsonx_get(in, "policy", NULL), str(in, "tags"),
                                         jsonx_get(in, "hosts", NULL),
                                         jsonx_bool(in, 0, "dump", NULL)};
    const struct restic_restore restore = {str(in, "snapshot"), str(in, "subfolder"),
                                           str(in, "target"),   str(in, "include"),
                                           str(in, "exclude"),  str(in, "args")};

    const struct restic_ls ls = {str(in, "snapshot"), str(in, "path"),
                                 jsonx_bool(in, false, "recursive", NULL)};
    const char *const ids[] = {str(in, "snapshot"), NULL};

    if (strcmp(command, "probe") == 0)
        restic_args_probe(&options, ret);
    else if (strcmp(command, "init") == 0)
        restic_args_init(&options, ret);
    else if (strcmp(command, "backup") == 0)
        restic_args_backup(&options, &backup, ret);
    else if (strcmp(command, "restore") == 0)
        restic_args_restore(&options, &restore, ret);
    else if (strcmp(command, "snapshots") == 0)
        restic_args_snapshots(&options, ret);
    else if (strcmp(command, "forget") == 0)
        restic_args_forget(&options, &forget, ret);
    else if (strcmp(command, "check") == 0)
        restic_args_check(&options, ret);
    else if (strcmp(command, "stats") == 0)
        restic_args_stats(&options, ret);
    else if (strcmp(command, "unlock") == 0)
        restic_args_unlock(&options, jsonx_bool(in, false, "all", NULL), ret);
    else if (strcmp(command, "delete") == 0)
        restic_args_delete(&options, ids, true, ret);
    else if (strcmp(command, "ls") == 0)
        restic_args_ls(&options, &ls, ret);
    else if (strcmp(command, "find") == 0)
        restic_args_find(&options, str(in, "pattern"), ret);
    else if (strcmp(command, "tag") == 0)
        build_tag(&options, in, ret);
}

static void build_tool(const char *command, const json_t *in, struct argv *ret)
{
    const struct es_dump dump = {str(in, "url"),  str(in, "folder"), str(in, "authFile"),
                                 str(in, "args"), str(in, "ignore"), false};

    if (strcmp(command, "nats check") == 0)
        nats_args_check(str(in, "warningThreshold"), ret);
    else if (strcmp(command, "nats list") == 0)
        nats_args_list(ret);
    else if (strcmp(command, "nats backup") == 0)
        nats_args_backup(str(in, "args"), str(in, "stream"), str(in, "folder"), ret);
    else if (strcmp(command, "nats restore") == 0)
        nats_args_restore(str(in, "args"), str(in, "folder"), ret);
    else if (strcmp(command, "nats remove") == 0)
        nats_args_remove(str(in, "stream"), ret);
    else if (strcmp(command, "es dump") == 0)
        es_args_dump(&dump, ret);
    else if (strcmp(command, "es load") == 0)
        es_args_load(&dump, ret);
}

static json_t *run(const json_t *in)
{
    AUTO(argv_done) struct argv argv = {0};
    const char *command = str(in, "command");
    json_t *list = json_array();

    build_restic(command, in, &argv);
    build_tool(command, in, &argv);
    if (argv.count == 0)
        golden_fail("no command is called \"%s\"", command);
    for (size_t i = 0; i < argv.count; i++)
        json_array_append_new(list, json_string(argv.items[i]));
    return list;
}

int main(int argc, char **argv)
{
    return golden_main(argc, argv, run);
}
