#include "history.h"

#include <string.h>

#include "retry.h"
#include "session.h"
#include "stash/jsonx.h"
#include "stash/text.h"

#define LIMIT_DEFAULT 1

static int compare_newest_first(const void *a, const void *b)
{
    const json_t *left = *(json_t *const *)a;
    const json_t *right = *(json_t *const *)b;

    if (session_is_older(left, right))
        return 1;
    return session_is_older(right, left) ? -1 : 0;
}

/* The sessions of the world, `current` in the place of its stored self, newest first. The caller frees the array. */
static json_t **sorted_sessions(const struct draft *draft, const json_t *current, size_t *ret_count)
{
    const json_t *sessions = jsonx_get(draft->world, "sessions", NULL);
    size_t count = json_array_size(sessions);
    json_t **list = xcalloc(count + 1, sizeof(json_t *));
    size_t filled = 0;

    for (size_t i = 0; i < count; i++) {
        json_t *session = json_array_get(sessions, i);

        if (!text_is(jsonx_name(session), jsonx_name(current)))
            list[filled++] = session;
    }
    list[filled++] = jsonx_unconst(current);
    qsort(list, filled, sizeof(json_t *), compare_newest_first);
    *ret_count = filled;
    return list;
}

static bool has_run(const json_t *session)
{
    const char *phase = jsonx_str(session, "status", "phase", NULL);

    return phase && (strcmp(phase, "Succeeded") == 0 || strcmp(phase, "Failed") == 0);
}

void history_clean(struct draft *draft, const json_t *invoker, const json_t *current)
{
    json_int_t limit = jsonx_int(invoker, LIMIT_DEFAULT, "spec", "backupHistoryLimit", NULL);
    size_t count = 0;
    AUTO(mem_free) void *memory = sorted_sessions(draft, current, &count);
    json_t **list = memory;
    bool kept_one = limit <= 0; /* of those that ran, the newest stays */

    for (size_t i = 0; i < count; i++) {
        bool newest_run = !kept_one && has_run(list[i]);

        kept_one = kept_one || has_run(list[i]);
        if ((json_int_t)i < limit || newest_run || !session_is_final(list[i]) ||
            retry_is_owed(list[i]) || jsonx_get(list[i], "metadata", "deletionTimestamp", NULL))
            continue;
        draft_delete(draft, list[i], "Background");
    }
}
