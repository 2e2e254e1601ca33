#include "secret.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

#include "stash/clock.h"
#include "stash/digest.h"
#include "stash/file.h"
#include "stash/flags.h"
#include "stash/jsonx.h"
#include "stash/kinds.h"
#include "stash/limits.h"
#include "stash/log.h"
#include "stash/names.h"
#include "stash/pair.h"
#include "stash/spawn.h"

#define SECRET_MAX (1 * LIMIT_MIB) /* the API server's own limit */
#define KEYS_MAX   1000
#define LOOK_MS    500
/* The kubelet looks about once a minute and a half. */
#define PATIENCE_MS 150000

static int64_t patience_ms(void)
{
    const char *text = getenv("STASH_SECRET_PATIENCE_MS");
    int64_t patience;

    return text && flags_number(text, &patience) ? patience : PATIENCE_MS;
}

static char *folder_of(const char *name)
{
    const char *base = getenv("STASH_SECRETS_DIR");

    return xasprintf("%s/%s", base ? base : PATH_STORAGE, name);
}

static int add_key(const char *folder, const char *key, json_t *data, struct error *err)
{
    AUTO(mem_free) char *path = xasprintf("%s/%s", folder, key);
    AUTO(mem_free) char *value = NULL;
    size_t len;
    int r = file_read(path, SECRET_MAX, &value, &len, err);

    if (r == -ERR_NOT_FOUND) /* the kubelet has just put a newer version in its place */
        return 0;
    if (r < 0)
        return error_wrap(err, "reading the mounted Secret");
    AUTO(mem_free) char *encoded = digest_base64(value, len);
    json_object_set_new(data, key, json_string(encoded));
    memset(value, 0, len);
    return 0;
}

/* What the kubelet keeps beside the keys begins with "..". */
static int add_keys(const char *folder, DIR *dir, json_t *data, struct error *err)
{
    const struct dirent *entry;
    int r = 0;

    while (r == 0 && (entry = readdir(dir)) && json_object_size(data) < KEYS_MAX)
        if (strncmp(entry->d_name, "..", 2) != 0 && strcmp(entry->d_name, ".") != 0)
            r = add_key(folder, entry->d_name, data, err);
    return r;
}

/* ERR_NOT_FOUND: it is not mounted. A mount may be empty. */
static int read_mounted(const char *folder, json_t **ret, struct error *err)
{
    json_auto_t *data = json_object();
    DIR *dir = opendir(folder);
    int r;

    if (!dir)
        return error_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_SYSTEM, "opening %s: %s",
                         folder, strerror(errno));
    r = add_keys(folder, dir, data, err);
    closedir(dir);
    if (r == 0)
        *ret = TAKE(data);
    return r;
}

static int wait_for_keys(const struct secret_place *place, const char *folder, json_t **data,
                         struct error *err)
{
    int64_t end = clock_mono_ms() + patience_ms();
    bool told = false;

    while (json_object_size(*data) == 0) {
        if (spawn_is_cancelled())
            return error_set(err, ERR_TIMEOUT, "told to stop");
        if (clock_mono_ms() >= end)
            return error_set(err, ERR_NOT_FOUND,
                             "secret %s/%s does not exist: what is mounted for it is still empty",
                             place->namespace, place->name);
        if (!told)
            log_info("waiting for the Secret of the Repository", "secret", place->name);
        told = true;
        spawn_sleep_ms(LOOK_MS);
        json_decref(TAKE(*data));
        int r = read_mounted(folder, data, err);
        if (r < 0)
            return r;
    }
    return 0;
}

/* Of several BackupConfigurations of a workload one has the sidecar, and only its Secret is mounted there. */
static int read_api(const struct secret_place *place, json_t **ret, struct error *err)
{
    bool here = strcmp(place->own, place->namespace) == 0;
    if (!place->kube)
        return error_set(err, ERR_NOT_FOUND, "secret %s is not mounted here", place->name);
    int r =
        kube_get(place->kube, kind_resource(KIND_SECRET), place->namespace, place->name, ret, err);

    if (r < 0)
        error_wrap(err, "reading secret %s/%s", place->namespace, place->name);
    if (r == -ERR_DENIED && here)
        return error_wrap(err, "the Secret is not mounted in this container, which was perhaps "
                               "made for another BackupConfiguration or before spec.repository "
                               "was changed");
    return r;
}

int secret_read(const struct secret_place *place, json_t **ret, struct error *err)
{
    AUTO(mem_free) char *folder = folder_of(place->name);
    json_auto_t *data = NULL;
    int r;

    if (strcmp(place->own, place->namespace) != 0 || strchr(place->name, '/'))
        return read_api(place, ret, err);
    r = read_mounted(folder, &data, err);
    if (r == -ERR_NOT_FOUND)
        return read_api(place, ret, err);
    if (r == 0)
        r = wait_for_keys(place, folder, &data, err);
    if (r == 0)
        *ret = json_pack(
            "{s:s, s:s, s:{s:s, s:s}, s:O}", PAIR("apiVersion", "v1"), PAIR("kind", "Secret"),
            PAIR("metadata", PAIR("name", place->name), PAIR("namespace", place->namespace)),
            PAIR("data", data));
    return r;
}
