/* Two ways to write one thing give one hash, and two things two: or pods are restarted for nothing, or not when they must be. */
#include <criterion/criterion.h>
#include <string.h>

#include "stash/inject.h"
#include "stash/jsonx.h"

static json_t *parse(const char *text)
{
    AUTO(mem_free) char *copy = xstrdup(text);
    json_error_t error;

    for (char *at = copy; (at = strchr(at, '\'')); at++)
        *at = '"';
    json_t *doc = json_loads(copy, JSON_DECODE_ANY, &error);
    cr_assert_not_null(doc, "%s: %s", copy, error.text);
    return doc;
}

/* The hash for a StatefulSet under an invoker with this in its spec, and this backend. */
static char *hash_of(const char *kind, const char *spec, const char *backend)
{
    json_auto_t *pod =
        parse("{'metadata':{'name':'web-0','ownerReferences':[{'apiVersion':'apps/v1',"
              "'kind':'StatefulSet','name':'web','controller':true}]},'spec':{}}");
    AUTO(mem_free)
    char *text = xasprintf(
        "[{'apiVersion':'stash.appscode.com/"
        "v1beta1','kind':'%s','metadata':{'name':'b','namespace':"
        "'demo','annotations':{'stash.appscode.com/allow-local-backend-in-pods':'true'}},'spec':{"
        "'repository':{'name':'r'},'target':{'ref':{'kind':'StatefulSet','name':'web'}},%s}},"
        "{'apiVersion':'stash.appscode.com/v1alpha1','kind':'Repository','metadata':{'name':'r',"
        "'namespace':'demo'},'spec':{'backend':{%s}}}]",
        kind, spec, backend);
    json_auto_t *objects = parse(text);
    AUTO(snapshot_free) struct snapshot *snapshot = snapshot_from_objects(objects);
    const struct inject_config config = {.image = "stash"};
    const struct inject_request request = {
        .pod = pod, .namespace = "demo", .snapshot = snapshot, .config = &config};
    char hash[17];

    inject_expected_hash(&request, hash);
    cr_assert_str_neq(hash, "", "%s", text);
    return xstrdup(hash);
}

#define S3 "'s3':{'endpoint':'e','bucket':'b'}"

static void settings_are(bool same, const char *one, const char *other)
{
    AUTO(mem_free) char *first = xasprintf("'runtimeSettings':{'container':{%s}}", one);
    AUTO(mem_free) char *second = xasprintf("'runtimeSettings':{'container':{%s}}", other);
    AUTO(mem_free) char *a = hash_of("BackupConfiguration", first, S3);
    AUTO(mem_free) char *b = hash_of("BackupConfiguration", second, S3);

    cr_expect_eq(strcmp(a, b) == 0, same, "%s / %s: %s %s", one, other, a, b);
}

Test(meaning, of_settings_is_not_in_their_defaults)
{
    settings_are(true, "", "'resources':{}");
    settings_are(true, "",
                 "'resources':{'limits':{},'requests':null},'env':[],'securityContext':{}");
    settings_are(true, "'resources':{'limits':{'cpu':'1000m','memory':'1Gi'}}",
                 "'resources':{'limits':{'cpu':1,'memory':'1024Mi'},'requests':{}}");
    settings_are(true, "'env':[{'name':'A'}]", "'env':[{'name':'A','value':''}]");
    settings_are(true,
                 "'env':[{'name':'A','valueFrom':{'fieldRef':{'fieldPath':'metadata.name'}}}]",
                 "'env':[{'name':'A','valueFrom':{'fieldRef':{'apiVersion':'v1','fieldPath':"
                 "'metadata.name'}}}]");
    settings_are(true, "'envFrom':[{'secretRef':{'name':'s'}}]",
                 "'envFrom':[{'prefix':'','secretRef':{'name':'s','optional':true}}]");
    settings_are(
        true, "'livenessProbe':{'httpGet':{'port':1}}",
        "'livenessProbe':{'httpGet':{'port':1,'path':'/','scheme':'HTTP'},"
        "'timeoutSeconds':1,'periodSeconds':10,'successThreshold':1,'failureThreshold':3}");
    settings_are(true, "'securityContext':{'runAsUser':1}",
                 "'securityContext':{'privileged':false,'procMount':'Default','runAsUser':1}");
}

