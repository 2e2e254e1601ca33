/*
 * kept.h - what was last seen of objects, as a fingerprint of what people write of them.
 *
 * Rights depend on Namespaces, AppBindings and Repositories. These change much more often than what they allow: only a
 * change of labels, annotations or spec (the generation) is a reason to look at everybody who uses them. A Repository
 * depends on its sessions, and on little of what their status says. Safe from any thread.
 */
#ifndef STASH_RECONCILER_KEPT_H
#define STASH_RECONCILER_KEPT_H

#include <jansson.h>
#include <stdbool.h>

#include "stash/mem.h"

struct kept;
struct kept *kept_new(void);
void kept_free(struct kept *kept);
DEFINE_AUTO(struct kept, kept_free);

/** Whether the object is another one than when it was last seen. False for what is seen for the first time. */
bool kept_is_changed(struct kept *kept, const json_t *object);
/** Whether `part`, which was made of the object, is new, or another one than when it was last asked about. */
bool kept_is_news(struct kept *kept, const json_t *object, const json_t *part);
/** The object is gone: if it was seen before, the next kept_is_changed() is true. */
void kept_change(struct kept *kept, const json_t *object);
void kept_forget(struct kept *kept, const json_t *object);

#endif
