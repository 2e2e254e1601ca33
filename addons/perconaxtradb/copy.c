/*
 * copy.c - the steps of a copy of a whole cluster: backup through an arbitrator, restore into the folder of a
 * server that is not there yet.
 */
#include "copy.h"

#include <dirent.h>
#include <errno.h>
#include <fts.h>
#include <string.h>
#include <sys/stat.h>

#include "galera_args.h"
#include "stash/file.h"
#include "stash/jsonx.h"
#include "xbstream.h"

#define STREAM_FILE "xtrabackup.stream"
#define IS_COPY     "STASH_XTRADB_COPY" /* tells the other processes of the run */
#define FOLDER      "/var/lib/mysql"
#define FOLDER_VAR  "STASH_XTRADB_FOLDER"
#define ANSWER_MAX  (64 * LIMIT_KIB)

bool copy_is(const struct addon_run *run)
{
    return argv_env_get(&run->env.env, IS_COPY) != NULL;
}

int copy_choose(struct addon_run *run, bool *ret, struct error *err)
{
    struct galera_group group;
    int r = galera_group_read(run->app, &group, err);

    if (r < 0)
        return r;
    *ret = run->step == ADDON_RESTORE ? addon_number(run, "target-app-replicas") > 1
                                      : group.name != NULL;
    if (*ret) {
        argv_env_set(&run->env.env, IS_COPY, "1");
        run->stream_file = STREAM_FILE;
    }
    return 0;
}

/* ---- backup -------------------------------------------------------------------------------------------------------- */

/* garbd would only find nobody, and not say why. */
static int check_group(const struct addon_run *run, const char *group, struct error *err)
{
    AUTO(buf_done) struct buf answer;
    char *name;
    int r;

    buf_init(&answer, ANSWER_MAX);
    r = mysql_ask(run, "SHOW GLOBAL VARIABLES LIKE 'wsrep_cluster_name'", &answer, err);
    if (r < 0)
        return error_wrap(err, "asking for the cluster's name");
    name = strchr(answer.data, '\t');
    if (!name)
        return error_set(err, ERR_INVALID,
                         "parameters.group asks for a copy of the whole cluster, but the server is "
                         "in none");
    name[strcspn(name, "\n")] = '\0';
    if (strcmp(name + 1, group) != 0)
        return error_set(err, ERR_INVALID, "parameters.group is %s, but the cluster is called %s",
                         group, name + 1);
    return 0;
}

int copy_plan_dump(struct addon_run *run, struct error *err)
{
    AUTO(mem_free) char *own = NULL;
    struct galera_group group;
    struct argv *tool;
    int r = galera_group_read(run->app, &group, err);

    if (r == 0)
        r = check_group(run, group.name, err);
    if (r == 0)
        r = copy_own_address(group.address, &own, err);
    if (r < 0)
        return r;
    tool = addon_tool(run);
    argv_add(tool, run->self);
    argv_add(tool, "addon-tool");
    argv_add(tool, run->info->name);
    argv_add(tool, own);
    argv_add(tool, addon_text(run, "socat-retry"));
    argv_addf(tool, "%lld", (long long)run->wait_s);
    galera_args_join(&group, own, tool);
    return 0;
}

/* ---- what passes --------------------------------------------------------------------------------------------------- */

static struct xbstream *reader_of(struct addon_run *run)
{
    if (!run->tally.state)
        run->tally.state = xcalloc(1, sizeof(struct xbstream));
    return run->tally.state;
}

int copy_count(struct addon_run *run, const char *data, size_t len, struct buf *ret,
               struct error *err)
{
    int r = xbstream_feed(reader_of(run), data, len, err);

    buf_add(ret, data, len);
    return r;
}

static int verify_passed(struct addon_run *run, struct error *err)
{
    const struct xbstream *stream = reader_of(run);
    int r = xbstream_end(stream, err);

    if (r < 0)
        return r;
    json_decref(run->tally.counts);
    run->tally.counts = json_pack("{s:I, s:I}", "files", (json_int_t)stream->files, "bytes",
                                  (json_int_t)stream->bytes);
    return 0;
}

/* ---- restore ------------------------------------------------------------------------------------------------------- */

static const char *folder_of(const struct addon_run *run)
{
    const char *given = argv_env_get(&run->env.env, FOLDER_VAR);

    return given && *given ? given : FOLDER;
}

static const struct galera_tools *tools_of(const struct addon_run *run)
{
    struct galera_group group;
    struct error ignored; /* a copy is brought back without its group */

    return galera_group_read(run->app, &group, &ignored) < 0 ? galera_tools_of("")
                                                             : galera_tools_of(group.method);
}

