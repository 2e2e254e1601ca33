/*
 * hosts.h - the hosts of a target: what each is called, and whether all that a session has named have ended.
 *
 * A row is where the results of a target stand: an element of a BackupSession's status.targets, or the status of a
 * RestoreSession. Its `hosts` ([{name, waitingSince?}]) are written once, when the session starts; rows of versions
 * before this one have only their number, `totalHosts`.
 */
#ifndef STASH_HOSTS_H
#define STASH_HOSTS_H

#include <jansson.h>
#include <stdbool.h>

/** "<alias>-<ordinal>", a StatefulSet's; `alias` may be NULL or empty: then "host-<ordinal>". The caller frees it. */
char *hosts_name_ordinal(const char *alias, const char *ordinal);
/** "<alias>-<node>", a DaemonSet's; without an alias the node's name. The caller frees it. */
char *hosts_name_node(const char *alias, const char *node);
/** Of all other targets there is one: the alias, or "host-0". Borrowed from `alias`, or static. */
const char *hosts_name_single(const char *alias);

/** Whether the session waits for this host. A row that names nobody waits for everybody. */
bool hosts_includes(const json_t *row, const char *name);
/** Whether every host of the row has ended, as `stats` ([{hostname, phase}]) tell. False while nobody has named or
 * counted them. */
bool hosts_have_ended(const json_t *row, const json_t *stats);

#endif
