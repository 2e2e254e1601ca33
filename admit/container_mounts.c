/* container_mounts.c - where a container mounts which volumes. */
#include <string.h>

#include "container.h"
#include "stash/inject_check.h"
#include "stash/jsonx.h"
#include "stash/names.h"
#include "stash/path.h"
#include "syntax.h"

/* The backup's own. */
static const char *const own_paths[] = {PATH_TMP, PATH_INTERIM, PATH_TOKEN, PATH_STORAGE};

/* What the backup's image consists of: a mount at one of these, or above it, leaves no program to run. */
static const char *const image_paths[] = {"/stash",
                                          "/proc",
                                          "/dev",
                                          "/lib",
                                          "/lib64",
                                          "/usr/bin",
                                          "/usr/lib/x86_64-linux-gnu",
                                          "/usr/lib/aarch64-linux-gnu",
                                          "/etc/ssl/certs"};
/* The kubelet's, in every container. */
#define PATH_TERMINATION_LOG "/dev/termination-log"
#define PART_MAX             255 /* bytes of a file's name */
/* of a path; the kernel's 4096 have to do for what the runtime puts before it */
#define PATH_MAX_LEN 3072

/* ---- paths ------------------------------------------------------------------------------------------------------- */

/* The next part of the path that is neither empty nor "."; NULL at the end. */
static const char *part_next(const char *path, size_t *ret_len)
{
    for (;; path += *ret_len) {
        path += strspn(path, "/");
        *ret_len = strcspn(path, "/");
        if (*ret_len == 0)
            return NULL;
        if (*ret_len != 1 || *path != '.')
            return path;
    }
}

bool inject_check_path_is_in(const char *inner, const char *outer)
{
    size_t in_len, out_len;

    for (;;) {
        outer = part_next(outer, &out_len);
        if (!outer)
            return true;
        inner = part_next(inner, &in_len);
        if (!inner || in_len != out_len || strncmp(inner, outer, in_len) != 0)
            return false;
        inner += in_len;
        outer += out_len;
    }
}

bool inject_check_same_path(const char *one, const char *other)
{
    return inject_check_path_is_in(one, other) && inject_check_path_is_in(other, one);
}

/* In images, /var/run is a link to /run. */
static bool mount_meets(const char *path, const char *own, bool read_only)
{
    AUTO(mem_free) char *linked = strncmp(path, "/run", 4) == 0 ? xasprintf("/var%s", path) : NULL;
    const char *real = linked ? linked : path;

    return inject_check_path_is_in(real, own) || (read_only && inject_check_path_is_in(own, real));
}

static bool covers_image(const char *path)
{
    for (size_t i = 0; i < ARRAY_LEN(image_paths); i++)
        if (inject_check_path_is_in(image_paths[i], path))
            return true;
    return inject_check_path_is_in(path, "/proc") ||
           inject_check_same_path(path, PATH_TERMINATION_LOG);
}

bool inject_check_is_own_path(const char *path, bool read_only)
{
    if (covers_image(path))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(own_paths); i++)
        if (mount_meets(path, own_paths[i], read_only))
            return true;
    return false;
}

bool inject_check_is_clean_path(const char *path)
{
    const char *part;
    size_t len;

    if (strlen(path) > PATH_MAX_LEN)
        return false;
    for (part = part_next(path, &len); part; part = part_next(part + len, &len))
        if (len > PART_MAX)
            return false;
    return !path_goes_up(path);
}

/* ---- one mount --------------------------------------------------------------------------------------------------- */

static void check_propagation(const struct admit *a, const char *path, const json_t *value)
{
    value_one_of(a, path, value,
                 (const char *const[]){"None", "HostToContainer", "Bidirectional", NULL});
}

static void check_recursive(const struct admit *a, const char *path, const json_t *value)
{
    value_one_of(a, path, value, (const char *const[]){"Disabled", "IfPossible", "Enabled", NULL});
}

static const struct value_rule mount_rules[] = {
    {"readOnly", value_bool},        {"mountPropagation", check_propagation},
    {"subPath", value_sub_path},     {"recursiveReadOnly", check_recursive},
    {"subPathExpr", value_sub_path}, {0}};

