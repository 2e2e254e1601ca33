#include <criterion/criterion.h>
#include <string.h>

#include "judge.h"

static struct judged with_target(const char *target)
{
    AUTO(mem_free) char *spec = xasprintf("{" GOOD_BACKUP "'target':{%s}}", target);

    return judge(KIND_BACKUP_CONFIGURATION, spec, NULL);
}

static bool is_api_version(const char *text)
{
    AUTO(mem_free)
    char *target = xasprintf("'ref':{'apiVersion':'%s','kind':'Thing','name':'x'}", text);
    AUTO(judged_done) struct judged judged = with_target(target);

    return !*judged_cause(&judged, "spec.target.ref.apiVersion");
}

Test(rules_target, know_the_form_of_an_api_version)
{
    cr_assert(is_api_version("v1"));
    cr_assert(is_api_version("apps/v1"));
    cr_assert_not(is_api_version("apps/v1/x"));
    cr_assert_not(is_api_version("/v1"));
    cr_assert_not(is_api_version("apps/"));
    cr_assert_not(is_api_version("apps /v1"));
    cr_assert_not(is_api_version(""));
}

Test(rules_target, hold_only_known_kinds_to_the_form_of_names)
{
    AUTO(judged_done)
    struct judged known =
        with_target("'ref':{'apiVersion':'apps/v1','kind':'Deployment','name':'A'}");
    AUTO(judged_done)
    struct judged unknown = with_target("'ref':{'apiVersion':'x/v1','kind':'Thing','name':'A:b'}");

    cr_assert_str_neq(judged_cause(&known, "spec.target.ref.name"), "");
    cr_assert_str_eq(judged_cause(&unknown, "spec.target.ref.name"), "");
}

Test(rules_target, cover_paths_by_whole_directories)
{
    AUTO(judged_done) struct judged in = with_target(GOOD_TARGET "'paths':['/data','/data/x']");
    AUTO(judged_done) struct judged out = with_target(GOOD_TARGET "'paths':['/database']");

    cr_assert_str_eq(judged_warning(&in, "spec.target.paths"), "");
    cr_assert_str_neq(judged_warning(&out, "spec.target.paths[0]"), "");
}

Test(rules_target, see_one_folder_however_it_is_written)
{
    AUTO(judged_done)
    struct judged twice = with_target(GOOD_TARGET "'paths':['/data','/data/.']");
    AUTO(judged_done) struct judged up = with_target(GOOD_TARGET "'paths':['/data/../etc']");

    cr_assert(strstr(judged_warning(&twice, "spec.target.paths[1]"), "backed up twice"));
    cr_assert(strstr(judged_cause(&up, "spec.target.paths[0]"), "upwards"));
}
