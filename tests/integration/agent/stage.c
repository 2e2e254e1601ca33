#include "stage.h"

#include <criterion/criterion.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "stash/conditions.h"
#include "stash/file.h"
#include "stash/jsonx.h"
#include "stash/limits.h"

#ifndef STAGE_ADDON
#define STAGE_ADDON addon_pvc
#endif
extern const struct addon STAGE_ADDON;

const char stage_summary[] =
    "echo "
    "'{\"message_type\":\"summary\",\"files_new\":1,\"files_changed\":0,\"files_unmodified\":0,"
    "\"data_added\":2,\"total_files_processed\":1,\"total_bytes_processed\":3,"
    "\"total_duration\":0.5,\"snapshot_id\":\"0123456789abcdef\"}'\n";

/* The script with `turn` as the session's status.turn, in the stage's folder. */
static char *stage_script(const struct stage *stage, const char *script, const char *turn)
{
    static const char place[] = "{state: Granted}";
    AUTO(mem_free) char *file = xasprintf("%s%s", SCRIPTS, script);
    AUTO(mem_free) char *text = NULL;
    AUTO(mem_free) char *changed = NULL;
    char *copy = xasprintf("%s/script.yaml", stage->folder);
    struct error err;
    size_t len;

    cr_assert_eq(file_read(file, LIMIT_MIB, &text, &len, &err), 0, "%s", err.msg);
    const char *at = strstr(text, place);
    changed = !at || !turn
                  ? xstrdup(text)
                  : xasprintf("%.*s%s%s", (int)(at - text), text, turn, at + strlen(place));
    cr_assert_eq(file_write(copy, changed, strlen(changed), 0600, &err), 0, "%s", err.msg);
    return copy;
}

void stage_open(struct stage *stage, const char *script)
{
    stage_open_in_turn(stage, script, NULL);
}

void stage_open_in_turn(struct stage *stage, const char *script, const char *turn)
{
    AUTO(mem_free) char *path = xasprintf("%s:%s", FAKES, getenv("PATH"));
    AUTO(mem_free) char *file = NULL;

    *stage = (struct stage){.folder = xstrdup("/tmp/stash-agent-XXXXXX")};
    cr_assert_not_null(mkdtemp(stage->folder));
    setenv("PATH", path, 1);
    setenv("FAKE_RESTIC", stage->folder, 1);
    file = stage_script(stage, script, turn);
    stage->fake = fake_start(file);
    stage->kube = fake_open(stage->fake);
    stage->output_dir = xasprintf("%s/output", stage->folder);
    stage->flags = (struct agent_flags){
        .provider = "s3",
        .bucket = "b",
        .endpoint = "http://127.0.0.1:1",
        .secret_name = "repo-secret",
        .secret_namespace = "demo",
        .scratch_dir = stage->folder,
        .namespace = "demo",
        .backupsession = "s-1",
        .invoker_kind = "BackupConfiguration",
        .invoker_name = "bc",
        .target_kind = "PersistentVolumeClaim",
        .target_name = "data",
        .target_namespace = "demo",
        .paths = "/data",
        .output_dir = stage->output_dir,
        .addon = &STAGE_ADDON,
    };
    stage_restic(stage, "cat-config", "echo '{\"version\": 2, \"id\": \"c0ffee00c0ffee00\"}'\n");
    stage_restic(stage, "snapshots", "echo '[]'\n");
    stage_restic(stage, "restore", "echo '{\"message_type\":\"summary\",\"total_files\":1}'\n");
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)st;
    (void)type;
    (void)where;
    return remove(path);
}

void stage_done(struct stage *stage)
{
    kube_close(stage->kube);
    fake_stop(stage->fake);
    nftw(stage->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(stage->folder);
    free(stage->output_dir);
}

void stage_restic(const struct stage *stage, const char *name, const char *fragment)
{
    AUTO(mem_free) char *path = xasprintf("%s/%s", stage->folder, name);
    struct error err;

    cr_assert_eq(file_write(path, fragment, strlen(fragment), 0600, &err), 0, "%s", err.msg);
}

int stage_back_up(struct stage *stage, struct error *err)
{
    stage->flags.step = ADDON_BACKUP;
    return agent_run_addon(stage->kube, &stage->flags, err);
}

int stage_restore(struct stage *stage, struct error *err)
{
    stage->flags.step = ADDON_RESTORE;
    return agent_run_addon(stage->kube, &stage->flags, err);
}

void stage_leave_output(const struct stage *stage, const char *stats)
{
    AUTO(mem_free) char *path = xasprintf("%s/output.json", stage->output_dir);
    AUTO(mem_free) char *text = xasprintf("{\"targetStatus\": {\"stats\": %s}}", stats);
    struct error err;

    mkdir(stage->output_dir, 0777);
    cr_assert_eq(file_write(path, text, strlen(text), 0600, &err), 0, "%s", err.msg);
}

void stage_answer_check(const struct stage *stage)
{
    stage_restic(stage, "check", "echo '{\"message_type\":\"summary\",\"num_errors\":0}'\n");
    stage_restic(stage, "stats", "echo '{\"total_size\":2048,\"snapshots_count\":1}'\n");
}

void stage_update(const struct stage *stage)
{
    struct error err;

    cr_assert_eq(agent_update_status(stage->kube, &stage->flags, &err), 0, "%s", err.msg);
}

char *stage_calls(const struct stage *stage)
{
    AUTO(mem_free) char *path = xasprintf("%s/log", stage->folder);
    char *text = NULL;
    struct error err;
    size_t len;

    if (file_read(path, LIMIT_MIB, &text, &len, &err) < 0)
        return xstrdup("");
    return text;
}

json_t *stage_stat(const struct stage *stage)
{
    AUTO(mem_free) char *path = xasprintf("%s/output.json", stage->output_dir);
    AUTO(mem_free) char *text = NULL;
    json_auto_t *doc = NULL;
    struct error err;
    size_t len;

    cr_assert_eq(file_read(path, LIMIT_MIB, &text, &len, &err), 0, "%s", err.msg);
    cr_assert_eq(jsonx_parse(text, len, &doc, &err), 0, "%s", err.msg);
    return json_incref(json_array_get(jsonx_get(doc, "targetStatus", "stats", NULL), 0));
}

json_t *stage_body(const json_t *request)
{
    const char *text = jsonx_str(request, "body", NULL);
    json_t *body = NULL;
    struct error err;

    if (!text)
        return json_incref(jsonx_get(request, "body", NULL));
    return jsonx_parse(text, strlen(text), &body, &err) == 0 ? body : NULL;
}

json_t *stage_stored(const struct stage *stage, const char *part)
{
    json_auto_t *requests = fake_requests(stage->fake);
    json_t *found = NULL;
    size_t i;
    json_t *request;

    json_array_foreach (requests, i, request)
        if (strcmp(jsonx_str(request, "method", NULL), "PUT") == 0 &&
            strstr(jsonx_str(request, "url", NULL), part))
            found = request;
    return found ? stage_body(found) : NULL;
}

json_t *stage_condition(const struct stage *stage, const char *type)
{
    json_auto_t *requests = fake_requests(stage->fake);
    json_t *found = NULL;
    size_t i;
    json_t *request;

    json_array_foreach (requests, i, request) {
        json_auto_t *body = stage_body(request);
        const json_t *condition =
            condition_find(jsonx_get(body, "status", "conditions", NULL), type);

        if (!condition)
            continue;
        json_decref(found);
        found = json_deep_copy(condition);
    }
    return found;
}
