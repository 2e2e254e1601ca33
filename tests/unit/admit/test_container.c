/* What the API server would refuse in a pod is refused in the invoker that asks for it, at its path. */
#include <criterion/criterion.h>
#include <string.h>

#include "judge.h"

#define SETTINGS "spec.runtimeSettings.container."

static struct judged with_settings(const char *settings)
{
    AUTO(mem_free)
    char *spec = xasprintf("{" GOOD_BACKUP "'runtimeSettings':{'container':{%s}},"
                           "'target':{" GOOD_TARGET "'paths':['/data']}}",
                           settings);

    return judge(KIND_BACKUP_CONFIGURATION, spec, NULL);
}

static void refuses(const char *settings, const char *path)
{
    AUTO(judged_done) struct judged judged = with_settings(settings);
    AUTO(mem_free) char *sentence = causes_sentence(&judged.causes);

    cr_expect_str_neq(judged_cause(&judged, path), "", "%s: not at %s but: %s", settings, path,
                      sentence);
    cr_expect_eq(judged.causes.count, 1, "%s: %s", settings, sentence);
}

static void accepts(const char *settings)
{
    AUTO(judged_done) struct judged judged = with_settings(settings);
    AUTO(mem_free) char *sentence = causes_sentence(&judged.causes);

    cr_expect_eq(judged.causes.count, 0, "%s: %s", settings, sentence);
}

Test(container, probes_that_cannot_be_are_refused)
{
    refuses("'livenessProbe':{'initialDelaySeconds':5}", SETTINGS "livenessProbe");
    refuses("'livenessProbe':{'exec':{'command':['a']},'tcpSocket':{'port':1}}",
            SETTINGS "livenessProbe");
    refuses("'livenessProbe':{'sleep':{'seconds':1}}", SETTINGS "livenessProbe");
    refuses("'livenessProbe':{'tcpSocket':{'port':0}}", SETTINGS "livenessProbe.tcpSocket.port");
    refuses("'livenessProbe':{'tcpSocket':{'port':'web'}}",
            SETTINGS "livenessProbe.tcpSocket.port");
    refuses("'livenessProbe':{'httpGet':{}}", SETTINGS "livenessProbe.httpGet.port");
    refuses("'livenessProbe':{'httpGet':{'port':1,'scheme':'FTP'}}",
            SETTINGS "livenessProbe.httpGet.scheme");
    refuses("'livenessProbe':{'httpGet':{'port':1,'httpHeaders':[{'name':'a b'}]}}",
            SETTINGS "livenessProbe.httpGet.httpHeaders[0].name");
    refuses("'livenessProbe':{'exec':{}}", SETTINGS "livenessProbe.exec.command");
    refuses("'livenessProbe':{'grpc':{'port':70000}}", SETTINGS "livenessProbe.grpc.port");
    refuses("'livenessProbe':{'exec':{'command':['a']},'successThreshold':2}",
            SETTINGS "livenessProbe.successThreshold");
    refuses("'livenessProbe':{'exec':{'command':['a']},'periodSeconds':-1}",
            SETTINGS "livenessProbe.periodSeconds");
    refuses("'livenessProbe':{'exec':{'command':['a']},'terminationGracePeriodSeconds':0}",
            SETTINGS "livenessProbe.terminationGracePeriodSeconds");
    refuses("'readinessProbe':{'exec':{'command':['a']},'terminationGracePeriodSeconds':5}",
            SETTINGS "readinessProbe.terminationGracePeriodSeconds");
    accepts("'readinessProbe':{'exec':{'command':['a']},'successThreshold':2},"
            "'livenessProbe':{'exec':{'command':['a']},'terminationGracePeriodSeconds':5}");
}

Test(container, hooks_without_one_handler_are_refused)
{
    refuses("'lifecycle':{'postStart':{}}", SETTINGS "lifecycle.postStart");
    refuses("'lifecycle':{'preStop':{'grpc':{'port':1}}}", SETTINGS "lifecycle.preStop");
    refuses("'lifecycle':{'preStop':{'sleep':{'seconds':0}}}",
            SETTINGS "lifecycle.preStop.sleep.seconds");
    refuses("'lifecycle':{'stopSignal':'SIGINT'}", SETTINGS "lifecycle.stopSignal");
    accepts(
        "'lifecycle':{'preStop':{'sleep':{'seconds':5}},'postStart':{'exec':{'command':['a']}}}");
}

