#include "objects.h"

#include <ctype.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "merge_patch.h"
#include "stash/buf.h"
#include "stash/clock.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/mem.h"
#include "stash/timefmt.h"

#define BLOCK 32768

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static json_t *kept;   /* "group/plural/namespace/name" -> object */
static json_t *events; /* [{type, collection, object}]; the n-th made version n + 1 */

/* ---- where an object is ------------------------------------------------------------------------------------------- */

struct place {
    char collection[128]; /* "group/plural" */
    char namespace[80], name[300];
    bool status;
};

static char *place_key(const struct place *place)
{
    return xasprintf("%s/%s/%s", place->collection, place->namespace, place->name);
}

/* /api/v1/…, /apis/group/version/…, then [namespaces/ns/]plural[/name[/status]] */
static bool place_parse(const char *path, struct place *ret)
{
    AUTO(mem_free) char *copy = xstrdup(path);
    char *parts[12] = {0};
    size_t count = 0;
    char *rest = NULL;

    for (char *part = strtok_r(copy, "/", &rest); part && count < ARRAY_LEN(parts);
         part = strtok_r(NULL, "/", &rest))
        parts[count++] = part;
    bool core = count > 0 && strcmp(parts[0], "api") == 0;
    char **at = parts + (core ? 2 : 3);
    if (!at[0])
        return false;
    bool inside = strcmp(at[0], "namespaces") == 0 && at[1] && at[2];
    char **what = inside ? at + 2 : at;
    *ret = (struct place){.status = what[1] && what[2]};
    snprintf(ret->collection, sizeof(ret->collection), "%s/%s", core ? "" : parts[1], what[0]);
    snprintf(ret->namespace, sizeof(ret->namespace), "%s", inside ? at[1] : "");
    snprintf(ret->name, sizeof(ret->name), "%s", what[1] ? what[1] : "");
    return true;
}

/* Where an object of the script goes: kinds are plural as Kubernetes makes them. */
static void place_of(const json_t *object, struct place *ret)
{
    const char *version = jsonx_str(object, "apiVersion", NULL);
    const char *slash = version ? strchr(version, '/') : NULL;
    AUTO(mem_free) char *kind = xstrdup(jsonx_str(object, "kind", NULL));
    size_t len = strlen(kind);
    const char *ending = "s";

    for (char *c = kind; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    if (kind[len - 1] == 'y') {
        kind[len - 1] = '\0';
        ending = "ies";
    } else if (kind[len - 1] == 's' || kind[len - 1] == 'h') {
        ending = "es";
    }
    *ret = (struct place){0};
    snprintf(ret->collection, sizeof(ret->collection), "%.*s/%s%s",
             slash ? (int)(slash - version) : 0, slash ? version : "", kind, ending);
    snprintf(ret->namespace, sizeof(ret->namespace), "%s",
             jsonx_namespace(object) ? jsonx_namespace(object) : "");
    snprintf(ret->name, sizeof(ret->name), "%s", jsonx_name(object));
}

/* ---- writing ------------------------------------------------------------------------------------------------------ */

static bool is_over(const json_t *object)
{
    return jsonx_get(object, "metadata", "deletionTimestamp", NULL) &&
           json_array_size(jsonx_get(object, "metadata", "finalizers", NULL)) == 0;
}

/* A new version of an object, which is taken; what the server answers is lent. */
static json_t *put(const struct place *place, json_t *object, const char *type)
{
    AUTO(mem_free) char *key = place_key(place);
    json_t *metadata = jsonx_own(object, "metadata");
    bool gone = strcmp(type, "DELETED") == 0 || is_over(object);

    json_object_set_new(metadata, "resourceVersion",
                        json_sprintf("%zu", json_array_size(events) + 1));
    json_array_append_new(events, json_pack("{s:s, s:s, s:O}", "type", gone ? "DELETED" : type,
                                            "collection", place->collection, "object", object));
    if (gone)
        json_object_del(kept, key);
    else
        json_object_set(kept, key, object);
    pthread_cond_broadcast(&changed);
    json_decref(object);
    return json_object_get(json_array_get(events, json_array_size(events) - 1), "object");
}

static json_t *newborn(const struct place *place, const json_t *body)
{
    json_t *object = json_deep_copy(body);
    json_t *metadata = jsonx_own(object, "metadata");
    char now[TIMEFMT_SIZE];

    timefmt_rfc3339(clock_now(), now);
    if (*place->namespace)
        json_object_set_new(metadata, "namespace", json_string(place->namespace));
    if (!json_object_get(metadata, "uid"))
        json_object_set_new(metadata, "uid", json_sprintf("uid-%zu", json_array_size(events)));
    if (!json_object_get(metadata, "creationTimestamp"))
        json_object_set_new(metadata, "creationTimestamp", json_string(now));
    return object;
}

static bool is_stale(const json_t *object, const json_t *body)
{
    const char *asked = jsonx_str(body, "metadata", "resourceVersion", NULL);

    return asked && strcmp(asked, jsonx_str(object, "metadata", "resourceVersion", NULL)) != 0;
}

/* The object after a patch (merge) or PUT; of /status only the status counts. */
static json_t *altered(const json_t *object, const struct objects_request *request,
                       const struct place *place)
{
    bool patch = strcmp(request->method, "PATCH") == 0;
    json_t *after = json_deep_copy(object);
    json_auto_t *only = json_pack("{s:O*}", "status", jsonx_get(request->body, "status", NULL));

    if (!patch && place->status)
        json_object_del(after, "status");
    if (!patch && !place->status) {
        json_decref(after);
        after = json_deep_copy(request->body);
    }
    merge_patch(after, place->status ? only : request->body);
    return after;
}

/* ---- answers ------------------------------------------------------------------------------------------------------ */

static json_t *refusal(unsigned code, const char *reason, unsigned *ret_status)
{
    *ret_status = code;
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:i}", "kind", "Status", "apiVersion", "v1",
                     "status", "Failure", "reason", reason, "message", reason, "code", (int)code);
}

