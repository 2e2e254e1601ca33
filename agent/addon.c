/* addon.c - the driver: the order in which an addon's steps are taken, and what is told about them. */
#include "stash/addon.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "folder.h"
#include "job.h"
#include "paths.h"
#include "stash/clock.h"
#include "stash/flags.h"
#include "stash/jsonx.h"
#include "stash/log.h"
#include "stash/names.h"
#include "stash/path.h"
#include "stash/report.h"
#include "stash/tool.h"
#include "stream.h"
#include "volume_paths.h"

#define PAUSE_FIRST 500 /* most servers are up */
#define PAUSE_MAX   5000
#define TRY_MIN_MS  1000

/* ---- what an addon may ask of the driver ------------------------------------------------------------------------- */

static const struct addon_param *find_param(const struct addon_run *run, const char *flag,
                                            const char **ret_value)
{
    ptrdiff_t at = addon_info_param(run->info, run->step, flag);

    BUG_ON(at < 0);
    *ret_value = run->values ? run->values[at] : NULL;
    return &run->info->params[at];
}

const char *addon_text(const struct addon_run *run, const char *flag)
{
    const char *value;
    const struct addon_param *param = find_param(run, flag, &value);

    return value && *value ? value : param->fallback;
}

bool addon_bool(const struct addon_run *run, const char *flag)
{
    const char *text = addon_text(run, flag);

    return strcmp(text, "true") == 0 || strcmp(text, "1") == 0 || strcmp(text, "t") == 0;
}

int64_t addon_number(const struct addon_run *run, const char *flag)
{
    return strtoll(addon_text(run, flag), NULL, 10);
}

void addon_warn(struct addon_run *run, const char *fmt, ...)
{
    char text[LIMIT_STATUS_TEXT];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    log_warn("addon", "warning", text);
    if (json_array_size(run->warnings) < REPORT_WARNINGS_MAX)
        json_array_append_new(run->warnings, json_string(text));
}

struct argv *addon_tool(struct addon_run *run)
{
    BUG_ON(run->tool_count == ADDON_TOOLS_MAX);
    return &run->tools[run->tool_count++];
}

bool addon_server_works(const void *run)
{
    const struct addon_run *its = run;

    return its->works && its->works(its);
}

int addon_run_tool(const struct addon_run *run, const struct argv *args, struct buf *output,
                   struct error *err)
{
    const struct tool_request request = {.args = args,
                                         .env = &run->env.env,
                                         .is_working = addon_server_works,
                                         .watched = run,
                                         .timeout_ms = run->left_ms,
                                         .output = output};

    return tool_run(&request, err);
}

int addon_try_tool(const struct addon_run *run, const struct argv *args, struct error *err)
{
    const struct tool_request request = {
        .args = args, .env = &run->env.env, .timeout_ms = run->left_ms};

    return tool_run(&request, err);
}

/* ---- beginning --------------------------------------------------------------------------------------------------- */

/* One run with its own folder for secrets, certificates and whatever its tools leave. */
struct drive {
    struct job *job;
    const struct addon *addon;
    struct addon_run run;
    struct argv paths;
    char *scratch;
};

static void drive_done(struct drive *drive)
{
    if (drive->addon->done)
        drive->addon->done(&drive->run);
    for (size_t i = 0; i < drive->run.tool_count; i++)
        argv_done(&drive->run.tools[i]);
    json_decref(drive->run.tally.counts);
    child_env_done(&drive->run.env);
    argv_done(&drive->paths);
    if (drive->scratch)
        folder_remove(drive->scratch);
    free(drive->scratch);
}
DEFINE_AUTO_VALUE(struct drive, drive_done);

static int check_values(const struct agent_flags *flags, struct error *err)
{
    const struct addon_info *info = flags->addon->info;

    for (size_t i = 0; i < addon_info_param_count(info); i++) {
        const struct addon_param *param = &info->params[i];
        const char *value = flags->values ? flags->values[i] : NULL;
        int64_t ignored;

        if (!value || !*value || param->type == ADDON_TEXT)
            continue;
        if (param->type == ADDON_BOOL && strcmp(value, "true") != 0 &&
            strcmp(value, "false") != 0 && strcmp(value, "0") != 0 && strcmp(value, "1") != 0)
            return error_set(err, ERR_INVALID, "parameter %s: \"%s\" is neither true nor false",
                             param->variable, value);
        if (param->type == ADDON_NUMBER && !flags_number(value, &ignored))
            return error_set(err, ERR_INVALID,
                             "parameter %s: \"%s\" is not a number from 0 to %lld", param->variable,
                             value, FLAG_INT_MAX);
    }
    return 0;
}

