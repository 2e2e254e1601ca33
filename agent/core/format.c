#include "stash/format.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stash/mem.h"
#include "stash/text.h"

#define PART_MAX 1000000000 /* hours, minutes or seconds */

static const struct unit {
    const char *name;
    int shift;
} units[] = {{"TiB", 40}, {"GiB", 30}, {"MiB", 20}, {"KiB", 10}, {"B", 0}};

void format_bytes(uint64_t bytes, char out[FORMAT_SIZE])
{
    for (size_t i = 0; i + 1 < ARRAY_LEN(units); i++) {
        uint64_t unit = (uint64_t)1 << units[i].shift;

        if (bytes > unit) {
            snprintf(out, FORMAT_SIZE, "%.3f %s", (double)bytes / (double)unit, units[i].name);
            return;
        }
    }
    snprintf(out, FORMAT_SIZE, "%llu B", (unsigned long long)bytes);
}

bool format_parse_bytes(const char *text, double *ret)
{
    char *end;
    double number;

    if (!text || *text < '0' || *text > '9')
        return false;
    number = strtod(text, &end);
    end += strspn(end, " ");
    for (size_t i = 0; i < ARRAY_LEN(units); i++)
        if (strcmp(end, units[i].name) == 0) {
            number *= (double)((uint64_t)1 << units[i].shift);
            if (isfinite(number))
                *ret = number;
            return isfinite(number);
        }
    return false;
}

void format_processing(uint64_t seconds, char out[FORMAT_SIZE])
{
    unsigned long long h = seconds / 3600, m = seconds / 60 % 60, s = seconds % 60;

    if (h > 0)
        snprintf(out, FORMAT_SIZE, "%llu:%02llu:%02llu", h, m, s);
    else
        snprintf(out, FORMAT_SIZE, "%llu:%02llu", m, s);
}

bool format_parse_processing(const char *text, double *ret_seconds)
{
    double total = 0;
    int parts = 0;

    for (const char *p = text; p; parts++) {
        int64_t part;

        if (parts == 3 || !text_number(&p, PART_MAX, &part) || (*p && *p != ':'))
            return false;
        total = total * 60 + (double)part;
        p = *p ? p + 1 : NULL;
    }
    if (parts < 2)
        return false;
    *ret_seconds = total;
    return true;
}

/* Length of the valid UTF-8 sequence at `s`; 0 when there is none. */
static size_t utf8_sequence(const unsigned char *s)
{
    size_t len = *s < 0x80 ? 1 : *s >= 0xc2 && *s < 0xe0 ? 2 : (*s & 0xf0) == 0xe0 ? 3 : 0;

    if (*s >= 0xf0 && *s < 0xf5)
        len = 4;
    for (size_t i = 1; i < len; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    if (len >= 3 && ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
                     (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f)))
        return 0; /* overlong, surrogate, beyond U+10FFFF */
    return len;
}

/* Append to `clean` (which has room) without doubling blanks. */
static size_t put_blank(char *clean, size_t len)
{
    if (len > 0 && clean[len - 1] != ' ')
        clean[len++] = ' ';
    return len;
}

static size_t clean_text(const char *in, char *clean)
{
    size_t len = 0;

    for (const unsigned char *p = (const unsigned char *)in; *p;) {
        size_t n = utf8_sequence(p);

        if (n == 1 && (*p <= ' ' || *p == 0x7f)) {
            len = put_blank(clean, len);
        } else if (n == 0) {
            clean[len++] = '?';
        } else {
            memcpy(clean + len, p, n);
            len += n;
        }
        p += n ? n : 1;
    }
    while (len > 0 && clean[len - 1] == ' ')
        len--;
    clean[len] = '\0';
    return len;
}

void format_text(const char *in, struct text *out)
{
    AUTO(mem_free) char *clean = xmalloc(strlen(in) + 1);
    size_t len = clean_text(in, clean);
    size_t from = len > LIMIT_STATUS_TEXT ? len - LIMIT_STATUS_TEXT : 0;

    while (from > 0 && ((unsigned char)clean[from] & 0xc0) == 0x80)
        from++;
    memcpy(out->s, clean + from, len - from + 1);
}
