#include <criterion/criterion.h>
#include <string.h>

#include "quoted_json.h"
#include "stash/admit.h"
#include "stash/jsonx.h"

/* Who may use a Repository of namespace `store`: its own namespace, another, another that is not known. */
struct row {
    const char *policy; /* usagePolicy; NULL: absent */
    bool own, other, unknown;
};

#define FROM_SELECTOR(selector) "{'allowedNamespaces':{'from':'Selector','selector':" selector "}}"
#define EXPRESSION(key, operator, values)                                                          \
    FROM_SELECTOR(                                                                                 \
        "{'matchExpressions':[{'key':'" key "','operator':'" operator"','values':" values "}]}")

static const struct row rows[] = {
    {NULL, true, false, false},
    {"{}", false, false, false},
    {"{'allowedNamespaces':{}}", true, false, false},
    {"{'allowedNamespaces':{'from':'Same'}}", true, false, false},
    {"{'allowedNamespaces':{'from':'All'}}", true, true, true},
    {"{'allowedNamespaces':{'from':'Anyone'}}", false, false, false},
    {"{'allowedNamespaces':{'from':'Selector'}}", false, false, false},
    {FROM_SELECTOR("{}"), true, true, true},
    {FROM_SELECTOR("{'matchLabels':{'team':'a'}}"), false, true, false},
    {FROM_SELECTOR("{'matchLabels':{'team':'b'}}"), false, false, false},
    {FROM_SELECTOR("{'matchLabels':{'team':'a','tier':'x'}}"), false, false, false},
    {EXPRESSION("team", "In", "['b','a']"), false, true, false},
    {EXPRESSION("team", "In", "[]"), false, false, false},
    {EXPRESSION("team", "NotIn", "['b']"), true, true, false},
    {EXPRESSION("team", "NotIn", "['a']"), true, false, false},
    {EXPRESSION("team", "Exists", "[]"), false, true, false},
    {EXPRESSION("team", "DoesNotExist", "[]"), true, false, false},
    {EXPRESSION("team", "Like", "['a']"), false, false, false},
    {FROM_SELECTOR("'all'"), false, false, false},
    {FROM_SELECTOR("{'matchLabels':[]}"), false, false, false},
    {FROM_SELECTOR("{'matchExpressions':{}}"), false, false, false},
    {FROM_SELECTOR("{'matchLabels':{'team':1}}"), false, false, false},
};

Test(usage, the_policy_matrix)
{
    json_auto_t *own = quoted_json("{'metadata':{'name':'store'}}");
    json_auto_t *other = quoted_json("{'metadata':{'name':'demo','labels':{'team':'a'}}}");

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        json_auto_t *repository = quoted_json("{'metadata':{'namespace':'store'},'spec':{}}");
        if (rows[i].policy)
            json_object_set_new(jsonx_get(repository, "spec", NULL), "usagePolicy",
                                quoted_json(rows[i].policy));
        const char *name = rows[i].policy ? rows[i].policy : "no policy";
        cr_assert_eq(usage_allows(repository, "store", own), rows[i].own, "own, %s", name);
        cr_assert_eq(usage_allows(repository, "demo", other), rows[i].other, "other, %s", name);
        cr_assert_eq(usage_allows(repository, "demo", NULL), rows[i].unknown, "unknown, %s", name);
    }
}
