#include "stash/cut.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <string.h>

#include "stash/mem.h"

static char *repeat(char c, size_t count)
{
    char *text = xmalloc(count + 1);

    memset(text, c, count);
    text[count] = '\0';
    return text;
}

/* A name of `count` letters, cut to `max`. */
static char *cut(size_t count, const char *tail, size_t max)
{
    AUTO(mem_free) char *head = repeat('a', count);

    return cut_name(&(struct cut){head, tail, head, max, false});
}

static bool has_digest(const char *name, const char *tail)
{
    size_t end = strlen(name) - strlen(tail);

    if (end <= CUT_DIGEST || strcmp(name + end, tail) != 0 || name[end - CUT_DIGEST] != '-')
        return false;
    for (size_t i = end - CUT_DIGEST + 1; i < end; i++) {
        if (!isxdigit((unsigned char)name[i]) || isupper((unsigned char)name[i]))
            return false;
    }
    return true;
}

Test(cut, a_name_stays_whole_as_long_as_it_fits)
{
    static const size_t limits[] = {CUT_CRON_JOB, CUT_LABEL, CUT_OBJECT};

    for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
        AUTO(mem_free) char *below = cut(limits[i] - 3, "-t", limits[i]);
        AUTO(mem_free) char *just = cut(limits[i] - 2, "-t", limits[i]);
        AUTO(mem_free) char *above = cut(limits[i] - 1, "-t", limits[i]);

        cr_assert_eq(strlen(below), limits[i] - 1);
        cr_assert_eq(strlen(just), limits[i]);
        cr_assert_eq(strlen(above), limits[i]);
        cr_assert(!has_digest(below, "-t") && !has_digest(just, "-t"));
        cr_assert(has_digest(above, "-t"), "%s", above);
    }
}

Test(cut, what_shares_a_start_or_an_end_is_told_apart)
{
    AUTO(mem_free) char *one = cut(70, "", CUT_LABEL);
    AUTO(mem_free) char *two = cut(71, "", CUT_LABEL);
    AUTO(mem_free) char *again = cut(70, "", CUT_LABEL);

    cr_assert_str_neq(one, two);
    cr_assert_str_eq(one, again);
}

Test(cut, a_taken_name_gets_the_digest_of_its_owner)
{
    AUTO(mem_free) char *dots = cut_name(&(struct cut){"a-b", "-0", "a.b", CUT_LABEL, true});
    AUTO(mem_free) char *dash = cut_name(&(struct cut){"a-b", "-0", "a-b", CUT_LABEL, true});

    cr_assert(has_digest(dots, "-0") && has_digest(dash, "-0"));
    cr_assert(strncmp(dots, "a-b-", 4) == 0);
    cr_assert_str_neq(dots, dash);
}

Test(cut, no_dash_or_dot_stands_before_the_digest)
{
    AUTO(mem_free)
    char *name = cut_name(&(struct cut){"abc-.-defghijklmn", "", "x", 6 + CUT_DIGEST, false});

    cr_assert_eq(strlen(name), 3 + CUT_DIGEST, "%s", name);
    cr_assert(has_digest(name, ""));
}

Test(cut, labels_take_what_labels_can_hold)
{
    AUTO(mem_free) char *whole = repeat('x', CUT_LABEL);
    AUTO(mem_free) char *more = repeat('x', CUT_LABEL + 1);
    AUTO(mem_free) char *plain = cut_label("my.App_1-b");
    AUTO(mem_free) char *none = cut_label("");
    AUTO(mem_free) char *fits = cut_label(whole);
    AUTO(mem_free) char *cut = cut_label(more);

    cr_assert_str_eq(plain, "my.App_1-b");
    cr_assert_str_eq(none, "");
    cr_assert_str_eq(fits, whole);
    cr_assert_eq(strlen(cut), CUT_LABEL);
    cr_assert(has_digest(cut, ""));
}

Test(cut, labels_replace_what_they_cannot_hold)
{
    AUTO(mem_free) char *colon = cut_label(":system:node");
    AUTO(mem_free) char *dash = cut_label("-system-node");

    cr_assert(strncmp(colon, "system-node-", 12) == 0, "%s", colon);
    cr_assert(has_digest(colon, ""));
    cr_assert_str_neq(colon, dash);
}
