#include "semantic.h"

#include <criterion/criterion.h>

#include "quoted_json.h"

Test(semantic, what_means_the_same)
{
    const struct {
        const char *one, *two;
        bool want;
    } rows[] = {
        {"{}", "{}", true},
        {"{'a':1}", "{'a':1}", true},
        {"{'a':1}", "{'a':2}", false},
        {"{'a':1}", "{}", false},
        {"{'a':0}", "{}", false},
        {"{'a':null}", "{}", true},
        {"{}", "{'a':false}", true},
        {"{'a':[]}", "{'a':{}}", true},
        {"{'a':''}", "{}", true},
        {"{'a':{'b':''}}", "{}", true},
        {"{'a':{'b':'x'}}", "{}", false},
        {"{'a':true}", "{}", false},
        {"{'a':[1,2]}", "{'a':[2,1]}", false},
        {"{'a':[1]}", "{'a':[1,1]}", false},
        {"{'requests':{'storage':'1Gi'}}", "{'requests':{'storage':'1024Mi'}}", true},
        {"{'requests':{'storage':'1Gi'}}", "{'requests':{'storage':'1G'}}", false},
        {"{'sizeLimit':'0.5'}", "{'sizeLimit':'500m'}", true},
        {"{'name':'1k'}", "{'name':'1000'}", false},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        json_auto_t *one = quoted_json(rows[i].one);
        json_auto_t *two = quoted_json(rows[i].two);
        cr_assert_eq(semantic_equal(one, two), rows[i].want, "%s, %s", rows[i].one, rows[i].two);
        cr_assert_eq(semantic_equal(two, one), rows[i].want, "%s, %s", rows[i].two, rows[i].one);
    }
    json_auto_t *empty = json_object();
    cr_assert(semantic_equal(NULL, NULL));
    cr_assert(semantic_equal(NULL, empty));
}
