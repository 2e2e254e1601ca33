"""runtimeSettings.container as people write them: some that every pod can have, and some that the API server refuses."""

PROBE = {"exec": {"command": ["true"]}}
GOOD = {
    "none": {},
    "resources": {"resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "256Mi"}}},
    "limits": {"resources": {"limits": {"cpu": 1, "memory": "256Mi"}}},
    "device": {"resources": {"limits": {"nvidia.com/gpu": 1}, "requests": {"nvidia.com/gpu": 1}}},
    "huge": {"resources": {"limits": {"hugepages-2Mi": "4Mi", "memory": "64Mi"}}},
    "ephemeral": {"resources": {"requests": {"ephemeral-storage": "1Gi"}, "limits": {"ephemeral-storage": "2Gi"}}},
    "root": {"securityContext": {"runAsUser": 0, "runAsGroup": 0}},
    "user": {"securityContext": {"runAsUser": 1234, "runAsNonRoot": True}},
    "privileged": {"securityContext": {"privileged": True}},
    "powers": {"securityContext": {"capabilities": {"add": ["DAC_READ_SEARCH"], "drop": ["ALL"]}}},
    "sys-admin": {"securityContext": {"capabilities": {"add": ["CAP_SYS_ADMIN"]}}},
    "net-bind": {"securityContext": {"capabilities": {"add": ["NET_BIND_SERVICE"], "drop": ["ALL"]}}},
    "writable": {"securityContext": {"readOnlyRootFilesystem": False}},
    "escalates": {"securityContext": {"allowPrivilegeEscalation": True}},
    "unconfined": {"securityContext": {"seccompProfile": {"type": "Unconfined"}}},
    "local-profile": {"securityContext": {"seccompProfile": {"type": "Localhost", "localhostProfile": "backup.json"}}},
    "app-armor": {"securityContext": {"appArmorProfile": {"type": "Unconfined"}}},
    "selinux": {"securityContext": {"seLinuxOptions": {"type": "spc_t"}}},
    "selinux-level": {"securityContext": {"seLinuxOptions": {"level": "s0:c1,c2"}}},
    "proc-default": {"securityContext": {"procMount": "Default"}},
    "probes": {"livenessProbe": PROBE | {"terminationGracePeriodSeconds": 5}, "readinessProbe": PROBE | {"successThreshold": 3}},
    "probe-http": {"livenessProbe": {"httpGet": {"port": 8080, "scheme": "HTTPS", "httpHeaders": [{"name": "A-B", "value": "c"}]}}},
    "probe-host": {"livenessProbe": {"tcpSocket": {"port": 1, "host": "example.com"}}},
    "probe-grpc": {"readinessProbe": {"grpc": {"port": 9000, "service": "a"}}},
    "hooks": {"lifecycle": {"postStart": PROBE, "preStop": {"sleep": {"seconds": 2}}}},
    "hook-host": {"lifecycle": {"preStop": {"httpGet": {"port": 80, "host": "example.com"}}}},
    "env": {"env": [{"name": "TZ", "value": "UTC"}, {"name": "A.b-c", "value": "$(TZ)"}]},
    "env-fields": {"env": [{"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
                           {"name": "APP", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['app']"}}},
                           {"name": "N", "valueFrom": {"fieldRef": {"fieldPath": "metadata.annotations['a/B']"}}}]},
    "env-resources": {"env": [{"name": "M", "valueFrom": {"resourceFieldRef": {"resource": "limits.memory", "divisor": "1Mi"}}},
                              {"name": "C", "valueFrom": {"resourceFieldRef": {"resource": "requests.cpu", "divisor": "1m"}}}]},
    "env-keys": {"env": [{"name": "S", "valueFrom": {"secretKeyRef": {"name": "s", "key": "a.b_c"}}},
                         {"name": "K", "valueFrom": {"configMapKeyRef": {"name": "c", "key": "k"}}}],
                 "envFrom": [{"secretRef": {"name": "s"}}, {"prefix": "P_", "configMapRef": {"name": "c"}}]},
    "nice": {"nice": {"adjustment": 5}, "ionice": {"class": 2, "classData": 4}},
}

# What the pod decides.
DEPENDS = {
    "claims": {"resources": {"claims": [{"name": "accelerator"}]}},
    "much": {"resources": {"requests": {"cpu": 64, "memory": "512Gi"}}},
    "high-limit": {"resources": {"limits": {"cpu": 64, "memory": "512Gi"}}},
    "proc-unmasked": {"securityContext": {"procMount": "Unmasked"}},
    "long-sleep": {"lifecycle": {"preStop": {"sleep": {"seconds": 31}}}},
    "root-refused": {"securityContext": {"runAsNonRoot": True}},
}


def probe(**members):
    return {"livenessProbe": members}


def ref(**source):
    return {"env": [{"name": "A", "valueFrom": source}]}


def limits(**amounts):
    return {"resources": {"limits": {name.replace("_", "-"): amount for name, amount in amounts.items()}}}


def context(**members):
    return {"securityContext": members}


BAD = {
    "probe-without-handler": probe(initialDelaySeconds=5),
    "probe-empty": {"readinessProbe": {"periodSeconds": 10}},
    "probe-two-handlers": probe(exec={"command": ["a"]}, tcpSocket={"port": 1}),
    "probe-port-0": probe(tcpSocket={"port": 0}),
    "probe-port-high": probe(httpGet={"port": 65536}),
    "probe-port-name": probe(httpGet={"port": "8080"}),
    "probe-scheme": probe(httpGet={"port": 1, "scheme": "http"}),
    "probe-header": probe(httpGet={"port": 1, "httpHeaders": [{"name": "a b", "value": "c"}]}),
    "probe-exec-empty": probe(exec={"command": []}),
    "probe-success-2": probe(exec={"command": ["a"]}, successThreshold=2),
    "probe-negative": probe(exec={"command": ["a"]}, failureThreshold=-1),
    "probe-int32": probe(exec={"command": ["a"]}, periodSeconds=1 << 31),
    "probe-grace-0": probe(exec={"command": ["a"]}, terminationGracePeriodSeconds=0),
    "readiness-grace": {"readinessProbe": PROBE | {"terminationGracePeriodSeconds": 5}},
    "grpc-port": {"readinessProbe": {"grpc": {"port": 0}}},
    "post-start-empty": {"lifecycle": {"postStart": {}}},
    "pre-stop-two": {"lifecycle": {"preStop": PROBE | {"sleep": {"seconds": 1}}}},
    "sleep-negative": {"lifecycle": {"preStop": {"sleep": {"seconds": -1}}}},
    "device-without-limit": {"resources": {"requests": {"nvidia.com/gpu": "1"}}},
    "device-unequal": {"resources": {"requests": {"nvidia.com/gpu": "1"}, "limits": {"nvidia.com/gpu": "2"}}},
    "device-half": {"resources": {"limits": {"nvidia.com/gpu": "500m"}}},
    "huge-alone": limits(hugepages_2Mi="4Mi"),
    "huge-odd": {"resources": {"limits": {"hugepages-2Mi": "3Mi", "memory": "64Mi"}}},
    "huge-unequal": {"resources": {"limits": {"hugepages-2Mi": "4Mi", "cpu": 1}, "requests": {"hugepages-2Mi": "2Mi"}}},
    "name-odd": limits(gpu=1),
    "name-upper": limits(CPU=1),
    "name-quota": {"resources": {"requests": {"requests.example.com/x": 1}, "limits": {"requests.example.com/x": 1}}},
    "name-storage": {"resources": {"requests": {"storage": "1Gi"}}},
    "claims-twice": {"resources": {"claims": [{"name": "accelerator"}, {"name": "accelerator"}]}},
    "negative": {"resources": {"requests": {"cpu": "-1"}}},
    "above-limit": {"resources": {"requests": {"memory": "2Gi"}, "limits": {"memory": "1Gi"}}},
    "profile-without-name": context(seccompProfile={"type": "Localhost"}),
    "profile-with-name": context(seccompProfile={"type": "RuntimeDefault", "localhostProfile": "a"}),
    "profile-unknown": context(seccompProfile={"type": "runtime/default"}),
    "app-armor-unknown": context(appArmorProfile={"type": "unconfined"}),
    "app-armor-without-name": context(appArmorProfile={"type": "Localhost"}),
    "user-negative": context(runAsUser=-1),
    "group-high": context(runAsGroup=1 << 31),
    "proc-mount": context(procMount="None"),
    "windows": context(windowsOptions={"hostProcess": True}),
    "sys-admin-without-escalation": context(allowPrivilegeEscalation=False, capabilities={"add": ["CAP_SYS_ADMIN"]}),
    "privileged-without-escalation": context(allowPrivilegeEscalation=False, privileged=True),
    "field": ref(fieldRef={"fieldPath": "spec.replicas"}),
    "field-subscript": ref(fieldRef={"fieldPath": "metadata.labels['a b']"}),
    "field-version": ref(fieldRef={"fieldPath": "metadata.name", "apiVersion": "v2"}),
    "resource-field": ref(resourceFieldRef={"resource": "limits.gpu"}),
    "divisor": ref(resourceFieldRef={"resource": "limits.cpu", "divisor": "1Mi"}),
    "secret-empty": ref(secretKeyRef={"name": "", "key": "a"}),
    "secret-key": ref(secretKeyRef={"name": "s", "key": "a b"}),
    "map-key": ref(configMapKeyRef={"name": "s", "key": ""}),
    "file-key": ref(fileKeyRef={"volumeName": "v", "path": "p", "key": "k"}),
    "two-sources": ref(fieldRef={"fieldPath": "metadata.name"}, secretKeyRef={"name": "s", "key": "k"}),
    "value-and-source": {"env": [{"name": "A", "value": "b", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}]},
    "env-name": {"env": [{"name": "A=B", "value": "c"}]},
    "env-from-none": {"envFrom": [{"prefix": "A"}]},
    "env-from-name": {"envFrom": [{"secretRef": {"name": "A_B"}}]},
}
