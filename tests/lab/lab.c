#include "lab.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "stash/clock.h"
#include "stash/jsonx.h"

#define START_MS 240000 /* a Java server on a busy machine */

void lab_open(struct lab *lab, const char *appbinding)
{
    const char *tools = getenv("STASH_LAB_TOOLS");
    AUTO(mem_free) char *path = NULL;
    AUTO(mem_free) char *interim = NULL;

    if (!tools || system("restic version >/dev/null 2>&1") != 0)
        cr_skip_test("no lab: STASH_LAB_TOOLS=$(scripts/lab), and restic in the PATH");
    *lab = (struct lab){0};
    stage_open(&lab->stage, "session.yaml");
    path = xasprintf("%s/bin:%s/npm/node_modules/.bin:%s", tools, tools, getenv("PATH"));
    setenv("PATH", path, 1);
    setenv("LAB", lab->stage.folder, 1);
    interim = xasprintf("%s/interim", lab->stage.folder);
    setenv("INTERIM", interim, 1);
    AUTO(mem_free) char *repository = xasprintf("%s/repository", lab->stage.folder);
    setenv("RESTIC_REPOSITORY", repository, 1);
    setenv("RESTIC_PASSWORD", "TopSecret", 1);
    lab->stage.flags.provider = "local";
    lab->stage.flags.bucket = getenv("RESTIC_REPOSITORY");
    lab->stage.flags.endpoint = NULL;
    lab->stage.flags.appbinding = appbinding;
    lab->stage.flags.hostname = "host-0";
    lab->stage.flags.wait_timeout = 30;
    lab->stage.flags.interim_dir = getenv("INTERIM");
    lab->stage.flags.values = lab->values;
}

void lab_done(struct lab *lab)
{
    lab_stop(lab);
    stage_done(&lab->stage);
}

void lab_start(struct lab *lab, const char *command, const char *ready)
{
    int64_t end = clock_mono_ms() + START_MS;

    lab->server = child_fork();
    if (lab->server == 0) {
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    while (system(ready) != 0) {
        cr_assert_lt(clock_mono_ms(), end, "the server does not come up: %s", command);
        clock_sleep_ms(200);
    }
}

void lab_stop(struct lab *lab)
{
    if (lab->server <= 0)
        return;
    kill(lab->server, SIGTERM);
    waitpid(lab->server, NULL, 0);
    lab->server = 0;
}

void lab_set(struct lab *lab, const char *flag, const char *value)
{
    const struct addon_info *info = lab->stage.flags.addon->info;
    bool found = false;

    for (size_t i = 0; i < addon_info_param_count(info); i++)
        if (strcmp(info->params[i].flag, flag) == 0) {
            lab->values[i] = value;
            found = true;
        }
    cr_assert(found, "no parameter %s", flag);
}

void lab_do(const char *command)
{
    cr_assert_eq(system(command), 0, "%s", command);
}

char *lab_ask(const char *command)
{
    char text[4096];
    FILE *pipe = popen(command, "r");

    cr_assert_not_null(pipe);
    size_t len = fread(text, 1, sizeof(text) - 1, pipe);
    cr_assert_eq(pclose(pipe), 0, "%s", command);
    while (len > 0 && text[len - 1] == '\n')
        len--;
    return xstrndup(text, len);
}

static void new_job(struct lab *lab)
{
    struct stage *stage = &lab->stage;

    free(stage->output_dir);
    stage->output_dir = xasprintf("%s/job-%d", stage->folder, ++lab->jobs);
    stage->flags.output_dir = stage->output_dir;
}

static json_t *run(struct lab *lab, int (*step)(struct stage *stage, struct error *err))
{
    struct error err;

    new_job(lab);
    cr_assert_eq(step(&lab->stage, &err), 0, "%s", err.msg);
    return stage_stat(&lab->stage);
}

json_t *lab_back_up(struct lab *lab)
{
    return run(lab, stage_back_up);
}

json_t *lab_restore(struct lab *lab)
{
    return run(lab, stage_restore);
}

static const char *error_of(const json_t *stat)
{
    const char *why = jsonx_str(stat, "error", NULL);

    return why ? why : "(no error)";
}

void lab_check_succeeded(const json_t *stat)
{
    cr_assert_str_eq(jsonx_str(stat, "phase", NULL), "Succeeded", "%s", error_of(stat));
}

void lab_check_failed(const json_t *stat, const char *why)
{
    cr_assert_str_eq(jsonx_str(stat, "phase", NULL), "Failed");
    cr_assert_not_null(strstr(error_of(stat), why), "%s", error_of(stat));
}

void lab_check_warned(const json_t *stat, const char *what)
{
    const json_t *warnings = jsonx_get(stat, "warnings", NULL);

    for (size_t i = 0; i < json_array_size(warnings); i++)
        if (strstr(json_string_value(json_array_get(warnings, i)), what))
            return;
    AUTO(mem_free) char *text = jsonx_dump(stat);
    cr_assert(false, "no warning says \"%s\": %s", what, text);
}
