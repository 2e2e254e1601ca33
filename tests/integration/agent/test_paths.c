/* Folders, with the real restic (scripts/cluster restic): what a list means, and where a restore may write. */
#include <criterion/criterion.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup_path.h"
#include "folder.h"
#include "paths.h"
#include "place.h"
#include "session.h"
#include "stash/file.h"
#include "stash/quoted.h"

static char warned[300]; /* the first warning of the last store() */

static int store(struct place *place, struct restic *restic, const char *args, const char *exclude,
                 struct error *err)
{
    json_auto_t *arg_list = json_loads(args, 0, NULL);
    json_auto_t *patterns = json_loads(exclude, 0, NULL);
    AUTO(mem_free) char *words = quoted_join(arg_list, QUOTED_WORDS);
    AUTO(mem_free) char *items = quoted_join(patterns, QUOTED_ITEMS);
    json_auto_t *snapshots = json_array();
    json_auto_t *warnings = json_array();
    struct session session = {0};
    const struct restic_backup backup = {
        .path = place->data, .host = "host-0", .args = words, .exclude = items};

    int r = backup_path(&session, restic, &backup, snapshots, warnings, err);

    const char *first = json_string_value(json_array_get(warnings, 0));

    snprintf(warned, sizeof(warned), "%s", first ? first : "");
    return r;
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

/* Another path than the folder of the place, from here on. */
static void take_path(struct place *place, char *path)
{
    free(place->data);
    place->data = path;
}

Test(paths, a_symbolic_link_is_no_folder_to_store_however_it_is_written)
{
    static const char *const ends[] = {"", "/", "/.", "//./", "/./."};

    if (!has_restic())
        cr_skip_test("no restic 0.18 or newer");
    AUTO(place_done) struct place place;
    AUTO(restic_done) struct restic restic = {0};
    struct error err;

    place_open_repository(&place, &restic);
    place_write(&place, "f", "x");
    AUTO(mem_free) char *link = xasprintf("%s/link", place.root);
    AUTO(mem_free) char *data = xstrdup(place.data);
    cr_assert_eq(symlink(data, link), 0);
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        take_path(&place, xasprintf("%s%s", link, ends[i]));
        cr_assert_eq(store(&place, &restic, "[]", "[]", &err), -ERR_INVALID, "%s", place.data);
        cr_assert(strstr(err.msg, data), "%s", err.msg);
    }
}

Test(paths, a_folder_that_became_empty_is_a_warning)
{
    if (!has_restic())
        cr_skip_test("no restic 0.18 or newer");
    AUTO(place_done) struct place place;
    AUTO(restic_done) struct restic restic = {0};

    place_open_repository(&place, &restic);
    must_store(&place, &restic, "[]", "[]");
    cr_assert_str_eq(warned, "", "it was never full");
    place_write(&place, "f", "x");
    must_store(&place, &restic, "[]", "[]");
    cr_assert_str_eq(warned, "");
    must_store(&place, &restic, "[]", "[\"f\"]");
    cr_assert(strstr(warned, "holds no file, and 1 snapshots before do"), "%s", warned);
    place_remove(&place, "f");
    must_store(&place, &restic, "[\"--skip-if-unchanged\"]", "[]");
    cr_assert(strstr(warned, "holds no file"), "%s", warned);
}

/* ---- where a restore may write ------------------------------------------------------------------------------------ */

static int restore_with(struct restic *restic, struct paths_restore request, struct error *err)
{
    struct session session = {0};

    request.session = &session;
    return paths_restore(restic, &request, err);
}

