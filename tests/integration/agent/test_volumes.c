/* A restore writes only onto volumes: with the real restic, in a mount namespace as a container has one. */
#include <criterion/criterion.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "paths.h"
#include "place.h"
#include "session.h"
#include "volumes.h"

/* The data folder becomes a volume; all else is the container's own. */
static bool become_container(const struct place *place)
{
    if (geteuid() != 0 || unshare(CLONE_NEWNS) != 0 ||
        mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        return false;
    umount2("/tmp", MNT_DETACH); /* a volume of the machine that runs the test */
    setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1", 1);
    return mount("volume", place->data, "tmpfs", 0, NULL) == 0;
}

static void back_up(struct restic *restic, const char *path, char ret_id[RESTIC_ID_SIZE])
{
    const struct restic_backup backup = {.path = path, .host = "host-0"};
    struct restic_summary summary;
    struct error err;

    cr_assert_eq(restic_backup(restic, &backup, &summary, &err), 0, "%s", err.msg);
    memcpy(ret_id, summary.snapshot_id, RESTIC_ID_SIZE);
}

static int restore(struct restic *restic, const char *path, const char *id, const char *include,
                   struct error *err)
{
    struct session session = {0};
    AUTO(paths_restore_done) struct paths_restore request = {.session = &session};

    if (path)
        argv_add(&request.paths, path);
    if (id)
        argv_add(&request.snapshots, id);
    if (include)
        argv_add(&request.include, include);
    return paths_restore(restic, &request, err);
}

struct scene {
    struct place place;
    struct restic restic;
    char *own, *file;             /* a folder of the container's own, and the file in it */
    char inside[RESTIC_ID_SIZE];  /* snapshot of the volume */
    char outside[RESTIC_ID_SIZE]; /* of the container's own folder */
};

static void scene_done(struct scene *scene)
{
    umount2(scene->place.data, MNT_DETACH);
    restic_done(&scene->restic);
    place_done(&scene->place);
    free(scene->own);
    free(scene->file);
}
DEFINE_AUTO_VALUE(struct scene, scene_done);

/* Two snapshots, and nothing left of what they hold. */
static bool scene_open(struct scene *scene)
{
    if (!place_has_restic())
        return false;
    place_repository(&scene->place, &scene->restic);
    scene->own = xasprintf("%s/own", scene->place.root);
    scene->file = xasprintf("%s/f", scene->own);
    if (!become_container(&scene->place))
        return false;
    mkdir(scene->own, 0755);
    place_write(&scene->place, "../own/f", "lost");
    place_write(&scene->place, "f", "kept");
    back_up(&scene->restic, scene->place.data, scene->inside);
    back_up(&scene->restic, scene->own, scene->outside);
    place_remove(&scene->place, "f");
    unlink(scene->file);
    rmdir(scene->own);
    return true;
}

static void expect_refused(int r, const struct scene *scene, const struct error *err)
{
    cr_expect_eq(r, -ERR_INVALID, "%d", r);
    cr_expect_not_null(strstr(err->msg, scene->own), "the path is not named: %s", err->msg);
    cr_expect_not_null(strstr(err->msg, "volumes are mounted at /"), "none is named: %s", err->msg);
    cr_expect_neq(access(scene->own, F_OK), 0, "something was written");
}

Test(volumes, a_restore_into_the_container_fails_before_it_writes)
{
    AUTO(scene_done) struct scene scene = {0};
    struct error err;

    if (!scene_open(&scene))
        cr_skip_test("needs restic, and root for a mount namespace");
    expect_refused(restore(&scene.restic, scene.own, NULL, NULL, &err), &scene, &err);
    expect_refused(restore(&scene.restic, NULL, scene.outside, NULL, &err), &scene, &err);
    expect_refused(restore(&scene.restic, NULL, scene.outside, scene.file, &err), &scene, &err);
}

Test(volumes, what_a_volume_holds_comes_back)
{
    AUTO(scene_done) struct scene scene = {0};
    struct error err;

    if (!scene_open(&scene))
        cr_skip_test("needs restic, and root for a mount namespace");
    cr_assert_eq(restore(&scene.restic, scene.place.data, NULL, NULL, &err), 0, "%s", err.msg);
    place_expect(&scene.place, "f", "kept");
    place_remove(&scene.place, "f");
    cr_assert_eq(restore(&scene.restic, NULL, scene.inside, NULL, &err), 0, "%s", err.msg);
    place_expect(&scene.place, "f", "kept");
}

/* Of two snapshots the first would do; the second one has no volume. */
Test(volumes, nothing_is_written_when_one_of_several_has_no_volume)
{
    AUTO(scene_done) struct scene scene = {0};
    struct session session = {0};
    AUTO(paths_restore_done) struct paths_restore request = {.session = &session};
    struct error err;

    if (!scene_open(&scene))
        cr_skip_test("needs restic, and root for a mount namespace");
    argv_add(&request.snapshots, scene.inside);
    argv_add(&request.snapshots, scene.outside);
    expect_refused(paths_restore(&scene.restic, &request, &err), &scene, &err);
    AUTO(mem_free) char *inside = xasprintf("%s/f", scene.place.data);
    cr_assert_neq(access(inside, F_OK), 0, "the first one was written");
}

/* restic itself, by hand, may have put a folder of a volume and one of the container into one snapshot. */
Test(volumes, a_snapshot_of_several_paths_is_looked_at_path_by_path)
{
    AUTO(scene_done) struct scene scene = {0};
    AUTO(argv_done) struct argv args = {0};
    AUTO(buf_done) struct buf output;
    struct restic_summary summary = {0};
    struct error err;

    if (!scene_open(&scene))
        cr_skip_test("needs restic, and root for a mount namespace");
    mkdir(scene.own, 0755);
    buf_init(&output, LIMIT_MIB);
    argv_add_words(&args, "restic backup --no-cache --quiet --json");
    argv_add(&args, scene.place.data);
    argv_add(&args, scene.own);
    cr_assert_eq(restic_run(&scene.restic, &args, &output, &err), 0, "%s", err.msg);
    rmdir(scene.own);
    restic_out_backup_line(&summary, output.data, output.len);
    cr_assert(summary.found);
    expect_refused(restore(&scene.restic, NULL, summary.snapshot_id, NULL, &err), &scene, &err);
}

Test(volumes, links_are_followed_to_the_place_that_is_written)
{
    AUTO(scene_done) struct scene scene = {0};
    struct error err;

    if (!scene_open(&scene))
        cr_skip_test("needs restic, and root for a mount namespace");
    AUTO(mem_free) char *into = xasprintf("%s/into", scene.place.root);
    AUTO(mem_free) char *out = xasprintf("%s/out", scene.place.data);
    AUTO(mem_free) char *into_below = xasprintf("%s/new/folder", into);
    AUTO(mem_free) char *out_below = xasprintf("%s/new", out);
    AUTO(mem_free) char *climbs = xasprintf("%s/x/../../own", scene.place.data);
    cr_assert_eq(symlink(scene.place.data, into), 0);
    cr_assert_eq(symlink(scene.place.root, out), 0);
    cr_expect_eq(volumes_hold(into_below, &err), 0, "%s", err.msg);
    cr_expect_eq(volumes_hold(out_below, &err), -ERR_INVALID);
    cr_expect_eq(volumes_hold(climbs, &err), -ERR_INVALID);
    unsetenv("KUBERNETES_SERVICE_HOST"); /* by hand, on one's own machine */
    cr_expect_eq(volumes_hold(out_below, &err), 0, "%s", err.msg);
}
