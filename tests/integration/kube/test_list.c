#include <criterion/criterion.h>
#include <string.h>

#include "fake.h"
#include "resources.h"
#include "stash/jsonx.h"

Test(list, follows_pages_and_starts_again_when_a_token_has_expired)
{
    AUTO(fake_stop) struct fake *fake = fake_start(SCRIPTS "list.yaml");
    AUTO(kube_close) struct kube *kube = fake_open(fake);
    struct error err = {0};
    json_auto_t *items = NULL;
    cr_assert_eq(kube_list(kube, &pods, NULL, NULL, &items, &err), 0, "%s", err.msg);
    cr_assert_eq(json_array_size(items), 3);
    cr_assert_str_eq(jsonx_name(json_array_get(items, 2)), "c");
    cr_assert_str_eq(jsonx_str(json_array_get(items, 0), "kind", NULL), "Pod");
    cr_assert_str_eq(jsonx_str(json_array_get(items, 0), "apiVersion", NULL), "v1");
    cr_assert_eq(fake_count(fake, "GET", "/api/v1/pods"), 5);
}

static int list_in(struct kube *kube, const char *namespace, struct error *err)
{
    json_t *items = NULL;
    int r = kube_list(kube, &pods, namespace, NULL, &items, err);
    cr_assert(r == 0 || !items);
    json_decref(items);
    return r;
}

Test(list, gives_up_when_its_tokens_always_expire)
{
    AUTO(fake_stop) struct fake *fake = fake_start(SCRIPTS "list.yaml");
    AUTO(kube_close) struct kube *kube = fake_open(fake);
    struct error err = {0};
    cr_assert_eq(list_in(kube, "old", &err), -ERR_GONE);
    cr_assert_eq(fake_count(fake, "GET", "continue=t"), 3);
}

Test(list, never_takes_a_part_for_the_whole)
{
    AUTO(fake_stop) struct fake *fake = fake_start(SCRIPTS "list.yaml");
    AUTO(kube_close) struct kube *kube = fake_open(fake);
    struct error err = {0};
    cr_assert_eq(list_in(kube, "cut", &err), -ERR_TRANSPORT);
    cr_assert_eq(list_in(kube, "short", &err), -ERR_TRANSPORT);
}

Test(list, tells_a_refusal_in_the_servers_words)
{
    AUTO(fake_stop) struct fake *fake = fake_start(SCRIPTS "list.yaml");
    AUTO(kube_close) struct kube *kube = fake_open(fake);
    struct error err = {0};
    cr_assert_eq(list_in(kube, "denied", &err), -ERR_DENIED);
    cr_assert_str_eq(err.msg, "list Pod: no right");
}

Test(list, sends_selectors_and_waits_for_a_busy_server)
{
    AUTO(fake_stop) struct fake *fake = fake_start(SCRIPTS "list.yaml");
    AUTO(kube_close) struct kube *kube = fake_open(fake);
    const struct kube_selector selector = {.label = "a=b", .field = "x!=y"};
    struct error err = {0};
    json_auto_t *items = NULL;
    cr_assert_eq(kube_list(kube, &pods, "busy", &selector, &items, &err), 0, "%s", err.msg);
    cr_assert_eq(json_array_size(items), 1);
}

Test(list, counts_nothing_twice_when_a_page_is_asked_for_again)
{
    AUTO(fake_stop) struct fake *fake = fake_start(SCRIPTS "list.yaml");
    AUTO(kube_close) struct kube *kube = fake_open(fake);
    struct error err = {0};
    json_auto_t *items = NULL;
    kube_set_patience(kube, 5000);
    cr_assert_eq(kube_list(kube, &pods, "mended", NULL, &items, &err), 0, "%s", err.msg);
    cr_assert_eq(json_array_size(items), 4);
    for (size_t i = 0; i < 4; i++)
        cr_assert_eq(*jsonx_name(json_array_get(items, i)), (char)('a' + i));
}

Test(list, leaves_out_what_it_cannot_read_and_names_it_to_whoever_asks)
{
    AUTO(fake_stop) struct fake *fake = fake_start(SCRIPTS "list.yaml");
    AUTO(kube_close) struct kube *kube = fake_open(fake);
    json_auto_t *unread = json_array();
    const struct kube_selector selector = {.unread = unread};
    struct error err = {0};
    json_auto_t *items = NULL;
    cr_assert_eq(kube_list(kube, &pods, "hostile", &selector, &items, &err), 0, "%s", err.msg);
    cr_assert_eq(json_array_size(items), 3);
    cr_assert_str_eq(jsonx_name(json_array_get(items, 1)), "nul");
    cr_assert_str_eq(jsonx_name(json_array_get(items, 2)), "z");
    cr_assert_eq(json_array_size(unread), 1);
    cr_assert_str_eq(jsonx_name(json_array_get(unread, 0)), "huge");
}

static void trim_spec(json_t *pod)
{
    json_object_del(pod, "spec");
}

Test(list, holds_no_more_than_it_may_of_what_it_was_asked_to_keep)
{
    AUTO(fake_stop) struct fake *fake = fake_start(SCRIPTS "list.yaml");
    AUTO(kube_close) struct kube *kube = fake_open(fake);
    struct kube_selector selector = {.max_weight = 4096};
    struct error err = {0};
    json_auto_t *items = NULL;
    cr_assert_eq(kube_list(kube, &pods, "heavy", &selector, &items, &err), -ERR_LIMIT);
    cr_assert_null(items);
    selector.trim = trim_spec;
    cr_assert_eq(kube_list(kube, &pods, "heavy", &selector, &items, &err), 0, "%s", err.msg);
    cr_assert_eq(json_array_size(items), 2);
    cr_assert_null(jsonx_get(json_array_get(items, 0), "metadata", "managedFields", NULL));
}
