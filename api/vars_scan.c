/* vars_scan.c - which variables a document reads, without replacing any. */
#include <ctype.h>
#include <string.h>

#include "stash/jsonx.h"
#include "stash/mem.h"
#include "stash/text.h"
#include "stash/vars.h"

static bool is_name_char(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static bool text_mentions(const char *text, const char *name)
{
    size_t len = strlen(name);

    for (; (text = strchr(text, '$')); text++) {
        if (text[1] == '$') {
            text++;
            continue;
        }
        if (text[1] != '{')
            continue;
        const char *at = text + 2 + (text[2] == '#');
        if (strncmp(at, name, len) == 0 && !is_name_char(at[len]))
            return true;
    }
    return false;
}

bool vars_mentions(const json_t *doc, const char *name)
{
    const char *key;
    const json_t *member;

    if (json_is_string(doc))
        return text_mentions(json_string_value(doc), name);
    for (size_t i = 0; i < json_array_size(doc); i++) {
        if (vars_mentions(json_array_get(doc, i), name))
            return true;
    }
    jsonx_foreach_member (doc, key, member) {
        if (vars_mentions(member, name))
            return true;
    }
    return false;
}

static void text_names(const char *text, json_t *names)
{
    while ((text = strchr(text, '$'))) {
        const char *name = text + 2 + (text[1] == '{' && text[2] == '#');
        size_t len = 0;
        bool is_variable = text[1] == '{';
        while (is_variable && is_name_char(name[len]))
            len++;
        if (len > 0)
            json_object_setn_new(names, name, len, json_true());
        text += text[1] == '$' ? 2 : 1;
    }
}

void vars_names(const json_t *doc, json_t *names)
{
    const char *key;
    const json_t *member;

    if (json_is_string(doc))
        text_names(json_string_value(doc), names);
    for (size_t i = 0; i < json_array_size(doc); i++)
        vars_names(json_array_get(doc, i), names);
    jsonx_foreach_member (doc, key, member)
        vars_names(member, names);
}

void vars_unset_in(const json_t *doc, const json_t *vars, json_t *unset)
{
    struct error ignored;
    const char *key;
    const json_t *member;

    if (json_is_string(doc))
        vars_unset(json_string_value(doc), vars, unset, &ignored);
    for (size_t i = 0; i < json_array_size(doc); i++)
        vars_unset_in(json_array_get(doc, i), vars, unset);
    jsonx_foreach_member (doc, key, member)
        vars_unset_in(member, vars, unset);
}

/* ---- the variables that Stash sets itself ------------------------------------------------------------------------ */

static const char *const built_in[] = {
    "REPOSITORY_NAME",
    "REPOSITORY_NAMESPACE",
    "REPOSITORY_PROVIDER",
    "REPOSITORY_BUCKET",
    "REPOSITORY_PREFIX",
    "REPOSITORY_INSECURE_TLS",
    "REPOSITORY_ENDPOINT",
    "REPOSITORY_REGION",
    "REPOSITORY_SECRET_NAME",
    "REPOSITORY_SECRET_NAMESPACE",
    "MAX_CONNECTIONS",
    "TARGET_API_VERSION",
    "TARGET_KIND",
    "TARGET_NAME",
    "TARGET_NAMESPACE",
    "TARGET_PATHS",
    "TARGET_MOUNT_PATH",
    "TARGET_APP_REPLICAS",
    "DRIVER_ARGS",
    "EXCLUDE_PATTERNS",
    "INCLUDE_PATTERNS",
    "HOSTNAME",
    "SOURCE_HOSTNAME",
    "ENABLE_CACHE",
    "INTERIM_DATA_DIR",
    "BACKUP_SESSION",
    "RESTORE_SESSION",
    "NAMESPACE",
    "RESTORE_PATHS",
    "RESTORE_SNAPSHOTS",
    "RETENTION_KEEP_LAST",
    "RETENTION_KEEP_HOURLY",
    "RETENTION_KEEP_DAILY",
    "RETENTION_KEEP_WEEKLY",
    "RETENTION_KEEP_MONTHLY",
    "RETENTION_KEEP_YEARLY",
    "RETENTION_KEEP_TAGS",
    "RETENTION_PRUNE",
    "RETENTION_DRY_RUN",
    "INVOKER_KIND",
    "INVOKER_NAME",
    "STASH_DOCKER_REGISTRY",
    "STASH_DOCKER_IMAGE",
    "STASH_IMAGE_TAG",
    "LICENSE_APISERVICE",
    "PROMETHEUS_PUSHGATEWAY_URL",
    "PROMETHEUS_JOB_NAME",
    "ADDON_IMAGE",
    "HOOK_TYPE",
    "POD_ORDINAL",
    NULL,
};

bool vars_is_built_in(const char *name)
{
    return text_is_one_of(name, built_in);
}
