#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "stash/buf.h"
#include "stash/lines.h"
#include "stash/restic_out.h"

static const struct reason {
    int status;
    const char *text;
} reasons[] = {
    {RESTIC_EXIT_INCOMPLETE, "some files could not be read"},
    {RESTIC_EXIT_NO_REPOSITORY, "the repository does not exist"},
    {RESTIC_EXIT_LOCKED, "the repository is locked by somebody else"},
    {RESTIC_EXIT_WRONG_PASSWORD, "wrong password: RESTIC_PASSWORD does not open this repository"},
    {130, "interrupted"},
    {137, "killed (out of memory, or the pod was stopped)"},
    {143, "stopped"},
};

const char *restic_exit_reason(int status)
{
    for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
        if (reasons[i].status == status)
            return reasons[i].text;
    return "failed";
}

#define MESSAGE_MAX 800 /* bytes of one message that are shown */

/* What the lines of standard error tell: JSON messages with --json, plain text otherwise. */
struct told {
    struct buf paths; /* of files that could not be read */
    size_t path_count, path_more;
    struct buf item; /* the first message about a file: the last one may only count them */
    struct buf last; /* the last message */
};

static void told_path(struct told *told, const char *path)
{
    if (strstr(told->paths.data, path))
        return; /* the scan and the archiver both complain */
    if (told->path_count < 10 && buf_addf(&told->paths, "%s%s", told->path_count ? ", " : "", path))
        told->path_count++;
    else
        told->path_more++;
}

static void told_message(struct buf *ret, const char *message)
{
    size_t len = message ? strnlen(message, MESSAGE_MAX) : 0; /* its beginning says most */

    while (len > 0 && message[len - 1] == '\n')
        len--;
    if (len == 0)
        return;
    buf_reset(ret);
    buf_add(ret, message, len);
}

static void told_line(void *ctx, const char *line, size_t len)
{
    struct told *told = ctx;
    cJSON *parsed = cJSON_ParseWithLength(line, len);
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(parsed, "error");
    const char *item = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(parsed, "item"));
    const char *message = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(parsed, "message"));

    if (item)
        told_path(told, item);
    if (error && !message)
        message = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(error, "message"));
    if (message && strncmp(message, "Fatal: ", 7) == 0)
        message += 7;
    if (item && told->item.len == 0)
        told_message(&told->item, message);
    told_message(&told->last, cJSON_IsObject(parsed) ? message : line);
    cJSON_Delete(parsed);
}

static void read_tail(const char *tail, struct told *told)
{
    AUTO(lines_done) struct lines lines;
    struct error ignored;
    size_t len = strlen(tail);

    lines_init(&lines, LIMIT_STDERR_TAIL);
    if (len == LIMIT_STDERR_TAIL && strchr(tail, '\n')) { /* the first line is only an end */
        tail = strchr(tail, '\n') + 1;
        len = strlen(tail);
    }
    lines_feed(&lines, tail, len, told_line, told, &ignored);
    lines_end(&lines, told_line, told);
}

/* ---- trying what cannot succeed -------------------------------------------------------------------------------- */

/* Once may be chance (a key that was made a moment ago), except where nothing can change by itself. */
#define HOPELESS_TRIES 3

static const struct hopeless_row {
    const char *text; /* anywhere in the line, in any case */
    unsigned tries;
    enum error_kind kind;
} hopeless_rows[] = {
    {"bucket does not exist", 1, ERR_NOT_FOUND},
    {"read-only file system", HOPELESS_TRIES, ERR_SYSTEM},
    {"no space left on device", HOPELESS_TRIES, ERR_SYSTEM},
    {"quota exceeded", HOPELESS_TRIES, ERR_SYSTEM},
    {"permission denied", HOPELESS_TRIES, ERR_DENIED},
    {"access denied", HOPELESS_TRIES, ERR_DENIED},
    {"403 forbidden", HOPELESS_TRIES, ERR_DENIED},
    {"access key id", HOPELESS_TRIES, ERR_DENIED},
    {"request signature we calculated does not match", HOPELESS_TRIES, ERR_DENIED},
    {"x509: ", HOPELESS_TRIES, ERR_DENIED},
};

/* What restic said of one object of the repository. Several fail at once where several are written at once. */
struct object_tries {
    const char *name; /* in the tail */
    size_t len;
    size_t row;
    unsigned count;
};

#define OBJECTS_MAX 80 /* more than there are lines of this kind in the tail */

struct tries {
    struct object_tries objects[OBJECTS_MAX];
    size_t count;
    const struct hopeless_row *row; /* that has had its tries */
    char line[MESSAGE_MAX];
};

static struct object_tries *tries_of(struct tries *tries, const char *name, size_t len, size_t row)
{
    for (size_t i = 0; i < tries->count; i++) {
        struct object_tries *object = &tries->objects[i];

        if (object->row == row && object->len == len && memcmp(object->name, name, len) == 0)
            return object;
    }
    if (tries->count == OBJECTS_MAX)
        return NULL;
    tries->objects[tries->count] = (struct object_tries){name, len, row, 0};
    return &tries->objects[tries->count++];
}