Test(container, resources_that_cannot_be_are_refused)
{
    refuses("'resources':{'requests':{'nvidia.com/gpu':'1'}}",
            SETTINGS "resources.requests[nvidia.com/gpu]");
    refuses("'resources':{'requests':{'nvidia.com/gpu':'1'},'limits':{'nvidia.com/gpu':'2'}}",
            SETTINGS "resources.requests[nvidia.com/gpu]");
    refuses("'resources':{'limits':{'nvidia.com/gpu':'500m'}}",
            SETTINGS "resources.limits[nvidia.com/gpu]");
    refuses("'resources':{'limits':{'hugepages-2Mi':'4Mi'}}", SETTINGS "resources");
    refuses("'resources':{'limits':{'memory':'1Gi','hugepages-2Mi':'3Mi'}}",
            SETTINGS "resources.limits[hugepages-2Mi]");
    refuses("'resources':{'limits':{'gpu':'1'}}", SETTINGS "resources.limits[gpu]");
    refuses("'resources':{'limits':{'a b/c':'1'}}", SETTINGS "resources.limits[a b/c]");
    refuses("'resources':{'limits':{'requests.a.b/c':'1'}}",
            SETTINGS "resources.limits[requests.a.b/c]");
    refuses("'resources':{'limits':{'cpu':'1'},'requests':{'cpu':'2'}}",
            SETTINGS "resources.requests[cpu]");
    refuses("'resources':{'claims':[{'name':'a'},{'name':'a'}]}",
            SETTINGS "resources.claims[1].name");
    refuses("'resources':{'claims':[{}]}", SETTINGS "resources.claims[0].name");
    accepts("'resources':{'limits':{'memory':'1Gi','hugepages-2Mi':'4Mi','nvidia.com/gpu':1,"
            "'ephemeral-storage':'1Gi'},'requests':{'cpu':1},'claims':[{'name':'a'}]}");
}

Test(container, security_contexts_that_cannot_be_are_refused)
{
    refuses("'securityContext':{'seccompProfile':{'type':'Localhost'}}",
            SETTINGS "securityContext.seccompProfile.localhostProfile");
    refuses("'securityContext':{'seccompProfile':{'type':'RuntimeDefault','localhostProfile':'a'}}",
            SETTINGS "securityContext.seccompProfile.localhostProfile");
    refuses("'securityContext':{'seccompProfile':{'type':'Localhost','localhostProfile':'../a'}}",
            SETTINGS "securityContext.seccompProfile.localhostProfile");
    refuses("'securityContext':{'seccompProfile':{'type':'None'}}",
            SETTINGS "securityContext.seccompProfile.type");
    refuses("'securityContext':{'appArmorProfile':{'type':'Localhost'}}",
            SETTINGS "securityContext.appArmorProfile.localhostProfile");
    refuses("'securityContext':{'runAsUser':-1}", SETTINGS "securityContext.runAsUser");
    refuses("'securityContext':{'runAsGroup':2147483648}", SETTINGS "securityContext.runAsGroup");
    refuses("'securityContext':{'procMount':'None'}", SETTINGS "securityContext.procMount");
    refuses("'securityContext':{'windowsOptions':{'hostProcess':true}}",
            SETTINGS "securityContext.windowsOptions");
    refuses("'securityContext':{'allowPrivilegeEscalation':false,'privileged':true}",
            SETTINGS "securityContext.allowPrivilegeEscalation");
    refuses("'securityContext':{'allowPrivilegeEscalation':false,"
            "'capabilities':{'add':['CAP_SYS_ADMIN']}}",
            SETTINGS "securityContext.allowPrivilegeEscalation");
    refuses("'securityContext':{'runAsNonRoot':true,'runAsUser':0}",
            SETTINGS "securityContext.runAsNonRoot");
    accepts("'securityContext':{'runAsUser':0,'capabilities':{'add':['CAP_SYS_ADMIN']},"
            "'seccompProfile':{'type':'Localhost','localhostProfile':'a/b.json'}}");
}

