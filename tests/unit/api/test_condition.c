#include "stash/conditions.h"

#include <criterion/criterion.h>
#include <string.h>

#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/mem.h"

static const struct condition found = {"RepositoryFound", "True", "RepositoryAvailable", "it is"};

Test(condition, sets_the_first_one_and_finds_it)
{
    json_auto_t *list = condition_set(NULL, &found, 1700000000);

    cr_assert_eq(json_array_size(list), 1);
    cr_assert(condition_is_true(list, "RepositoryFound"));
    cr_assert_not(condition_is_false(list, "RepositoryFound"));
    cr_assert_null(condition_find(list, "Other"));
    cr_assert_null(condition_find(NULL, "Other"));
    cr_assert_str_eq(jsonx_str(condition_find(list, "RepositoryFound"), "lastTransitionTime", NULL),
                     "2023-11-14T22:13:20Z");
}

Test(condition, the_same_again_changes_nothing)
{
    json_auto_t *one = condition_set(NULL, &found, 1700000000);
    json_auto_t *two = condition_set(one, &found, 1800000000);

    cr_assert(json_equal(one, two));
}

Test(condition, a_change_replaces_in_place_and_stamps_now)
{
    const struct condition other = {"Other", "False", "Why", ""};
    const struct condition gone = {"RepositoryFound", "False", "RepositoryNotAvailable", "gone"};
    json_auto_t *one = condition_set(NULL, &found, 1700000000);
    json_auto_t *two = condition_set(one, &other, 1700000000);
    json_auto_t *three = condition_set(two, &gone, 1800000000);

    cr_assert_eq(json_array_size(three), 2);
    cr_assert_eq(jsonx_find(three, "type", "RepositoryFound"), 0);
    cr_assert(condition_is_false(three, "RepositoryFound"));
    cr_assert(condition_is_true(one, "RepositoryFound"), "the input is not changed");
    cr_assert_str_eq(jsonx_str(json_array_get(three, 0), "lastTransitionTime", NULL),
                     "2027-01-15T08:00:00Z");
}

Test(condition, long_messages_are_cut_between_characters)
{
    char text[LIMIT_STATUS_TEXT + 100];
    struct condition condition = {"A", "False", "R", text};

    memset(text, 'x', sizeof(text));
    memcpy(text + LIMIT_STATUS_TEXT - 1, "\xc3\xa9\xc3\xa9", 4);
    text[sizeof(text) - 1] = '\0';
    json_auto_t *list = condition_set(NULL, &condition, 0);
    cr_assert_eq(strlen(jsonx_str(json_array_get(list, 0), "message", NULL)),
                 LIMIT_STATUS_TEXT - 1);
    json_auto_t *again = condition_set(list, &condition, 9);
    cr_assert(json_equal(list, again), "the cut message counts as the same");
}

Test(condition, other_programs_bytes_become_question_marks)
{
    const struct condition condition = {"A", "False", "R", "bad \xff byte"};
    json_auto_t *list = condition_set(NULL, &condition, 0);

    cr_assert_str_eq(jsonx_str(json_array_get(list, 0), "message", NULL), "bad ? byte");
}

Test(condition, an_object_is_changed_once)
{
    json_auto_t *object = json_pack("{s:{}}", "status");

    cr_assert(condition_edit(object, &found, 1700000000));
    cr_assert_not(condition_edit(object, &found, 1800000000));
    cr_assert(condition_is_true(jsonx_get(object, "status", "conditions", NULL), found.type));
}