static bool has_labels(const json_t *object, const char *selector)
{
    AUTO(mem_free) char *copy = xstrdup(selector ? selector : "");
    char *rest = copy;
    char *pair;

    while ((pair = strsep(&rest, ","))) {
        char *equals = strchr(pair, '=');

        if (equals)
            *equals = '\0';
        const char *have = jsonx_label(object, pair);
        if (*pair && (!have || (equals && strcmp(have, equals + 1) != 0)))
            return false;
    }
    return true;
}

static json_t *list(const struct objects_request *request, const struct place *place)
{
    AUTO(mem_free) char *prefix = xasprintf("%s/%s", place->collection, place->namespace);
    json_t *items = json_array();
    const char *key;
    json_t *object;

    if (*place->namespace) {
        char *whole = xasprintf("%s/", prefix);
        free(prefix);
        prefix = whole;
    }
    json_object_foreach (kept, key, object) {
        if (strncmp(key, prefix, strlen(prefix)) == 0 && has_labels(object, request->label))
            json_array_append(items, object);
    }
    return json_pack("{s:s, s:s, s:{s:o}, s:o}", "kind", "List", "apiVersion", "v1", "metadata",
                     "resourceVersion", json_sprintf("%zu", json_array_size(events)), "items",
                     items);
}

static json_t *create(const struct objects_request *request, struct place *place,
                      unsigned *ret_status)
{
    snprintf(place->name, sizeof(place->name), "%s", jsonx_name(request->body));
    AUTO(mem_free) char *key = place_key(place);
    json_t *object;

    if (json_object_get(kept, key))
        return refusal(409, "AlreadyExists", ret_status);
    object = newborn(place, request->body);
    *ret_status = 201;
    return request->dry_run ? object : json_incref(put(place, object, "ADDED"));
}

static json_t *change(const struct objects_request *request, struct place *place,
                      unsigned *ret_status)
{
    AUTO(mem_free) char *key = place_key(place);
    const json_t *object = json_object_get(kept, key);

    if (!object && request->apply)
        return create(request, place, ret_status);
    if (!object)
        return refusal(404, "NotFound", ret_status);
    if (is_stale(object, request->body))
        return refusal(409, "Conflict", ret_status);
    json_t *after = altered(object, request, place);
    if (json_equal(after, jsonx_unconst(object))) { /* as the real one: no new version */
        json_decref(after);
        return json_incref(jsonx_unconst(object));
    }
    return json_incref(put(place, after, "MODIFIED"));
}

