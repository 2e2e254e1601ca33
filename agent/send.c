/*
 * send.c - a file of a snapshot to standard output, for who runs it in a container that is held open (`kubectl stash dump` and
 * `download`). How many bytes that was and their digest come on standard error, as the last line of it: without that line
 * the file is not whole, whatever came before.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "by_hand.h"
#include "stash/clock.h"
#include "stash/digest.h"
#include "stash/jsonx.h"
#include "stash/lines.h"
#include "stash/pair.h"
#include "stash/spawn.h"
#include "stash/text.h"

#define LOOK_MS 500

/* ---- whether somebody is at work ---------------------------------------------------------------------------------- */

/* A lock on it ends with its process, however that ends. */
static int open_mark(const struct agent_flags *flags, struct error *err)
{
    AUTO(mem_free) char *path = xasprintf("%s/in-use", flags->scratch_dir);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    return fd < 0 ? error_set_errno(err, errno, "making %s", path) : fd;
}

int agent_hold(const struct agent_flags *flags, int64_t idle_ms, struct error *err)
{
    int fd = open_mark(flags, err);
    int64_t used_ms = clock_mono_ms();

    if (fd < 0)
        return fd;
    while (clock_mono_ms() - used_ms < idle_ms && spawn_sleep_ms(LOOK_MS)) {
        if (flock(fd, LOCK_EX | LOCK_NB) < 0)
            used_ms = clock_mono_ms();
        else
            flock(fd, LOCK_UN);
    }
    close(fd);
    return 0;
}

/* ---- what is sent ------------------------------------------------------------------------------------------------- */

struct node {
    const char *path;
    struct lines lines;
    char type[16]; /* "": it is not there */
    json_int_t size;
};

static void take_node(void *ctx, const char *text, size_t len)
{
    struct node *node = ctx;
    json_auto_t *line = NULL;
    struct error ignored;

    if (jsonx_parse(text, len, &line, &ignored) < 0 ||
        !text_is(jsonx_str(line, "path", NULL), node->path))
        return;
    snprintf(node->type, sizeof(node->type), "%s", text_or_empty(jsonx_str(line, "type", NULL)));
    node->size = jsonx_int(line, 0, "size", NULL);
}

static void feed_nodes(void *ctx, const char *data, size_t len)
{
    struct node *node = ctx;
    struct error ignored; /* a line that is too long is none of a path that was named */

    lines_feed(&node->lines, data, len, take_node, node, &ignored);
}

static int find_node(const struct opened *opened, const struct restic_ls *ls, struct node *node,
                     struct error *err)
{
    AUTO(argv_done) struct argv args = {0};

    if (strcmp(ls->path, "/") == 0) {
        snprintf(node->type, sizeof(node->type), "dir");
        return 0;
    }
    restic_args_ls(&opened->restic.options, ls, &args);
    lines_init(&node->lines, LIMIT_RESTIC_LINE);
    int r = restic_pass(&opened->restic, &args, feed_nodes, node, err);
    lines_end(&node->lines, take_node, node);
    lines_done(&node->lines);
    if (r == 0 && !*node->type)
        r = error_set(err, ERR_NOT_FOUND, "snapshot %s has no \"%s\"", ls->snapshot, ls->path);
    return r;
}

struct sending {
    struct digest *digest;
    json_int_t bytes;
    int64_t patience_ms;
    int failed; /* errno of a write: who reads is gone */
};

/* A runtime may leave the pipe open, and never read it again, when who asked for the command is gone. */
static int wait_for_reader(const struct sending *sending)
{
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
    int ready = poll(&out, 1, (int)sending->patience_ms);

    return ready > 0 || (ready < 0 && errno == EINTR) ? 0 : ETIMEDOUT;
}

static void send_piece(void *ctx, const char *data, size_t len)
{
    struct sending *sending = ctx;

    digest_add(sending->digest, data, len);
    sending->bytes += (json_int_t)len;
    while (len > 0 && !sending->failed) {
        ssize_t written = write(STDOUT_FILENO, data, len);
        if (written > 0) {
            data += written;
            len -= (size_t)written;
        } else if (written < 0 && errno == EAGAIN) {
            sending->failed = wait_for_reader(sending);
        } else if (written < 0 && errno != EINTR) {
            sending->failed = errno;
        }
    }
    if (sending->failed)
        spawn_cancel(); /* nobody reads any more */
}

static int send_node(const struct opened *opened, const struct restic_ls *ls,
                     const struct node *node, struct sending *sending, struct error *err)
{
    AUTO(argv_done) struct argv args = {0};
    struct restic_options options = opened->restic.options;

    fcntl(STDOUT_FILENO, F_SETFL, fcntl(STDOUT_FILENO, F_GETFL) | O_NONBLOCK);
    options.unlocked = true; /* what is gone meanwhile is missed, and that is an error */
    restic_args_dump(&options, ls->snapshot, ls->path, &args);
    int r = restic_pass(&opened->restic, &args, send_piece, sending, err);
    if (sending->failed)
        return error_set_errno(err, sending->failed, "writing to standard output");
    if (r == 0 && strcmp(node->type, "file") == 0 && sending->bytes != node->size)
        r = error_set(err, ERR_SYSTEM, "restic gave %lld bytes of a file of %lld",
                      (long long)sending->bytes, (long long)node->size);
    return r;
}

static int check_node(const struct restic_ls *ls, const struct node *node, bool folders,
                      struct error *err)
{
    if (strcmp(node->type, "file") == 0 || (folders && strcmp(node->type, "dir") == 0))
        return 0;
    return error_set(err, ERR_INVALID, "\"%s\" is no file, but a %s%s", ls->path, node->type,
                     strcmp(node->type, "dir") == 0 ? ": download brings folders" : "");
}

static void tell_sent(struct sending *sending, const struct node *node)
{
    char sum[DIGEST_HEX_SIZE];

    digest_end(sending->digest, sum);
    json_auto_t *line = json_pack("{s:s, s:I, s:s}", PAIR("type", node->type),
                                  PAIR("bytes", sending->bytes), PAIR("sha256", sum));
    AUTO(mem_free) char *text = jsonx_dump(line);
    fprintf(stderr, "%s\n", text);
}

int agent_send_file(const struct agent_flags *flags, const struct agent_sending *asked,
                    struct error *err)
{
    AUTO(opened_done) struct opened opened = {0};
    const struct restic_ls ls = {asked->id, asked->path, false};
    struct node node = {.path = asked->path};

    if (!asked->id || !*asked->id || !asked->path || *asked->path != '/')
        return error_set(err, ERR_INVALID, "--id and --file are needed");
    int mark = open_mark(flags, err);
    if (mark < 0)
        return mark;
    flock(mark, LOCK_SH);
    AUTO(digest_free) struct digest *digest = digest_new();
    struct sending sending = {.digest = digest, .patience_ms = asked->patience_ms};
    int r = opened_from_mounts(flags, &opened, err);
    if (r == 0)
        r = find_node(&opened, &ls, &node, err);
    if (r == 0)
        r = check_node(&ls, &node, asked->folders, err);
    if (r == 0)
        r = send_node(&opened, &ls, &node, &sending, err);
    if (r == 0)
        tell_sent(&sending, &node);
    close(mark);
    return r;
}
