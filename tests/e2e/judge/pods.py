"""Pods of a kind of their own, which the golden cases are too plain to show: a Deployment that is backed up and restored."""

from operators import OPERATORS

REPOSITORY = {"apiVersion": "stash.appscode.com/v1alpha1", "kind": "Repository", "metadata": {"name": "repo", "namespace": "demo"},
              "spec": {"backend": {"s3": {"endpoint": "https://s3.example.org", "bucket": "b"}, "storageSecretName": "s"}}}
TARGET = {"ref": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}, "volumeMounts": [{"name": "data", "mountPath": "/data"}]}
SPECS = {
    "BackupConfiguration": {"repository": {"name": "repo"}, "schedule": "@daily", "retentionPolicy": {"name": "k", "keepLast": 1},
                            "target": TARGET | {"paths": ["/data"]}},
    "RestoreSession": {"repository": {"name": "repo"}, "target": TARGET | {"rules": [{"paths": ["/data"]}]}},
}
RESTRICTED = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}, "runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
GUARANTEED = {"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "1", "memory": "1Gi"}}
BOTH_HUGE = {"memory": "64Mi", "hugepages-2Mi": "4Mi"}
POD_HUGE = {"memory": "1Gi", "hugepages-2Mi": "6Mi"}
PAGE = 256 * 1024

# name: (of the pod's spec, of its container, annotations)
SHAPES = {
    "plain": ({}, {}),
    "restricted": ({}, {"securityContext": RESTRICTED}),
    "restricted_by_the_pod": ({"securityContext": {"runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}}},
                              {"securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}}),
    "guaranteed": ({}, {"resources": GUARANTEED}),
    "burstable": ({}, {"resources": {"requests": {"cpu": "1"}}}),
    "pod_level_resources": ({"resources": {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"cpu": "2", "memory": "2Gi"}}},
                            {"resources": {"requests": {"cpu": "900m"}}}),
    "pod_level_limits": ({"resources": {"limits": {"cpu": "2", "memory": "2Gi"}}}, {}),
    "pod_level_guaranteed": ({"resources": GUARANTEED}, {"resources": {"requests": {"cpu": "1"}}}),
    "pod_level_huge": ({"resources": {"requests": POD_HUGE, "limits": POD_HUGE}}, {"resources": {"requests": BOTH_HUGE, "limits": BOTH_HUGE}}),
    "claims": ({"resourceClaims": [{"name": "accelerator", "resourceClaimName": "a"}]}, {"resources": {"claims": [{"name": "accelerator"}]}}),
    "user_namespace": ({"hostUsers": False}, {}),
    "short_grace": ({"terminationGracePeriodSeconds": 1}, {}),
    "long_grace": ({"terminationGracePeriodSeconds": 600}, {}),
    "linux": ({"os": {"name": "linux"}}, {}),
    "native_sidecar": ({"initContainers": [{"name": "proxy", "image": "p", "restartPolicy": "Always", "resources": GUARANTEED}]},
                       {"resources": GUARANTEED}),
    "root": ({}, {"securityContext": {"runAsUser": 0}}),
    "privileged": ({"hostNetwork": True, "hostPID": True}, {"securityContext": {"privileged": True}}),
    "host_path": ({"volumes": [{"name": "h", "hostPath": {"path": "/srv"}}]}, {}),
    "block_beside": ({"volumes": [{"name": "raw", "persistentVolumeClaim": {"claimName": "raw"}}]},
                     {"volumeDevices": [{"name": "raw", "devicePath": "/dev/raw"}]}),
    "annotations_full": ({}, {}, {"note": "x" * (PAGE - 4)}),
    "annotations_nearly_full": ({}, {}, {"note": "x" * (PAGE - 90)}),
    "annotations_with_room": ({}, {}, {"note": "x" * (PAGE - 1000)}),
    "selinux": ({"securityContext": {"seLinuxOptions": {"level": "s0:c1"}}}, {}),
    "mesh": ({"initContainers": [{"name": "istio-init", "image": "i", "securityContext": {"capabilities": {"add": ["NET_ADMIN"]}}}],
              "containers": [{"name": "istio-proxy", "image": "p", "securityContext": {"runAsUser": 1337}}]}, {}),
}


def invoker(kind):
    return {"apiVersion": "stash.appscode.com/v1beta1", "kind": kind, "spec": SPECS[kind],
            "metadata": {"name": kind.lower(), "namespace": "demo", "creationTimestamp": "2026-01-01T00:00:00Z"}}


def deployment(of_pod, of_container, annotations=None):
    container = {"name": "web", "image": "web", "volumeMounts": [{"name": "data", "mountPath": "/data"}]} | of_container
    lists = {"containers": [container], "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "c"}}]}
    spec = of_pod | {key: own + of_pod.get(key, []) for key, own in lists.items()}
    metadata = {"labels": {"app": "web"}} | ({"annotations": annotations} if annotations else {})
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "demo"},
            "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": {"metadata": metadata, "spec": spec}}}


def shapes():
    """(name, object, what the cluster holds)"""
    for name, shape in (SHAPES | OPERATORS).items():
        for kind in SPECS:
            yield f"pod_{name}_{kind.lower()}", deployment(*shape), [REPOSITORY, invoker(kind)]
