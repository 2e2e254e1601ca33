#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "stash/buf.h"
#include "stash/lines.h"
#include "stash/restic_out.h"
#include "stash/storage_fault.h"

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

/* What restic said of one object of the repository. Several fail at once where several are written at once. */
struct object_tries {
    const char *name; /* in the tail */
    size_t len;
    const struct storage_fault *fault;
    unsigned count;
};

#define OBJECTS_MAX 80 /* more than there are lines of this kind in the tail */

struct tries {
    struct object_tries objects[OBJECTS_MAX];
    size_t count;
    const struct storage_fault *fault; /* that has had its tries */
    char message[MESSAGE_MAX];         /* the last that is no success */
};

static struct object_tries *tries_of(struct tries *tries, const char *name, size_t len,
                                     const struct storage_fault *fault)
{
    for (size_t i = 0; i < tries->count; i++) {
        struct object_tries *object = &tries->objects[i];

        if (object->fault == fault && object->len == len && memcmp(object->name, name, len) == 0)
            return object;
    }
    if (tries->count == OBJECTS_MAX)
        return NULL;
    tries->objects[tries->count] = (struct object_tries){name, len, fault, 0};
    return &tries->objects[tries->count++];
}

/* Save(<lock/a9032bf1de>) operation successful after 2 retries */
static void forget_object(struct tries *tries, const char *name, size_t len)
{
    for (size_t i = 0; i < tries->count; i++)
        if (tries->objects[i].len == len && memcmp(tries->objects[i].name, name, len) == 0)
            tries->objects[i].count = 0;
    *tries->message = '\0';
}

/* In one line; rules of dashes, which Azure's library draws around what it says, go. */
static void flatten(const char *from, size_t len, char *ret, size_t size)
{
    size_t out = 0;

    for (size_t i = 0; i < len && out + 1 < size; i++) {
        size_t dashes = strspn(from + i, "-\n");
        bool is_rule = from[i] == '\n' && dashes > 8;

        ret[out++] = from[i] == '\n' ? ' ' : from[i];
        if (is_rule)
            i += dashes - 1;
    }
    ret[out] = '\0';
}

/* Whoever ends with his own lock still there has done his work. */
static bool is_lock_given_back(const char *message)
{
    return strncmp(message, "Remove(<lock/", strlen("Remove(<lock/")) == 0;
}

static void count_failure(struct tries *tries, const char *message, size_t len, size_t name_len)
{
    const struct storage_fault *fault;
    struct object_tries *object;
    char what[MESSAGE_MAX]; /* a name may be longer than what is shown of a message */

    if (tries->fault)
        return;
    flatten(message, len, tries->message, sizeof(tries->message));
    flatten(message + name_len, len - name_len, what, sizeof(what));
    fault = storage_fault_find(what);
    object =
        fault && !is_lock_given_back(message) ? tries_of(tries, message, name_len, fault) : NULL;
    if (object && ++object->count >= fault->tries && fault->tries > 0)
        tries->fault = fault;
}

static const char *find_within(const char *text, size_t len, const char *words)
{
    return memmem(text, len, words, strlen(words));
}

/*
 * Save(<lock/a9032bf1de>) returned error, retrying after 1.003967211s: open /repo/locks/a9: read-only file system
 * Stat(<config/>) failed: unexpected HTTP response (403): 403 Forbidden
 */
static void count_try(struct tries *tries, const char *message, size_t len)
{
    size_t line = strcspn(message, "\n");
    size_t first = line < len ? line : len;
    const char *failed = find_within(message, first, ") returned error, retrying after ");
    const char *last = find_within(message, first, ") failed: ");
    const char *done = find_within(message, first, ") operation successful after ");

    if (failed)
        count_failure(tries, message, len, (size_t)(failed + 1 - message));
    else if (done)
        forget_object(tries, message, (size_t)(done + 1 - message));
    else if (last && !tries->fault)
        flatten(message, len, tries->message, sizeof(tries->message));
}

/* Whether a line begins a message: Azure's library has many lines for one. What clears the terminal's line is restic's. */
static bool begins_message(const char *line)
{
    size_t len = strcspn(line, "\n");
    const char *end = find_within(line, len, ">) ");

    return *line == '{' || *line == '\033' || *line == '\r' ||
           (end && find_within(line, (size_t)(end - line), "(<")) ||
           find_within(line, len, ">, "); /* Load(<data/f95067c7a7>, 247, 765) */
}

static void read_tries(const char *tail, struct tries *tries)
{
    const char *message = tail;

    for (const char *line = tail; *line;) {
        const char *next = line + strcspn(line, "\n");

        next += *next == '\n';
        if (!*next || begins_message(next)) {
            size_t len = (size_t)(next - message);

            count_try(tries, message, len > 0 && next[-1] == '\n' ? len - 1 : len);
            message = next;
        }
        line = next;
    }
}

