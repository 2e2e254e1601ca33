#include "ensure.h"

#include <string.h>

#include "stash/digest.h"
#include "stash/jsonx.h"
#include "stash/mem.h"
#include "stash/names.h"

#define HASH_DIGITS 16

static void set_hash(json_t *desired)
{
    AUTO(mem_free) char *text = jsonx_dump_pretty(desired);
    char hex[DIGEST_HEX_SIZE];

    digest_hex(text, strlen(text), hex);
    hex[HASH_DIGITS] = '\0';
    json_object_set_new(jsonx_own(jsonx_own(desired, "metadata"), "annotations"),
                        ANNOTATION_APPLIED_HASH, json_string(hex));
}

/* A binding's role cannot be changed: another one needs another binding. */
static bool is_other_role(const json_t *existing, const json_t *desired)
{
    const char *before = jsonx_str(existing, "roleRef", "name", NULL);
    const char *after = jsonx_str(desired, "roleRef", "name", NULL);

    return before && after && strcmp(before, after) != 0;
}

json_t *ensure_applied(struct draft *draft, const json_t *existing, json_t *desired)
{
    json_auto_t *wanted = desired;

    set_hash(wanted);
    const char *hash = jsonx_annotation(wanted, ANNOTATION_APPLIED_HASH);
    const char *applied = jsonx_annotation(existing, ANNOTATION_APPLIED_HASH);
    if (applied && strcmp(applied, hash) == 0)
        return NULL;
    if (is_other_role(existing, wanted))
        draft_delete(draft, wanted, "Background");
    return draft_apply(draft, TAKE(wanted));
}

const json_t *ensure_find(const json_t *world, const char *member, const char *namespace,
                          const char *name)
{
    AUTO(mem_free) char *key = xasprintf("%s/%s", namespace, name);

    return jsonx_get(world, member, key, NULL);
}
