/* Lists reach the real restic as they were written, from a sidecar's objects and through a Function's text. */
#include <criterion/criterion.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "paths.h"
#include "place.h"
#include "session.h"
#include "stash/jsonx.h"
#include "stash/quoted.h"
#include "store.h"

/* As update of a Job's container: one text, and the list again. */
static void through_text(const json_t *list, enum quoted_form form, struct argv *ret)
{
    AUTO(mem_free) char *text = NULL;
    struct error err;

    cr_assert_eq(quoted_render(list, form, &text, &err), 0, "%s", err.msg);
    if (form == QUOTED_WORDS)
        argv_add_words(ret, text);
    else
        argv_add_list(ret, NULL, text);
}

static void back_up(struct restic *restic, const char *path, const json_t *exclude,
                    const json_t *args, bool as_text)
{
    AUTO(argv_done) struct argv patterns = {0};
    AUTO(argv_done) struct argv words = {0};
    const struct restic_backup backup = {
        .path = path, .host = "host-0", .exclude = &patterns, .args = &words};
    struct restic_summary summary;
    struct error err;

    if (as_text) {
        through_text(exclude, QUOTED_LIST, &patterns);
        through_text(args, QUOTED_WORDS, &words);
    } else {
        argv_add_strings(&patterns, exclude);
        argv_add_strings(&words, args);
    }
    cr_assert_eq(restic_backup(restic, &backup, &summary, &err), 0, "%s", err.msg);
}

/* The tags of the only snapshot, as restic has them. */
static json_t *tags_of(const struct restic *restic)
{
    AUTO(argv_done) struct argv args = {0};
    AUTO(buf_done) struct buf output;
    json_auto_t *list = NULL;
    struct error err;

    buf_init(&output, LIMIT_MIB);
    restic_args_snapshots(&restic->options, &args);
    cr_assert_eq(restic_run(restic, &args, &output, &err), 0, "%s", err.msg);
    cr_assert_eq(jsonx_parse(output.data, output.len, &list, &err), 0, "%s", err.msg);
    cr_assert_eq(json_array_size(list), 1);
    return json_incref(jsonx_get(json_array_get(list, 0), "tags", NULL));
}

static bool is_there(const struct place *place, const char *name)
{
    AUTO(mem_free) char *path = xasprintf("%s/%s", place->data, name);

    return access(path, F_OK) == 0;
}

static void restore(struct restic *restic, const char *path)
{
    struct session session = {0};
    AUTO(paths_restore_done) struct paths_restore request = {.session = &session};
    struct error err;

    argv_add(&request.paths, path);
    cr_assert_eq(paths_restore(restic, &request, &err), 0, "%s", err.msg);
}

static const char *const left_out[] = {"cache,old", "two\nlines", "\"quoted\"", "-dash", "$(HOME)"};
static const char *const kept[] = {"cache", "old", "two", "lines", "dash"};

static void expect_lists(bool as_text)
{
    AUTO(place_done) struct place place;
    AUTO(restic_done) struct restic restic = {0};
    json_auto_t *exclude = json_array();
    json_auto_t *args = json_pack("[ssss]", "--tag", "after the show", "--tag", "-x \"y\"");
    json_auto_t *want = json_pack("[ss]", "after the show", "-x \"y\"");

    place_repository(&place, &restic);
    for (size_t i = 0; i < ARRAY_LEN(left_out); i++) {
        place_write(&place, left_out[i], "x");
        place_write(&place, kept[i], "x");
        json_array_append_new(exclude, json_string(left_out[i]));
    }
    back_up(&restic, place.data, exclude, args, as_text);
    json_auto_t *tags = tags_of(&restic);
    cr_expect(json_equal(tags, want), "the tags are not those of the list");
    for (size_t i = 0; i < ARRAY_LEN(left_out); i++) {
        place_remove(&place, left_out[i]);
        place_remove(&place, kept[i]);
    }
    restore(&restic, place.data);
    for (size_t i = 0; i < ARRAY_LEN(left_out); i++) {
        cr_expect(is_there(&place, kept[i]), "%s was left out", kept[i]);
        cr_expect_not(is_there(&place, left_out[i]), "%s was not left out", left_out[i]);
    }
}

