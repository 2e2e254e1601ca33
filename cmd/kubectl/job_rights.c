/* job_rights.c - what a Job beside a repository takes, asked for before any of it is done. */
#include <string.h>

#include "kubectl.h"
#include "stash/jsonx.h"
#include "stash/pair.h"

static const struct resource reviews = {"SelfSubjectAccessReview", "authorization.k8s.io", "v1",
                                        "selfsubjectaccessreviews", false};

static const struct right {
    const char *verb, *group, *resource, *subresource;
    bool held; /* only for a Job that is held open */
} needed[] = {
    {"create", "batch", "jobs", "", false}, {"delete", "batch", "jobs", "", false},
    {"list", "", "pods", "", false},        {"get", "", "pods", "log", false},
    {"get", "", "pods", "exec", true},
};

/* A server that cannot be asked says no when it is time. */
static bool is_refused(const struct call *call, const char *namespace, const struct right *right)
{
    json_auto_t *answer = NULL;
    struct error ignored;
    json_auto_t *question = json_pack(
        "{s:s, s:s, s:{}, s:{s:{s:s, s:s, s:s, s:s, s:s}}}",
        PAIR("apiVersion", "authorization.k8s.io/v1"), PAIR("kind", reviews.kind), "metadata",
        PAIR("spec",
             PAIR("resourceAttributes", PAIR("namespace", namespace), PAIR("verb", right->verb),
                  PAIR("group", right->group), PAIR("resource", right->resource),
                  PAIR("subresource", right->subresource))));

    return kube_create(call->kube, &reviews, question, NULL, &answer, &ignored) == 0 &&
           !jsonx_bool(answer, true, "status", "allowed", NULL);
}

int job_rights_check(const struct call *call, const char *namespace, bool holds, struct error *err)
{
    for (size_t i = 0; i < ARRAY_LEN(needed); i++) {
        const struct right *right = &needed[i];
        if ((right->held && !holds) || !is_refused(call, namespace, right))
            continue;
        return error_set_code(err, ERR_DENIED, 403,
                              "you cannot %s %s%s%s in namespace %s, and %s has to", right->verb,
                              right->resource, *right->subresource ? "/" : "", right->subresource,
                              namespace, call->verb->name);
    }
    return 0;
}
