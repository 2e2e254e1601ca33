/* rule.c - what rules report, and look up. */
#include <stdarg.h>
#include <stdio.h>

#include "rules.h"
#include "stash/mem.h"

void rule_cause(const struct admit *a, const char *base, const char *field, const char *reason,
                const char *fmt, ...)
{
    AUTO(mem_free) char *path = xasprintf("%s.%s", base, field);
    char detail[1024];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(detail, sizeof(detail), fmt, ap);
    va_end(ap);
    causes_add(a->causes, path, reason, "%s", detail);
}

json_t *rule_lookup(const struct admit *a, enum kind kind, const char *namespace, const char *name)
{
    const struct snapshot *snapshot = a->request->snapshot;

    return snapshot ? snapshot->get(snapshot->ctx, kind, namespace, name) : NULL;
}

const char *rule_absence(const struct admit *a, enum kind kind, const char *namespace,
                         const char *name)
{
    const struct snapshot *snapshot = a->request->snapshot;
    bool is_unread = snapshot && snapshot->is_unread &&
                     snapshot->is_unread(snapshot->ctx, kind, namespace, name);

    return is_unread ? "cannot be read: the webhook's log says why" : "is not there yet";
}