static bool member_is(const json_t *mount, const char *key, const char *word)
{
    const char *text = jsonx_str(mount, key, NULL);

    return text && strcmp(text, word) == 0;
}

static void check_combination(const struct admit *a, const char *at, const json_t *mount,
                              const json_t *security)
{
    bool recursive = !jsonx_is_empty(jsonx_get(mount, "recursiveReadOnly", NULL)) &&
                     !member_is(mount, "recursiveReadOnly", "Disabled");
    bool propagates = !jsonx_is_empty(jsonx_get(mount, "mountPropagation", NULL)) &&
                      !member_is(mount, "mountPropagation", "None");

    if (recursive && (!jsonx_bool(mount, false, "readOnly", NULL) || propagates))
        rule_cause(a, at, "recursiveReadOnly", CAUSE_INVALID,
                   "goes with readOnly: true, and without mountPropagation");
    if (member_is(mount, "mountPropagation", "Bidirectional") &&
        !jsonx_bool(security, false, "privileged", NULL))
        rule_cause(a, at, "mountPropagation", CAUSE_INVALID,
                   "Bidirectional needs securityContext.privileged: true");
    if (!jsonx_is_empty(jsonx_get(mount, "subPath", NULL)) &&
        !jsonx_is_empty(jsonx_get(mount, "subPathExpr", NULL)))
        rule_cause(a, at, "subPathExpr", CAUSE_INVALID,
                   "there is a subPath already: leave one out");
}

/* ---- all of them ------------------------------------------------------------------------------------------------- */

static bool is_taken(const json_t *mounts, size_t index, const char *path)
{
    for (size_t i = 0; i < index; i++) {
        const char *other = jsonx_str(json_array_get(mounts, i), "mountPath", NULL);
        if (other && inject_check_same_path(path, other))
            return true;
    }
    return false;
}

static void check_path(const struct admit *a, const char *at, const json_t *mounts, size_t index)
{
    const json_t *mount = json_array_get(mounts, index);
    const char *path = jsonx_str(mount, "mountPath", NULL);

    if (!path || !*path)
        causes_add(a->causes, at, CAUSE_REQUIRED, "must not be empty");
    else if (inject_check_same_path(path, "/"))
        causes_add(a->causes, at, CAUSE_INVALID,
                   "it would cover the container's own files; mount it at a directory");
    else if (!inject_check_is_clean_path(path))
        causes_add(a->causes, at, CAUSE_INVALID,
                   "%.100s: write the path without \"..\", no part of it longer than %d bytes, and "
                   "all of it not longer than %d",
                   path, PART_MAX, PATH_MAX_LEN);
    else if (is_taken(mounts, index, path))
        causes_add(a->causes, at, CAUSE_DUPLICATE, "%.100s is mounted twice", path);
    else if (inject_check_is_own_path(path, jsonx_bool(mount, false, "readOnly", NULL)))
        causes_add(a->causes, at, CAUSE_FORBIDDEN,
                   "%.100s is used by the backup itself; mount it somewhere else%s", path,
                   inject_check_path_is_in("/etc/ssl/certs", path)
                       ? " (a CA for the storage goes into its Secret: CA_CERT_DATA)"
                       : "");
}

/* Two mounts at one path make the API server refuse the pod: the workload itself would not start. */
void container_mounts(const struct admit *a, const char *at, const json_t *mounts,
                      const json_t *security)
{
    for (size_t i = 0; i < json_array_size(mounts); i++) {
        const json_t *mount = json_array_get(mounts, i);
        AUTO(mem_free) char *base = xasprintf("%s[%zu]", at, i);
        AUTO(mem_free) char *path = xasprintf("%s.mountPath", base);
        if (jsonx_is_empty(jsonx_get(mount, "name", NULL)))
            rule_cause(a, base, "name", CAUSE_REQUIRED,
                       "name one of the volumes in the pods of the target");
        check_path(a, path, mounts, i);
        values_check(a, base, mount, mount_rules);
        check_combination(a, base, mount, security);
    }
}
