/* nats_verify.c - whether a stream's dump is whole, and whether it all came back. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nats.h"
#include "stash/file.h"
#include "stash/jsonx.h"

#define DOCUMENT_MAX (4 * LIMIT_MIB)
#define PIECE        (64 * LIMIT_KIB)

/* Servers before 2.15 write a tar file, later ones an archive that the client itself can check. */
#define FILE_TAR     "stream.tar.s2"
#define FILE_ARCHIVE "stream.arc.s2"

static uint64_t natural_number(const json_t *state, const char *key)
{
    json_int_t value = jsonx_int(state, 0, key, NULL);

    return value > 0 ? (uint64_t)value : 0;
}

struct nats_state nats_state_of(const json_t *state)
{
    return (struct nats_state){natural_number(state, "messages"), natural_number(state, "bytes"),
                               natural_number(state, "first_seq"),
                               natural_number(state, "last_seq")};
}

int nats_ask_stream(const struct addon_run *run, const char *name, json_t **ret, struct error *err)
{
    AUTO(argv_done) struct argv args = {0};
    AUTO(buf_done) struct buf text;
    int r;

    buf_init(&text, DOCUMENT_MAX);
    nats_args_info(name, &args);
    r = addon_run_tool(run, &args, &text, err);
    if (r == 0)
        r = jsonx_parse(text.data, text.len, ret, err);
    return r < 0 ? error_wrap(err, "asking about stream %s", name) : 0;
}

static char *path_of(const struct addon_run *run, const char *name, const char *file)
{
    return xasprintf("%s/%s/%s", run->folder, name, file);
}

static bool has_file(const struct addon_run *run, const char *name, const char *file)
{
    AUTO(mem_free) char *path = path_of(run, name, file);
    struct stat st;

    return stat(path, &st) == 0 && st.st_size > 0;
}

static int read_declared(const struct addon_run *run, const char *name, json_t **ret,
                         struct error *err)
{
    AUTO(mem_free) char *path = path_of(run, name, "backup.json");
    AUTO(mem_free) char *text = NULL;
    size_t len;
    int r = file_read(path, DOCUMENT_MAX, &text, &len, err);

    return r < 0 ? r : jsonx_parse(text, len, ret, err);
}

/* ---- counting ------------------------------------------------------------------------------------------------------ */

static int read_through(int fd, struct nats_archive *archive, const char *path, struct error *err)
{
    AUTO(mem_free) char *piece = xmalloc(PIECE);

    for (;;) {
        ssize_t n = read(fd, piece, PIECE);
        int r;

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_set_errno(err, errno, "reading %s", path);
        if (n == 0)
            return nats_archive_end(archive, err);
        r = nats_archive_feed(archive, piece, (size_t)n, err);
        if (r < 0)
            return r;
    }
}

