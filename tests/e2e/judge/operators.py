"""The shape of pods that operators and other webhooks make, written anew: (of the pod's spec, of its container, annotations).

The container that has the data comes first, as `web` with the volume `data`; what is here is what such pods have beside it.
"""

DROP_ALL = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
RESTRICTED = DROP_ALL | {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
HTTP = {"httpGet": {"path": "/healthz", "port": 8000, "scheme": "HTTPS"}}
EXEC = {"exec": {"command": ["true"]}}
SHARED = {"name": "shared", "emptyDir": {}}


def amounts(cpu, memory, **more):
    return {"cpu": cpu, "memory": memory} | more


def beside(name, **members):
    return {"name": name, "image": name} | members


OPERATORS = {
    "cloud_native_pg": (
        {"initContainers": [beside("bootstrap-controller", securityContext=RESTRICTED, command=["/manager", "bootstrap", "/controller/manager"])],
         "securityContext": {"runAsUser": 26, "runAsGroup": 26, "fsGroup": 26, "runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
         "volumes": [{"name": "scratch-data", "emptyDir": {}}, {"name": "shm", "emptyDir": {"medium": "Memory"}}], "hostname": "pg-1",
         "terminationGracePeriodSeconds": 1800},
        {"securityContext": DROP_ALL | {"readOnlyRootFilesystem": True}, "startupProbe": HTTP | {"failureThreshold": 360}, "livenessProbe": HTTP,
         "readinessProbe": HTTP, "ports": [{"containerPort": 5432, "name": "postgresql"}, {"containerPort": 8000, "name": "status"}]}),
    "spilo": ({"securityContext": {"fsGroup": 103}, "volumes": [{"name": "dshm", "emptyDir": {"medium": "Memory"}}],
               "containers": [beside("exporter", resources={"limits": amounts("100m", "100M"), "requests": amounts("10m", "50M")})],
               "topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule",
                                              "labelSelector": {"matchLabels": {"app": "web"}}, "matchLabelKeys": ["pod-template-hash"]}]},
              {"securityContext": {"allowPrivilegeEscalation": True, "privileged": False, "readOnlyRootFilesystem": False},
               "resources": {"limits": amounts("1", "500Mi"), "requests": amounts("100m", "100Mi")}}),
    "strimzi": ({"securityContext": {"fsGroup": 0}, "hostname": "kafka-0", "subdomain": "kafka-brokers", "terminationGracePeriodSeconds": 30,
                 "volumes": [{"name": "strimzi-tmp", "emptyDir": {"medium": "Memory", "sizeLimit": "5Mi"}}]},
                {"resources": {"limits": amounts("2", "2Gi"), "requests": amounts("2", "2Gi")}, "livenessProbe": EXEC, "readinessProbe": EXEC}),
    "istio_native": ({"initContainers": [beside("istio-init", securityContext={"capabilities": {"add": ["NET_ADMIN", "NET_RAW"], "drop": ["ALL"]}, "runAsUser": 0}),
                                         beside("istio-proxy", restartPolicy="Always", securityContext=RESTRICTED | {"runAsUser": 1337},
                                                startupProbe=HTTP, readinessProbe=HTTP,
                                                resources={"limits": amounts("2", "1Gi"), "requests": amounts("100m", "128Mi")})]}, {}),
    "linkerd_native": ({"initContainers": [beside("linkerd-init", securityContext={"capabilities": {"add": ["NET_ADMIN", "NET_RAW"]}}),
                                           beside("linkerd-proxy", restartPolicy="Always", securityContext=RESTRICTED | {"runAsUser": 2102},
                                                  lifecycle={"postStart": EXEC})]}, {}),
    "vault_agent": ({"initContainers": [beside("vault-agent-init", securityContext=RESTRICTED | {"runAsUser": 100})], "shareProcessNamespace": True,
                     "containers": [beside("vault-agent", lifecycle={"preStop": EXEC}, resources={"limits": amounts("500m", "128Mi"), "requests": amounts("250m", "64Mi")})],
                     "volumes": [{"name": "home-sidecar", "emptyDir": {"medium": "Memory"}}]}, {}),
    "gpu": ({"runtimeClassName": "nvidia", "priorityClassName": "high", "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists"}]},
            {"resources": {"limits": amounts("4", "16Gi", **{"nvidia.com/gpu": "1"}), "requests": amounts("4", "16Gi", **{"nvidia.com/gpu": "1"})}}),
    "device_claims": ({"resourceClaims": [{"name": "gpu", "resourceClaimTemplateName": "t"}]},
                      {"resources": {"claims": [{"name": "gpu", "request": "one"}], "requests": amounts("1", "1Gi")}}),
    "knative": ({"containers": [beside("queue-proxy", securityContext=RESTRICTED, resources={"requests": {"cpu": "25m"}}, readinessProbe=HTTP)],
                 "enableServiceLinks": False}, {"lifecycle": {"preStop": {"httpGet": {"port": 8022, "path": "/wait-for-drain"}}}}),
    "tekton": ({"initContainers": [beside("prepare", securityContext=RESTRICTED)], "containers": [beside("step-two", resources={"requests": {"ephemeral-storage": "1Gi"}})],
                "activeDeadlineSeconds": 5400}, {"terminationMessagePath": "/tekton/termination", "terminationMessagePolicy": "File"}),
    "spark": ({"enableServiceLinks": True, "hostname": "exec-1", "volumes": [{"name": "spark-local-dir-1", "emptyDir": {}}]},
              {"resources": {"limits": {"memory": "1408Mi"}, "requests": amounts("1", "1408Mi")}}),
    "virt_launcher": ({"hostname": "vm", "readinessGates": [{"conditionType": "kubevirt.io/virtual-machine-unpaused"}], "automountServiceAccountToken": False,
                       "securityContext": {"runAsUser": 107, "runAsGroup": 107, "runAsNonRoot": True, "fsGroup": 107},
                       "initContainers": [beside("guest-console-log", restartPolicy="Always", securityContext=RESTRICTED | {"runAsUser": 107},
                                                 resources={"limits": amounts("15m", "60M"), "requests": amounts("5m", "35M")})]},
                      {"securityContext": {"runAsUser": 107, "allowPrivilegeEscalation": False, "capabilities": {"add": ["NET_BIND_SERVICE"], "drop": ["ALL"]}},
                       "resources": {"limits": {"devices.kubevirt.io/kvm": "1"}, "requests": amounts("100m", "1Gi", **{"devices.kubevirt.io/kvm": "1", "ephemeral-storage": "50M"})}}),
    "longhorn": ({"hostPID": True, "volumes": [{"name": "dev", "hostPath": {"path": "/dev"}}, {"name": "proc", "hostPath": {"path": "/proc"}}]},
                 {"securityContext": {"privileged": True}}),
    "rook_osd": ({"hostIPC": True, "shareProcessNamespace": True, "volumes": [{"name": "set1-data", "persistentVolumeClaim": {"claimName": "set1-data"}}, SHARED],
                  "initContainers": [beside("blkdevmapper", volumeDevices=[{"name": "set1-data", "devicePath": "/set1-data"}],
                                            securityContext={"capabilities": {"add": ["MKNOD"]}, "runAsUser": 0})]},
                 {"securityContext": {"privileged": True, "runAsUser": 0}, "lifecycle": {"preStop": EXEC}}),
    "airflow": ({"initContainers": [beside("git-sync-init")], "containers": [beside("git-sync")], "securityContext": {"runAsUser": 50000, "fsGroup": 0}}, {}),
    "gitlab_runner": ({"dnsPolicy": "ClusterFirst", "hostAliases": [{"ip": "127.0.0.1", "hostnames": ["db"]}], "containers": [beside("helper"), beside("svc-0")]},
                      {"tty": False, "stdin": True}),
    "image_volume": ({"volumes": [{"name": "model", "image": {"reference": "registry.example.org/model:1", "pullPolicy": "IfNotPresent"}}]}, {}),
    "gated": ({"schedulingGates": [{"name": "kueue.x-k8s.io/admission"}], "hostUsers": False, "setHostnameAsFQDN": True}, {}),
    "resized": ({}, {"resizePolicy": [{"resourceName": "cpu", "restartPolicy": "NotRequired"}, {"resourceName": "memory", "restartPolicy": "RestartContainer"}],
                     "resources": {"limits": amounts("1", "1Gi"), "requests": amounts("1", "1Gi")}}),
    "completed_by_limit_ranger": ({}, {"resources": {"limits": amounts("500m", "512Mi"), "requests": amounts("500m", "512Mi")}},
                                  {"kubernetes.io/limit-ranger": "LimitRanger plugin set: cpu, memory request for container web; cpu, memory limit for container web"}),
    "limits_storage": ({}, {"resources": {"limits": {"ephemeral-storage": "4Gi"}}}),
    "device_of_our_name": ({"volumes": [{"name": "stash-tmp-dir", "persistentVolumeClaim": {"claimName": "raw"}}]},
                           {"volumeDevices": [{"name": "stash-tmp-dir", "devicePath": "/dev/raw"}]}),
}