static int take_paths(struct drive *drive, struct error *err)
{
    const char *given = drive->job->flags->paths;
    AUTO(argv_done) struct argv list = {0};
    int r = 0;

    argv_add_list(&list, NULL, given ? given : PATH_DATA);
    for (size_t i = 0; r == 0 && i < list.count; i++) {
        AUTO(mem_free) char *path = NULL;

        r = path_clean(list.items[i], &path, err);
        if (r == 0)
            argv_add(&drive->paths, path);
    }
    return r;
}

static int drive_open(struct drive *drive, struct error *err)
{
    struct job *job = drive->job;
    const struct agent_flags *flags = job->flags;
    enum addon_shape shape = drive->addon->info->shape;
    int r = folder_temporary(flags->scratch_dir, "addon", &drive->scratch, err);

    if (r == 0)
        r = check_values(flags, err);
    if (r == 0 && shape != ADDON_PATHS && !job->app)
        r = error_set(err, ERR_INVALID, "--appbinding is needed");
    if (r == 0 && shape == ADDON_FOLDER && !flags->interim_dir)
        r = error_set(err, ERR_INVALID, "--interim-data-dir is needed");
    if (r == 0)
        r = take_paths(drive, err);
    if (r < 0)
        return r;
    drive->run = (struct addon_run){
        .info = drive->addon->info,
        .step = flags->step,
        .values = flags->values,
        .app = job->app,
        .secret = job->app_secret,
        .tls_secret = job->app_tls_secret,
        .invoker = job->session.invoker,
        .self = flags->self,
        .wait_s = flags->wait_timeout,
        .folder = flags->interim_dir,
        .paths = &drive->paths,
        .warnings = job->warnings,
        .works = drive->addon->works,
    };
    tool_env(&drive->run.env, drive->scratch);
    return 0;
}

static int drive_login(struct drive *drive, struct error *err)
{
    int r = drive->addon->login(&drive->run, err);

    return r < 0 ? r : folder_write_secrets(&drive->run.env, err);
}

/* What does not become right by waiting. */
static bool is_hopeless(const struct error *err)
{
    return err->kind != ERR_TRANSPORT && err->kind != ERR_TIMEOUT && err->kind != ERR_SYSTEM;
}

/* One loop for all: no attempt lasts longer than what is left of the wait. */
static int wait_ready(struct drive *drive, struct error *err)
{
    int64_t end = clock_mono_ms() + drive->job->flags->wait_timeout * 1000;
    int64_t pause = PAUSE_FIRST;

    for (;;) {
        int64_t left = end - clock_mono_ms();
        int r;

        drive->run.left_ms = left > TRY_MIN_MS ? left : TRY_MIN_MS;
        r = drive->addon->ready(&drive->run, err);
        drive->run.left_ms = 0;
        if (r == 0)
            return 0;
        if (is_hopeless(err) || clock_mono_ms() + pause > end || !spawn_sleep_ms(pause))
            return error_wrap(err, "the server is not ready");
        pause = pause * 2 < PAUSE_MAX ? pause * 2 : PAUSE_MAX;
    }
}

static int drive_verify(struct drive *drive, enum addon_when when, struct error *err)
{
    int r = drive->addon->verify(&drive->run, when, err);

    return r < 0 && when == ADDON_LOADED ? error_wrap(err, "after the restore") : r;
}

static int begin_backup(struct drive *drive, struct error *err)
{
    int r = drive_login(drive, err);

    if (r == 0)
        r = job_ensure_repository(drive->job, err);
    return r < 0 ? r : wait_ready(drive, err);
}

static int begin_restore(struct drive *drive, struct error *err)
{
    int r = drive_login(drive, err);

    return r < 0 ? r : wait_ready(drive, err);
}

