#include <criterion/criterion.h>
#include <string.h>

#include "fake.h"
#include "stash/jsonx.h"

static json_t *object_in(const char *namespace)
{
    return json_pack("{s:s, s:s, s:{s:s, s:s*, s:s}}", "apiVersion", "v1", "kind", "Pod",
                     "metadata", "name", "web", "namespace", namespace, "uid", "u-1");
}

static int send(struct kube *kube, const json_t *object, const char *message, struct error *err)
{
    const struct kube_event event = {.object = object,
                                     .component = "Test Controller",
                                     .reason = "Tried",
                                     .message = message,
                                     .warning = true};
    return kube_event(kube, &event, err);
}

Test(event, counts_up_and_writes_anew_what_the_server_has_forgotten)
{
    AUTO(fake_stop) struct fake *fake = fake_start(SCRIPTS "event.yaml");
    AUTO(kube_close) struct kube *kube = fake_open(fake);
    json_auto_t *object = object_in("demo");
    struct error err = {0};
    for (int i = 0; i < 3; i++)
        cr_assert_eq(send(kube, object, "it was tried", &err), 0, "%s", err.msg);
    json_auto_t *requests = fake_requests(fake);
    cr_assert_eq(fake_count(fake, "POST", "/namespaces/demo/events"), 2);
    cr_assert_eq(fake_count(fake, "PATCH", "/namespaces/demo/events/web."), 2);
    cr_assert(strstr(jsonx_str(json_array_get(requests, 1), "body", NULL), "\"count\":2"));
}

Test(event, says_whom_it_is_about)
{
    AUTO(fake_stop) struct fake *fake = fake_start(SCRIPTS "event.yaml");
    AUTO(kube_close) struct kube *kube = fake_open(fake);
    json_auto_t *object = object_in("demo");
    struct error err = {0};
    cr_assert_eq(send(kube, object, "it was tried", &err), 0, "%s", err.msg);
    json_auto_t *requests = fake_requests(fake);
    json_auto_t *event = NULL;
    const char *body = jsonx_str(json_array_get(requests, 0), "body", NULL);
    cr_assert_eq(jsonx_parse(body, strlen(body), &event, &err), 0);
    cr_assert_str_eq(jsonx_str(event, "involvedObject", "uid", NULL), "u-1");
    cr_assert_str_eq(jsonx_str(event, "involvedObject", "kind", NULL), "Pod");
    cr_assert_str_eq(jsonx_str(event, "source", "component", NULL), "Test Controller");
    cr_assert_str_eq(jsonx_str(event, "type", NULL), "Warning");
    cr_assert_eq(jsonx_int(event, 0, "count", NULL), 1);
}

Test(event, goes_to_default_for_an_object_without_namespace)
{
    AUTO(fake_stop) struct fake *fake = fake_start(SCRIPTS "event.yaml");
    AUTO(kube_close) struct kube *kube = fake_open(fake);
    json_auto_t *object = object_in(NULL);
    struct error err = {0};
    cr_assert_eq(send(kube, object, "it was tried", &err), 0, "%s", err.msg);
    cr_assert_eq(fake_count(fake, "POST", "/namespaces/default/events"), 1);
}

Test(event, cuts_a_long_message_between_characters)
{
    AUTO(fake_stop) struct fake *fake = fake_start(SCRIPTS "event.yaml");
    AUTO(kube_close) struct kube *kube = fake_open(fake);
    json_auto_t *object = object_in("demo");
    struct error err = {0};
    char message[3001];
    for (size_t i = 0; i < sizeof(message) - 1; i += 2)
        memcpy(message + i, "\xc3\xa4", 2);
    message[sizeof(message) - 1] = '\0';
    cr_assert_eq(send(kube, object, message + 2, &err), 0, "%s", err.msg);
    message[1] = 'x';
    cr_assert_eq(send(kube, object, message + 1, &err), 0, "%s", err.msg);
    cr_assert_eq(fake_count(fake, "POST", "events"), 2);
}

Test(event, is_silent_about_what_is_too_much)
{
    AUTO(fake_stop) struct fake *fake = fake_start(SCRIPTS "event.yaml");
    AUTO(kube_close) struct kube *kube = fake_open(fake);
    json_auto_t *object = object_in("demo");
    struct error err = {0};
    for (int i = 0; i < 40; i++) {
        AUTO(mem_free) char *message = xasprintf("try %d", i);
        cr_assert_eq(send(kube, object, message, &err), 0, "%s", err.msg);
    }
    json_auto_t *requests = fake_requests(fake);
    cr_assert(json_array_size(requests) <= 2 * 25, "%zu requests", json_array_size(requests));
    cr_assert(fake_count(fake, "POST", "events") < 40);
}