/* Without the pause, which differs from try to try. What is cut from a long message may be the pause itself. */
static void hopeless_text(const struct tries *tries, struct text *ret)
{
    const char *said = tries->message;
    const char *pause = strstr(said, ", retrying after ");
    const char *comma = pause ? pause : said + strlen(said);
    const char *colon = strchr(comma, ':');
    AUTO(mem_free)
    char *sentence = xasprintf("restic: %s: %.*s%s", tries->fault->meaning, (int)(comma - said),
                               said, colon ? colon : "");

    format_text(sentence, ret);
}

bool restic_out_hopeless(const char *stderr_tail, struct restic_hopeless *ret)
{
    struct tries tries = {0};

    read_tries(stderr_tail, &tries);
    if (tries.fault && ret) {
        ret->kind = tries.fault->kind;
        ret->lock = strncmp(tries.message, "Save(<lock/", strlen("Save(<lock/")) == 0;
        hopeless_text(&tries, &ret->why);
    }
    return tries.fault != NULL;
}

/*
 * What the storage's last words mean; NULL: it was not the storage, or nobody knows. A file of the volume that could not
 * be read has the same words as a storage that could not.
 */
static const char *meaning_of(const char *tail, const char *last)
{
    static const char *const opening[] = {"unable to open repository at", "create repository at"};
    struct tries tries = {0};
    const struct storage_fault *fault = NULL;

    read_tries(tail, &tries);
    if (*tries.message)
        fault = storage_fault_find(tries.message);
    for (size_t i = 0; !fault && i < ARRAY_LEN(opening); i++)
        fault = strstr(last, opening[i]) ? storage_fault_find(last) : NULL;
    return fault ? fault->meaning : NULL;
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
    const char *meaning = NULL;
    AUTO(mem_free) char *sentence = NULL;

    buf_init(&told.paths, LIMIT_STATUS_TEXT / 2);
    buf_init(&told.item, MESSAGE_MAX);
    buf_init(&told.last, MESSAGE_MAX);
    read_tail(stderr_tail, &told);
    if (status == RESTIC_EXIT_FAILED)
        meaning = meaning_of(stderr_tail, told.last.data);
    if (status == RESTIC_EXIT_INCOMPLETE && told.path_count > 0 && told.path_more > 0)
        sentence = xasprintf("restic: %s: %s and %zu more", restic_exit_reason(status),
                             told.paths.data, told.path_more);
    else if (status == RESTIC_EXIT_INCOMPLETE && told.path_count > 0)
        sentence = xasprintf("restic: %s: %s", restic_exit_reason(status), told.paths.data);
    else if (told.last.len > 0)
        sentence = xasprintf("restic: %s (exit %d): %s%s%s",
                             meaning ? meaning : restic_exit_reason(status), status, told.last.data,
                             is_count(&told) ? ": " : "", is_count(&told) ? told.item.data : "");
    else
        sentence = xasprintf("restic: %s (exit %d)", restic_exit_reason(status), status);
    format_text(sentence, ret);
    buf_done(&told.paths);
    buf_done(&told.item);
    buf_done(&told.last);
}

/* The first line that begins so and has the other words in it. NULL: none has. */
static const char *find_line(const char *text, const char *begin, const char *words)
{
    while (text) {
        const char *end = text + strcspn(text, "\n");
        const char *found = strstr(text, words);

        if (strncmp(text, begin, strlen(begin)) == 0 && found && found < end)
            return text;
        text = *end ? end + 1 : NULL;
    }
    return NULL;
}

/* Somebody else removed it at the same moment. */
static bool is_gone(const char *what)
{
    return strcasestr(what, "no such file") || strcasestr(what, "does not exist") ||
           strcasestr(what, "not found");
}

/* Remove(<snapshot/4bba301e>) failed: blob not removed, server response: 403 Forbidden (403) */
static char *find_unremoved(const char *tail)
{
    const char *line = tail;

    while ((line = find_line(line, "Remove(<", ") failed: "))) {
        AUTO(mem_free) char *said = xasprintf("%.*s", (int)strcspn(line, "\n"), line);

        if (!is_gone(said))
            return TAKE(said);
        line += strlen(said);
        line += *line == '\n';
    }
    return NULL;
}

bool restic_out_unremoved(const char *stderr_tail, struct text *ret)
{
    AUTO(mem_free) char *said = find_unremoved(stderr_tail);
    struct tries tries = {0};

    *ret->s = '\0';
    read_tries(stderr_tail, &tries); /* some refusals are tried again */
    if (!said && tries.fault && strncmp(tries.message, "Remove(<", strlen("Remove(<")) == 0)
        said = xstrdup(tries.message);
    if (said) {
        AUTO(mem_free)
        char *sentence = xasprintf("restic: the storage keeps what shall be removed: %s", said);

        format_text(sentence, ret);
    }
    return said != NULL;
}

/* Ignoring "0ded8d7b…": failed to load snapshot 0ded8d7b: … */
bool restic_out_unread(const char *stderr_tail, struct text *ret)
{
    const char *line = find_line(stderr_tail, "Ignoring \"", "");

    if (line) {
        AUTO(mem_free) char *whole = xasprintf("%.*s", (int)strcspn(line, "\n"), line);

        format_text(whole, ret);
    } else {
        *ret->s = '\0';
    }
    return line != NULL;
}