static int restore(struct place *place, struct restic *restic, struct error *err)
{
    return restore_with(restic, (struct paths_restore){.paths = place->data}, err);
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

Test(paths, a_path_that_was_empty_does_not_cost_the_others)
{
    if (!has_restic())
        cr_skip_test("no restic 0.18 or newer");
    AUTO(place_done) struct place place;
    AUTO(restic_done) struct restic restic = {0};
    struct error err;

    place_open_repository(&place, &restic);
    AUTO(mem_free) char *folder = xstrdup(place.data);
    AUTO(mem_free) char *empty = xasprintf("%s-empty", folder);
    AUTO(mem_free) char *both = xasprintf("%s,%s", empty, folder);
    cr_assert_eq(mkdir(empty, 0755), 0);
    place_write(&place, "f", "x");
    must_store(&place, &restic, "[]", "[]");
    take_path(&place, xstrdup(empty));
    must_store(&place, &restic, "[]", "[]");
    take_path(&place, xstrdup(folder));
    place_remove(&place, "f");
    struct paths_restore request = {.paths = both};
    cr_assert_eq(restore_with(&restic, request, &err), 0, "%s", err.msg);
    place_expect(&place, "f", "x");
    request.paths = empty;
    cr_assert_eq(restore_with(&restic, request, &err), -ERR_NOT_FOUND);
}

/* The only file of a folder of the repository. */
static void find_file(const struct place *place, const char *folder, char *ret, size_t size)
{
    AUTO(mem_free) char *command = xasprintf("ls %s/%s", place->repository, folder);
    FILE *pipe = popen(command, "r");
    size_t len;

    cr_assert_not_null(pipe);
    len = pipe ? fread(ret, 1, size - 1, pipe) : 0;
    ret[len > 0 ? len - 1 : 0] = '\0';
    if (pipe)
        pclose(pipe);
}

/* restic leaves it out of its list with a word on standard error, and succeeds: an older one would be called the latest. */
Test(paths, a_snapshot_that_cannot_be_read_may_be_the_latest)
{
    if (!has_restic())
        cr_skip_test("no restic 0.18 or newer");
    AUTO(place_done) struct place place;
    AUTO(restic_done) struct restic restic = {0};
    char older[RESTIC_ID_SIZE];
    struct error err;

    place_open_repository(&place, &restic);
    place_write(&place, "f", "old");
    must_store(&place, &restic, "[]", "[]");
    find_file(&place, "snapshots", older, sizeof(older));
    AUTO(mem_free) char *garbage = xasprintf("%s/snapshots/%.60sbeef", place.repository, older);
    cr_assert_eq(file_write(garbage, "cut", 3, 0600, &err), 0, "%s", err.msg);
    place_remove(&place, "f");
    cr_assert_eq(restore(&place, &restic, &err), -ERR_CONFLICT);
    cr_assert(strstr(err.msg, "one cannot be read"), "%s", err.msg);
    struct paths_restore request = {.paths = place.data, .snapshots = older};
    cr_assert_eq(restore_with(&restic, request, &err), 0, "%s", err.msg);
    place_expect(&place, "f", "old");
}

/* A volume that was lost still has folders; restic counts them among what it restored. */
Test(paths, a_snapshot_without_a_file_restores_nothing)
{
    if (!has_restic())
        cr_skip_test("no restic 0.18 or newer");
    AUTO(place_done) struct place place;
    AUTO(restic_done) struct restic restic = {0};
    struct error err;

    place_open_repository(&place, &restic);
    AUTO(mem_free) char *found = xasprintf("%s/lost+found", place.data);
    cr_assert_eq(mkdir(found, 0700), 0);
    must_store(&place, &restic, "[]", "[]");
    cr_assert_eq(rmdir(found), 0);
    cr_assert_eq(restore(&place, &restic, &err), -ERR_NOT_FOUND);
    cr_assert(strstr(err.msg, "holds no file"), "%s", err.msg);
}

/* What an earlier dump has left would be stored, and restored, with the new one. */
Test(paths, a_folder_that_cannot_be_emptied_takes_no_dump)
{
    if (geteuid() != 0 || unshare(CLONE_NEWNS) < 0)
        cr_skip_test("needs root for a mount of its own");
    AUTO(place_done) struct place place;
    struct error err;

    place_open(&place, "eA==");
    AUTO(mem_free) char *stays = xasprintf("%s/old.json", place.data);
    place_write(&place, "f", "x");
    cr_assert_eq(folder_clear(place.data, 0770, &err), 0);
    cr_assert_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
    cr_assert_eq(mkdir(stays, 0755), 0);
    cr_assert_eq(mount("volume", stays, "tmpfs", 0, NULL), 0);
    cr_assert_eq(folder_clear(place.data, 0770, &err), -ERR_SYSTEM);
    cr_assert(strstr(err.msg, "old.json stays"), "%s", err.msg);
    cr_assert_eq(umount(stays), 0);
}

/* ---- how a path is written ---------------------------------------------------------------------------------------- */

Test(paths, one_folder_is_one_history_however_it_is_written)
{
    static const char *const ends[] = {"", "//."};

    if (!has_restic())
        cr_skip_test("no restic 0.18 or newer");
    AUTO(place_done) struct place place;
    AUTO(restic_done) struct restic restic = {0};
    struct error err;

    place_open_repository(&place, &restic);
    place_write(&place, "f", "x");
    AUTO(mem_free) char *data = xstrdup(place.data);
    take_path(&place, xasprintf("%s/", data));
    must_store(&place, &restic, "[]", "[]");
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        take_path(&place, xasprintf("%s%s", data, ends[i]));
        place_remove(&place, "f");
        cr_assert_eq(restore(&place, &restic, &err), 0, "%s: %s", place.data, err.msg);
        place_expect(&place, "f", "x");
    }
}

