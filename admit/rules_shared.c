/*
 * rules_shared.c - what two objects store in one place. Nothing is refused: tags tell the snapshots apart. But people who
 * look at hosts and paths cannot, nor can a restore in a cluster without our tags.
 */
#include <ctype.h>
#include <string.h>

#include "rules.h"
#include "semantic.h"
#include "stash/backend.h"
#include "stash/jsonx.h"
#include "stash/names.h"
#include "stash/path.h"

/* ---- host and path in a Repository ------------------------------------------------------------------------------- */

enum hosts {
    HOSTS_ONE,      /* `base` itself */
    HOSTS_ORDINALS, /* base-0, base-1, … */
    HOSTS_NODES,    /* nodes, with `base` before them */
};

/* What one target stores. Borrowed from its document. */
struct stored {
    enum hosts hosts;
    const char *base;
    const json_t *paths; /* NULL: `path` alone */
    const char *path;
};

static void set_hosts(const struct target_view *t, struct stored *ret)
{
    const char *alias = jsonx_str(t->doc, "target", "alias", NULL);
    bool given = alias && *alias;

    ret->hosts = HOSTS_ONE;
    if (t->is_sidecar && strcmp(t->kind, "StatefulSet") == 0)
        ret->hosts = HOSTS_ORDINALS;
    if (t->is_sidecar && strcmp(t->kind, "DaemonSet") == 0)
        ret->hosts = HOSTS_NODES;
    static const char *const without[] = {DEFAULT_HOST, "host", ""};
    ret->base = given ? alias : without[ret->hosts];
}

/* A database is dumped to one path, which depends on where the interim volume is. */
static void set_paths(const struct target_view *t, struct stored *ret)
{
    const json_t *paths = jsonx_get(t->doc, "target", "paths", NULL);
    bool interim = !jsonx_is_empty(jsonx_get(t->doc, "interimVolumeTemplate", "spec", NULL));

    if (t->is_sidecar || strcmp(t->kind, "PersistentVolumeClaim") == 0) {
        ret->paths = jsonx_is_empty(paths) ? NULL : paths;
        ret->path = PATH_DATA;
    } else {
        ret->paths = NULL;
        ret->path = interim ? PATH_INTERIM_DATA : PATH_TMP_INTERIM;
    }
}

static bool is_ordinal_of(const char *host, const char *base)
{
    size_t len = strlen(base);

    if (strncmp(host, base, len) != 0 || host[len] != '-' || !host[len + 1])
        return false;
    return strspn(host + len + 1, "0123456789") == strlen(host + len + 1);
}

static bool hosts_meet(const struct stored *one, const struct stored *two)
{
    if (one->hosts == two->hosts)
        return strcmp(one->base, two->base) == 0;
    if (one->hosts == HOSTS_ONE && two->hosts == HOSTS_ORDINALS)
        return is_ordinal_of(one->base, two->base);
    if (one->hosts == HOSTS_ORDINALS && two->hosts == HOSTS_ONE)
        return is_ordinal_of(two->base, one->base);
    return false;
}

static size_t path_count(const struct stored *stored)
{
    return stored->paths ? json_array_size(stored->paths) : 1;
}

static const char *path_at(const struct stored *stored, size_t at)
{
    const char *path =
        stored->paths ? json_string_value(json_array_get(stored->paths, at)) : stored->path;

    return path ? path : "";
}

/* The first path that both store; NULL when there is none. */
static const char *common_path(const struct stored *one, const struct stored *two)
{
    for (size_t i = 0; i < path_count(one); i++) {
        for (size_t j = 0; j < path_count(two); j++) {
            if (*path_at(one, i) && path_same(path_at(one, i), path_at(two, j)))
                return path_at(one, i);
        }
    }
    return NULL;
}

/* ---- other invokers ---------------------------------------------------------------------------------------------- */

static enum kind kind_of(const json_t *object)
{
    return kind_find(jsonx_str(object, "apiVersion", NULL), jsonx_str(object, "kind", NULL));
}

