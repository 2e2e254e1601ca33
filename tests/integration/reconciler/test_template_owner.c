/* Whoever owns a workload's template puts back what it was: the workload is restarted once, and not again and again. */
#include <criterion/criterion.h>
#include <string.h>

#include "leader.h"
#include "stash/clock.h"
#include "stash/conditions.h"
#include "stash/jsonx.h"
#include "stash/kinds.h"

#define WAIT_MS  30000
#define AGAIN_MS 7000 /* longer than the pause after a restart until the next look */

static void begin(void)
{
    leader_begin("template_put_back.yaml");
}

TestSuite(template_owner, .init = begin, .fini = leader_end, .timeout = 120);

static bool says(const char *text)
{
    json_auto_t *invoker = NULL;
    struct error err;

    if (kube_get(leader_client, kind_resource(KIND_BACKUP_CONFIGURATION), "demo", "web", &invoker,
                 &err) < 0)
        return false;
    const json_t *found =
        condition_find(jsonx_get(invoker, "status", "conditions", NULL), "StashSidecarInjected");
    const char *message = jsonx_str(found, "message", NULL);
    return message && strstr(message, text);
}

static size_t restarts(void)
{
    return fake_count(leader_fake, "PATCH", "/deployments/web");
}

Test(template_owner, a_restart_that_is_taken_back_is_said_and_not_repeated)
{
    int64_t end = clock_mono_ms() + WAIT_MS;

    for (; clock_mono_ms() < end && !says("took the restart back"); clock_sleep_ms(50))
        ;
    cr_expect(says("took the restart back"));
    clock_sleep_ms(AGAIN_MS);
    cr_expect_eq(restarts(), 1, "%zu restarts", restarts());
}