Test(meaning, of_settings_is_what_changes_the_container)
{
    settings_are(false, "", "'env':[{'name':'A'}]");
    settings_are(false, "'env':[{'name':'A'}]", "'env':[{'name':'A','value':'b'}]");
    settings_are(false, "'envFrom':[{'secretRef':{'name':'s'}}]",
                 "'envFrom':[{'secretRef':{'name':'s','optional':false}}]");
    settings_are(false, "'resources':{'limits':{'cpu':1}}", "'resources':{'limits':{'cpu':2}}");
    settings_are(false, "'resources':{'limits':{'cpu':0}}", "");
    settings_are(false, "'securityContext':{'readOnlyRootFilesystem':false}", "");
    settings_are(false, "'securityContext':{'runAsNonRoot':false}", "");
    settings_are(false, "'securityContext':{'capabilities':{'drop':[]}}", "");
    settings_are(false, "'securityContext':{'runAsUser':0}", "");
    settings_are(false, "'livenessProbe':{'httpGet':{'port':1}}",
                 "'livenessProbe':{'httpGet':{'port':1},'periodSeconds':20}");
}

static void specs_are(bool same, const char *kind, const char *one, const char *other)
{
    AUTO(mem_free) char *a = hash_of(kind, one, S3);
    AUTO(mem_free) char *b = hash_of(kind, other, S3);

    cr_expect_eq(strcmp(a, b) == 0, same, "%s / %s", one, other);
}

Test(meaning, is_that_of_the_part)
{
    specs_are(true, "BackupConfiguration", "'schedule':'@daily'",
              "'schedule':'@hourly','paused':true,'tempDir':{'medium':'','disableCaching':false}");
    specs_are(false, "BackupConfiguration", "'tempDir':{'sizeLimit':'1Gi'}", "'tempDir':{}");
    specs_are(true, "BackupConfiguration", "'tempDir':{'sizeLimit':'1Gi'}",
              "'tempDir':{'sizeLimit':'1024Mi'}");
    specs_are(true, "RestoreSession", "'a':1",
              "'runtimeSettings':{'container':{'livenessProbe':{'exec':{'command':['a']}}}}");
}

static void backends_are(bool same, const char *one, const char *other)
{
    AUTO(mem_free) char *a = hash_of("BackupConfiguration", "'a':1", one);
    AUTO(mem_free) char *b = hash_of("BackupConfiguration", "'a':1", other);

    cr_expect_eq(strcmp(a, b) == 0, same, "%s / %s", one, other);
}

Test(meaning, of_a_volume_is_not_in_an_empty_type)
{
    backends_are(true, "'local':{'mountPath':'/k','hostPath':{'path':'/srv'}}",
                 "'local':{'mountPath':'/k','hostPath':{'path':'/srv','type':''}}");
    backends_are(false, "'local':{'mountPath':'/k','hostPath':{'path':'/srv'}}",
                 "'local':{'mountPath':'/k','hostPath':{'path':'/srv','type':'Directory'}}");
    backends_are(true, "'local':{'mountPath':'/k','nfs':{'server':'s','path':'/srv'}}",
                 "'local':{'mountPath':'/k','subPath':'','nfs':{'server':'s','path':'/srv',"
                 "'readOnly':false}}");
    backends_are(true, "'local':{'mountPath':'/k','emptyDir':{}}",
                 "'local':{'mountPath':'/k','emptyDir':{'medium':''}}");
    backends_are(false, "'local':{'mountPath':'/k','emptyDir':{}}",
                 "'local':{'mountPath':'/k','hostPath':{'path':'/srv'}}");
    backends_are(true, S3, "'s3':{'endpoint':'e2','bucket':'b2'}");
}