bool rule_is_self(const struct admit *a, const json_t *other)
{
    const char *name = jsonx_name(a->request->object);

    return kind_of(other) == a->request->kind && name && jsonx_name(other) &&
           strcmp(name, jsonx_name(other)) == 0 &&
           strcmp(a->namespace, snapshot_invoker_namespace(other)) == 0;
}

static bool stored_init(enum kind kind, const json_t *spec, size_t index, const char *namespace,
                        struct stored *ret)
{
    struct target_view t;

    target_view(kind, spec, index, namespace, &t);
    if (strcmp(t.driver, "Restic") != 0)
        return false;
    set_hosts(&t, ret);
    set_paths(&t, ret);
    return true;
}

/* The path that this target and some target of the other invoker store for the same host; NULL when there is none. */
static const char *path_shared_with(const struct stored *mine, const json_t *other)
{
    const json_t *spec = jsonx_get(other, "spec", NULL);
    const char *path = NULL;

    for (size_t i = 0; !path && i < target_count(kind_of(other), spec); i++) {
        struct stored theirs;
        if (stored_init(kind_of(other), spec, i, snapshot_invoker_namespace(other), &theirs) &&
            hosts_meet(mine, &theirs))
            path = common_path(mine, &theirs);
    }
    return path;
}

/* Who else stores a path of one target. */
struct sharers {
    const struct admit *a;
    struct stored mine;
    json_t *first;
    const char *path; /* of the first one: borrowed of it, or of our own */
    size_t more;
};

static bool look_at_user(void *arg, const json_t *other)
{
    struct sharers *sharers = arg;
    const char *shared =
        rule_is_self(sharers->a, other) ? NULL : path_shared_with(&sharers->mine, other);

    if (!shared)
        return true;
    if (sharers->first) {
        sharers->more++;
        return true;
    }
    sharers->path = shared;
    sharers->first = json_incref(jsonx_unconst(other));
    return true;
}

static void warn_shared(const struct admit *a, size_t index, const char *namespace)
{
    const struct snapshot *snapshot = a->request->snapshot;
    struct sharers sharers = {.a = a};

    if (!stored_init(a->request->kind, a->spec, index, a->namespace, &sharers.mine))
        return;
    snapshot->each_user(snapshot->ctx, namespace, jsonx_str(a->spec, "repository", "name", NULL),
                        look_at_user, &sharers);
    if (!sharers.first)
        return;
    AUTO(mem_free)
    char *others = sharers.more ? xasprintf(" (and %zu more)", sharers.more) : xstrdup("");
    warnings_add(a->warnings,
                 "spec.repository: %s %.63s/%.63s%s stores %.40s of the same host in it too; set "
                 "another target.alias, or people cannot tell their snapshots apart",
                 jsonx_str(sharers.first, "kind", NULL), snapshot_invoker_namespace(sharers.first),
                 jsonx_name(sharers.first), others, sharers.path);
    json_decref(sharers.first);
}

static bool is_member_changed(const struct admit *a, const char *key)
{
    return !semantic_equal(jsonx_get(a->request->old, "spec", key, NULL),
                           jsonx_get(a->spec, key, NULL));
}

static bool is_news(const struct admit *a)
{
    return a->request->operation != OPERATION_UPDATE || is_member_changed(a, "target") ||
           is_member_changed(a, "members") || is_member_changed(a, "repository");
}

void rule_shared_repository(const struct admit *a)
{
    const struct snapshot *snapshot = a->request->snapshot;
    const char *name = jsonx_str(a->spec, "repository", "name", NULL);
    const char *namespace = jsonx_str(a->spec, "repository", "namespace", NULL);

    if (!snapshot || a->request->at_run_time || !name || !*name || !is_news(a))
        return;
    for (size_t i = 0; i < target_count(a->request->kind, a->spec); i++)
        warn_shared(a, i, namespace && *namespace ? namespace : a->namespace);
}