Test(paths, a_single_file_comes_back_whatever_its_name_is)
{
    static const char *const names[] = {"-e", "a[b],c\\d", "\"e*f? g"};

    if (!has_restic())
        cr_skip_test("no restic 0.18 or newer");
    AUTO(place_done) struct place place;
    AUTO(restic_done) struct restic restic = {0};
    struct error err;

    place_open_repository(&place, &restic);
    AUTO(mem_free) char *folder = xstrdup(place.data);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        AUTO(buf_done) struct buf paths;

        place_write(&place, names[i], "x");
        take_path(&place, xasprintf("%s/%s", folder, names[i]));
        must_store(&place, &restic, "[]", "[]");
        cr_assert_eq(unlink(place.data), 0);
        buf_init(&paths, 1000);
        quoted_add(&paths, place.data, QUOTED_ITEMS);
        cr_assert_eq(restore_with(&restic, (struct paths_restore){.paths = paths.data}, &err), 0,
                     "%s: %s", names[i], err.msg);
        take_path(&place, xstrdup(folder));
        place_expect(&place, names[i], "x");
    }
}

/* ---- what lies beside a path -------------------------------------------------------------------------------------- */

Test(paths, what_lies_outside_of_the_path_is_never_removed)
{
    static const char *const args[] = {"--delete=true", "--sparse --delete"};

    if (!has_restic())
        cr_skip_test("no restic 0.18 or newer");
    AUTO(place_done) struct place place;
    AUTO(restic_done) struct restic restic = {0};
    struct error err;

    place_open_repository(&place, &restic);
    place_write(&place, "f", "x");
    must_store(&place, &restic, "[]", "[]");
    AUTO(mem_free) char *beside = xasprintf("%s/f*", place.root);
    for (size_t i = 0; i < ARRAY_LEN(args); i++) {
        /* should it go to restic after all, the pattern keeps it from everything but this folder */
        struct paths_restore request = {.paths = place.data, .include = beside, .args = args[i]};

        cr_assert_eq(restore_with(&restic, request, &err), -ERR_INVALID, "%s", args[i]);
        cr_assert(strstr(err.msg, "--delete"), "%s", err.msg);
        request.include = NULL;
        place_write(&place, "new", "y");
        cr_assert_eq(restore_with(&restic, request, &err), 0, "%s", err.msg);
        AUTO(mem_free) char *new = xasprintf("%s/new", place.data);
        cr_assert_neq(access(new, F_OK), 0, "--delete had no effect in the path itself");
    }
}

/* The path's folder becomes a link to "v1": what the place is from here on. */
static void put_link(struct place *place)
{
    AUTO(mem_free) char *version = xasprintf("%s/v1", place->root);

    cr_assert_eq(rename(place->data, version), 0);
    cr_assert_eq(symlink("v1", place->data), 0);
}

static bool is_link(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
}

Test(paths, a_link_in_the_middle_of_a_path_stays_one)
{
    if (!has_restic())
        cr_skip_test("no restic 0.18 or newer");
    AUTO(place_done) struct place place;
    AUTO(restic_done) struct restic restic = {0};
    struct error err;

    place_open_repository(&place, &restic);
    place_write(&place, "f", "x");
    AUTO(mem_free) char *folder = xstrdup(place.data);
    AUTO(mem_free) char *file = xasprintf("%s/f", folder);
    must_store(&place, &restic, "[]", "[]");
    take_path(&place, xstrdup(file));
    must_store(&place, &restic, "[]", "[]");
    take_path(&place, xstrdup(folder));
    put_link(&place);
    place_remove(&place, "f");
    cr_assert_eq(restore_with(&restic, (struct paths_restore){.paths = file}, &err), 0, "%s",
                 err.msg);
    place_expect(&place, "f", "x");
    cr_assert(is_link(folder));
    struct paths_restore whole = {.paths = folder, .include = "f"};
    cr_assert_eq(restore_with(&restic, whole, &err), -ERR_INVALID);
    cr_assert(strstr(err.msg, "symbolic link"), "%s", err.msg);
    cr_assert(is_link(folder));
}
