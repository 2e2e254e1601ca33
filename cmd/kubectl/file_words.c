/* file_words.c - a file of a snapshot in words for a table. */
#include <stdio.h>

#include "kubectl.h"
#include "stash/jsonx.h"
#include "stash/text.h"
#include "stash/timefmt.h"

static void number_word(const json_t *file, const char *key, char out[FILE_WORD_SIZE])
{
    json_int_t number = jsonx_int(file, -1, key, NULL);

    *out = '\0';
    if (number >= 0)
        snprintf(out, FILE_WORD_SIZE, "%lld", (long long)number);
}

void file_words_of(const json_t *file, struct file_words *ret)
{
    int64_t time;

    number_word(file, "uid", ret->uid);
    number_word(file, "gid", ret->gid);
    number_word(file, "size", ret->size);
    *ret->modified = '\0';
    if (timefmt_parse(text_or_empty(jsonx_str(file, "mtime", NULL)), &time))
        timefmt_rfc3339(time, ret->modified);
}
