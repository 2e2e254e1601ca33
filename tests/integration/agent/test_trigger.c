#include <criterion/criterion.h>
#include <string.h>

#include "stage.h"
#include "stash/cut.h"
#include "stash/jsonx.h"
#include "stash/names.h"

/* The session that the last POST asked for. New reference. */
static json_t *asked_for(const struct stage *stage)
{
    json_auto_t *requests = fake_requests(stage->fake);
    json_t *found = NULL;
    size_t i;
    json_t *request;

    json_array_foreach (requests, i, request) {
        if (strcmp(jsonx_str(request, "method", NULL), "POST") != 0)
            continue;
        json_decref(found);
        found = stage_body(request);
    }
    return found;
}

static size_t posts(const struct stage *stage)
{
    return fake_count(stage->fake, "POST", "/backupsessions");
}

Test(trigger, makes_a_session_for_the_longest_name_there_is)
{
    AUTO(stage_done) struct stage stage;
    char invoker[CUT_OBJECT + 1];
    struct error err;

    memset(invoker, 'n', CUT_OBJECT);
    invoker[CUT_OBJECT] = '\0';
    stage_open(&stage, "trigger_long.yaml");
    stage.flags.invoker_name = invoker;
    cr_assert_eq(agent_create_session(stage.kube, &stage.flags, &err), 0, "%s", err.msg);

    json_auto_t *session = asked_for(&stage);
    const char *key;
    json_t *value;
    cr_assert_leq(strlen(jsonx_name(session)), CUT_LABEL);
    cr_assert_str_eq(jsonx_str(session, "spec", "invoker", "name", NULL), invoker);
    jsonx_foreach_member (jsonx_get(session, "metadata", "labels", NULL), key, value)
        cr_assert_leq(json_string_length(value), CUT_LABEL, "%s", key);
    cr_assert_str_eq(jsonx_annotation(session, ANNOTATION_INVOKER_NAME), invoker);
    cr_assert_eq(strlen(jsonx_annotation(session, ANNOTATION_TARGET_NAME)), CUT_OBJECT);
    cr_assert_str_eq(jsonx_label(session, "team"), "green");
}

Test(trigger, never_shares_a_session_with_another_invoker)
{
    AUTO(stage_done) struct stage stage;
    struct error err;

    stage_open(&stage, "trigger_taken.yaml");
    cr_assert_eq(agent_create_session(stage.kube, &stage.flags, &err), 0, "%s", err.msg);
    json_auto_t *session = asked_for(&stage);
    cr_assert_eq(posts(&stage), 2);
    cr_assert_eq(strlen(jsonx_name(session)), strlen("bc-1234567890") + CUT_DIGEST);
    cr_assert_null(jsonx_get(session, "metadata", "annotations", NULL));
}

Test(trigger, is_done_when_its_own_session_is_there_already)
{
    AUTO(stage_done) struct stage stage;
    struct error err;

    stage_open(&stage, "trigger_again.yaml");
    cr_assert_eq(agent_create_session(stage.kube, &stage.flags, &err), 0, "%s", err.msg);
    cr_assert_eq(posts(&stage), 1);
}

Test(trigger, fails_with_what_the_server_says)
{
    AUTO(stage_done) struct stage stage;
    struct error err;

    stage_open(&stage, "trigger_refused.yaml");
    cr_assert_lt(agent_create_session(stage.kube, &stage.flags, &err), 0);
    cr_assert(strstr(err.msg, "exceeded quota"), "%s", err.msg);
}
