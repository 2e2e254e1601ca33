/* Folders, with the real restic (scripts/cluster restic): what a list means, and where a restore may write. */
#include <criterion/criterion.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "paths.h"
#include "place.h"
#include "session.h"
#include "stash/quoted.h"
#include "store.h"

static int store(struct place *place, struct restic *restic, const char *args, const char *exclude,
                 struct error *err)
{
    json_auto_t *arg_list = json_loads(args, 0, NULL);
    json_auto_t *patterns = json_loads(exclude, 0, NULL);
    AUTO(mem_free) char *words = quoted_join(arg_list, QUOTED_WORDS);
    AUTO(mem_free) char *items = quoted_join(patterns, QUOTED_ITEMS);
    json_auto_t *snapshots = json_array();
    struct session session = {0};
    const struct restic_backup backup = {
        .path = place->data, .host = "host-0", .args = words, .exclude = items};

    return store_path(&session, restic, &backup, snapshots, err);
}

static void must_store(struct place *place, struct restic *restic, const char *args,
                       const char *exclude)
{
    struct error err;

    cr_assert_eq(store(place, restic, args, exclude, &err), 0, "%s", err.msg);
}

/* What restic itself says of the repository. */
static bool restic_says(const struct restic *restic, const char *command, const char *needle)
{
    AUTO(argv_done) struct argv argv = {0};
    AUTO(buf_done) struct buf output;
    struct error err;

    buf_init(&output, 1 << 20);
    argv_add(&argv, "restic");
    argv_add_words(&argv, command);
    cr_assert_eq(restic_run(restic, &argv, &output, &err), 0, "%s", err.msg);
    return strstr(output.data, needle) != NULL;
}

Test(paths, an_argument_with_blanks_stays_one)
{
    if (!has_restic())
        cr_skip_test("no restic 0.18 or newer");
    AUTO(place_done) struct place place;
    AUTO(restic_done) struct restic restic = {0};

    place_open_repository(&place, &restic);
    place_write(&place, "f", "x");
    must_store(&place, &restic, "[\"--tag\", \"after the \\\"show\\\"\", \"--limit-upload 90000\"]",
               "[]");
    cr_assert(restic_says(&restic, "snapshots --json", "\"tags\":[\"after the \\\"show\\\"\"]"));
}

Test(paths, a_pattern_with_a_comma_leaves_out_what_it_names_and_nothing_else)
{
    if (!has_restic())
        cr_skip_test("no restic 0.18 or newer");
    AUTO(place_done) struct place place;
    AUTO(restic_done) struct restic restic = {0};

    place_open_repository(&place, &restic);
    place_write(&place, "cache,old", "x");
    place_write(&place, "cache", "x");
    place_write(&place, "old", "x");
    place_write(&place, "-e", "x");
    must_store(&place, &restic, "[]", "[\"cache,old\", \"-e\"]");
    cr_assert_not(restic_says(&restic, "ls latest", "/cache,old"));
    cr_assert_not(restic_says(&restic, "ls latest", "/-e"));
    cr_assert(restic_says(&restic, "ls latest", "/cache\n"));
    cr_assert(restic_says(&restic, "ls latest", "/old\n"));
}

Test(paths, a_path_among_the_arguments_is_refused)
{
    if (!has_restic())
        cr_skip_test("no restic 0.18 or newer");
    AUTO(place_done) struct place place;
    AUTO(restic_done) struct restic restic = {0};
    struct error err;

    place_open_repository(&place, &restic);
    cr_assert_eq(store(&place, &restic, "[\"--verbose\", \"/etc\"]", "[]", &err), -ERR_INVALID);
    cr_assert(strstr(err.msg, "/etc"), "%s", err.msg);
}

Test(paths, a_symbolic_link_is_no_folder_to_store)
{
    if (!has_restic())
        cr_skip_test("no restic 0.18 or newer");
    AUTO(place_done) struct place place;
    AUTO(restic_done) struct restic restic = {0};
    struct error err;

    place_open_repository(&place, &restic);
    place_write(&place, "f", "x");
    AUTO(mem_free) char *link = xasprintf("%s/link", place.root);
    AUTO(mem_free) char *data = place.data;
    cr_assert_eq(symlink(data, link), 0);
    place.data = xasprintf("%s/", link);
    cr_assert_eq(store(&place, &restic, "[]", "[]", &err), -ERR_INVALID);
    cr_assert(strstr(err.msg, data), "%s", err.msg);
}

/* ---- where a restore may write ------------------------------------------------------------------------------------ */

static int restore(struct place *place, struct restic *restic, struct error *err)
{
    struct session session = {0};
    const struct paths_restore request = {.session = &session, .paths = place->data};

    return paths_restore(restic, &request, err);
}

static void store_and_lose(struct place *place, struct restic *restic)
{
    place_open_repository(place, restic);
    place_write(place, "f", "x");
    must_store(place, restic, "[]", "[]");
    place_remove(place, "f");
    setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1", 1);
}

Test(paths, nothing_is_restored_where_no_volume_is)
{
    if (!has_restic())
        cr_skip_test("no restic 0.18 or newer");
    AUTO(place_done) struct place place;
    AUTO(restic_done) struct restic restic = {0};
    struct stat at_root;
    struct stat at_data;
    struct error err;

    store_and_lose(&place, &restic);
    if (stat("/", &at_root) < 0 || stat(place.data, &at_data) < 0 ||
        at_root.st_dev != at_data.st_dev)
        cr_skip_test("the folder for temporary files is a file system of its own here");
    cr_assert_eq(restore(&place, &restic, &err), -ERR_INVALID);
    cr_assert(strstr(err.msg, "lies on no volume"), "%s", err.msg);
    AUTO(mem_free) char *file = xasprintf("%s/f", place.data);
    cr_assert_neq(access(file, F_OK), 0);
}

Test(paths, a_volume_gets_its_data_back_also_behind_a_symbolic_link)
{
    if (!has_restic() || geteuid() != 0 || unshare(CLONE_NEWNS) < 0)
        cr_skip_test("needs restic, and root for a mount of its own");
    AUTO(place_done) struct place place;
    AUTO(restic_done) struct restic restic = {0};
    struct error err;

    store_and_lose(&place, &restic);
    AUTO(mem_free) char *volume = xasprintf("%s/a volume", place.root);
    cr_assert_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
    cr_assert_eq(mkdir(volume, 0755), 0);
    cr_assert_eq(mount("volume", volume, "tmpfs", 0, NULL), 0);
    cr_assert_eq(rmdir(place.data), 0);
    cr_assert_eq(symlink(volume, place.data), 0);
    int r = restore(&place, &restic, &err);
    cr_assert_eq(r, 0, "%s", err.msg);
    place_expect(&place, "f", "x");
    cr_assert_eq(umount(volume), 0);
    cr_assert_eq(unlink(place.data), 0);
}
