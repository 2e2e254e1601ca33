/*
 * Requests to Jobs: `in` is {config, invoker, session, set, repository, targetObject, tasks, functions, claims,
 * withoutInterim}, `want` {job, claim} or {error}.
 */
#include "golden.h"
#include "job_template.h"
#include "stash/jsonx.h"

static json_t *run(const json_t *in)
{
    struct job_request request = {
        .config = jsonx_get(in, "config", NULL),
        .invoker = jsonx_get(in, "invoker", NULL),
        .session = jsonx_get(in, "session", NULL),
        .set = (size_t)jsonx_int(in, 0, "set", NULL),
        .repository = jsonx_get(in, "repository", NULL),
        .target_object = jsonx_get(in, "targetObject", NULL),
        .tasks = jsonx_get(in, "tasks", NULL),
        .functions = jsonx_get(in, "functions", NULL),
        .claims = jsonx_get(in, "claims", NULL),
        .without_interim = jsonx_bool(in, false, "withoutInterim", NULL),
    };
    struct error err = {0};
    json_t *job = NULL;

    if (!request.session) /* a RestoreSession is its own */
        request.session = request.invoker;
    if (job_template_build(&request, &job, &err) < 0)
        return json_pack("{s:s}", "error", err.msg);
    return json_pack("{s:o, s:o*}", "job", job, "claim", job_template_interim_claim(&request));
}

int main(int argc, char **argv)
{
    return golden_main(argc, argv, run);
}
