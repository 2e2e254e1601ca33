/* update_status.c - update-status: the last step of every Task. Carries output.json into the session, then does once what
 * follows a backup. */
#include <string.h>

#include "session.h"
#include "stash/claims.h"
#include "stash/file.h"
#include "stash/flags.h"
#include "stash/hosts.h"
#include "stash/jsonx.h"
#include "stash/names.h"
#include "stash/pair.h"
#include "stash/report.h"

#define OUTPUT_MAX (1 * LIMIT_MIB)

/* The session when restoring is the invoker itself. */
static void name_session(struct kube *kube, const struct agent_flags *flags,
                         struct session *session)
{
    const char *namespace = flags->target_namespace ? flags->target_namespace : flags->namespace;

    *session = (struct session){
        .kube = kube,
        .namespace = flags->namespace,
        .name = flags->backupsession ? flags->backupsession : flags->invoker_name,
        .restore = !flags->backupsession,
        .ref =
            json_pack("{s:s, s:s, s:s}", PAIR("kind", flags->target_kind ? flags->target_kind : ""),
                      PAIR("namespace", namespace),
                      PAIR("name", flags->target_name ? flags->target_name : "")),
    };
}

/* A restore that makes claims has a Job, and a host, for each set of them: the Job's template tells which. */
static char *host_name(const struct session *session)
{
    const json_t *target = jsonx_get(session->invoker, "spec", "target", NULL);
    const char *text = getenv(CLAIMS_ORDINAL);
    int64_t ordinal;

    if (session->restore && claims_sets(target) > 0 && text && flags_number(text, &ordinal) &&
        ordinal >= 0)
        return claims_host(target, (size_t)ordinal);
    return xstrdup(hosts_name_single(jsonx_str(target, "alias", NULL)));
}

/* What the step before left; when there is nothing to read, that is the host's failure. */
static json_t *read_stats(const struct session *session, const struct agent_flags *flags)
{
    AUTO(mem_free) char *path = xasprintf("%s/" REPORT_OUTPUT_FILE, flags->output_dir);
    AUTO(mem_free) char *text = NULL;
    json_t *stats = NULL;
    struct error err;
    size_t len;
    int r = file_read(path, OUTPUT_MAX, &text, &len, &err);

    if (r == 0)
        r = report_parse(text, len, &stats, &err);
    if (r == 0)
        return stats;
    error_wrap(&err, "the step before left no result");
    AUTO(mem_free) char *host = host_name(session);
    return json_pack("[o]", report_failed(host, err.msg));
}

int agent_update_status(struct kube *kube, const struct agent_flags *flags, struct error *err)
{
    AUTO(session_done) struct session session = {0};
    json_auto_t *stats = NULL;
    int r;

    if (!flags->output_dir || !flags->namespace || !(flags->backupsession || flags->invoker_name))
        return error_set(
            err, ERR_INVALID,
            "--namespace, --output-dir and --backupsession or --invoker-name are needed");
    name_session(kube, flags, &session);
    r = session_load(&session, err);
    if (r < 0)
        return r;
    stats = read_stats(&session, flags);
    return session.restore ? session_record_hosts(&session, flags, stats, err)
                           : session_finish_hosts(&session, flags, stats, err);
}
