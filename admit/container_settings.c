/* container_settings.c - runtimeSettings.container: a row for each member that the API server looks at. */
#include "container.h"
#include "stash/inject_check.h"
#include "stash/jsonx.h"

/* nice(1) takes the nearest of the range. */
static void check_nice(const struct admit *a, const char *path, const json_t *value)
{
    if (json_integer_value(value) < -20 || json_integer_value(value) > 19)
        warnings_add(a->warnings, "%s: it counts as %d; the range is from -20 to 19", path,
                     json_integer_value(value) < 0 ? -20 : 19);
}

static void check_io_class(const struct admit *a, const char *path, const json_t *value)
{
    value_within(a, path, value, (const json_int_t[]){0, 3});
}

static void check_io_data(const struct admit *a, const char *path, const json_t *value)
{
    value_within(a, path, value, (const json_int_t[]){0, 7});
}

static const struct value_rule members[] = {
    {"resources", container_resources},
    {"env", container_env},
    {"envFrom", container_env_from},
    {"livenessProbe", container_liveness},
    {"readinessProbe", container_readiness},
    {"lifecycle", container_lifecycle},
    {"securityContext", container_security},
    {"nice.adjustment", check_nice},
    {"ionice.class", check_io_class},
    {"ionice.classData", check_io_data},
    {0},
};

void container_settings(const struct admit *a, const char *at, const json_t *settings)
{
    values_check(a, at, settings, members);
}

static void check_medium(const struct admit *a, const char *path, const json_t *value)
{
    value_one_of(a, path, value, (const char *const[]){"Memory", NULL});
}

void container_temp_dir(const struct admit *a, const char *at, const json_t *temp_dir)
{
    static const struct value_rule rules[] = {{"sizeLimit", value_quantity},
                                              {"sizeLimit", container_storage_limit},
                                              {"medium", check_medium},
                                              {0}};

    values_check(a, at, temp_dir, rules);
}

/* ---- for the injector --------------------------------------------------------------------------------------------- */

struct question {
    struct admit_request request;
    struct warnings ignored;
    struct admit admit;
};

static void question_init(struct question *question, struct causes *causes)
{
    *question = (struct question){.request = {.kind = KIND_BACKUP_CONFIGURATION}};
    question->admit = (struct admit){
        .request = &question->request, .causes = causes, .warnings = &question->ignored};
}

void inject_check_settings(const json_t *settings, struct causes *causes)
{
    struct question question;

    question_init(&question, causes);
    container_settings(&question.admit, "runtimeSettings.container", settings);
    warnings_done(&question.ignored);
}

void inject_check_temp_dir(const json_t *temp_dir, struct causes *causes)
{
    struct question question;

    question_init(&question, causes);
    container_temp_dir(&question.admit, "tempDir", temp_dir);
    warnings_done(&question.ignored);
}

void inject_check_mounts(const json_t *mounts, const json_t *security, struct causes *causes)
{
    struct question question;

    question_init(&question, causes);
    container_mounts(&question.admit, "volumeMounts", mounts, security);
    warnings_done(&question.ignored);
}

void inject_check_volume(const json_t *source, const char *at, struct causes *causes)
{
    struct question question;

    question_init(&question, causes);
    volume_source(&question.admit, at, source);
    warnings_done(&question.ignored);
}
