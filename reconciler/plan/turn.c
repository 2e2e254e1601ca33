#include "turn.h"

#include <stdlib.h>

#include "admission.h"
#include "admission_queue.h"
#include "invoker.h"
#include "lock_judge.h"
#include "retention_held.h"
#include "stash/jsonx.h"
#include "stash/pair.h"
#include "stash/plan.h"
#include "stash/text.h"
#include "stash/timefmt.h"

/* Who asks or has the turn gives a sign of life every two minutes; without one for so long it has none any more. */
#define TURN_EXPIRY_DEFAULT   600
#define CLUSTER_AGAIN_SECONDS 10
#define QUEUE_AGAIN_SECONDS   300 /* who is queued is woken; this is for the case that it was not */
#define SLOTS_AGAIN_SECONDS   1
#define INCOMPLETE_MAX        64 /* ids that one turn is told of */

/* An unfinished session of the Repository, and its status as it should become. */
struct user {
    const json_t *session;
    json_t *status; /* owned; ours to edit: turn, admittedAt, queue, cluster */
    bool expired;
};

struct round {
    struct draft *draft;
    struct user *users; /* the oldest first */
    size_t count;
};

static int compare_age(const void *a, const void *b)
{
    const struct user *left = a;
    const struct user *right = b;

    return session_compare_age(left->session, right->session);
}

static void round_init(struct round *round, struct draft *draft)
{
    const json_t *sessions = jsonx_get(draft->world, "users", NULL);
    size_t i;
    json_t *session;

    *round = (struct round){draft, xcalloc(json_array_size(sessions) + 1, sizeof(struct user)), 0};
    json_array_foreach (jsonx_unconst(sessions), i, session) {
        const json_t *status = jsonx_get(session, "status", NULL);

        if (invoker_is_named(session) && jsonx_uid(session) && !session_is_final(session))
            round->users[round->count++] = (struct user){
                session, json_is_object(status) ? json_deep_copy(status) : json_object(), false};
    }
    qsort(round->users, round->count, sizeof(struct user), compare_age);
}

static void round_done(struct round *round)
{
    for (size_t i = 0; i < round->count; i++)
        json_decref(round->users[i].status);
    free(round->users);
}
DEFINE_AUTO_VALUE(struct round, round_done);

json_t *plan_repository_concerns(const json_t *session)
{
    const json_t *status = jsonx_get(session, "status", NULL);

    return json_pack(
        "{s:O*, s:O*, s:O*, s:O*, s:b, s:b, s:b, s:b}",
        PAIR("generation", jsonx_get(session, "metadata", "generation", NULL)),
        PAIR("deletion", jsonx_get(session, "metadata", "deletionTimestamp", NULL)),
        PAIR("admittedAt", jsonx_get(status, "admittedAt", NULL)),
        PAIR("turn", jsonx_get(status, "turn", NULL)), PAIR("final", session_is_final(session)),
        PAIR("started", session_is_started(session)), PAIR("asked", admission_is_asked(session)),
        PAIR("written", plan_has_written(session)));
}

/* ---- requests ----------------------------------------------------------------------------------------------------- */

static bool user_is(const struct user *user, const char *state)
{
    return text_is(jsonx_str(user->status, "turn", "state", NULL), state);
}

static int64_t user_time(const struct user *user, const char *key)
{
    return failures_time(jsonx_get(user->status, "turn", key, NULL));
}

static void user_set(const struct user *user, const char *key, const char *value)
{
    json_object_set_new(jsonx_own(user->status, "turn"), key, json_string(value));
}

static bool user_asks(const struct user *user)
{
    return user_is(user, "Waiting") || user_is(user, "Granted");
}

/* What is known of the locks that sessions have met. What stands in a request is never believed, only looked at. */
static void round_judge(const struct round *round)
{
    json_auto_t *ids = json_array();
    size_t k;
    json_t *lock;

    for (size_t i = 0; i < round->count; i++) {
        const json_t *locks = jsonx_get(round->users[i].status, "turn", "locks", NULL);

        json_array_foreach (user_asks(&round->users[i]) ? locks : NULL, k, lock) {
            if (jsonx_str(lock, "id", NULL))
                json_array_append(ids, json_object_get(lock, "id"));
        }
    }
    lock_judge_note(round->draft, ids);
    for (size_t i = 0; i < round->count; i++) {
        json_t *locks = jsonx_get(round->users[i].status, "turn", "locks", NULL);

        json_array_foreach (user_asks(&round->users[i]) ? locks : NULL, k, lock) {
            if (json_is_object(lock))
                lock_judge(round->draft, lock);
        }
    }
}

