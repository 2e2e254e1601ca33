/* trigger.c - kubectl stash trigger: make a BackupSession, and stay until it has ended if asked to. */
#include <stdio.h>
#include <string.h>

#include "kubectl.h"
#include "stash/agent.h"
#include "stash/ages.h"
#include "stash/clock.h"
#include "stash/jsonx.h"
#include "stash/session_view.h"
#include "stash/spawn.h"
#include "stash/text.h"

#define LOOK_MS     1000
#define PATIENCE_MS 60000 /* how long the API server may be away meanwhile */
#define UNNOTICED_S 60    /* a session that nobody has taken up for so long is worth a word */

static bool arg_wait;
static int64_t arg_timeout;

const struct flag trigger_flags[] = {
    {"wait", FLAG_BOOL, &arg_wait, "stay until the session has ended; the exit status tells how"},
    {"timeout", FLAG_DURATION, &arg_timeout, "how long --wait waits, such as 90m (without end)"},
    {0},
};

struct waiting {
    const struct call *call;
    const char *name, *uid;
    int64_t began_ms;
    char *told; /* the last line of progress */
    bool warned;
};

/* A line when something has changed, and a word when nobody seems to be at work. */
static void tell_progress(struct waiting *waiting, const json_t *session)
{
    AUTO(mem_free) char *work = session_view_work(session);
    AUTO(mem_free) char *reason = session_view_reason(session);
    const char *phase = session_view_phase(session);
    bool unnoticed = jsonx_is_empty(jsonx_get(session, "status", NULL));
    char *line = xasprintf("%s: %s%s%s%s%s", waiting->name, phase, work ? ", " : "",
                           text_or_empty(work), reason ? ": " : "", text_or_empty(reason));

    if (!text_is(waiting->told, line))
        print_note("%s", line);
    free(waiting->told);
    waiting->told = line;
    if (unnoticed && !waiting->warned &&
        clock_mono_ms() - waiting->began_ms > UNNOTICED_S * INT64_C(1000)) {
        print_note("nobody has taken it up for %d s: is the reconciler running? "
                   "(kubectl get pods -A -l app.kubernetes.io/name=stash)",
                   UNNOTICED_S);
        waiting->warned = true;
    }
}

static int look_again(const struct waiting *waiting, json_t **ret, struct error *err)
{
    const struct call *call = waiting->call;
    json_t *session = NULL;
    int r = kube_get(call->kube, kind_resource(KIND_BACKUP_SESSION), call->namespace, waiting->name,
                     &session, err);

    if (r == 0 && !text_is(jsonx_uid(session), waiting->uid)) {
        json_decref(session);
        r = error_set_code(err, ERR_NOT_FOUND, 404, "it is another one now");
    }
    if (r == -ERR_NOT_FOUND)
        return error_set_code(err, ERR_NOT_FOUND, 404,
                              "BackupSession %s/%s was deleted before it ended", call->namespace,
                              waiting->name);
    if (r == 0)
        *ret = session;
    return r;
}

/* The session as it ended. */
static int wait_for_end(struct waiting *waiting, json_t **ret, struct error *err)
{
    for (;;) {
        json_auto_t *session = NULL;
        int r = look_again(waiting, &session, err);
        if (r < 0)
            return r;
        if (session_view_has_ended(session)) {
            *ret = TAKE(session);
            return 0;
        }
        tell_progress(waiting, session);
        int64_t waited_ms = clock_mono_ms() - waiting->began_ms;
        if (arg_timeout > 0 && waited_ms >= arg_timeout / 1000000)
            return error_set(err, ERR_TIMEOUT,
                             "BackupSession %s/%s has not ended in time; it goes on",
                             waiting->call->namespace, waiting->name);
        spawn_sleep_ms(LOOK_MS);
    }
}

static int tell_end(const struct call *call, const json_t *session, int64_t took_s)
{
    const char *phase = session_view_phase(session);
    AUTO(mem_free) char *work = session_view_work(session);
    AUTO(mem_free) char *reason = session_view_reason(session);
    const char *retry = jsonx_str(session, "status", "nextRetry", NULL);
    char span[AGES_SIZE];

    ages_span(took_s, span);
    bool good = text_is(phase, "Succeeded");
    const char *told = good || !reason ? work : reason;
    AUTO(mem_free)
    char *line = xasprintf("backupsession/%s %s after %s%s%s", jsonx_name(session), phase, span,
                           told ? ": " : "", text_or_empty(told));
    print_object(call, session, line);
    if (!good && call->output != OUTPUT_TABLE && call->output != OUTPUT_WIDE)
        print_note("%s", line);
    if (!good && retry)
        print_note("it is tried again at %s", retry);
    return good ? OUTCOME_DONE : OUTCOME_SESSION_FAILED;
}

static int wait_and_tell(const struct call *call, const json_t *session, struct error *err)
{
    struct waiting waiting = {call, jsonx_name(session), jsonx_uid(session), clock_mono_ms(), NULL,
                              false};
    json_auto_t *ended = NULL;

    kube_set_patience(call->kube, PATIENCE_MS);
    int r = wait_for_end(&waiting, &ended, err);
    free(waiting.told);
    return r < 0 ? r : tell_end(call, ended, (clock_mono_ms() - waiting.began_ms) / 1000);
}

static int start_session(const struct call *call, const json_t *invoker, json_t **ret,
                         struct error *err)
{
    struct kube_write options = {.dry_run = call->dry_run == DRY_RUN_SERVER};

    if (call->dry_run == DRY_RUN_CLIENT) {
        *ret = agent_draft_session(invoker);
        return 0;
    }
    return agent_start_session(call->kube, invoker, &options, ret, err);
}

int verb_trigger(const struct call *call, struct error *err)
{
    struct reference reference;
    json_auto_t *invoker = NULL;
    json_auto_t *session = NULL;

    if (reference_parse(call->args[0], &reference, err) < 0)
        return call_misused(call, err);
    int r = reference_get(call, &reference, &invoker, err);
    if (r == 0)
        r = start_session(call, invoker, &session, err);
    if (r < 0)
        return r;
    if (arg_wait && call->dry_run == DRY_RUN_NONE)
        return wait_and_tell(call, session, err);
    AUTO(mem_free)
    char *line = xasprintf("backupsession/%s created%s", jsonx_name(session),
                           call->dry_run ? " (dry run)" : "");
    print_object(call, session, line);
    return OUTCOME_DONE;
}
