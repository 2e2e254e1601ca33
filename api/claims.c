#include "stash/claims.h"

#include <string.h>

#include "stash/hosts.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/mem.h"
#include "stash/vars.h"

static const json_t *templates_of(const json_t *target)
{
    return jsonx_get(target, "volumeClaimTemplates", NULL);
}

size_t claims_sets(const json_t *target)
{
    json_int_t replicas = jsonx_int(target, 1, "replicas", NULL);

    if (json_array_size(templates_of(target)) == 0)
        return 0;
    if (replicas < 1)
        return 1;
    return replicas > LIMIT_CLAIM_SETS ? LIMIT_CLAIM_SETS : (size_t)replicas;
}

bool claims_are_numbered(const json_t *target)
{
    return claims_sets(target) > 0 && jsonx_get(target, "replicas", NULL);
}

char *claims_host(const json_t *target, size_t ordinal)
{
    const char *alias = jsonx_str(target, "alias", NULL);
    AUTO(mem_free) char *number = xasprintf("%zu", ordinal);

    return claims_are_numbered(target) ? hosts_name_ordinal(alias, number)
                                       : xstrdup(hosts_name_single(alias));
}

static json_t *ordinal_variable(size_t ordinal)
{
    AUTO(mem_free) char *number = xasprintf("%zu", ordinal);

    return json_pack("{s:s}", CLAIMS_ORDINAL, number);
}

int claims_expand(const json_t *template, size_t ordinal, json_t **ret, struct error *err)
{
    json_auto_t *variables = ordinal_variable(ordinal);

    return vars_expand_document(template, variables, ret, err);
}

char *claims_name(const json_t *template, size_t ordinal)
{
    json_auto_t *variables = ordinal_variable(ordinal);
    const char *name = jsonx_str(template, "metadata", "name", NULL);
    char *expanded = NULL;
    struct error ignored;

    if (!name || vars_expand(name, variables, &expanded, &ignored) < 0)
        return NULL;
    return expanded;
}

char *claims_volume(const char *claim, size_t ordinal)
{
    AUTO(mem_free) char *end = xasprintf("-%zu", ordinal);
    size_t len = strlen(claim), tail = strlen(end);

    if (len > tail && strcmp(claim + len - tail, end) == 0)
        len -= tail;
    return xstrndup(claim, len);
}

json_t *claims_names(const json_t *target)
{
    const json_t *templates = templates_of(target);
    json_auto_t *seen = json_object();
    json_t *names = json_array();

    for (size_t set = 0; set < claims_sets(target); set++) {
        for (size_t i = 0; i < json_array_size(templates) && json_array_size(names) < LIMIT_CLAIMS;
             i++) {
            AUTO(mem_free) char *name = claims_name(json_array_get(templates, i), set);

            if (!name || json_object_get(seen, name))
                continue;
            json_object_set_new(seen, name, json_true());
            json_array_append_new(names, json_string(name));
        }
    }
    return names;
}