static int count_tar(const struct addon_run *run, const char *name,
                     const struct nats_state *declared, struct nats_state *ret, struct error *err)
{
    AUTO(nats_archive_done) struct nats_archive archive;
    AUTO(mem_free) char *path = path_of(run, name, FILE_TAR);
    AUTO(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
    int r;

    nats_archive_init(&archive, declared);
    if (fd < 0)
        return error_set_errno(err, errno, "opening %s", path);
    r = read_through(fd, &archive, path, err);
    if (r == 0)
        *ret = (struct nats_state){.messages = archive.messages, .bytes = archive.bytes};
    return r;
}

/* The client reads the archive to its end, every checksum included, and tells what is in it. */
static int count_archive(const struct addon_run *run, const char *name, struct nats_state *ret,
                         struct error *err)
{
    AUTO(argv_done) struct argv args = {0};
    AUTO(mem_free) char *folder = xasprintf("%s/%s", run->folder, name);
    AUTO(buf_done) struct buf text;
    json_auto_t *info = NULL;
    int r;

    buf_init(&text, DOCUMENT_MAX);
    nats_args_archive(folder, &args);
    r = addon_run_tool(run, &args, &text, err);
    if (r == 0)
        r = jsonx_parse(text.data, text.len, &info, err);
    if (r == 0)
        *ret = nats_state_of(info);
    return r;
}

static int count_messages(const struct addon_run *run, const char *name,
                          const struct nats_state *declared, struct nats_state *ret,
                          struct error *err)
{
    if (has_file(run, name, FILE_TAR))
        return count_tar(run, name, declared, ret, err);
    if (has_file(run, name, FILE_ARCHIVE))
        return count_archive(run, name, ret, err);
    return error_set(err, ERR_INVALID, "the dump has neither " FILE_TAR " nor " FILE_ARCHIVE);
}

/* ---- the dump ------------------------------------------------------------------------------------------------------ */

/*
 * The declaration is from the dump's beginning. What left the stream since then need not be in the archive: of what it
 * declares at most so many messages, at the stream's beginning and in its middle.
 */
static uint64_t messages_left(const struct addon_run *run, const char *name, const json_t *declared)
{
    json_auto_t *info = NULL;
    const json_t *now;
    struct error ignored;
    uint64_t first = natural_number(declared, "first_seq");

    if (nats_ask_stream(run, name, &info, &ignored) < 0)
        return 0;
    now = jsonx_get(info, "state", NULL);
    if (natural_number(now, "first_seq") > first)
        return natural_number(now, "first_seq") - first + natural_number(now, "num_deleted");
    return natural_number(now, "num_deleted") > natural_number(declared, "num_deleted")
               ? natural_number(now, "num_deleted") - natural_number(declared, "num_deleted")
               : 0;
}

/* Whether fewer messages than these, or fewer bytes, may be all that was there to be dumped. */
static bool is_explained(const struct addon_run *run, const char *name, const json_t *doc,
                         const struct nats_state *found)
{
    const json_t *state = jsonx_get(doc, "state", NULL);
    uint64_t left = messages_left(run, name, state);

    return left > 0 && found->messages + left >= natural_number(state, "messages");
}

int nats_verify_dump(struct addon_run *run, const char *name, enum addon_when when,
                     struct error *err)
{
    json_auto_t *doc = NULL;
    struct nats_state found = {0};
    int r = read_declared(run, name, &doc, err);
    struct nats_state declared = nats_state_of(jsonx_get(doc, "state", NULL));

    if (r == 0 && !jsonx_get(doc, "state", NULL))
        r = error_set(err, ERR_INVALID, "backup.json tells no state");
    if (r == 0)
        r = count_messages(run, name, &declared, &found, err);
    if (r < 0)
        return error_wrap(err, "stream %s", name);
    if (found.messages >= declared.messages && found.bytes >= declared.bytes)
        return 0;
    if ((when == ADDON_DUMPED && !is_explained(run, name, doc, &found)) ||
        (when == ADDON_FETCHED && found.messages == 0))
        return error_set(err, ERR_INVALID,
                         "stream %s: the archive holds %llu messages (%llu bytes) of %llu (%llu)",
                         name, (unsigned long long)found.messages, (unsigned long long)found.bytes,
                         (unsigned long long)declared.messages, (unsigned long long)declared.bytes);
    addon_warn(run,
               "stream %s: the archive holds %llu messages of the %llu that were there when the "
               "dump began; others were removed or expired meanwhile",
               name, (unsigned long long)found.messages, (unsigned long long)declared.messages);
    return 0;
}

/* ---- the stream after a restore ------------------------------------------------------------------------------------ */

/* Whether messages may leave the stream by themselves, or by its consumers. */
static bool may_shrink(const json_t *config)
{
    static const char *const limits[] = {"max_age", "max_msgs", "max_bytes",
                                         "max_msgs_per_subject"};
    const char *retention = jsonx_str(config, "retention", NULL);

    for (size_t i = 0; i < ARRAY_LEN(limits); i++)
        if (jsonx_int(config, 0, limits[i], NULL) > 0)
            return true;
    return retention && strcmp(retention, "limits") != 0;
}

static int compare_streams(struct addon_run *run, const char *name, const json_t *now,
                           const struct nats_state *expected, struct error *err)
{
    struct nats_state state = nats_state_of(jsonx_get(now, "state", NULL));

    if (state.messages >= expected->messages && state.last_seq >= expected->last_seq)
        return 0;
    if (state.last_seq < expected->last_seq || !may_shrink(jsonx_get(now, "config", NULL)))
        return error_set(err, ERR_INVALID,
                         "stream %s has %llu messages up to sequence %llu; the dump has %llu up to "
                         "%llu",
                         name, (unsigned long long)state.messages,
                         (unsigned long long)state.last_seq, (unsigned long long)expected->messages,
                         (unsigned long long)expected->last_seq);
    addon_warn(run,
               "stream %s has %llu messages of the dump's %llu: its limits, its age or its "
               "consumers removed the others",
               name, (unsigned long long)state.messages, (unsigned long long)expected->messages);
    return 0;
}

int nats_verify_stream(struct addon_run *run, const char *name, struct error *err)
{
    json_auto_t *doc = NULL;
    json_auto_t *now = NULL;
    struct nats_state found = {0};
    int r = read_declared(run, name, &doc, err);
    struct nats_state declared = nats_state_of(jsonx_get(doc, "state", NULL));

    if (r == 0)
        r = count_messages(run, name, &declared, &found, err);
    if (r == 0)
        r = nats_ask_stream(run, name, &now, err);
    if (r < 0)
        return error_wrap(err, "stream %s", name);
    if (found.messages < declared.messages)
        declared.messages = found.messages;
    return compare_streams(run, name, now, &declared, err);
}
