#include "stash/digest.h"

#include <criterion/criterion.h>
#include <string.h>

#include "stash/mem.h"

Test(digest, hashes_the_standard_vector)
{
    char hex[DIGEST_HEX_SIZE];

    digest_hex("abc", 3, hex);
    cr_assert_str_eq(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

Test(digest, base64_goes_there_and_back)
{
    const char *plain[] = {"", "f", "fo", "foo", "foob"};
    const char *coded[] = {"", "Zg==", "Zm8=", "Zm9v", "Zm9vYg=="};

    for (size_t i = 0; i < ARRAY_LEN(plain); i++) {
        AUTO(mem_free) char *text = digest_base64(plain[i], strlen(plain[i]));
        AUTO(mem_free) char *back = NULL;
        struct error err;
        size_t len;
        cr_assert_str_eq(text, coded[i]);
        cr_assert_eq(digest_base64_decode(text, &back, &len, &err), 0);
        cr_assert_eq(len, strlen(plain[i]));
        cr_assert_str_eq(back, plain[i]);
    }
}

Test(digest, refuses_what_is_not_base64)
{
    const char *bad[] = {"a", "ab=", "!!!!", " Zg=="};

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        char *back = NULL;
        struct error err;
        size_t len;
        cr_assert_eq(digest_base64_decode(bad[i], &back, &len, &err), -ERR_INVALID, "%s", bad[i]);
        cr_assert_null(back);
    }
}

Test(digest, of_pieces_is_that_of_the_whole)
{
    static const char text[] = "what comes in pieces";
    char whole[DIGEST_HEX_SIZE], sum[DIGEST_HEX_SIZE];

    digest_hex(text, strlen(text), whole);
    for (size_t cut = 0; cut <= strlen(text); cut++) {
        AUTO(digest_free) struct digest *digest = digest_new();
        digest_add(digest, text, cut);
        digest_add(digest, text + cut, strlen(text) - cut);
        digest_end(digest, sum);
        cr_assert_str_eq(sum, whole);
    }
}