static bool is_own(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || strcmp(name, "lost+found") == 0;
}

static int check_empty(const char *folder, struct error *err)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    int r = 0;

    if (!dir)
        return error_set_errno(err, errno, "%s, where the volume of a server has to be mounted",
                               folder);
    while (r == 0 && (entry = readdir(dir)))
        if (!is_own(entry->d_name))
            r = error_set(err, ERR_INVALID,
                          "%s is not empty (%.100s): the files of a server are never overwritten",
                          folder, entry->d_name);
    closedir(dir);
    return r;
}

/* Before anything is written. */
int copy_check_place(struct addon_run *run, struct error *err)
{
    AUTO(argv_done) struct argv args = {0};
    int r = galera_args_check_prepare(addon_text(run, "xtradb-args"), err);

    if (r == 0)
        r = check_empty(folder_of(run), err);
    if (r < 0)
        return r;
    argv_add(&args, tools_of(run)->prepare);
    argv_add(&args, "--version");
    r = addon_try_tool(run, &args, err);
    return r < 0 ? error_wrap(err, "the image lacks what brings this copy back (sstMethod)") : 0;
}

int copy_plan_load(struct addon_run *run, struct error *err)
{
    (void)err;
    galera_args_unpack(tools_of(run), folder_of(run), addon_tool(run));
    return 0;
}

static void add_sizes(FTS *walk, uint64_t *files, uint64_t *bytes)
{
    FTSENT *entry;

    while ((entry = fts_read(walk)))
        if (entry->fts_info == FTS_F) {
            (*files)++;
            *bytes += (uint64_t)entry->fts_statp->st_size;
        }
}

/* What came against what is there. */
static int compare_streams(const struct addon_run *run, const char *folder, struct error *err)
{
    AUTO(mem_free) char *root = xstrdup(folder);
    char *const roots[] = {root, NULL};
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    long long files = jsonx_int(run->tally.counts, -1, "files", NULL);
    long long bytes = jsonx_int(run->tally.counts, -1, "bytes", NULL);
    uint64_t have_files = 0;
    uint64_t have_bytes = 0;

    if (!walk)
        return error_set_errno(err, errno, "looking at %s", folder);
    add_sizes(walk, &have_files, &have_bytes);
    fts_close(walk);
    if ((long long)have_files == files && (long long)have_bytes == bytes)
        return 0;
    return error_set(err, ERR_INVALID,
                     "%s holds %llu files of %llu bytes; the copy has %lld of %lld", folder,
                     (unsigned long long)have_files, (unsigned long long)have_bytes, files, bytes);
}

/* The copy was made while the server wrote: its log has to be worked in. */
int copy_finish(struct addon_run *run, struct error *err)
{
    AUTO(argv_done) struct argv args = {0};
    int r = compare_streams(run, folder_of(run), err);

    if (r < 0)
        return r;
    galera_args_prepare(tools_of(run), folder_of(run), addon_text(run, "xtradb-args"), &args);
    return addon_run_tool(run, &args, NULL, err);
}

/* The tool's own file says so, as the server's folder then holds it. */
static int verify_prepared(const struct addon_run *run, struct error *err)
{
    static const char *const names[] = {"xtrabackup_checkpoints", "mariadb_backup_checkpoints"};
    static const char *const marks[] = {"full-prepared", "log-applied"};
    AUTO(mem_free) char *text = NULL;
    size_t len;
    int r = -1;

    for (size_t i = 0; r < 0 && i < ARRAY_LEN(names); i++) {
        AUTO(mem_free) char *path = xasprintf("%s/%s", folder_of(run), names[i]);

        r = file_read(path, ANSWER_MAX, &text, &len, err);
    }
    for (size_t i = 0; r == 0 && i < ARRAY_LEN(marks); i++)
        if (strstr(text, marks[i]))
            return 0;
    return r < 0 ? r
                 : error_set(err, ERR_INVALID, "%s did not prepare the files in %s",
                             tools_of(run)->prepare, folder_of(run));
}

int copy_verify(struct addon_run *run, enum addon_when when, struct error *err)
{
    return when == ADDON_LOADED ? verify_prepared(run, err) : verify_passed(run, err);
}

void copy_done(struct addon_run *run)
{
    if (run->tally.state)
        xbstream_done(run->tally.state);
    free(run->tally.state);
    run->tally.state = NULL;
}
