/* addon_pvc.c - folders of a mounted volume, as they are. */
#include <string.h>

#include "folder.h"
#include "job.h"
#include "paths.h"
#include "stash/jsonx.h"
#include "stash/names.h"

static int backup(struct job *job, struct error *err)
{
    AUTO(argv_done) struct argv paths = {0};
    int r = job_ensure_repository(job, err);

    argv_add_list(&paths, NULL, job->flags->paths ? job->flags->paths : PATH_DATA);
    for (size_t i = 0; r == 0 && i < paths.count; i++)
        r = job_store(job, paths.items[i], err);
    return r;
}

int agent_backup_pvc(struct kube *kube, const struct agent_flags *flags, struct error *err)
{
    return job_run(kube, flags, "PersistentVolumeClaim", false, backup, err);
}

static int restore(struct job *job, struct error *err)
{
    const struct agent_flags *flags = job->flags;
    AUTO(paths_restore_done)
    struct paths_restore request = {.session = &job->session, .host = job_source_host(flags)};

    argv_add_list(&request.paths, NULL, flags->paths ? flags->paths : PATH_DATA);
    argv_add_list(&request.snapshots, NULL, flags->snapshots);
    argv_add_list(&request.include, NULL, flags->include);
    argv_add_list(&request.exclude, NULL, flags->exclude);
    argv_add_words(&request.args, flags->args);
    return paths_restore(&job->restic, &request, err);
}

int agent_restore_pvc(struct kube *kube, const struct agent_flags *flags, struct error *err)
{
    return job_run(kube, flags, "PersistentVolumeClaim", true, restore, err);
}
