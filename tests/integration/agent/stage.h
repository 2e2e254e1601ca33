/*
 * stage.h - a scripted API server, a fake restic and a scratch folder for one test.
 */
#ifndef TEST_STAGE_H
#define TEST_STAGE_H

#include "fake.h"
#include "stash/agent.h"

struct stage {
    struct fake *fake;
    struct kube *kube;
    char *folder;
    struct agent_flags flags;
    char *output_dir;
};

/** Start; `script` is a file of scripts/. The flags are those of backup-pvc for its session. */
void stage_open(struct stage *stage, const char *script);
/** The same, with this in place of the script's "{state: Granted}" as the session's status.turn. */
void stage_open_in_turn(struct stage *stage, const char *script, const char *turn);
void stage_done(struct stage *stage);
DEFINE_AUTO_VALUE(struct stage, stage_done);

/** What the fake restic answers to a command: a shell fragment (see tests/fake/restic). */
void stage_restic(const struct stage *stage, const char *name, const char *fragment);

/** Run a step of flags.addon, which is that of volumes at first. */
int stage_back_up(struct stage *stage, struct error *err);
int stage_restore(struct stage *stage, struct error *err);

/** What the hosts of a session have left for update-status: `stats` is a list of results in JSON. */
void stage_leave_output(const struct stage *stage, const char *stats);
/** The fake restic finds no errors, and tells numbers. */
void stage_answer_check(const struct stage *stage);
/** Run update-status, which has to end well. */
void stage_update(const struct stage *stage);

/** Its calls so far, a line each; "" for none. Heap string. */
char *stage_calls(const struct stage *stage);

/** The only host's entry in output.json. New reference. */
json_t *stage_stat(const struct stage *stage);

/** The body of the last PUT to a status whose URL holds `part`; NULL when there was none. New reference. */
json_t *stage_stored(const struct stage *stage, const char *part);

/** The condition that was last stored in any object: the scripted server forgets. NULL when there was none. New reference. */
json_t *stage_condition(const struct stage *stage, const char *type);

/** The body of a request as fake_requests() tells it. New reference; NULL when it is no document. */
json_t *stage_body(const json_t *request);

/** A backup's summary line as a fragment. */
extern const char stage_summary[];

#endif
