/* spelling.c - how far two names are apart, in single changes; letters of either case are the same. */
#include "stash/spelling.h"

#include <ctype.h>
#include <string.h>

#include "stash/mem.h"

#define SPELLING_MAX 64 /* longer names are compared no further */

static unsigned least_of(unsigned one, unsigned two)
{
    return one < two ? one : two;
}

static bool is_same(char one, char two)
{
    return tolower((unsigned char)one) == tolower((unsigned char)two);
}

/* A row of the table: what it takes to make the first `i` letters of one to the first j of two. */
struct rows {
    unsigned before_last[SPELLING_MAX + 1], last[SPELLING_MAX + 1], now[SPELLING_MAX + 1];
};

static void row_fill(struct rows *rows, const char *one, const char *two, size_t i, size_t len)
{
    rows->now[0] = (unsigned)i;
    for (size_t j = 1; j <= len; j++) {
        unsigned change = is_same(one[i - 1], two[j - 1]) ? 0 : 1;
        unsigned best = least_of(rows->last[j] + 1, rows->now[j - 1] + 1);
        best = least_of(best, rows->last[j - 1] + change);
        if (i > 1 && j > 1 && is_same(one[i - 1], two[j - 2]) && is_same(one[i - 2], two[j - 1]))
            best = least_of(best, rows->before_last[j - 2] + 1);
        rows->now[j] = best;
    }
    memcpy(rows->before_last, rows->last, sizeof(rows->last));
    memcpy(rows->last, rows->now, sizeof(rows->now));
}

bool spelling_is_near(const char *one, const char *two, unsigned *ret_distance)
{
    size_t first = strlen(one), second = strlen(two);
    struct rows rows = {0};

    if (first > SPELLING_MAX || second > SPELLING_MAX)
        return false;
    for (size_t j = 0; j <= second; j++)
        rows.last[j] = (unsigned)j;
    for (size_t i = 1; i <= first; i++)
        row_fill(&rows, one, two, i, second);
    *ret_distance = rows.last[second];
    return *ret_distance <= 1u + (first > 4) + (first > 12);
}
