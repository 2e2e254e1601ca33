#include "lease_state.h"

#include <string.h>

#include "stash/jsonx.h"
#include "stash/pair.h"
#include "stash/timefmt.h"

void lease_state_done(struct lease_state *state)
{
    json_decref(state->seen);
    state->seen = NULL;
}

void lease_state_see(struct lease_state *state, json_t *lease, int64_t now_ms)
{
    const json_t *before = jsonx_get(state->seen, "spec", NULL);
    const json_t *after = jsonx_get(lease, "spec", NULL);
    bool is_same = before && after && json_equal(before, after);
    json_incref(lease);
    json_decref(state->seen);
    state->seen = lease;
    if (!is_same)
        state->seen_change_ms = now_ms;
}

static const char *state_holder(const struct lease_state *state)
{
    const char *identity = jsonx_str(state->seen, "spec", "holderIdentity", NULL);
    return identity ? identity : "";
}

bool lease_state_is_ours(const struct lease_state *state)
{
    return strcmp(state_holder(state), state->config->identity) == 0;
}

bool lease_state_is_taken(const struct lease_state *state, int64_t now_ms)
{
    if (!*state_holder(state) || lease_state_is_ours(state))
        return false;
    json_int_t duration_s =
        jsonx_int(state->seen, state->config->duration_s, "spec", "leaseDurationSeconds", NULL);
    return now_ms - state->seen_change_ms < duration_s * 1000;
}

/* The seen Lease (or a new one) with a spec of our own to edit. */
static json_t *state_draft(const struct lease_state *state)
{
    if (state->seen) {
        json_t *copy = json_copy(state->seen);
        jsonx_own(copy, "spec");
        return copy;
    }
    return json_pack("{s:s, s:s, s:{s:s, s:s}, s:{}}", PAIR("apiVersion", "coordination.k8s.io/v1"),
                     PAIR("kind", "Lease"),
                     PAIR("metadata", PAIR("name", state->config->name),
                          PAIR("namespace", state->config->namespace)),
                     "spec");
}

static void set_text(json_t *spec, const char *key, const char *value)
{
    json_object_set_new(spec, key, json_string(value));
}

json_t *lease_state_claim(const struct lease_state *state, int64_t now_micros)
{
    char now[TIMEFMT_SIZE];
    timefmt_micro(now_micros, now);
    json_t *lease = state_draft(state);
    json_t *spec = json_object_get(lease, "spec");
    if (!lease_state_is_ours(state)) {
        json_int_t transitions = jsonx_int(spec, 0, "leaseTransitions", NULL);
        set_text(spec, "holderIdentity", state->config->identity);
        set_text(spec, "acquireTime", now);
        json_object_set_new(spec, "leaseTransitions",
                            json_integer(state->seen ? transitions + 1 : 0));
    }
    set_text(spec, "renewTime", now);
    json_object_set_new(spec, "leaseDurationSeconds", json_integer(state->config->duration_s));
    return lease;
}

json_t *lease_state_release(const struct lease_state *state, int64_t now_micros)
{
    char now[TIMEFMT_SIZE];
    timefmt_micro(now_micros, now);
    json_t *lease = state_draft(state);
    json_t *spec = json_object_get(lease, "spec");
    set_text(spec, "holderIdentity", "");
    set_text(spec, "renewTime", now);
    json_object_set_new(spec, "leaseDurationSeconds", json_integer(1));
    return lease;
}