Test(container, variables_without_a_source_are_refused)
{
    refuses("'env':[{'name':'1A'}]", SETTINGS "env[0].name");
    refuses("'env':[{'value':'a'}]", SETTINGS "env[0].name");
    refuses("'env':[{'name':'A','valueFrom':{}}]", SETTINGS "env[0].valueFrom");
    refuses("'env':[{'name':'A','valueFrom':{'fileKeyRef':{'key':'a'}}}]",
            SETTINGS "env[0].valueFrom");
    refuses(
        "'env':[{'name':'A','value':'b','valueFrom':{'fieldRef':{'fieldPath':'metadata.name'}}}]",
        SETTINGS "env[0].valueFrom");
    refuses("'env':[{'name':'A','valueFrom':{'fieldRef':{'fieldPath':'spec.replicas'}}}]",
            SETTINGS "env[0].valueFrom.fieldRef.fieldPath");
    refuses("'env':[{'name':'A','valueFrom':{'fieldRef':{'fieldPath':'metadata.labels[a]'}}}]",
            SETTINGS "env[0].valueFrom.fieldRef.fieldPath");
    refuses("'env':[{'name':'A','valueFrom':{'resourceFieldRef':{'resource':'limits.gpu'}}}]",
            SETTINGS "env[0].valueFrom.resourceFieldRef.resource");
    refuses("'env':[{'name':'A','valueFrom':{'resourceFieldRef':"
            "{'resource':'limits.cpu','divisor':'1Mi'}}}]",
            SETTINGS "env[0].valueFrom.resourceFieldRef.divisor");
    refuses("'env':[{'name':'A','valueFrom':{'secretKeyRef':{'name':'','key':'a'}}}]",
            SETTINGS "env[0].valueFrom.secretKeyRef.name");
    refuses("'env':[{'name':'A','valueFrom':{'secretKeyRef':{'name':'s','key':'a b'}}}]",
            SETTINGS "env[0].valueFrom.secretKeyRef.key");
    refuses("'env':[{'name':'A','valueFrom':{'configMapKeyRef':{'name':'s'}}}]",
            SETTINGS "env[0].valueFrom.configMapKeyRef.key");
    refuses("'envFrom':[{}]", SETTINGS "envFrom[0]");
    refuses("'envFrom':[{'secretRef':{'name':'A B'}}]", SETTINGS "envFrom[0].secretRef.name");
    refuses("'envFrom':[{'secretRef':{}}]", SETTINGS "envFrom[0].secretRef.name");
    refuses("'envFrom':[{'prefix':'1','secretRef':{'name':'s'}}]", SETTINGS "envFrom[0].prefix");
    accepts("'env':[{'name':'A','valueFrom':{'resourceFieldRef':"
            "{'resource':'limits.memory','divisor':'1Mi','containerName':'web'}}},"
            "{'name':'B.c','valueFrom':{'secretKeyRef':{'name':'s','key':'a.b'}}}],"
            "'envFrom':[{'prefix':'P_','configMapRef':{'name':'c'}}]");
}

/* ---- mounts ---- */

static void mount_judged(const char *mount, const char *path)
{
    AUTO(mem_free)
    char *spec = xasprintf("{" GOOD_BACKUP "'target':{'ref':{'apiVersion':'apps/v1','kind':"
                           "'Deployment','name':'web'},'volumeMounts':[{'name':'d','mountPath':"
                           "'/data'},%s],'paths':['/data']}}",
                           mount);
    AUTO(judged_done) struct judged judged = judge(KIND_BACKUP_CONFIGURATION, spec, NULL);
    AUTO(mem_free) char *sentence = causes_sentence(&judged.causes);

    cr_expect_eq(judged.causes.count, path != NULL, "%s: %s", mount, sentence);
    if (path)
        cr_expect_str_neq(judged_cause(&judged, path), "", "%s: %s", mount, sentence);
}

Test(container, mounts_that_cannot_be_are_refused)
{
    static const char at[] = "spec.target.volumeMounts[1].mountPath";

    mount_judged("{'name':'e','mountPath':'//data/.'}", at);
    mount_judged("{'name':'e','mountPath':'/stash-tmp'}", at);
    mount_judged("{'name':'e','mountPath':'/stash-tmp/./a'}", at);
    mount_judged("{'name':'e','mountPath':'/run/secrets/kubernetes.io/serviceaccount'}", at);
    mount_judged("{'name':'e','mountPath':'/var/run','readOnly':true}", at);
    mount_judged("{'name':'e','mountPath':'/var/run/secrets'}", NULL);
    mount_judged("{'name':'e','mountPath':'/stash-tmp-of-mine'}", NULL);
    mount_judged("{'name':'e','mountPath':'/e','recursiveReadOnly':'Yes','readOnly':true}",
                 "spec.target.volumeMounts[1].recursiveReadOnly");
    mount_judged("{'name':'e','mountPath':'/e','mountPropagation':'Both'}",
                 "spec.target.volumeMounts[1].mountPropagation");
    mount_judged("{'name':'e','mountPath':'/e','mountPropagation':'Bidirectional'}",
                 "spec.target.volumeMounts[1].mountPropagation");
    mount_judged("{'name':'e','mountPath':'/e','subPath':'a','subPathExpr':'b'}",
                 "spec.target.volumeMounts[1].subPathExpr");
    mount_judged("{'name':'e','mountPath':'/e','subPathExpr':'../b'}",
                 "spec.target.volumeMounts[1].subPathExpr");
}

/* ---- volumes ---- */

