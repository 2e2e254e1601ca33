/* name.c - names of the objects that we make: what they consist of, and how long they may be. */
#include "stash/names.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "stash/cut.h"
#include "stash/mem.h"
#include "stash/text.h"

/* Dots are legal in the names of our objects, but not where the name becomes a host name or a label. */
static void replace_dots(char *name)
{
    for (; *name; name++) {
        if (*name == '.')
            *name = '-';
    }
}

static char *lower_copy(const char *text)
{
    char *copy = xstrdup(text);

    for (char *c = copy; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    return copy;
}

/* The digest is of the owner, as it is called before dots and capitals went, and of what the name says beside. */
static char *name_fit(const struct name_owner *owner, const char *head, const char *tail,
                      size_t max)
{
    AUTO(mem_free)
    char *whole = xasprintf("%s/%s/%s/%s", text_or_empty(owner->kind),
                            text_or_empty(owner->namespace), text_or_empty(owner->name), head);

    return cut_name(&(struct cut){head, tail, whole, max, owner->distinct});
}

char *name_cron_job(const struct name_owner *invoker, const char *target_namespace)
{
    bool here = !target_namespace || !*target_namespace ||
                strcmp(invoker->namespace, target_namespace) == 0;
    AUTO(mem_free)
    char *head = xasprintf("stash-trigger-%s%s%s", here ? "" : invoker->namespace, here ? "" : "-",
                           invoker->name);

    replace_dots(head);
    return name_fit(invoker, head, "", CUT_CRON_JOB);
}

char *name_backup_session(const struct name_owner *invoker, int64_t unix_seconds)
{
    AUTO(mem_free) char *tail = xasprintf("-%" PRId64, unix_seconds);

    return name_fit(invoker, invoker->name, tail, CUT_LABEL);
}

static char *job_name(const struct name_owner *session, const char *prefix, const char *tail)
{
    AUTO(mem_free) char *head = xasprintf("%s-%s", prefix, session->name);

    replace_dots(head);
    return name_fit(session, head, tail, CUT_LABEL);
}

char *name_backup_job(const struct name_owner *session, int index)
{
    AUTO(mem_free) char *tail = xasprintf("-%d", index);

    return job_name(session, "stash-backup", tail);
}

char *name_restore_job(const struct name_owner *session, int index)
{
    AUTO(mem_free) char *tail = xasprintf("-%d", index);

    return job_name(session, "stash-restore", tail);
}

char *name_restore_job_of_set(const struct name_owner *session, int index, size_t ordinal)
{
    AUTO(mem_free) char *tail = xasprintf("-%d-%zu", index, ordinal);

    return job_name(session, "stash-restore", tail);
}

char *name_executor(const struct name_owner *invoker, int index)
{
    AUTO(mem_free) char *kind = lower_copy(invoker->kind);
    AUTO(mem_free) char *head = xasprintf("%s-%s", kind, invoker->name);
    AUTO(mem_free) char *tail = xasprintf("-%d", index);

    return name_fit(invoker, head, tail, CUT_LABEL);
}

char *name_role(const struct name_owner *invoker, int index, const char *namespace)
{
    const struct name_owner plain = {invoker->kind, invoker->namespace, invoker->name, false};
    AUTO(mem_free) char *executor = name_executor(&plain, index);

    if (strcmp(invoker->namespace, namespace) == 0)
        return name_fit(invoker, executor, "-secrets", CUT_OBJECT);
    AUTO(mem_free) char *head = xasprintf("%s-%s", invoker->namespace, executor);
    return name_fit(invoker, head, "", CUT_OBJECT);
}

/* As Stash calls it; a workload elsewhere, and one that is no object, are ours to name. */
char *name_binding(const struct name_owner *owner, const struct name_workload *workload)
{
    AUTO(mem_free) char *kind = lower_copy(workload->kind);
    AUTO(mem_free) char *plain = xasprintf("%s-%s-%s", workload->role, kind, workload->name);
    const struct name_owner shared = {workload->kind, workload->namespace, workload->name, false};
    AUTO(mem_free) char *head = name_fit(&shared, plain, "", CUT_LABEL);

    if (workload->place == NAME_PLACE_HERE)
        return owner->distinct ? name_fit(owner, head, "", CUT_OBJECT) : TAKE(head);
    AUTO(mem_free)
    char *long_head = workload->place == NAME_PLACE_ELSEWHERE
                          ? xasprintf("%s-%s", workload->namespace, head)
                          : xasprintf("%s-%s", head, owner->name);
    return name_fit(owner, long_head, "", CUT_OBJECT);
}

char *name_interim_pvc(const struct name_owner *session, const char *template_name)
{
    bool named = template_name && *template_name;
    AUTO(mem_free)
    char *head = xasprintf("%s%s%s", session->name, named ? "-" : "", named ? template_name : "");

    return name_fit(session, head, "", CUT_LABEL);
}
