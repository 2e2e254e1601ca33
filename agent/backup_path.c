#include "backup_path.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "repository.h"
#include "stash/holdings.h"
#include "stash/jsonx.h"
#include "stash/log.h"
#include "stash/path.h"
#include "stash/report.h"
#include "stash/user_args.h"

/*
 * Until its tags say that it is incomplete, the Repository does. The host's result says it too: when the Repository
 * could not be told, a later session hears of it from there.
 */
static void note_incomplete(struct session *session, const struct restic_summary *summary)
{
    struct error err;

    if (!summary->found || !*summary->snapshot_id)
        return;
    if (!session->incomplete)
        session->incomplete = json_array();
    json_array_append_new(session->incomplete, json_string(summary->snapshot_id));
    if (repository_note_incomplete(session, session->incomplete, &err) < 0)
        log_error("the Repository was not told of an incomplete snapshot", "snapshot",
                  summary->snapshot_id, "error", err.msg);
}

/* Without this word, a repository that vanishes before its first maintenance would be made anew in silence. */
static void note_stored(struct session *session)
{
    struct error err;

    if (repository_note_stored(session, &err) < 0)
        log_error("the Repository was not told that it holds snapshots now", "error", err.msg);
}

/* Without a cluster there are no tags: nobody's snapshots. */
static struct holdings_history history_of(const struct restic_backup *backup)
{
    struct holdings_history history = {.host = backup->host, .path = backup->path};

    if (owner_is_whole(&backup->owner))
        history.owner = backup->owner;
    return history;
}

/*
 * With --skip-if-unchanged a session may end with the snapshot that the path equals: then it is we who say with which one
 * restic compares. By itself it would take one that lacks files, or another that merely has the same tags.
 */
static int choose_parent(const struct session *session, const struct restic *restic,
                         struct restic_backup *backup, char ret_id[RESTIC_ID_SIZE],
                         struct error *err)
{
    AUTO(holdings_done) struct holdings holdings = {0};
    const struct holdings_history history = history_of(backup);
    const struct holding *own;
    int r;

    *ret_id = '\0';
    if (!user_args_have(backup->args, "--skip-if-unchanged"))
        return 0;
    holdings_init(&holdings, jsonx_get(session->repository, "status", "incomplete", NULL));
    r = restic_list(restic, holdings_add, &holdings, NULL, err);
    if (r < 0)
        return r;
    own = holdings_newest(&holdings, &history);
    if (own)
        memcpy(ret_id, own->newest, sizeof(own->newest));
    backup->parent = ret_id;
    return 0;
}

/* restic made no snapshot: the path equals the one that it was compared with. */
static int take_parent(const char parent[RESTIC_ID_SIZE], struct restic_summary *summary,
                       struct error *err)
{
    if (!*parent)
        return error_set(err, ERR_INVALID,
                         "restic made no snapshot, and there is none that the path could equal");
    memcpy(summary->snapshot_id, parent, RESTIC_ID_SIZE);
    return 0;
}

/*
 * restic stores a link as a link: the data behind it would not be in the snapshot. `path` is plain: "link/" is what
 * it leads to.
 */
static int check_link(const char *path, struct error *err)
{
    char target[PATH_MAX];
    struct stat st;

    if (lstat(path, &st) < 0 || !S_ISLNK(st.st_mode))
        return 0;
    return error_set(err, ERR_INVALID,
                     "it is a symbolic link, and only the link would be stored: name %s "
                     "instead in spec.target.paths",
                     realpath(path, target) ? target : "the folder behind it");
}

/* A volume that lost its data is backed up like any other: somebody has to be told. */
static void look_for_loss(const struct session *session, const struct restic *restic,
                          const struct restic_backup *backup, json_t *warnings)
{
    AUTO(holdings_done) struct holdings holdings = {0};
    const struct holdings_history history = history_of(backup);
    uint64_t lost;
    struct error err;

    holdings_init(&holdings, jsonx_get(session->repository, "status", "incomplete", NULL));
    if (restic_list(restic, holdings_add, &holdings, NULL, &err) < 0) {
        log_warn("whether earlier snapshots hold files is not known", "error", err.msg);
        return;
    }
    lost = holdings_lost(&holdings, &history);
    if (!lost || json_array_size(warnings) >= REPORT_WARNINGS_MAX)
        return;
    log_warn("an empty path was stored", "path", backup->path);
    json_array_append_new(
        warnings, json_sprintf("%s holds no file, and %llu snapshots before do: is the volume the "
                               "right one, and is its data still there?",
                               backup->path, (unsigned long long)lost));
}

int backup_path(struct session *session, struct restic *restic, const struct restic_backup *backup,
                json_t *snapshots, json_t *warnings, struct error *err)
{
    AUTO(mem_free) char *path = NULL;
    struct restic_backup owned = *backup;
    struct restic_summary summary = {0};
    char parent[RESTIC_ID_SIZE] = "";
    int r = path_clean(backup->path, &path, err);

    if (r == 0)
        r = check_link(path, err);
    if (r < 0)
        return error_wrap(err, "storing %s", backup->path);
    owned.path = path;
    owned.owner = session_owner(session);
    r = choose_parent(session, restic, &owned, parent, err);
    if (r == 0)
        r = restic_backup(restic, &owned, &summary, err);
    if (r < 0 && err->code == RESTIC_EXIT_INCOMPLETE)
        note_incomplete(session, &summary);
    if (r == 0 && !*summary.snapshot_id)
        r = take_parent(parent, &summary, err);
    if (r < 0)
        return error_wrap(err, "storing %s", path);
    note_stored(session);
    if (summary.files_total == 0)
        look_for_loss(session, restic, &owned, warnings);
    json_array_append_new(snapshots, report_snapshot(&summary, path + (backup->command ? 1 : 0)));
    return 0;
}
