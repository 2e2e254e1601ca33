/*
 * stream.h - a dump that never lies in a folder: from the tool into restic, and from restic into the client.
 *
 * restic runs this very program (`dump-stream FOLDER`), which runs the tools of a plan, counts what passes, looks
 * for the end mark and fails before restic can make a snapshot. On the way back `pass-stream FOLDER` stands between
 * restic and the client. Plan, tally and what went wrong lie in a folder of mode 0700 that ends with the run.
 */
#ifndef STASH_AGENT_STREAM_H
#define STASH_AGENT_STREAM_H

#include "job.h"
#include "stash/addon.h"

/** Store what run->tools write, one after the other, as the file info->stream_file; run->tally says what it was. */
int stream_store(struct job *job, struct addon_run *run, const char *folder, struct error *err);

/** Pipe the chosen snapshots through the one tool of run->tools; run->tally says what passed. */
int stream_load(struct job *job, struct addon_run *run, const char *folder, struct error *err);

/* ---- the plan (stream_plan.c) ------------------------------------------------------------------------------------ */

int stream_plan_write(const struct addon_run *run, const char *folder, struct error *err);

/** What the child knows of its parent's run. */
struct stream_plan {
    struct addon_run run;
    const struct addon *addon;
    struct argv values;
};
void stream_plan_done(struct stream_plan *plan);
DEFINE_AUTO_VALUE(struct stream_plan, stream_plan_done);
int stream_plan_read(const char *folder, const struct addon *const *addons, struct stream_plan *ret,
                     struct error *err);

int stream_tally_write(const struct addon_run *run, const char *folder, struct error *err);
/** Tally and warnings of the child into those of the run. */
int stream_tally_read(struct addon_run *run, const char *folder, struct error *err);

/** The child's last words; false when there are none. */
void stream_why_write(const char *folder, const char *why);
bool stream_why_read(const char *folder, struct error *err);

#endif
