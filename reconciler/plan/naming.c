#include "naming.h"

#include "ensure.h"
#include "invoker.h"
#include "session.h"
#include "stash/jsonx.h"
#include "stash/mem.h"
#include "stash/plan.h"
#include "stash/text.h"

/* ---- whose is it? ------------------------------------------------------------------------------------------------ */

static const json_t *controller_of(const json_t *object)
{
    size_t i;
    json_t *owner;

    json_array_foreach (jsonx_get(object, "metadata", "ownerReferences", NULL), i, owner) {
        if (jsonx_bool(owner, false, "controller", NULL))
            return owner;
    }
    return NULL;
}

bool naming_is_owned(const json_t *object, const json_t *owner)
{
    return text_is(jsonx_str(controller_of(object), "uid", NULL), jsonx_uid(owner));
}

char *naming_identity(const json_t *invoker)
{
    return xasprintf("%s/%s/%s", jsonx_str(invoker, "kind", NULL), jsonx_namespace(invoker),
                     jsonx_name(invoker));
}

/* Without a controller it is ours when it says so, and, in another namespace, for whom. */
static bool is_marked(const json_t *object, const json_t *owner)
{
    bool ours = text_is(jsonx_label(object, LABEL_MANAGED_BY), STASH_GROUP) ||
                jsonx_annotation(object, ANNOTATION_APPLIED_HASH);
    const char *whose = jsonx_annotation(object, ANNOTATION_INVOKER);
    AUTO(mem_free) char *identity = naming_identity(owner);

    return ours && (!whose || text_is(whose, identity));
}

bool naming_is_taken(const json_t *object, const json_t *owner)
{
    const json_t *controller = controller_of(object);

    if (!object)
        return false;
    if (!controller)
        return !is_marked(object, owner);
    return !naming_is_owned(object, owner) &&
           !(text_is(jsonx_str(controller, "kind", NULL), jsonx_str(owner, "kind", NULL)) &&
             text_is(jsonx_str(controller, "name", NULL), jsonx_name(owner)));
}

struct name_owner naming_owner(const json_t *object)
{
    return (struct name_owner){jsonx_str(object, "kind", NULL), jsonx_namespace(object),
                               jsonx_name(object), false};
}

/* ---- the trigger ------------------------------------------------------------------------------------------------- */

static char *cron_job_name(const json_t *invoker, bool distinct)
{
    json_auto_t *ref = invoker_ref(invoker, 0);
    struct name_owner owner = naming_owner(invoker);

    owner.distinct = distinct;
    return name_cron_job(&owner, jsonx_str(ref, "namespace", NULL));
}

static const json_t *find_named(const json_t *list, const char *name)
{
    ptrdiff_t at = -1;
    size_t i;
    json_t *object;

    json_array_foreach (jsonx_unconst(list), i, object) {
        if (text_is(jsonx_name(object), name))
            at = (ptrdiff_t)i;
    }
    return at < 0 ? NULL : json_array_get(list, (size_t)at);
}

/* Two that are made at once must not both take the name: the older one gets it. */
static bool has_older_namesake(const json_t *world, const json_t *invoker)
{
    size_t i;
    json_t *other;

    json_array_foreach (jsonx_get(world, "namesakes", NULL), i, other) {
        bool is_self = text_is(jsonx_name(other), jsonx_name(invoker)) &&
                       text_is(jsonx_str(other, "kind", NULL), jsonx_str(invoker, "kind", NULL));

        if (!is_self && session_is_older(other, invoker))
            return true;
    }
    return false;
}

char *plan_trigger_key(const json_t *invoker)
{
    if (!invoker_is_named(invoker))
        return NULL;
    AUTO(mem_free) char *name = cron_job_name(invoker, false);
    return xasprintf("%s/%s", jsonx_namespace(invoker), name);
}

char *naming_trigger(const json_t *world, const json_t *invoker)
{
    const json_t *cron_jobs = jsonx_get(world, "cronJobs", NULL);
    AUTO(mem_free) char *plain = cron_job_name(invoker, false);
    AUTO(mem_free) char *distinct = cron_job_name(invoker, true);
    const json_t *holder = find_named(cron_jobs, plain);

    if (naming_is_owned(holder, invoker))
        return TAKE(plain);
    if (naming_is_owned(find_named(cron_jobs, distinct), invoker) ||
        naming_is_taken(holder, invoker) || has_older_namesake(world, invoker))
        return TAKE(distinct);
    return TAKE(plain);
}