/* Whether it can be given the turn: a lock of somebody who lives would only make it wait, and everybody with it. */
static bool user_is_eligible(const struct user *user)
{
    size_t i;
    json_t *lock;

    json_array_foreach (jsonx_get(user->status, "turn", "locks", NULL), i, lock) {
        if (!jsonx_bool(lock, false, "ended", NULL))
            return false;
    }
    return user_is(user, "Waiting");
}

static bool is_turn_of(const json_t *turn, const struct user *user)
{
    return text_is(jsonx_str(turn, "uid", NULL), jsonx_uid(user->session));
}

static const json_t *round_turn(const struct round *round)
{
    return jsonx_get(round->draft->status, "turn", NULL);
}

static void expire_silent(const struct round *round, struct user *user)
{
    int64_t expiry =
        jsonx_int(round->draft->world, TURN_EXPIRY_DEFAULT, "config", "turnExpirySeconds", NULL);
    int64_t renewed = user_time(user, "renewedAt");
    int64_t end = (renewed ? renewed : user_time(user, "requestedAt")) + expiry;

    if (round->draft->now < end) {
        draft_requeue(round->draft, end - round->draft->now);
        return;
    }
    user_set(user, "state", "Expired");
    user->expired = true;
}

/* Requests whose agent is silent, and turns that another has: two leaders may have worked for a moment. */
static void round_expire(const struct round *round)
{
    const json_t *turn = round_turn(round);

    for (size_t i = 0; i < round->count; i++) {
        struct user *user = &round->users[i];

        if (user_asks(user))
            expire_silent(round, user);
        if (turn && user_is(user, "Granted") && !is_turn_of(turn, user)) {
            user_set(user, "state", "Expired");
            user->expired = true;
        }
    }
}

/* ---- the turn ----------------------------------------------------------------------------------------------------- */

static const struct user *round_holder(const struct round *round)
{
    for (size_t i = 0; i < round->count; i++) {
        if (is_turn_of(round_turn(round), &round->users[i]))
            return &round->users[i];
    }
    return NULL;
}

static void set_time(json_t *object, const char *key, int64_t time)
{
    char text[TIMEFMT_SIZE];

    timefmt_rfc3339(time, text);
    json_object_set_new(object, key, json_string(text));
}

static void give_turn(const struct round *round, const struct user *user, const char *state)
{
    const json_t *session = user->session;
    json_t *turn = json_pack("{s:s, s:s, s:s, s:s, s:s}", PAIR("state", state),
                             PAIR("kind", jsonx_str(session, "kind", NULL)),
                             PAIR("namespace", jsonx_namespace(session)),
                             PAIR("name", jsonx_name(session)), PAIR("uid", jsonx_uid(session)));

    set_time(turn, "since", round->draft->now);
    json_object_set_new(round->draft->status, "turn", turn);
}

/* Those who wait for the turn themselves leave the repository alone meanwhile. */
static bool is_drained_for(const struct round *round, const struct user *next)
{
    for (size_t i = 0; i < round->count; i++) {
        const struct user *user = &round->users[i];

        if (user != next && plan_is_at_work(user->session) && !user_is(user, "Waiting"))
            return false;
    }
    return true;
}

static bool has_text(const json_t *list, const json_t *text)
{
    size_t i;
    json_t *item;

    json_array_foreach (jsonx_unconst(list), i, item)
        if (json_equal(item, text))
            return true;
    return false;
}

/* Those of which the Repository knows need not be told. */
static void add_ids(json_t *ids, const json_t *known, const json_t *list)
{
    size_t i;
    json_t *id;

    json_array_foreach (jsonx_unconst(list), i, id)
        if (json_array_size(ids) < INCOMPLETE_MAX && !has_text(ids, id) && !has_text(known, id))
            json_array_append(ids, id);
}

