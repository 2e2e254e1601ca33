/* restic_damage.c - what a check complains of: a repository that is damaged, or a storage that did not answer. */
#include <cjson/cJSON.h>
#include <string.h>

#include "stash/limits.h"
#include "stash/lines.h"
#include "stash/restic_out.h"
#include "stash/storage_fault.h"

#define COMPLAINTS_MAX 400 /* bytes of complaints that are shown */

struct complaints {
    struct buf text;
    bool storage;
};

/* restic's advice comes as errors too, and begins with a line feed or names a command. */
static bool is_complaint(const char *message)
{
    return *message && *message != '\n' && strncmp(message, "restic ", 7) != 0 &&
           !strstr(message, "https://");
}

static void take_message(struct complaints *complaints, const char *message)
{
    size_t len;

    while (*message == ' ')
        message++;
    len = strcspn(message, "\n");
    if (is_complaint(message))
        buf_addf(&complaints->text, "%s%.*s", complaints->text.len > 0 ? "; " : "", (int)len,
                 message);
}

static void complaint_line(void *ctx, const char *line, size_t len)
{
    struct complaints *complaints = ctx;
    cJSON *parsed = cJSON_ParseWithLength(line, len);
    const char *type =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(parsed, "message_type"));
    const char *message = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(parsed, "message"));

    /* what the storage did not give is counted as an error of the repository */
    complaints->storage = complaints->storage || storage_fault_find(line);
    if (message && type && strcmp(type, "error") == 0)
        take_message(complaints, message);
    cJSON_Delete(parsed);
}

bool restic_out_is_damage(const char *stderr_tail, struct text *ret)
{
    struct complaints complaints = {0};
    AUTO(lines_done) struct lines lines;
    struct error ignored;

    buf_init(&complaints.text, COMPLAINTS_MAX);
    lines_init(&lines, LIMIT_STDERR_TAIL);
    lines_feed(&lines, stderr_tail, strlen(stderr_tail), complaint_line, &complaints, &ignored);
    lines_end(&lines, complaint_line, &complaints);
    format_text(complaints.text.data, ret);
    buf_done(&complaints.text);
    return !complaints.storage;
}
