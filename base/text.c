#include "stash/text.h"

bool text_number(const char **text, int64_t max, int64_t *ret)
{
    const char *at = *text;
    int64_t value = 0;

    for (; *at >= '0' && *at <= '9'; at++) {
        int digit = *at - '0';

        if (value > (max - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    if (at == *text || value > max)
        return false;
    *text = at;
    *ret = value;
    return true;
}