static void add_incomplete(json_t *ids, const json_t *known, const json_t *sibling)
{
    size_t i, k;
    json_t *target, *stat;

    json_array_foreach (jsonx_get(sibling, "status", "targets", NULL), i, target) {
        json_array_foreach (jsonx_get(target, "stats", NULL), k, stat)
            add_ids(ids, known, json_object_get(stat, "incomplete"));
    }
}

/* What its invoker's sessions know of snapshots that lack files: the Repository may not have been told. NULL: nothing. */
static json_t *incomplete_of(const json_t *world, const json_t *session)
{
    const json_t *known = jsonx_get(world, "object", "status", "incomplete", NULL);
    const json_t *siblings = jsonx_get(world, "siblings", jsonx_uid(session), NULL);
    json_t *ids = json_array();

    for (size_t i = json_array_size(siblings); i-- > 0;) /* the newest first */
        add_incomplete(ids, known, json_array_get(siblings, i));
    if (json_array_size(ids) > 0)
        return ids;
    json_decref(ids);
    return NULL;
}

static void set_or_drop(json_t *turn, const char *member, json_t *value)
{
    if (value)
        json_object_set_new(turn, member, value);
    else
        json_object_del(turn, member);
}

/* The session's part of a turn that the Repository says is its own: the second write, if need be after a crash. */
static void tell_holder(const struct round *round, const struct user *user)
{
    const char *granted = jsonx_str(round_turn(round), "grantedAt", NULL);
    const json_t *world = round->draft->world;
    AUTO(mem_free) char *held = retention_held(world, user->session);
    json_t *turn;

    user_set(user, "state", "Granted");
    if (granted)
        user_set(user, "grantedAt", granted);
    turn = jsonx_own(user->status, "turn");
    set_or_drop(turn, "retentionHeld", held ? json_string(held) : NULL);
    set_or_drop(turn, "incomplete", incomplete_of(world, user->session));
}

static void set_granted(const struct round *round)
{
    json_t *turn = jsonx_own(round->draft->status, "turn");

    json_object_set_new(turn, "state", json_string("Granted"));
    set_time(turn, "grantedAt", round->draft->now);
}

/* Somebody's turn: it ends, it begins, or it goes on. */
static void continue_turn(const struct round *round)
{
    const struct user *holder = round_holder(round);
    bool granted = text_is(jsonx_str(round_turn(round), "state", NULL), "Granted");

    if (!holder || !(user_is_eligible(holder) || user_is(holder, "Granted"))) {
        json_object_del(round->draft->status, "turn");
        return;
    }
    if (!granted && !user_is(holder, "Granted") && !is_drained_for(round, holder))
        return;
    if (!granted)
        set_granted(round);
    if (user_is(holder, "Waiting"))
        tell_holder(round, holder);
}

/* Who asked first; who believes to have the turn has it. */
static const struct user *round_next(const struct round *round)
{
    const struct user *next = NULL;

    for (size_t i = 0; i < round->count; i++) {
        const struct user *user = &round->users[i];

        if (user_is(user, "Granted"))
            return user;
        if (user_is_eligible(user) &&
            (!next || user_time(user, "requestedAt") < user_time(next, "requestedAt")))
            next = user;
    }
    return next;
}

static void round_advance(const struct round *round)
{
    const struct user *next;

    if (round_turn(round)) {
        continue_turn(round);
        return;
    }
    next = round_next(round);
    if (!next)
        return;
    give_turn(round, next, "Draining");
    if (user_is(next, "Granted"))
        set_granted(round);
}

/* ---- admission ---------------------------------------------------------------------------------------------------- */

/* What an older version set to work is at work, whoever has the turn. */
static bool wants_admission(const struct user *user)
{
    return !admission_time(user->session) &&
           (session_is_started(user->session) || admission_is_asked(user->session));
}

static bool is_held(const struct round *round, const json_t *turn, const struct user *user)
{
    int64_t until = 0;

    if (session_is_started(user->session) ||
        !admission_is_held(round->draft, turn, user->session, &until))
        return false;
    if (until)
        draft_requeue(round->draft, until - round->draft->now);
    return true;
}

/* Whoever asked before somebody's turn came next goes before it: it is held once, not by each that follows. */
static const json_t *turn_that_holds(const struct round *round, const json_t *before)
{
    const json_t *turn = round_turn(round);

    return !before && text_is(jsonx_str(turn, "state", NULL), "Draining") ? NULL : turn;
}

