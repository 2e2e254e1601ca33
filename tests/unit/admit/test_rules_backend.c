#include <criterion/criterion.h>
#include <string.h>

#include "judge.h"

static struct judged with_backend(const char *backend)
{
    AUTO(mem_free) char *spec = xasprintf("{'backend':{'storageSecretName':'s',%s}}", backend);

    return judge(KIND_REPOSITORY, spec, NULL);
}

static size_t causes_of_bucket(const char *bucket)
{
    AUTO(mem_free) char *text = xasprintf("'s3':{'endpoint':'e','bucket':'%s'}", bucket);
    AUTO(judged_done) struct judged judged = with_backend(text);

    return judged.causes.count;
}

Test(rules_backend, knows_which_buckets_restic_refuses)
{
    const char *good[] = {"abc", "A.b_c:d-9", "abc/d", "abc/d/e"};
    const char *bad[] = {
        "ab", "ab/cde", "-abc", "abc.", "a bc", "a/b/c", "\xc3\xa4\xc3\xb6\xc3\xbc"};

    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        cr_assert_eq(causes_of_bucket(good[i]), 0, "%s", good[i]);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        cr_assert_eq(causes_of_bucket(bad[i]), 1, "%s", bad[i]);
}

Test(rules_backend, counts_a_bucket_of_3_to_63_characters)
{
    char text[65];

    memset(text, 'a', sizeof(text));
    text[63] = '\0';
    cr_assert_eq(causes_of_bucket(text), 0);
    text[63] = 'a';
    text[64] = '\0';
    cr_assert_eq(causes_of_bucket(text), 1);
}

Test(rules_backend, names_each_empty_member)
{
    AUTO(judged_done) struct judged judged = with_backend("'s3':{'endpoint':'','bucket':''}");

    cr_assert_str_eq(judged_cause(&judged, "spec.backend.s3.endpoint"), "must not be empty");
    cr_assert_str_eq(judged_cause(&judged, "spec.backend.s3.bucket"), "must not be empty");
    cr_assert_eq(judged.causes.count, 2);
}

Test(rules_backend, takes_sub_paths_that_only_look_like_leaving)
{
    AUTO(judged_done)
    struct judged good =
        with_backend("'local':{'mountPath':'/m','hostPath':{'path':'/srv'},'subPath':'a/..b/c..'}");
    AUTO(judged_done)
    struct judged bad =
        with_backend("'local':{'mountPath':'/m','hostPath':{'path':'/srv'},'subPath':'a/..'}");

    cr_assert_eq(good.causes.count, 0);
    cr_assert_eq(bad.causes.count, 1);
}
