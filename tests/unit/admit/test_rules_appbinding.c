#include <criterion/criterion.h>
#include <string.h>

#include "judge.h"

Test(rules_appbinding, refuse_only_what_nobody_can_use)
{
    AUTO(judged_done)
    struct judged other =
        judge(KIND_APP_BINDING, "{'clientConfig':{'url':'mysql(db:3306)'},'x':[]}", NULL);
    AUTO(judged_done)
    struct judged port = judge(KIND_APP_BINDING, "{'clientConfig':{'service':{'port':0}}}", NULL);
    AUTO(judged_done)
    struct judged bundle =
        judge(KIND_APP_BINDING, "{'clientConfig':{'url':'a:b','caBundle':'aGVsbG8='}}", NULL);

    cr_assert_eq(other.causes.count + other.warnings.count, 0);
    cr_assert_str_neq(judged_cause(&port, "spec.clientConfig.service.port"), "");
    cr_assert(strstr(judged_cause(&bundle, "spec.clientConfig.caBundle"), "no PEM"));
}

Test(rules_appbinding, warn_of_no_address_and_of_two)
{
    AUTO(judged_done) struct judged none = judge(KIND_APP_BINDING, "{'clientConfig':{}}", NULL);
    AUTO(judged_done)
    struct judged two = judge(
        KIND_APP_BINDING, "{'clientConfig':{'url':'a:b','service':{'name':'a','port':1}}}", NULL);

    cr_assert(strstr(judged_warning(&none, "spec.clientConfig"), "neither"));
    cr_assert(strstr(judged_warning(&two, "spec.clientConfig"), "both"));
    cr_assert_eq(none.causes.count + two.causes.count, 0);
}
