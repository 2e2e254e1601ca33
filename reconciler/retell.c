/* Objects told as if they had just been listed: all when somebody begins to lead, those of a namespace when waking them was
 * refused. */
#include <string.h>

#include "room.h"
#include "stash/clock.h"
#include "stash/jsonx.h"
#include "stash/names.h"
#include "stash/pair.h"

static void tell_invoker(struct reconciler *r, enum kind kind, const json_t *invoker)
{
    wake_itself(r, kind, invoker);
    wake_repository(r, invoker);
}

static void tell_job(struct reconciler *r, enum kind kind, const json_t *job)
{
    if (jsonx_label(job, LABEL_DELETE_JOB))
        wake_itself(r, kind, job);
}

/* All kinds that are looked at, and those that name an invoker that may be gone. */
static const struct told {
    enum kind kind;
    void (*tell)(struct reconciler *r, enum kind kind, const json_t *object);
} rows[] = {
    {KIND_REPOSITORY, wake_itself},
    {KIND_BACKUP_CONFIGURATION, tell_invoker},
    {KIND_BACKUP_SESSION, wake_itself},
    {KIND_RESTORE_SESSION, tell_invoker},
    {KIND_JOB, tell_job},
    {KIND_ROLE, wake_grantee},
    {KIND_ROLE_BINDING, wake_grantee},
};

/* It costs as much as the namespace has objects: it is begun when many find room, and leaves some to what happens
 * meanwhile. */
#define PERCENT_TO_BEGIN 50
#define PERCENT_TO_GO_ON 90
#define TELL_AGAIN_MS    10000

struct retelling {
    struct reconciler *r;
    const struct told *row;
    const char *tenant; /* NULL: all, whether they find room or not */
    char *after;        /* the name of the last one that was told; NULL: none of this kind */
    bool is_full;
};

/* They come by name. */
static bool tell_one(void *ctx, json_t *object)
{
    struct retelling *telling = ctx;
    const char *name = jsonx_name(object);

    if (telling->after && strcmp(name, telling->after) <= 0)
        return true;
    telling->is_full =
        telling->tenant && !queue_has_room(telling->r->queue, telling->tenant, PERCENT_TO_GO_ON);
    if (telling->is_full)
        return false;
    telling->row->tell(telling->r, telling->row->kind, object);
    if (!telling->tenant)
        return true;
    free(telling->after);
    telling->after = xstrdup(name);
    return true;
}

/* From that row on; the row that was reached. */
static size_t tell_rows(struct retelling *telling, size_t row)
{
    for (; row < ARRAY_LEN(rows); row++) {
        telling->row = &rows[row];
        store_each(telling->r->store, kind_resource(rows[row].kind), telling->tenant, NULL,
                   tell_one, telling);
        if (telling->is_full)
            break;
        free(telling->after);
        telling->after = NULL;
    }
    return row;
}

void retell_all(struct reconciler *r)
{
    struct retelling telling = {.r = r};

    tell_rows(&telling, 0);
}

/* What waits for hours leaves a namespace little room for good: then it goes on all the same, now and then. */
static bool may_begin(struct reconciler *r, const char *tenant, int64_t told_ms)
{
    bool is_time = told_ms == 0 || clock_mono_ms() - told_ms >= TELL_AGAIN_MS;

    return queue_has_room(r->queue, tenant, is_time ? PERCENT_TO_GO_ON : PERCENT_TO_BEGIN);
}

/* The place: the row, the name in it after which it goes on, and when it was last gone on from. */
json_t *retell(void *reconciler, const char *tenant, const json_t *place)
{
    struct reconciler *r = reconciler;
    const char *after = jsonx_str(place, "after", NULL);
    struct retelling telling = {
        .r = r, .tenant = tenant, .after = after ? xstrdup(after) : NULL, .is_full = true};
    size_t row = (size_t)jsonx_int(place, 0, "row", NULL);
    int64_t told_ms = jsonx_int(place, 0, "toldMs", NULL);

    if (may_begin(r, tenant, told_ms)) {
        telling.is_full = false;
        row = tell_rows(&telling, row);
        told_ms = clock_mono_ms();
    }
    json_t *reached = telling.is_full ? json_pack("{s:I, s:s?, s:I}", PAIR("row", (json_int_t)row),
                                                  PAIR("after", telling.after),
                                                  PAIR("toldMs", (json_int_t)told_ms))
                                      : json_null();
    free(telling.after);
    return reached;
}