/* ---- rights ------------------------------------------------------------------------------------------------------ */

static bool is_either_taken(const json_t *world, const char *const members[2],
                            const char *namespace, const char *name, const json_t *owner)
{
    return naming_is_taken(ensure_find(world, members[0], namespace, name), owner) ||
           naming_is_taken(ensure_find(world, members[1], namespace, name), owner);
}

static const char *const account_members[] = {"serviceAccounts", "roleBindings"};
static const char *const role_members[] = {"roles", "roleBindings"};

char *naming_trigger_rights(const json_t *world, const json_t *invoker)
{
    char *name = naming_trigger(world, invoker);

    if (!is_either_taken(world, account_members, jsonx_namespace(invoker), name, invoker))
        return name;
    free(name);
    return cron_job_name(invoker, true);
}

char *naming_executor(const json_t *world, const json_t *invoker, size_t index)
{
    struct name_owner owner = naming_owner(invoker);
    char *name = name_executor(&owner, (int)index);

    if (!is_either_taken(world, account_members, owner.namespace, name, invoker))
        return name;
    free(name);
    owner.distinct = true;
    return name_executor(&owner, (int)index);
}

char *naming_role(const json_t *world, const json_t *invoker, size_t index, const char *namespace)
{
    struct name_owner owner = naming_owner(invoker);
    char *name = name_role(&owner, (int)index, namespace);

    if (!is_either_taken(world, role_members, namespace, name, invoker))
        return name;
    free(name);
    owner.distinct = true;
    return name_role(&owner, (int)index, namespace);
}

char *naming_binding(const json_t *world, const json_t *invoker,
                     const struct name_workload *workload)
{
    struct name_owner owner = naming_owner(invoker);
    char *name = name_binding(&owner, workload);

    if (!naming_is_taken(ensure_find(world, "roleBindings", owner.namespace, name), invoker))
        return name;
    free(name);
    owner.distinct = true;
    return name_binding(&owner, workload);
}

/* ---- sessions ---------------------------------------------------------------------------------------------------- */

static char *job_name(const struct name_job *job, bool distinct)
{
    struct name_owner owner = naming_owner(job->session);

    owner.distinct = distinct;
    if (job->set > 0)
        return name_restore_job_of_set(&owner, (int)job->index, job->set - 1);
    return invoker_is_restore(job->invoker) ? name_restore_job(&owner, (int)job->index)
                                            : name_backup_job(&owner, (int)job->index);
}

char *naming_job(const json_t *world, const struct name_job *job)
{
    const json_t *jobs = jsonx_get(world, "jobs", NULL);
    const json_t *session = job->session;
    AUTO(mem_free) char *plain = job_name(job, false);
    AUTO(mem_free) char *distinct = job_name(job, true);

    if (find_named(jobs, plain))
        return TAKE(plain);
    if (find_named(jobs, distinct) ||
        naming_is_taken(ensure_find(world, "namedJobs", jsonx_namespace(session), plain), session))
        return TAKE(distinct);
    return TAKE(plain);
}

/* Jobs that run beside each other must not dump into one folder. */
static char *interim_template_name(const struct name_job *job, const json_t *template)
{
    const char *name = text_or_empty(jsonx_name(template));

    return job->set > 0 ? xasprintf("%s%s%zu", name, *name ? "-" : "", job->set - 1)
                        : xstrdup(name);
}

char *naming_interim(const json_t *world, const struct name_job *job)
{
    const json_t *template =
        jsonx_get(invoker_member(job->invoker, job->index), "interimVolumeTemplate", NULL);
    AUTO(mem_free) char *its = interim_template_name(job, template);
    struct name_owner owner = naming_owner(job->session);

    if (jsonx_is_empty(jsonx_get(template, "spec", NULL)))
        return NULL;
    char *name = name_interim_pvc(&owner, its);
    if (!naming_is_taken(jsonx_get(world, "claims", name, "object", NULL), job->session))
        return name;
    free(name);
    owner.distinct = true;
    return name_interim_pvc(&owner, its);
}