static json_t *remove_object(const struct place *place, unsigned *ret_status)
{
    AUTO(mem_free) char *key = place_key(place);
    const json_t *object = json_object_get(kept, key);
    char now[TIMEFMT_SIZE];

    if (!object)
        return refusal(404, "NotFound", ret_status);
    json_t *after = json_deep_copy(object);
    timefmt_rfc3339(clock_now(), now);
    json_object_set_new(jsonx_own(after, "metadata"), "deletionTimestamp", json_string(now));
    return json_incref(put(place, after, "MODIFIED"));
}

static json_t *get(const struct place *place, unsigned *ret_status)
{
    AUTO(mem_free) char *key = place_key(place);
    json_t *object = json_object_get(kept, key);

    return object ? json_incref(object) : refusal(404, "NotFound", ret_status);
}

static json_t *answer(const struct objects_request *request, struct place *place,
                      unsigned *ret_status)
{
    *ret_status = 200;
    if (strcmp(request->method, "GET") == 0)
        return *place->name ? get(place, ret_status) : list(request, place);
    if (strcmp(request->method, "DELETE") == 0)
        return remove_object(place, ret_status);
    if (!json_is_object(request->body))
        return refusal(400, "BadRequest", ret_status);
    return strcmp(request->method, "POST") == 0 ? create(request, place, ret_status)
                                                : change(request, place, ret_status);
}

/* ---- watching ----------------------------------------------------------------------------------------------------- */

struct stream {
    struct place place;
    char *label;
    size_t next; /* event */
    char *text;  /* of the event under way */
    size_t sent;
};

static void stream_free(void *ctx)
{
    struct stream *stream = ctx;

    free(stream->label);
    free(stream->text);
    free(stream);
}

static bool concerns(const struct stream *stream, const json_t *event)
{
    const json_t *object = json_object_get(event, "object");
    const char *namespace = jsonx_namespace(object);

    return strcmp(jsonx_str(event, "collection", NULL), stream->place.collection) == 0 &&
           (!*stream->place.namespace ||
            (namespace && strcmp(namespace, stream->place.namespace) == 0)) &&
           has_labels(object, stream->label);
}

static char *wait_for_event(struct stream *stream)
{
    char *text = NULL;

    pthread_mutex_lock(&lock);
    while (!text) {
        const json_t *event = json_array_get(events, stream->next);

        if (!event) {
            pthread_cond_wait(&changed, &lock);
            continue;
        }
        stream->next++;
        if (!concerns(stream, event))
            continue;
        AUTO(mem_free) char *line = jsonx_dump(event);
        text = xasprintf("%s\n", line);
    }
    pthread_mutex_unlock(&lock);
    return text;
}

static ssize_t send_events(void *ctx, uint64_t position, char *out, size_t max)
{
    struct stream *stream = ctx;

    (void)position;
    if (!stream->text)
        stream->text = wait_for_event(stream);
    size_t len = strlen(stream->text + stream->sent);
    if (len > max)
        len = max;
    memcpy(out, stream->text + stream->sent, len);
    stream->sent += len;
    if (!stream->text[stream->sent]) {
        free(TAKE(stream->text));
        stream->sent = 0;
    }
    return (ssize_t)len;
}

static struct MHD_Response *watch(const struct objects_request *request, const struct place *place)
{
    struct stream *stream = xcalloc(1, sizeof(*stream));

    stream->place = *place;
    stream->label = request->label ? xstrdup(request->label) : NULL;
    stream->next = request->version ? strtoul(request->version, NULL, 10) : 0;
    return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, send_events, stream,
                                             stream_free);
}

/* ---- the door ----------------------------------------------------------------------------------------------------- */

void objects_init(const json_t *objects)
{
    size_t i;
    json_t *object;

    kept = json_object();
    events = json_array();
    json_array_foreach (jsonx_unconst(objects), i, object) {
        struct place place;

        place_of(object, &place);
        put(&place, newborn(&place, object), "ADDED");
    }
}

struct MHD_Response *objects_answer(const struct objects_request *request, unsigned *ret_status)
{
    struct place place;

    *ret_status = 200;
    if (!place_parse(request->path, &place)) {
        *ret_status = 404;
        return MHD_create_response_from_buffer(2, xstrdup("{}"), MHD_RESPMEM_MUST_FREE);
    }
    if (request->watch)
        return watch(request, &place);
    pthread_mutex_lock(&lock);
    json_auto_t *body = answer(request, &place, ret_status);
    char *text = jsonx_dump(body);
    pthread_mutex_unlock(&lock);
    return MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE);
}
