/*
 * What a document means: without what says only what holds anyway. GitOps tools and the API server write defaults out, and
 * take them out again; amounts can be written in many ways. Nobody is restarted for that.
 */
#include <inttypes.h>
#include <string.h>

#include "recipe.h"
#include "stash/amount.h"
#include "stash/jsonx.h"

/* What holds for a member that is absent; `in`: of that member only. */
static const struct usual {
    const char *in, *key, *value;
} usuals[] = {
    {NULL, "readOnly", "false"},
    {NULL, "privileged", "false"},
    {NULL, "disableCaching", "false"},
    {NULL, "mountPropagation", "\"None\""},
    {NULL, "recursiveReadOnly", "\"Disabled\""},
    {NULL, "procMount", "\"Default\""},
    {NULL, "timeoutSeconds", "1"},
    {NULL, "periodSeconds", "10"},
    {NULL, "successThreshold", "1"},
    {NULL, "failureThreshold", "3"},
    {NULL, "initialDelaySeconds", "0"},
    {NULL, "scheme", "\"HTTP\""},
    {NULL, "divisor", "\"0\""},
    {NULL, "defaultMode", "420"},
    {"httpGet", "path", "\"/\""},
    {"fieldRef", "apiVersion", "\"v1\""},
    /* of a reference that names no choice, injection makes one that keeps no pod from starting */
    {"secretKeyRef", "optional", "true"},
    {"configMapKeyRef", "optional", "true"},
    {"secretRef", "optional", "true"},
    {"configMapRef", "optional", "true"},
    {"secret", "optional", "false"},
    {"configMap", "optional", "false"},
    {"iscsi", "iscsiInterface", "\"default\""},
    {"rbd", "pool", "\"rbd\""},
    {"rbd", "user", "\"admin\""},
    {"rbd", "keyring", "\"/etc/ceph/keyring\""},
    {"azureDisk", "cachingMode", "\"ReadWrite\""},
    {"azureDisk", "fsType", "\"ext4\""},
    {"azureDisk", "kind", "\"Shared\""},
};

/* Members that are as good as absent when nothing is in them. Of others, {} says something: emptyDir, capabilities. */
static const char *const hollow[] = {"resources",
                                     "limits",
                                     "requests",
                                     "claims",
                                     "env",
                                     "envFrom",
                                     "lifecycle",
                                     "livenessProbe",
                                     "readinessProbe",
                                     "securityContext",
                                     "httpHeaders",
                                     "nice",
                                     "ionice",
                                     NULL};

static const char *const amounts[] = {"limits", "requests", NULL};

static bool is_in(const char *const *words, const char *word)
{
    for (; *words; words++)
        if (strcmp(*words, word) == 0)
            return true;
    return false;
}

static bool is_usual(const char *in, const char *key, const json_t *value)
{
    for (size_t i = 0; i < ARRAY_LEN(usuals); i++) {
        const struct usual *usual = &usuals[i];
        if (strcmp(usual->key, key) != 0 || (usual->in && strcmp(usual->in, in) != 0))
            continue;
        json_auto_t *known = json_loads(usual->value, JSON_DECODE_ANY, NULL);
        if (json_equal(known, value))
            return true;
    }
    return false;
}

static bool says_nothing(const char *in, const char *key, const json_t *value)
{
    if (json_is_null(value) || (json_is_string(value) && json_string_length(value) == 0))
        return true;
    return (is_in(hollow, key) && jsonx_is_empty(value)) || is_usual(in, key, value);
}

static json_t *amount_of(const json_t *value)
{
    int64_t millis;

    return amount_millis(value, &millis) ? json_sprintf("%" PRId64 "m", millis)
                                         : json_incref(jsonx_unconst(value));
}

static json_t *object_of(const json_t *object, const char *in)
{
    json_t *result = json_object();
    const char *key;
    const json_t *value;

    jsonx_foreach_member (object, key, value) {
        bool is_amount = is_in(amounts, in) || strcmp(key, "sizeLimit") == 0;
        json_auto_t *meant = is_amount ? amount_of(value) : meaning_of(value, key);
        if (!says_nothing(in, key, meant))
            json_object_set(result, key, meant);
    }
    return result;
}

json_t *meaning_of(const json_t *value, const char *in)
{
    if (json_is_object(value))
        return object_of(value, in);
    if (!json_is_array(value))
        return json_incref(jsonx_unconst(value));
    json_t *result = json_array();
    for (size_t i = 0; i < json_array_size(value); i++)
        json_array_append_new(result, meaning_of(json_array_get(value, i), in));
    return result;
}
