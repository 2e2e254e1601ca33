#include "redis_server.h"

extern char **environ;

void redis_own_env(struct argv *ret)
{
    for (char **at = environ; *at; at++)
        argv_add(ret, *at);
}

int redis_ask_info(struct redis_client *client, struct redis_info *ret, struct error *err)
{
    AUTO(redis_reply_done) struct redis_reply reply = {0};
    int r = redis_ask(client, &reply, err, resp_text("INFO"));

    if (r == 0)
        redis_info_add(redis_item(&reply, 0), ret);
    return r;
}

int redis_ask_masters(struct redis_client *client, struct argv *ret, char **ret_nodes,
                      struct error *err)
{
    AUTO(redis_reply_done) struct redis_reply reply = {0};
    AUTO(redis_info_done) struct redis_info info = {0};
    int r = redis_ask_info(client, &info, err);

    if (r < 0 || !info.is_cluster)
        return r;
    r = redis_ask(client, &reply, err, resp_text("CLUSTER"), resp_text("NODES"));
    if (r == 0)
        r = redis_cluster_masters(redis_item(&reply, 0), ret, err);
    if (r == 0 && ret_nodes)
        *ret_nodes = xstrdup(redis_item(&reply, 0));
    return r;
}
