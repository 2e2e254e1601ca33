/* What Stash's schema has and this version does not do: said when it is asked for, not when the time has come. */
#include <stdint.h>
#include <string.h>

#include "stash/admit.h"
#include "stash/jsonx.h"
#include "stash/mem.h"

#define BIT(kind) (UINT64_C(1) << (kind))
_Static_assert(KIND_COUNT < 64, "a bit for each kind, and one for unknown ones");

#define INVOKERS                                                                                   \
    (BIT(KIND_BACKUP_CONFIGURATION) | BIT(KIND_RESTORE_SESSION) | BIT(KIND_BACKUP_BATCH) |         \
     BIT(KIND_RESTORE_BATCH) | BIT(KIND_BACKUP_BLUEPRINT))

static bool is_asked(const json_t *spec)
{
    (void)spec;
    return true;
}

static bool asks_for_driver(const json_t *spec)
{
    const char *driver = jsonx_str(spec, "driver", NULL);

    return driver && *driver && strcmp(driver, "Restic") != 0;
}

/* Of the whole, or of a member of a batch. */
static bool asks_for_hooks(const json_t *spec)
{
    const json_t *members = jsonx_get(spec, "members", NULL);
    bool found = !jsonx_is_empty(jsonx_get(spec, "hooks", NULL));

    for (size_t i = 0; i < json_array_size(members); i++)
        found = found || !jsonx_is_empty(jsonx_get(json_array_get(members, i), "hooks", NULL));
    return found;
}

static bool asks_for_wipe_out(const json_t *spec)
{
    return jsonx_bool(spec, false, "wipeOut", NULL);
}

static const struct row {
    uint64_t kinds; /* a bit for each */
    bool (*asks)(const json_t *spec);
    const char *field, *sentence;
} rows[] = {
    {BIT(KIND_BACKUP_BATCH), is_asked, "kind",
     "a BackupBatch is not acted on by this version; write a BackupConfiguration for each target"},
    {BIT(KIND_RESTORE_BATCH), is_asked, "kind",
     "a RestoreBatch is not acted on by this version; write a RestoreSession for each target"},
    {BIT(KIND_BACKUP_BLUEPRINT), is_asked, "kind",
     "a BackupBlueprint is not acted on by this version; write Repository and BackupConfiguration "
     "for each target"},
    {INVOKERS, asks_for_driver, "spec.driver", "only Restic is supported by this version"},
    {INVOKERS, asks_for_hooks, "spec.hooks", "hooks are not supported by this version"},
    {BIT(KIND_REPOSITORY), asks_for_wipe_out, "spec.wipeOut",
     "not supported by this version: the backed-up data stays in the backend"},
};

void admit_unsupported(enum kind kind, const json_t *object, unsupported_fn found, void *ctx)
{
    const json_t *spec = jsonx_get(object, "spec", NULL);

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (rows[i].kinds & BIT(kind) && rows[i].asks(spec))
            found(ctx, rows[i].field, rows[i].sentence);
}
