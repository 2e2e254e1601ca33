#include "restarts.h"

#include <criterion/criterion.h>
#include <string.h>

#define DAY 86400

static bool is_known(struct restarts *restarts, const char *key, const char *note)
{
    json_auto_t *found = restarts_find(restarts, key);

    return found && strcmp(json_string_value(found), note) == 0;
}

Test(restarts, the_last_one_of_each_workload_is_known)
{
    AUTO(restarts_free) struct restarts *restarts = restarts_new();

    restarts_add(restarts, "Deployment/demo/web", "web-backup/1/100+3", 100);
    restarts_add(restarts, "Deployment/demo/shop", "shop-backup/1/100+3", 100);
    restarts_add(restarts, "Deployment/demo/web", "web-backup/2/200+3", 200);
    cr_expect(is_known(restarts, "Deployment/demo/web", "web-backup/2/200+3"));
    cr_expect(is_known(restarts, "Deployment/demo/shop", "shop-backup/1/100+3"));
    cr_expect_null(restarts_find(restarts, "StatefulSet/demo/web"));
}

Test(restarts, those_of_yesterday_take_no_memory)
{
    AUTO(restarts_free) struct restarts *restarts = restarts_new();

    restarts_add(restarts, "Deployment/demo/web", "web-backup/1/100+3", 100);
    restarts_add(restarts, "Deployment/demo/shop", "shop-backup/1/101+3", 101);
    restarts_add(restarts, "Deployment/demo/cart", "cart-backup/1/86500+3", 100 + DAY);
    cr_expect_null(restarts_find(restarts, "Deployment/demo/web"));
    cr_expect(is_known(restarts, "Deployment/demo/shop", "shop-backup/1/101+3"));
}
