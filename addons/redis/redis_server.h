/*
 * redis_server.h - what a server says of itself, asked by the addon's steps and by its programs.
 */
#ifndef STASH_REDIS_SERVER_H
#define STASH_REDIS_SERVER_H

#include "redis_client.h"
#include "redis_words.h"

/** INFO, into `ret` as redis_info_add() does. */
int redis_ask_info(struct redis_client *client, struct redis_info *ret, struct error *err);

/** The masters of its cluster, none when it is in none; `ret_nodes` (NULL: not wanted) gets CLUSTER NODES' answer. */
int redis_ask_masters(struct redis_client *client, struct argv *ret, char **ret_nodes,
                      struct error *err);

/** The environment of this process. */
void redis_own_env(struct argv *ret);

#endif