/* Save(<lock/a9032bf1de>) operation successful after 2 retries */
static void forget_object(struct tries *tries, const char *name, size_t len)
{
    for (size_t i = 0; i < tries->count; i++)
        if (tries->objects[i].len == len && memcmp(tries->objects[i].name, name, len) == 0)
            tries->objects[i].count = 0;
}

static void count_failure(struct tries *tries, const char *line, size_t name_len, const char *what)
{
    for (size_t i = 0; !tries->row && i < ARRAY_LEN(hopeless_rows); i++) {
        struct object_tries *object;

        if (!strcasestr(what, hopeless_rows[i].text))
            continue;
        object = tries_of(tries, line, name_len, i);
        snprintf(tries->line, sizeof(tries->line), "%s", line);
        if (object && ++object->count >= hopeless_rows[i].tries)
            tries->row = &hopeless_rows[i];
    }
}

/* Save(<lock/a9032bf1de>) returned error, retrying after 1.003967211s: open /repo/locks/a9: read-only file system */
static void count_try(struct tries *tries, const char *line)
{
    const char *failed = strstr(line, " returned error, retrying after ");
    const char *done = strstr(line, " operation successful after ");

    if (failed)
        count_failure(tries, line, (size_t)(failed - line), failed);
    else if (done)
        forget_object(tries, line, (size_t)(done - line));
}

/* Without the pause, which differs from try to try. What is cut from a long line may be the pause itself. */
static void hopeless_text(const char *line, struct text *ret)
{
    const char *pause = strstr(line, ", retrying after ");
    const char *comma = pause ? pause : line + strlen(line);
    const char *colon = strchr(comma, ':');
    AUTO(mem_free)
    char *sentence = xasprintf("restic: the storage refuses: %.*s%s", (int)(comma - line), line,
                               colon ? colon : "");

    format_text(sentence, ret);
}

bool restic_out_hopeless(const char *stderr_tail, struct restic_hopeless *ret)
{
    struct tries tries = {0};
    AUTO(mem_free) char *text = xstrdup(stderr_tail);
    char *rest = NULL;

    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        count_try(&tries, line);
    if (tries.row && ret) {
        ret->kind = tries.row->kind;
        ret->lock = strncmp(tries.line, "Save(<lock/", strlen("Save(<lock/")) == 0;
        hopeless_text(tries.line, &ret->why);
    }
    return tries.row != NULL;
}

/* A lock of somebody else has an exit code of its own. */
bool restic_out_lock_refused(int status, const char *stderr_tail)
{
    struct restic_hopeless hopeless = {0};

    if (status == RESTIC_EXIT_FAILED && strstr(stderr_tail, "unable to create lock in backend"))
        return true;
    return restic_out_hopeless(stderr_tail, &hopeless) && hopeless.lock;
}

/* "There were 38 errors", of which the first says more. */
static bool is_count(const struct told *told)
{
    return told->item.len > 0 && strcmp(told->item.data, told->last.data) != 0;
}

void restic_out_failure(int status, const char *stderr_tail, struct text *ret)
{
    struct told told = {0};
    AUTO(mem_free) char *sentence = NULL;

    buf_init(&told.paths, LIMIT_STATUS_TEXT / 2);
    buf_init(&told.item, MESSAGE_MAX);
    buf_init(&told.last, MESSAGE_MAX);
    read_tail(stderr_tail, &told);
    if (status == RESTIC_EXIT_INCOMPLETE && told.path_count > 0 && told.path_more > 0)
        sentence = xasprintf("restic: %s: %s and %zu more", restic_exit_reason(status),
                             told.paths.data, told.path_more);
    else if (status == RESTIC_EXIT_INCOMPLETE && told.path_count > 0)
        sentence = xasprintf("restic: %s: %s", restic_exit_reason(status), told.paths.data);
    else if (told.last.len > 0)
        sentence = xasprintf("restic: %s (exit %d): %s%s%s", restic_exit_reason(status), status,
                             told.last.data, is_count(&told) ? ": " : "",
                             is_count(&told) ? told.item.data : "");
    else
        sentence = xasprintf("restic: %s (exit %d)", restic_exit_reason(status), status);
    format_text(sentence, ret);
    buf_done(&told.paths);
    buf_done(&told.item);
    buf_done(&told.last);
}

/* Ignoring "0ded8d7b…": failed to load snapshot 0ded8d7b: … */
bool restic_out_unread(const char *stderr_tail, struct text *ret)
{
    static const char ignoring[] = "Ignoring \"";
    const char *line = stderr_tail;

    while (line && strncmp(line, ignoring, strlen(ignoring)) != 0)
        line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL;
    if (line) {
        AUTO(mem_free) char *whole = xasprintf("%.*s", (int)strcspn(line, "\n"), line);

        format_text(whole, ret);
    } else {
        *ret->s = '\0';
    }
    return line != NULL;
}