/* How far the Repository's own queue has been walked. */
struct line {
    int64_t room;
    int64_t behind; /* those that found none */
};

/* Whether it has to wait for others to end, which its status then says. */
static bool is_queued(const struct round *round, const struct user *user, struct line *line)
{
    const json_t *slots = json_object_get(round->draft->world, "slots");
    const json_t *slot = json_object_get(slots, jsonx_uid(user->session));

    if (!admission_is_limited(user->session))
        return false;
    if (line->room == 0) {
        admission_queue_tell(user->status, SLOT_LIMIT_REPOSITORY, ++line->behind);
        return true;
    }
    if (slots && !slot) { /* it came after the slots were asked for */
        draft_requeue(round->draft, SLOTS_AGAIN_SECONDS);
        return true;
    }
    if (json_is_object(slot)) {
        admission_queue_tell(user->status, jsonx_str(slot, "limit", NULL),
                             jsonx_int(slot, 1, "position", NULL));
        draft_requeue(round->draft, QUEUE_AGAIN_SECONDS);
        return true;
    }
    line->room--;
    return false;
}

static void user_admit(const struct round *round, const struct user *user, const char *cluster)
{
    set_time(user->status, "admittedAt", round->draft->now);
    json_object_set_new(user->status, "cluster", json_string(cluster));
    json_object_del(user->status, "queue");
}

static void round_admit(const struct round *round, const json_t *before)
{
    const json_t *world = round->draft->world;
    const char *cluster = jsonx_str(world, "cluster", NULL);
    const json_t *turn = turn_that_holds(round, before);
    struct line line = {
        admission_queue_room(jsonx_get(world, "config", NULL), jsonx_get(world, "users", NULL)), 0};

    for (size_t i = 0; i < round->count; i++) {
        const struct user *user = &round->users[i];

        if (!wants_admission(user) || is_held(round, turn, user))
            continue;
        if (!cluster) {
            draft_requeue(round->draft, CLUSTER_AGAIN_SECONDS);
            return;
        }
        if (!is_queued(round, user, &line))
            user_admit(round, user, cluster);
    }
}

/* ---- writing ------------------------------------------------------------------------------------------------------ */

static void user_write(const struct round *round, const struct user *user)
{
    const json_t *before = jsonx_get(user->session, "status", NULL);
    json_auto_t *difference = draft_difference(before, user->status);

    if (json_object_size(difference) == 0)
        return;
    if (json_object_get(difference, "turn"))
        json_object_set_new(difference, "turn",
                            draft_difference(jsonx_get(before, "turn", NULL),
                                             json_object_get(user->status, "turn")));
    json_object_set_new(
        draft_action(round->draft, "status", user->session), "patch",
        json_pack("{s:{s:s*}, s:O}",
                  PAIR("metadata", PAIR("resourceVersion", jsonx_str(user->session, "metadata",
                                                                     "resourceVersion", NULL))),
                  PAIR("status", difference)));
}

static void round_write(const struct round *round, bool expired)
{
    for (size_t i = 0; i < round->count; i++) {
        if (round->users[i].expired == expired)
            user_write(round, &round->users[i]);
    }
}

/* Sessions that are held say by whom. */
static void round_wake(const struct round *round)
{
    for (size_t i = 0; i < round->count; i++) {
        const json_t *session = round->users[i].session;

        if (admission_is_asked(session) && !admission_time(session))
            draft_enqueue(round->draft, jsonx_str(session, "kind", NULL), jsonx_namespace(session),
                          jsonx_name(session));
    }
}

void turn_plan(struct draft *draft)
{
    AUTO(round_done) struct round round;
    json_auto_t *before = json_incref(jsonx_get(draft->status, "turn", NULL));

    round_init(&round, draft);
    round_judge(&round);
    round_expire(&round);
    round_advance(&round);
    round_admit(&round, before);
    /* Who has lost the turn hears of it before the next one can get it, and who gets it after that is written down. */
    round_write(&round, true);
    draft_flush(draft);
    round_write(&round, false);
    if (before != round_turn(&round) && !json_equal(before, round_turn(&round)))
        round_wake(&round);
}
