/* Why a pod is as it is: the same words for metrics, events, annotations and people. */
#include "stash/error.h"
#include "stash/inject.h"

static const struct {
    const char *name, *text;
} reasons[INJECT_REASON_COUNT] = {
    [INJECT_DONE] = {"Injected", "what its invokers ask for was added"},
    [INJECT_ALREADY] = {"AlreadyInjected", "the pod holds what its invokers ask for"},
    [INJECT_NOT_TARGETED] = {"NotTargeted", "no invoker targets the pod's workload"},
    [INJECT_OPTED_OUT] = {"OptedOut", "the pod or its namespace is labelled "
                                      "stash.appscode.com/inject=false"},
    [INJECT_NO_CONTROLLER] = {"NoController", "no workload of a known kind controls the pod"},
    [INJECT_BAD_TARGET] = {"BadTarget", "the pod cannot be what its annotation "
                                        "stash.appscode.com/target says"},
    [INJECT_NAME_TAKEN] = {"NameTaken", "a name that Stash needs is used by something else"},
    [INJECT_VOLUME_MISSING] = {"VolumeMissing", "the pod has no volume of that name"},
    [INJECT_LOCAL_BACKEND] = {"LocalBackend",
                              "the backend is a volume, which could keep the pod from starting; "
                              "set stash.appscode.com/allow-local-backend-in-pods to \"true\" on "
                              "the invoker to mount it all the same"},
    [INJECT_MESH] = {"ServiceMesh",
                     "the service mesh's proxy starts after the restore, which would reach nobody; "
                     "run the proxy as a native sidecar, or let its ports past it"},
    [INJECT_NO_REPOSITORY] = {"RepositoryNotFound", "the Repository does not exist (yet)"},
    [INJECT_POD_SECURITY] = {"PodSecurity",
                             "the namespace's Pod Security would refuse the pod; change "
                             "runtimeSettings, or label the namespace for a lower level"},
    [INJECT_BLOCKED] =
        {"PodsRefused",
         "the cluster refuses such pods or does not start them, and is fine without; "
         "it is tried again"},
    [INJECT_INVALID] = {"Invalid", "what the invoker asks for cannot be added to this pod"},
    [INJECT_CUT] = {"Cut", "the whole pod is needed to tell"},
};

const char *inject_reason_name(enum inject_reason reason)
{
    BUG_ON(reason >= INJECT_REASON_COUNT);
    return reasons[reason].name;
}

const char *inject_reason_text(enum inject_reason reason)
{
    BUG_ON(reason >= INJECT_REASON_COUNT);
    return reasons[reason].text;
}
