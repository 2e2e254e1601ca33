#include "syntax.h"

#include <criterion/criterion.h>
#include <string.h>

#include "stash/mem.h"

static const char *const schemes[] = {"http", "https", NULL};

Test(syntax, labels_have_at_most_63_characters)
{
    char text[65];

    memset(text, 'a', sizeof(text));
    text[63] = '\0';
    cr_assert(syntax_is_label(text));
    text[63] = 'a';
    text[64] = '\0';
    cr_assert_not(syntax_is_label(text));
    cr_assert_not(syntax_is_label(""));
    cr_assert_not(syntax_is_label("a.b"));
    cr_assert_not(syntax_is_label("-a"));
    cr_assert_not(syntax_is_label("A"));
}

Test(syntax, subdomains_are_labels_joined_by_dots)
{
    char text[255];

    memset(text, 'a', sizeof(text));
    text[253] = '\0';
    cr_assert(syntax_is_subdomain(text));
    text[253] = 'a';
    text[254] = '\0';
    cr_assert_not(syntax_is_subdomain(text));
    cr_assert(syntax_is_subdomain("nats-backup-2.8.2"));
    cr_assert_not(syntax_is_subdomain("a..b"));
    cr_assert_not(syntax_is_subdomain("a."));
    cr_assert_not(syntax_is_subdomain("a_b"));
    cr_assert_not(syntax_is_subdomain("\xc3\xa4"));
}

Test(syntax, hosts_may_have_a_port_from_1_to_65535)
{
    const char *good[] = {"a", "a:1", "a.b:65535", "[::1]:80", "[fd00::1]"};
    const char *bad[] = {"",    ":80", "a:",  "a:0",  "a:65536", "a:8x",
                         "a/b", "a b", "u@a", "[::1", "[::1]80"};

    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        cr_assert(syntax_is_host_port(good[i], strlen(good[i])), "%s", good[i]);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        cr_assert_not(syntax_is_host_port(bad[i], strlen(bad[i])), "%s", bad[i]);
}

Test(syntax, urls_need_one_of_the_schemes_and_a_host)
{
    const char *good[] = {"http://a", "HTTPS://a:1/b?c#d", "http://u:p@a/x@y", "http://[::1]:8/"};
    const char *bad[] = {"",  "http://", "http:///x",  "ftp://a",
                         "a", "http:/a", "http://a b", "http://u@"};

    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        cr_assert(syntax_is_url(good[i], schemes), "%s", good[i]);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        cr_assert_not(syntax_is_url(bad[i], schemes), "%s", bad[i]);
}

Test(syntax, port_names_have_a_letter_and_15_characters)
{
    cr_assert(syntax_is_port_name("a"));
    cr_assert(syntax_is_port_name("8-a-3456789012b"));
    cr_assert_not(syntax_is_port_name("8-a-3456789012bc"));
    cr_assert_not(syntax_is_port_name("80"));
    cr_assert_not(syntax_is_port_name("a--b"));
    cr_assert_not(syntax_is_port_name("A"));
    cr_assert_not(syntax_is_port_name(""));
}

Test(syntax, variables_are_what_the_expander_reads)
{
    cr_assert(syntax_is_variable("A_1"));
    cr_assert(syntax_is_variable("_"));
    cr_assert_not(syntax_is_variable("1A"));
    cr_assert_not(syntax_is_variable("a-b"));
    cr_assert_not(syntax_is_variable(""));
}

Test(syntax, a_password_in_a_url_is_seen_anywhere_in_a_text)
{
    cr_assert(syntax_has_password("https://user:word@host/path"));
    cr_assert(syntax_has_password("--host=http://u:p@h --port=1"));
    cr_assert(syntax_has_password("http://a http://u:p@h"));
}

Test(syntax, a_user_a_port_an_address_and_a_reference_are_no_password)
{
    static const char *const good[] = {"http://user@host:80",   "http://host:80/a@b",
                                       "http://u:$(WORD)@host", "http://u:${WORD}@host",
                                       "user:word@host",        "http://u:@host",
                                       "http://h:80?q=u:p@h",   "://"};

    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        cr_assert_not(syntax_has_password(good[i]), "%s", good[i]);
}