/* ---- FOLDER ------------------------------------------------------------------------------------------------------ */

int addon_clear_folder(const struct addon_run *run, struct error *err)
{
    return folder_clear(run->folder, 0770, err);
}

static int backup_folder(struct drive *drive, struct error *err)
{
    const char *folder = drive->run.folder;
    int r = begin_backup(drive, err);

    if (r == 0)
        r = addon_clear_folder(&drive->run, err);
    if (r == 0)
        r = drive->addon->dump(&drive->run, err);
    if (r == 0)
        r = drive_verify(drive, ADDON_DUMPED, err);
    return r < 0 ? r : job_store(drive->job, folder, err);
}

static int restore_folder(struct drive *drive, struct error *err)
{
    int r = begin_restore(drive, err);

    if (r == 0)
        r = job_fetch_dump(drive->job, err);
    if (r == 0)
        r = drive_verify(drive, ADDON_FETCHED, err);
    if (r == 0)
        r = drive->addon->load(&drive->run, err);
    return r < 0 ? r : drive_verify(drive, ADDON_LOADED, err);
}

/* ---- STREAM ------------------------------------------------------------------------------------------------------ */

static int backup_stream(struct drive *drive, struct error *err)
{
    int r = begin_backup(drive, err);

    if (r == 0)
        r = drive->addon->dump(&drive->run, err);
    return r < 0 ? r : stream_store(drive->job, &drive->run, drive->scratch, err);
}

static int restore_stream(struct drive *drive, struct error *err)
{
    int r = begin_restore(drive, err);

    if (r == 0)
        r = drive->addon->load(&drive->run, err);
    if (r == 0)
        r = stream_load(drive->job, &drive->run, drive->scratch, err);
    if (r == 0 && drive->addon->finish)
        r = drive->addon->finish(&drive->run, err);
    return r < 0 ? r : drive_verify(drive, ADDON_LOADED, err);
}

/* ---- PATHS ------------------------------------------------------------------------------------------------------- */

static int backup_paths(struct drive *drive, struct error *err)
{
    int r = job_ensure_repository(drive->job, err);

    if (r == 0)
        r = drive_verify(drive, ADDON_DUMPED, err);
    for (size_t i = 0; r == 0 && i < drive->paths.count; i++)
        r = volume_paths_check_stored(drive->paths.items[i], err);
    for (size_t i = 0; r == 0 && i < drive->paths.count; i++)
        r = job_store(drive->job, drive->paths.items[i], err);
    return r;
}

static int restore_paths(struct drive *drive, struct error *err)
{
    const struct agent_flags *flags = drive->job->flags;
    const struct paths_restore request = {
        .session = &drive->job->session,
        .host = job_source_host(flags),
        .paths = flags->paths ? flags->paths : PATH_DATA,
        .snapshots = flags->snapshots,
        .include = flags->include,
        .exclude = flags->exclude,
        .args = flags->args,
    };
    int r = paths_restore(&drive->job->restic, &request, err);

    return r < 0 ? r : drive_verify(drive, ADDON_LOADED, err);
}

/* ---- the run ----------------------------------------------------------------------------------------------------- */

static int drive_work(struct job *job, struct error *err)
{
    static int (*const steps[][2])(struct drive * drive, struct error * err) = {
        [ADDON_FOLDER] = {backup_folder, restore_folder},
        [ADDON_STREAM] = {backup_stream, restore_stream},
        [ADDON_PATHS] = {backup_paths, restore_paths},
    };
    const struct agent_flags *flags = job->flags;
    AUTO(drive_done) struct drive drive = {.job = job, .addon = flags->addon};
    int r = drive_open(&drive, err);

    return r < 0 ? r : steps[drive.addon->info->shape][flags->step == ADDON_RESTORE](&drive, err);
}

int agent_run_addon(struct kube *kube, const struct agent_flags *flags, struct error *err)
{
    bool paths = flags->addon->info->shape == ADDON_PATHS;

    return job_run(kube, flags, paths ? "PersistentVolumeClaim" : "AppBinding",
                   flags->step == ADDON_RESTORE, drive_work, err);
}
