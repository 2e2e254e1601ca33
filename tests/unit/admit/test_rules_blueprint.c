#include <criterion/criterion.h>
#include <string.h>

#include "judge.h"

#define POLICY "'retentionPolicy':{'name':'k','keepLast':1,'prune':true}"
#define BACKEND(prefix)                                                                            \
    "'backend':{'storageSecretName':'s','s3':{'endpoint':'e','bucket':'abc','prefix':'" prefix "'" \
    "}"                                                                                            \
    "}"

Test(rules_blueprint, judge_no_text_with_variables)
{
    AUTO(judged_done)
    struct judged judged = judge(
        KIND_BACKUP_BLUEPRINT,
        "{" POLICY "," BACKEND(
            "${TARGET_NAME}") ",'schedule':"
                              "'${TARGET_KIND:=often}','repoNamespace':'${TARGET_NAMESPACE}'}",
        NULL);

    cr_assert_eq(judged.causes.count, 0);
}

Test(rules_blueprint, warn_of_one_place_for_all)
{
    AUTO(judged_done)
    struct judged judged =
        judge(KIND_BACKUP_BLUEPRINT, "{" POLICY "," BACKEND("/all") ",'schedule':'@daily'}", NULL);

    cr_assert(strstr(judged_warning(&judged, "spec.backend"), "share one place"));
}

Test(rules_blueprint, name_variables_that_no_target_has)
{
    AUTO(judged_done)
    struct judged judged =
        judge(KIND_BACKUP_BLUEPRINT,
              "{" POLICY "," BACKEND("${TARGET_NAME}/${CLUSTER}") ",'schedule':'@daily'}", NULL);

    cr_assert(strstr(judged_warning(&judged, "spec: "), "${CLUSTER}"));
}