Test(lists, a_sidecars_lists_reach_restic_as_they_are)
{
    if (!place_has_restic())
        cr_skip_test("no restic 0.18 or newer");
    expect_lists(false);
}

Test(lists, a_functions_lists_reach_restic_as_they_are)
{
    if (!place_has_restic())
        cr_skip_test("no restic 0.18 or newer");
    expect_lists(true);
}

Test(lists, a_stray_word_is_no_further_path)
{
    AUTO(argv_done) struct argv words = {0};
    const struct restic_backup backup = {.path = "/data", .host = "host-0", .args = &words};
    struct restic restic = {0};
    struct restic_summary summary;
    struct error err;

    argv_add(&words, "/etc");
    cr_assert_eq(restic_backup(&restic, &backup, &summary, &err), -ERR_INVALID);
    cr_assert_not_null(strstr(err.msg, "\"/etc\" is no option of restic's"), "%s", err.msg);
}

/* A single file is put back by a pattern; its name must match nothing but itself. */
Test(lists, a_files_name_is_no_pattern_when_it_comes_back)
{
    if (!place_has_restic())
        cr_skip_test("no restic 0.18 or newer");
    AUTO(place_done) struct place place;
    AUTO(restic_done) struct restic restic = {0};

    place_repository(&place, &restic);
    place_write(&place, "report[1]*.txt", "one");
    AUTO(mem_free) char *path = xasprintf("%s/report[1]*.txt", place.data);
    back_up(&restic, path, NULL, NULL, false);
    place_remove(&place, "report[1]*.txt");
    restore(&restic, path);
    place_expect(&place, "report[1]*.txt", "one");
}

static int store(struct restic *restic, const char *path, struct error *err)
{
    const struct restic_backup backup = {.path = path, .host = "host-0"};
    struct session session = {0};
    json_auto_t *snapshots = json_array();

    return store_path(&session, restic, &backup, snapshots, err);
}

/* restic would store the link alone: a green backup without the data. */
Test(lists, a_link_as_path_is_refused_with_the_name_of_what_it_points_to)
{
    if (!place_has_restic())
        cr_skip_test("no restic 0.18 or newer");
    AUTO(place_done) struct place place;
    AUTO(restic_done) struct restic restic = {0};
    struct error err;

    place_repository(&place, &restic);
    place_write(&place, "f", "x");
    AUTO(mem_free) char *link = xasprintf("%s/current", place.root);
    cr_assert_eq(symlink("data", link), 0);
    cr_assert_eq(store(&restic, link, &err), -ERR_INVALID);
    cr_assert_not_null(strstr(err.msg, "is a symbolic link to data"), "%s", err.msg);
    cr_assert_not_null(strstr(err.msg, place.data), "%s", err.msg);
    AUTO(mem_free) char *slash = xasprintf("%s/", link);
    cr_assert_eq(store(&restic, slash, &err), -ERR_INVALID, "the slash hid the link");
}

/* Only the last part of a path must be no link: those before it are followed, by restic too. */
Test(lists, a_link_on_the_way_is_followed_to_the_data)
{
    if (!place_has_restic())
        cr_skip_test("no restic 0.18 or newer");
    AUTO(place_done) struct place place;
    AUTO(restic_done) struct restic restic = {0};
    struct error err;

    place_repository(&place, &restic);
    AUTO(mem_free) char *folder = xasprintf("%s/sub", place.data);
    AUTO(mem_free) char *link = xasprintf("%s/current", place.root);
    AUTO(mem_free) char *path = xasprintf("%s/sub", link);
    cr_assert_eq(mkdir(folder, 0755), 0);
    cr_assert_eq(symlink("data", link), 0);
    place_write(&place, "sub/f", "x");
    cr_assert_eq(store(&restic, path, &err), 0, "%s", err.msg);
    place_remove(&place, "sub/f");
    restore(&restic, path);
    place_expect(&place, "sub/f", "x");
}
