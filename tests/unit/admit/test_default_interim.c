#include <criterion/criterion.h>
#include <string.h>

#include "stash/admit.h"
#include "stash/mem.h"

Test(default_interim, takes_no_settings_that_no_claim_could_be_made_of)
{
    const struct {
        struct admit_config config;
        const char *part; /* of the error; NULL: good */
    } cases[] = {
        {{"10Gi", NULL, "ReadWriteOnce", false, false}, NULL},
        {{NULL, "", NULL, true, false}, NULL},
        {{"1.5Ti", "fast.local", "ReadWriteMany", false, false}, NULL},
        {{"lots", NULL, NULL, false, false}, "lots"},
        {{"0", NULL, NULL, false, false}, "no size"},
        {{"-1Gi", NULL, NULL, false, false}, "no size"},
        {{"10Gi", NULL, "RWO", false, false}, "RWO"},
        {{"10Gi", "Fast Class", NULL, false, false}, "StorageClass"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct error err = {0};
        int r = admit_config_check(&cases[i].config, &err);
        cr_assert_eq(r, cases[i].part ? -(int)ERR_INVALID : 0, "%zu: %s", i, err.msg);
        cr_assert(!cases[i].part || strstr(err.msg, cases[i].part), "%s", err.msg);
    }
}
