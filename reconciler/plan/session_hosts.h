/*
 * session_hosts.h - which hosts take part in a session. They are named when it starts, and it is done when each of them
 * has ended: one that is scaled away afterwards is missed, one that is added has no part in it.
 */
#ifndef STASH_PLAN_SESSION_HOSTS_H
#define STASH_PLAN_SESSION_HOSTS_H

#include "session.h"

/** How many Jobs a target's executor has: one, or one for each set of claims that a restore makes. */
size_t session_job_count(const struct executor *executor);
/** The executor of Job `number` < session_job_count(). */
struct executor session_job(const struct executor *executor, size_t number);
/** The host that a Job serves. Heap string. */
char *session_job_host(const struct executor *executor);

/** Record that all hosts failed which have not reported; without their names, the one that Jobs have. */
void session_fail_hosts(struct draft *draft, const struct executor *executor, const char *message);

/** Write the names and their number (`hosts`, `totalHosts`) into the holder, unless they stand there. */
void session_name_hosts(const struct draft *draft, const struct executor *executor);

/** The pods that a DaemonSet lacked when the session started may be there now: then their hosts have names. */
void session_name_late_hosts(const struct draft *draft, const struct executor *executor);

/** Whether it is a host whose pod was missing when the session started, and is still. */
bool session_host_is_nameless(const char *host);

/** Whether the workload is to have no pods, or more than a session can count (LIMIT_HOSTS). `ret_message` says which; the
 * caller frees it. */
bool session_cannot_name_hosts(const struct draft *draft, const struct executor *executor,
                               char **ret_message);

/** Whether a restore's rules are for none of its hosts: all of them would succeed without having restored anything. False
 * while not all hosts are known. `ret_message` says whom the rules are not for; the caller frees it. */
bool session_restores_nobody(const struct draft *draft, const struct executor *executor,
                             char **ret_message);

/** Whether pods of a DaemonSet are still being made, whose hosts cannot be named yet. Nobody waits for them for long:
 * after a minute those that are missing take part without a pod. */
bool session_awaits_hosts(struct draft *draft, const struct executor *executor,
                          struct failure *ret);

#endif
