#include "outline.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* Fed at every split point, the same comes out. */
static void expect(const char *text, bool is_event, const char *want)
{
    for (size_t cut = 0; cut <= strlen(text); cut++) {
        struct outline outline;
        char got[1200];
        outline_init(&outline, is_event);
        outline_feed(&outline, text, cut);
        outline_feed(&outline, text + cut, strlen(text) - cut);
        snprintf(got, sizeof(got), "%s %s/%s %s %s", outline.type, outline.namespace, outline.name,
                 outline.uid, outline.version);
        cr_assert_str_eq(got, want, "%s cut at %zu", text, cut);
    }
}

Test(outline, finds_the_name_wherever_it_stands)
{
    expect("{\"metadata\":{\"name\":\"x\",\"namespace\":\"n\",\"uid\":\"u\",\"resourceVersion\":"
           "\"7\"}}",
           false, " n/x u 7");
    expect(
        "{\"spec\":{\"metadata\":{\"name\":\"no\"},\"name\":\"no\"},\"name\":\"no\",\n "
        "\"metadata\" : "
        "{ \"labels\":{\"name\":\"no\"}, \"managedFields\":[{\"name\":\"no\"},\"name\",[\"uid\"]],"
        " \"name\" : \"x\" } , \"status\":{\"metadata\":{\"uid\":\"no\"}}}",
        false, " /x  ");
}

Test(outline, reads_an_event_by_its_object)
{
    expect("{\"type\":\"ADDED\",\"metadata\":{\"name\":\"no\"},\"object\":{\"object\":{"
           "\"metadata\":{\"name\":"
           "\"no\"}},\"type\":\"no\",\"metadata\":{\"name\":\"x\",\"namespace\":\"n\"}}}",
           true, "ADDED n/x  ");
    expect("{\"object\":{\"metadata\":{\"name\":\"x\"}},\"type\":\"DELETED\"}", true,
           "DELETED /x  ");
}

Test(outline, takes_no_name_for_one_that_only_looks_like_it)
{
    expect("[\"metadata\",{\"name\":\"no\"}]", false, " /  ");
    expect("{\"metadata\":[\"name\",\"no\",{\"name\":\"no\"}]}", false, " /  ");
    expect("{\"a\":[\"metadata\",{\"name\":\"no\"}]}", false, " /  ");
    expect("{\"metadata\":{\"a\":\"name\",\"b\":\"no\"}}", false, " /  ");
    expect("{\"metadata\":{\"name\":{\"name\":\"no\"}}}", false, " /  ");
    expect("{\"meta\\u0064ata\":{\"name\":\"no\"}}", false, " /  ");
    expect("{\"metadata\":{\"name\":\"n\\u006f\"}}", false, " /  ");
    expect("{\"x\":\"\\\\\",\"y\":\"\\\"metadata\",\"metadata\":{\"name\":\"x\"}}", false, " /x  ");
}

Test(outline, bounds_every_field)
{
    const char *before = "{\"metadata\":{\"name\":\"", *after = "\",\"uid\":\"u\"}}";
    struct outline outline;
    outline_init(&outline, false);
    outline_feed(&outline, before, strlen(before));
    for (int i = 0; i < 3000; i++)
        outline_feed(&outline, "n", 1);
    outline_feed(&outline, after, strlen(after));
    cr_assert_str_eq(outline.name, "");
    cr_assert_str_eq(outline.uid, "u");
}

Test(outline, survives_any_depth_and_any_end)
{
    struct outline outline;
    outline_init(&outline, false);
    for (int i = 0; i < 100000; i++)
        outline_feed(&outline, i < 50000 ? "[" : "}", 1);
    outline_feed(&outline, "}}}{\"metadata\":{\"name\":\"x", 26);
    cr_assert_str_eq(outline.name, "");
}