static void local_judged(const char *source, const char *path)
{
    AUTO(mem_free)
    char *spec = xasprintf("{'backend':{'local':{'mountPath':'/keep',%s},"
                           "'storageSecretName':'s'}}",
                           source);
    AUTO(judged_done) struct judged judged = judge(KIND_REPOSITORY, spec, NULL);
    AUTO(mem_free) char *sentence = causes_sentence(&judged.causes);

    cr_expect_eq(judged.causes.count, path != NULL, "%s: %s", source, sentence);
    if (path)
        cr_expect_str_neq(judged_cause(&judged, path), "", "%s: %s", source, sentence);
}

Test(container, volumes_that_lack_something_are_refused)
{
    local_judged("'hostPath':{}", "spec.backend.local.hostPath.path");
    local_judged("'hostPath':{'path':'/a','type':'Dir'}", "spec.backend.local.hostPath.type");
    local_judged("'hostPath':{'path':'/a/../b'}", "spec.backend.local.hostPath.path");
    local_judged("'nfs':{'path':'/a'}", "spec.backend.local.nfs.server");
    local_judged("'nfs':{'server':'s'}", "spec.backend.local.nfs.path");
    local_judged("'nfs':{'server':'s','path':'a'}", "spec.backend.local.nfs.path");
    local_judged("'persistentVolumeClaim':{}",
                 "spec.backend.local.persistentVolumeClaim.claimName");
    local_judged("'csi':{'readOnly':true}", "spec.backend.local.csi.driver");
    local_judged("'hostPath':{'path':'/a','type':''}", NULL);
}

/* ---- pods of Jobs ---- */

static void pod_judged(const char *settings, const char *path)
{
    AUTO(mem_free)
    char *spec = xasprintf("{" GOOD_BACKUP "'task':{'name':'pvc-backup'},"
                           "'runtimeSettings':{%s},'target':{'ref':{'apiVersion':'v1',"
                           "'kind':'PersistentVolumeClaim','name':'c'}}}",
                           settings);
    AUTO(judged_done) struct judged judged = judge(KIND_BACKUP_CONFIGURATION, spec, NULL);
    AUTO(mem_free) char *sentence = causes_sentence(&judged.causes);

    cr_expect_eq(judged.causes.count, path != NULL, "%s: %s", settings, sentence);
    if (path)
        cr_expect_str_neq(judged_cause(&judged, path), "", "%s: %s", settings, sentence);
}

Test(container, settings_of_pods_that_cannot_be_are_refused)
{
#define POD "spec.runtimeSettings.pod."
    pod_judged("'pod':{'tolerations':[{'operator':'Equal'}]}", POD "tolerations[0].operator");
    pod_judged("'pod':{'tolerations':[{'key':'a','operator':'In'}]}",
               POD "tolerations[0].operator");
    pod_judged("'pod':{'tolerations':[{'key':'a','operator':'Exists','value':'b'}]}",
               POD "tolerations[0].value");
    pod_judged("'pod':{'tolerations':[{'key':'a','value':'b','tolerationSeconds':5}]}",
               POD "tolerations[0].effect");
    pod_judged("'pod':{'tolerations':[{'key':'a','effect':'Never'}]}", POD "tolerations[0].effect");
    pod_judged("'pod':{'podLabels':{'a b':'c'}}", POD "podLabels[a b]");
    pod_judged("'pod':{'podLabels':{'a':'b c'}}", POD "podLabels[a]");
    pod_judged("'pod':{'podAnnotations':{'a/b/c':'d'}}", POD "podAnnotations[a/b/c]");
    pod_judged("'pod':{'imagePullSecrets':[{}]}", POD "imagePullSecrets[0].name");
    pod_judged("'pod':{'imagePullSecrets':[{'name':'A B'}]}", POD "imagePullSecrets[0].name");
    pod_judged("'pod':{'securityContext':{'fsGroup':-1}}", POD "securityContext.fsGroup");
    pod_judged("'pod':{'securityContext':{'fsGroupChangePolicy':'Never'}}",
               POD "securityContext.fsGroupChangePolicy");
    pod_judged("'pod':{'topologySpreadConstraints':[{'maxSkew':0,'topologyKey':'a',"
               "'whenUnsatisfiable':'DoNotSchedule'}]}",
               POD "topologySpreadConstraints[0].maxSkew");
    pod_judged("'container':{'resources':{'claims':[{'name':'a'}]}}", SETTINGS "resources.claims");
    pod_judged("'container':{'securityContext':{'procMount':'Unmasked'}}",
               SETTINGS "securityContext.procMount");
    pod_judged("'container':{'lifecycle':{'preStop':{'sleep':{'seconds':31}}}}",
               SETTINGS "lifecycle.preStop.sleep.seconds");
    pod_judged("'pod':{'tolerations':[{'operator':'Exists'},{'key':'a','value':'b','effect':"
               "'NoExecute','tolerationSeconds':5}],'podLabels':{'example.com/a':''}}",
               NULL);
}
