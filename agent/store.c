#include "store.h"

#include <string.h>

#include "incomplete.h"
#include "stash/holdings.h"
#include "stash/jsonx.h"
#include "stash/report.h"
#include "volumes.h"

/* Which snapshot the path equals. Only a complete one of our own will do. */
static int find_equal(const struct session *session, const struct restic *restic,
                      const struct restic_backup *backup, struct restic_summary *summary,
                      struct error *err)
{
    AUTO(holdings_done) struct holdings holdings = {0};
    const struct holding *found = NULL;
    int r;

    holdings_init(&holdings, jsonx_get(session->repository, "status", "incomplete", NULL));
    r = restic_list(restic, holdings_add, &holdings, err);
    for (size_t i = 0; r == 0 && i < holdings.count; i++) {
        const struct holding *row = &holdings.items[i];

        if (*row->newest && row->target && backup->owner.target &&
            strcmp(row->target, backup->owner.target) == 0 &&
            strcmp(row->host, backup->host) == 0 && row->path &&
            strcmp(row->path, backup->path) == 0 && (!found || row->time > found->time))
            found = row;
    }
    if (r < 0)
        return r;
    if (!found)
        return error_set(err, ERR_INVALID,
                         "restic made no snapshot because nothing changed since an incomplete one: "
                         "leave --skip-if-unchanged out once");
    memcpy(summary->snapshot_id, found->newest, sizeof(summary->snapshot_id));
    return 0;
}

int store_path(struct session *session, struct restic *restic, const struct restic_backup *backup,
               json_t *snapshots, struct error *err)
{
    struct restic_backup owned = *backup;
    struct restic_summary summary = {0};
    int r;

    owned.owner = session_owner(session);
    r = volumes_refuse_link(backup->path, err);
    if (r == 0)
        r = restic_backup(restic, &owned, &summary, err);
    if (r < 0 && err->code == RESTIC_EXIT_INCOMPLETE && summary.found && *summary.snapshot_id)
        incomplete_found(session, summary.snapshot_id);
    if (r == 0 && !*summary.snapshot_id)
        r = find_equal(session, restic, &owned, &summary, err);
    if (r < 0)
        return error_wrap(err, "storing %s", backup->path);
    json_array_append_new(snapshots, report_snapshot(&summary, backup->path));
    return 0;
}
