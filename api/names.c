/* names.c - names of the objects that we make. Two cuts exist: keep the tail, and keep head and
 * tail. */
#include "stash/names.h"

#include <ctype.h>
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "stash/mem.h"

/* The most of a CronJob's name (11 characters of 63 are for the Job's suffix), and of a label value
 * or pod name. */
#define CRON_JOB_MAX 52
#define NAME_MAX_LEN 63

/* Dots are legal in the names of our objects, but not where the name becomes a host name or a
 * label. */
static void replace_dots(char *name)
{
    for (; *name; name++) {
        if (*name == '.')
            *name = '-';
    }
}

static void to_lower(char *name)
{
    for (; *name; name++)
        *name = (char)tolower((unsigned char)*name);
}

/* A name may neither begin nor end with a dash, and a cut can leave one there. */
static char *trim_dashes(char *name)
{
    size_t lead = strspn(name, "-");
    size_t len = strlen(name + lead);

    while (len > 0 && name[lead + len - 1] == '-')
        len--;
    memmove(name, name + lead, len);
    name[len] = '\0';
    return name;
}

static char *cut_to_head(char *name, size_t max)
{
    if (strlen(name) > max)
        name[max] = '\0';
    return trim_dashes(name);
}

static char *cut_to_tail(char *name, size_t max)
{
    size_t len = strlen(name);

    if (len > max)
        memmove(name, name + len - max, max + 1);
    return trim_dashes(name);
}

/* The middle goes: the first `head` and the last `max - head` characters stay. */
static char *cut_middle(char *name, size_t head, size_t max)
{
    size_t len = strlen(name);

    if (len > max)
        memmove(name + head, name + len - (max - head), max - head + 1);
    return trim_dashes(name);
}

char *name_cron_job(const char *invoker, const char *own_namespace, const char *target_namespace)
{
    char *name;

    if (!target_namespace || !*target_namespace || strcmp(own_namespace, target_namespace) == 0) {
        name = xasprintf("stash-trigger-%s", invoker);
        replace_dots(name);
        return cut_to_tail(name, CRON_JOB_MAX);
    }
    name = xasprintf("stash-trigger-%s-%s", own_namespace, invoker);
    replace_dots(name);
    return cut_middle(name, CRON_JOB_MAX / 2, CRON_JOB_MAX);
}

char *name_backup_session(const char *invoker, int64_t unix_seconds)
{
    AUTO(mem_free) char *suffix = xasprintf("-%" PRId64, unix_seconds);
    int room = (int)(NAME_MAX_LEN - strlen(suffix));

    return trim_dashes(xasprintf("%.*s%s", room, invoker, suffix));
}

static char *job_name(const char *prefix, const char *session, int index)
{
    char *name = xasprintf("%s-%s-%d", prefix, session, index);

    replace_dots(name);
    return cut_middle(name, (NAME_MAX_LEN + 1) / 2, NAME_MAX_LEN);
}

char *name_backup_job(const char *session, int index)
{
    return job_name("stash-backup", session, index);
}

char *name_restore_job(const char *session, int index)
{
    return job_name("stash-restore", session, index);
}

char *name_executor(const char *invoker_kind, const char *invoker, int index)
{
    AUTO(mem_free) char *kind = xstrdup(invoker_kind);

    to_lower(kind);
    return cut_middle(xasprintf("%s-%s-%d", kind, invoker, index), (NAME_MAX_LEN + 1) / 2,
                      NAME_MAX_LEN);
}

static char *binding_name(const char *role, const char *kind, const char *workload)
{
    AUTO(mem_free) char *lower = xstrdup(kind);

    to_lower(lower);
    return cut_middle(xasprintf("%s-%s-%s", role, lower, workload), (NAME_MAX_LEN + 1) / 2,
                      NAME_MAX_LEN);
}

char *name_sidecar_binding(const char *kind, const char *workload)
{
    return binding_name("stash-sidecar", kind, workload);
}

char *name_init_binding(const char *kind, const char *workload)
{
    return binding_name("stash-restore-init-container", kind, workload);
}

char *name_interim_pvc(const char *session, const char *template_name)
{
    if (!template_name || !*template_name)
        return cut_to_head(xstrdup(session), NAME_MAX_LEN);
    return cut_to_head(xasprintf("%s-%s", session, template_name), NAME_MAX_LEN);
}
