#include "stash/amount.h"

#include "stash/mem.h"
#include "stash/quantity.h"

static char *amount_text(const json_t *value)
{
    if (json_is_string(value))
        return xstrdup(json_string_value(value));
    return json_is_number(value) ? json_dumps(value, JSON_ENCODE_ANY) : NULL;
}

bool amount_compare(const json_t *one, const json_t *two, int *ret)
{
    AUTO(mem_free) char *a = amount_text(one);
    AUTO(mem_free) char *b = amount_text(two);

    return a && b && quantity_compare(a, b, ret);
}

bool amount_is_positive(const json_t *value)
{
    json_auto_t *zero = json_integer(0);
    int order;

    return amount_compare(value, zero, &order) && order > 0;
}

bool amount_is_whole(const json_t *value)
{
    AUTO(mem_free) char *text = amount_text(value);
    int64_t millis;

    return text && quantity_millis(text, &millis) && millis % 1000 == 0;
}

bool amount_millis(const json_t *value, int64_t *ret)
{
    AUTO(mem_free) char *text = amount_text(value);

    return text && quantity_millis(text, ret);
}
