#include "kept.h"

#include <criterion/criterion.h>

static json_t *namespace_of(const char *team, int generation)
{
    return json_pack("{s:s, s:{s:s, s:i, s:{s:s}}}", "kind", "Namespace", "metadata", "name",
                     "demo", "generation", generation, "labels", "team", team);
}

static bool is_changed(struct kept *kept, const char *team, int generation)
{
    json_auto_t *object = namespace_of(team, generation);

    return kept_is_changed(kept, object);
}

Test(kept, what_is_seen_first_is_no_change)
{
    AUTO(kept_free) struct kept *kept = kept_new();

    cr_assert_not(is_changed(kept, "a", 1));
    cr_assert_not(is_changed(kept, "a", 1));
}

Test(kept, labels_and_generation_count)
{
    AUTO(kept_free) struct kept *kept = kept_new();

    is_changed(kept, "a", 1);
    cr_assert(is_changed(kept, "b", 1));
    cr_assert(is_changed(kept, "b", 2));
    cr_assert_not(is_changed(kept, "b", 2));
}

Test(kept, status_does_not_count)
{
    AUTO(kept_free) struct kept *kept = kept_new();
    json_auto_t *object = namespace_of("a", 1);

    kept_is_changed(kept, object);
    json_object_set_new(object, "status", json_pack("{s:s}", "phase", "Active"));
    json_object_set_new(json_object_get(object, "metadata"), "resourceVersion", json_string("9"));
    cr_assert_not(kept_is_changed(kept, object));
}

Test(kept, a_part_is_news_at_first_and_whenever_it_is_another_one)
{
    AUTO(kept_free) struct kept *kept = kept_new();
    json_auto_t *object = namespace_of("a", 1);
    json_auto_t *asks = json_pack("{s:b}", "asks", 1);
    json_auto_t *works = json_pack("{s:b}", "asks", 0);

    cr_assert(kept_is_news(kept, object, asks));
    cr_assert_not(kept_is_news(kept, object, asks));
    cr_assert(kept_is_news(kept, object, works));
    kept_change(kept, object);
    cr_assert(kept_is_news(kept, object, works), "it goes");
}

Test(kept, what_goes_is_a_change_when_it_was_seen)
{
    AUTO(kept_free) struct kept *kept = kept_new();
    json_auto_t *object = namespace_of("a", 1);

    kept_change(kept, object);
    cr_assert_not(kept_is_changed(kept, object), "nobody had seen it");
    kept_change(kept, object);
    cr_assert(kept_is_changed(kept, object));
    kept_forget(kept, object);
    cr_assert_not(kept_is_changed(kept, object), "it is new again");
}
