/*
 * databases.c - docs/databases.md, made from the rows of the addons. Fails when the file says something else;
 * STASH_UPDATE_GOLDEN=1 writes it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stash/addon_info.h"
#include "stash/buf.h"
#include "stash/file.h"
#include "stash/limits.h"
#include "stash/mem.h"

static const char head[] =
    "# Databases\n\n"
    "Made from the addons' rows (`addons/*/info.c`) by `STASH_UPDATE_GOLDEN=1 ctest --preset dev "
    "-R docs_databases`: do not edit.\n"
    "Task names, arguments and parameters are Stash's. A Task is called `<name>-backup-<version>` "
    "or `<name>-restore-<version>`; the version\n"
    "says which clients Stash's image had; the README beside an addon says which ours has.\n";

static const char *shape_of(const struct addon_info *info)
{
    switch (info->shape) {
    case ADDON_FOLDER:
        return info->interim ? "a folder, dumped into the interim volume" : "a folder";
    case ADDON_STREAM:
        return "a stream, nothing lies on a disk";
    case ADDON_PATHS:
        return "files as they are";
    }
    return "";
}

static void add_list(struct buf *out, const char *const *list)
{
    for (size_t i = 0; list && list[i]; i++)
        buf_addf(out, "%s%s", i ? ", " : "", list[i]);
}

static void add_params(struct buf *out, const struct addon_info *info)
{
    size_t count = addon_info_param_count(info);

    if (count == 0)
        return;
    buf_adds(out, "\n| parameter | step | default | |\n|---|---|---|---|\n");
    for (size_t i = 0; i < count; i++) {
        const struct addon_param *param = &info->params[i];
        const char *step = param->steps == ADDON_BACKUP    ? "backup"
                           : param->steps == ADDON_RESTORE ? "restore"
                                                           : "both";

        buf_addf(out, "| `%s` | %s | %s%s%s | %s", param->variable, step,
                 *param->fallback ? "`" : "", param->fallback, *param->fallback ? "`" : "",
                 param->help ? param->help : "accepted, and means nothing");
        if (param->versions) {
            buf_adds(out, " (");
            add_list(out, param->versions);
            buf_adds(out, ")");
        }
        buf_adds(out, " |\n");
    }
}

static void add_addon(struct buf *out, const struct addon_info *info)
{
    buf_addf(out, "\n## %s\n\n", info->name);
    buf_addf(out, "- Data: %s", shape_of(info));
    if (info->stream_file)
        buf_addf(out, "; called `%s` in the snapshot", info->stream_file);
    buf_adds(out, "\n- Versions of the Tasks: ");
    if (info->versions)
        add_list(out, info->versions);
    else
        buf_adds(out, "one, without a version");
    if (info->types) {
        buf_adds(out, "\n- AppBinding of type: ");
        add_list(out, info->types);
    }
    buf_addf(out, "\n- Tried with: %s\n- Verified: %s\n", info->tried, info->verified);
    add_params(out, info);
}

int main(int argc, char **argv)
{
    AUTO(buf_done) struct buf out;
    AUTO(mem_free) char *have = NULL;
    struct error err = {0};
    size_t len = 0;

    if (argc != 2)
        return 2;
    buf_init(&out, LIMIT_MIB);
    buf_adds(&out, head);
    for (size_t i = 0; addon_infos[i]; i++)
        add_addon(&out, addon_infos[i]);
    if (getenv("STASH_UPDATE_GOLDEN"))
        return file_write(argv[1], out.data, out.len, 0644, &err) < 0;
    if (file_read(argv[1], LIMIT_MIB, &have, &len, &err) < 0 || len != out.len ||
        memcmp(have, out.data, len) != 0) {
        fprintf(stderr, "%s says something else than the addons' rows: STASH_UPDATE_GOLDEN=1\n",
                argv[1]);
        return 1;
    }
    return 0;
}
