#include "paths.h"

#include <string.h>

#include "source.h"
#include "stash/log.h"
#include "volumes.h"

/* One snapshot that goes back. Strings are borrowed from the holdings. */
struct paths_step {
    const char *id;
    const char *path;    /* NULL: it holds several */
    const json_t *paths; /* then these */
};

struct paths_plan {
    const struct paths_restore *request;
    const struct holdings *holdings;
    struct paths_step *steps;
    size_t count;
};

static void paths_plan_done(struct paths_plan *plan)
{
    free(plan->steps);
}
DEFINE_AUTO_VALUE(struct paths_plan, paths_plan_done);

void paths_restore_done(struct paths_restore *request)
{
    argv_done(&request->paths);
    argv_done(&request->snapshots);
    argv_done(&request->include);
    argv_done(&request->exclude);
    argv_done(&request->args);
}

/* ---- choosing ---------------------------------------------------------------------------------- */

static void add_step(struct paths_plan *plan, const struct paths_step *step)
{
    plan->steps = xrealloc(plan->steps, (plan->count + 1) * sizeof(*plan->steps));
    plan->steps[plan->count++] = *step;
}

static int choose_latest(struct paths_plan *plan, struct error *err)
{
    const struct paths_restore *request = plan->request;
    size_t before = plan->count;
    int r = 0;

    for (size_t i = 0; r == 0 && i < request->paths.count; i++) {
        struct holdings_wish wish = source_wish(request->session);
        const struct holding *found = NULL;

        if (!*request->paths.items[i])
            continue;
        wish.host = request->host;
        wish.path = request->paths.items[i];
        r = holdings_choose(plan->holdings, &wish, &found, err);
        if (r == 0)
            add_step(plan, &(struct paths_step){found->newest, found->path, NULL});
    }
    if (r == 0 && plan->count == before)
        return error_set(err, ERR_NOT_FOUND,
                         "nothing to restore: the rule names neither paths nor snapshots");
    return r;
}

static int choose_id(struct paths_plan *plan, const char *id, struct error *err)
{
    const struct holdings_wanted *found = NULL;
    int r;

    if (strcmp(id, "latest") == 0)
        return choose_latest(plan, err);
    r = holdings_found(plan->holdings, id, &found, err);
    if (r == 0)
        add_step(plan, &(struct paths_step){found->id, found->path, found->paths});
    return r;
}

static int choose(struct paths_plan *plan, struct error *err)
{
    const struct argv *ids = &plan->request->snapshots;
    int r = 0;

    for (size_t i = 0; r == 0 && i < ids->count; i++)
        if (*ids->items[i])
            r = choose_id(plan, ids->items[i], err);
    return r == 0 && plan->count == 0 ? choose_latest(plan, err) : r;
}

static int check_step(const struct paths_step *step, struct error *err)
{
    int r = 0;

    if (step->path)
        return volumes_hold(step->path, err);
    for (size_t i = 0; r == 0 && i < json_array_size(step->paths); i++)
        r = volumes_hold(json_string_value(json_array_get(step->paths, i)), err);
    return r;
}

/* ---- writing ----------------------------------------------------------------------------------- */

static bool has_patterns(const struct paths_restore *request)
{
    AUTO(argv_done) struct argv patterns = {0};

    argv_add_each(&patterns, NULL, &request->include);
    argv_add_each(&patterns, NULL, &request->exclude);
    return patterns.count > 0;
}

static int nothing_written(const struct paths_restore *request, const char *id, struct error *err)
{
    if (has_patterns(request))
        return error_set(
            err, ERR_NOT_FOUND,
            "nothing was restored: no file of snapshot %.8s matches the rule's include "
            "and exclude",
            id);
    return error_set(err, ERR_NOT_FOUND, "nothing was restored: snapshot %.8s holds no file", id);
}

/* A single file was backed up: there is no folder of its name. Its name must not be read as a pattern. */
static int restore_file(struct restic *restic, const struct paths_restore *request,
                        const struct paths_step *step, uint64_t *ret_files, struct error *err)
{
    AUTO(argv_done) struct argv include = {0};
    AUTO(mem_free) char *pattern = restic_pattern(step->path);
    const struct restic_restore file = {
        .snapshot = step->id, .target = "/", .include = &include, .args = &request->args};

    argv_add(&include, pattern);
    return restic_restore(restic, &file, ret_files, err);
}

/*
 * One path goes back by itself: restic then touches nothing above it, which another user may own. Patterns are written
 * against whole paths, so with them the snapshot is laid over the root instead.
 */
static int restore_step(struct restic *restic, const struct paths_restore *request,
                        const struct paths_step *step, struct error *err)
{
    bool whole = !step->path || has_patterns(request);
    const struct restic_restore restore = {
        .snapshot = step->id,
        .subfolder = whole ? NULL : step->path,
        .target = whole ? "/" : step->path,
        .include = &request->include,
        .exclude = &request->exclude,
        .args = &request->args,
    };
    uint64_t files = 0;
    int r = source_begin_writing(request->session, err);

    if (r < 0)
        return r;
    log_info("restoring", "snapshot", step->id, "path", step->path);
    r = restic_restore(restic, &restore, &files, err);
    if (r < 0 && !whole && strstr(err->msg, "not a directory"))
        r = restore_file(restic, request, step, &files, err);
    if (r == 0 && files == 0)
        return nothing_written(request, step->id, err);
    return r < 0 ? error_wrap(err, "restoring snapshot %.8s", step->id) : 0;
}

int paths_restore(struct restic *restic, const struct paths_restore *request, struct error *err)
{
    AUTO(holdings_done) struct holdings holdings = {0};
    AUTO(paths_plan_done) struct paths_plan plan = {.request = request, .holdings = &holdings};
    int r = source_look(request->session, restic, &request->snapshots, &holdings, err);

    if (r == 0)
        r = choose(&plan, err);
    for (size_t i = 0; r == 0 && i < plan.count; i++)
        r = check_step(&plan.steps[i], err);
    for (size_t i = 0; r == 0 && i < plan.count; i++)
        r = restore_step(restic, request, &plan.steps[i], err);
    return r;
}
