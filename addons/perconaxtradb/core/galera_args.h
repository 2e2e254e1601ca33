/*
 * galera_args.h - how a copy of a whole cluster is asked for and brought back: addresses and vectors. Pure.
 *
 * garbd joins the group as an arbitrator and asks for a state transfer to our own address; a donor sends it there.
 */
#ifndef STASH_GALERA_ARGS_H
#define STASH_GALERA_ARGS_H

#include <jansson.h>
#include <stdbool.h>

#include "stash/argv.h"
#include "stash/error.h"

#define GALERA_PORT     "4567" /* of nodes, and of ours while we are one */
#define GALERA_SST_PORT "4444"

/** What the AppBinding's parameters say. Borrowed from it. */
struct galera_group {
    const char *address; /* gcomm://node[:port][,node…][?option=value…] */
    const char *name;    /* NULL: it names no group, so one server is meant */
    const char *method;  /* of the state transfer */
};

/** ERR_INVALID: there is a group without an address. */
int galera_group_read(const json_t *app, struct galera_group *ret, struct error *err);

/** The first node of an address: heap strings. ERR_INVALID: it names none. */
int galera_first_node(const char *address, char **ret_host, char **ret_port, struct error *err);

/** garbd, which joins and asks for the copy to be sent to `own`, an address of ours (IPv6 in brackets). */
void galera_args_join(const struct galera_group *group, const char *own, struct argv *ret);

/** The programs that unpack and prepare what a method sends. */
struct galera_tools {
    const char *unpack, *prepare;
};
const struct galera_tools *galera_tools_of(const char *method);

void galera_args_unpack(const struct galera_tools *tools, const char *folder, struct argv *ret);
/** ERR_INVALID names one of the user's words with which the copy would not be made ready where it lies. */
int galera_args_check_prepare(const char *words, struct error *err);
void galera_args_prepare(const struct galera_tools *tools, const char *folder, const char *words,
                         struct argv *ret);

#endif
