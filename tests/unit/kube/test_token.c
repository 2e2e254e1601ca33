#include "token.h"

#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>

#include "stash/file.h"
#include "stash/mem.h"

static char path[] = "/tmp/test_token.XXXXXX";

static void make_file(void)
{
    fd_close(mkstemp(path));
}

static void remove_file(void)
{
    unlink(path);
}

TestSuite(token, .init = make_file, .fini = remove_file);

static void put(const char *text)
{
    struct error err;
    cr_assert_eq(file_write(path, text, strlen(text), 0600, &err), 0);
}

static void expect(struct token *token, bool reload, const char *want)
{
    struct error err = {0};
    AUTO(mem_free) char *got = NULL;
    cr_assert_eq(token_get(token, reload, &got, &err), 0, "%s", err.msg);
    cr_assert_str_eq(got, want);
}

Test(token, reads_the_file_again_when_told_or_after_a_minute)
{
    struct token token;
    put("one\n");
    token_init(&token, path, NULL);
    expect(&token, false, "one");
    put("two");
    expect(&token, false, "one");
    expect(&token, true, "two");
    put("three");
    token.read_ms -= 60000;
    expect(&token, false, "three");
    token_done(&token);
}

Test(token, keeps_the_last_one_while_the_file_cannot_be_read)
{
    struct token token;
    put("one");
    token_init(&token, path, NULL);
    expect(&token, false, "one");
    unlink(path);
    expect(&token, true, "one");
    put("");
    expect(&token, true, "one");
    put("two");
    expect(&token, true, "two");
    token_done(&token);
}

Test(token, fails_when_there_never_was_one_and_tries_again)
{
    struct token token;
    struct error err = {0};
    char *got = NULL;
    token_init(&token, path, NULL);
    cr_assert_eq(token_get(&token, false, &got, &err), -ERR_INVALID);
    cr_assert_null(got);
    put("one");
    expect(&token, false, "one");
    token_done(&token);
}

Test(token, has_none_or_a_fixed_one_without_a_file)
{
    struct token none;
    struct token fixed;
    struct error err = {0};
    char *got = NULL;
    token_init(&none, NULL, NULL);
    token_init(&fixed, NULL, "fixed");
    cr_assert_eq(token_get(&none, true, &got, &err), 0);
    cr_assert_null(got);
    expect(&fixed, true, "fixed");
    token_done(&none);
    token_done(&fixed);
}