/* ---- two Repositories -------------------------------------------------------------------------------------------- */

/* host:9000 of "https://user@Host:9000/", without the port that the scheme has anyway. */
static char *host_of(const char *url)
{
    const char *scheme = strstr(url, "://");
    const char *host = scheme ? scheme + 3 : url;
    size_t len = strcspn(host, "/?#");
    const char *at = memchr(host, '@', len);
    char *text;

    if (at) {
        len -= (size_t)(at + 1 - host);
        host = at + 1;
    }
    text = xstrndup(host, len);
    for (char *c = text; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    char *port = strrchr(text, ':');
    if (port && (strcmp(port, ":443") == 0 || strcmp(port, ":80") == 0))
        *port = '\0';
    return text;
}

/* a/b of "/a//b/"; the parts are joined first, because a bucket may hold a directory. */
static char *path_of(const char *container, const char *prefix)
{
    char *text = xasprintf("%s/%s", container, prefix);
    char *out = text;

    for (const char *in = text; *in; in++) {
        bool is_slash = *in == '/';
        if (!is_slash || (out > text && out[-1] != '/'))
            *out++ = *in;
    }
    if (out > text && out[-1] == '/')
        out--;
    *out = '\0';
    return text;
}

/* What the volume is, wherever it is mounted. Claims and the like are their namespace's. */
static char *place_local(const struct backend *backend, const char *namespace)
{
    const char *sub_path = jsonx_str(backend->local, "subPath", NULL);
    json_auto_t *volume = json_copy(jsonx_unconst(backend->local));
    bool is_everywhere =
        jsonx_get(volume, "nfs", NULL) != NULL || jsonx_get(volume, "hostPath", NULL) != NULL;

    json_object_del(volume, "mountPath");
    json_object_del(volume, "subPath");
    AUTO(mem_free) char *text = jsonx_dump_pretty(volume);
    AUTO(mem_free) char *path = path_of("", sub_path ? sub_path : "");
    return json_object_size(volume) == 0
               ? NULL
               : xasprintf("local %s %s %s", is_everywhere ? "" : namespace, text, path);
}

/* One text per place, however it is written; NULL when the Repository does not say. The account of azure and swift is in
 * the Secret. */
static char *place_of(const json_t *repository, const char *namespace)
{
    struct backend backend;
    struct error ignored;

    if (backend_decode(repository, &backend, &ignored) < 0)
        return NULL;
    if (backend.local)
        return place_local(&backend, namespace);
    bool is_url = !backend.provider->container_field;
    bool is_secret = backend.provider->is_secret_account;
    AUTO(mem_free) char *host = host_of(backend.endpoint);
    AUTO(mem_free) char *path = path_of(is_url ? "" : backend.container, backend.prefix);
    return *path || is_url
               ? xasprintf("%s %s %s/%s %s", backend.provider->name, host,
                           is_secret ? namespace : "", is_secret ? backend.secret : "", path)
               : NULL;
}

struct neighbour {
    const struct admit *a;
    const char *place;
};

static bool is_elsewhere(void *arg, const json_t *other)
{
    const struct neighbour *mine = arg;
    AUTO(mem_free)
    char *place =
        rule_is_self(mine->a, other) ? NULL : place_of(other, snapshot_invoker_namespace(other));

    if (!place || strcmp(place, mine->place) != 0)
        return true;
    warnings_add(mine->a->warnings,
                 "spec.backend: Repository %.63s/%.100s is stored in the same place; give each "
                 "its own prefix",
                 snapshot_invoker_namespace(other), jsonx_name(other));
    return false;
}

void rule_shared_place(const struct admit *a)
{
    const struct snapshot *snapshot = a->request->snapshot;
    AUTO(mem_free) char *place = place_of(a->request->object, a->namespace);
    struct neighbour mine = {a, place};

    if (snapshot && !a->request->at_run_time && place)
        snapshot->each(snapshot->ctx, KIND_REPOSITORY, NULL, is_elsewhere, &mine);
}
