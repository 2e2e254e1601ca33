"""Admissions through the API server, one after the other, and what the webhook shows meanwhile: what the tests of this folder share.

The load is dry-run creations of a BackupConfiguration, which are refused when the webhook cannot be asked, and of a pod that
gets a sidecar, which lacks it then."""
import base64
import collections
import hashlib
import pathlib
import socket
import ssl
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
from cluster import STASH, Refused  # noqa: E402

NAMESPACE = "e2e-certificates"
LOAD_THREADS = 4
RECONCILER = "/apis/apps/v1/namespaces/stash/deployments/stash-reconciler"
WEBHOOK = "/apis/apps/v1/namespaces/stash/deployments/stash-webhook"
SECRETS = "/api/v1/namespaces/stash/secrets"
OWN_CA, OWN_PAIR = f"{SECRETS}/stash-webhook-ca", f"{SECRETS}/stash-webhook-cert"
SERVICE = "/api/v1/namespaces/stash/services/stash-webhook"
CONFIGURATIONS = [f"/apis/admissionregistration.k8s.io/v1/{kind}webhookconfigurations/webhook.stash.appscode.com"
                  for kind in ("validating", "mutating")]


def backup(name):
    return {"apiVersion": "stash.appscode.com/v1beta1", "kind": "BackupConfiguration", "metadata": {"name": name},
            "spec": {"schedule": "0 3 * * *", "repository": {"name": "repo"},
                     "retentionPolicy": {"name": "keep", "keepLast": 5, "prune": True},
                     "target": {"ref": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}, "paths": ["/data"],
                                "volumeMounts": [{"name": "data", "mountPath": "/data"}]}}}


REPOSITORY = {"apiVersion": "stash.appscode.com/v1alpha1", "kind": "Repository", "metadata": {"name": "repo"},
              "spec": {"backend": {"s3": {"endpoint": "http://s3.example.org", "bucket": "backups"}, "storageSecretName": "storage"}}}
POD = {"apiVersion": "v1", "kind": "Pod",
       "metadata": {"generateName": "web-5-", "labels": {"pod-template-hash": "5"},
                    "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-5", "controller": True,
                                         "uid": "00000000-0000-0000-0000-000000000000"}]},
       "spec": {"containers": [{"name": "web", "image": "web:1", "volumeMounts": [{"name": "data", "mountPath": "/data"}]}],
                "volumes": [{"name": "data", "emptyDir": {}}]}}


class Load:
    """Admissions, one after the other in each thread, and what went wrong."""

    def __init__(self, cluster):
        self.cluster, self.over = cluster, threading.Event()
        self.done, self.failures = collections.Counter(), []
        self.threads = [threading.Thread(target=self.run, args=(number,)) for number in range(LOAD_THREADS)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()

    def fail(self, what):
        self.failures.append(f"{time.strftime('%H:%M:%S')} {what}")

    def ask_backup(self, number):
        path = f"{STASH}/namespaces/{NAMESPACE}/backupconfigurations?dryRun=All"
        self.cluster.create(path, backup(f"dry-{number}"))

    def ask_pod(self, _):
        pod = self.cluster.create(f"/api/v1/namespaces/{NAMESPACE}/pods?dryRun=All", POD)
        if "stash" not in [container["name"] for container in pod["spec"]["containers"]]:
            self.fail("a pod without sidecar")

    def run(self, number):
        ask = [self.ask_backup, self.ask_pod][number % 2]
        while not self.over.is_set():
            try:
                ask(number)
                self.done[ask.__name__] += 1
            except (Refused, OSError) as error:
                self.fail(error)
            time.sleep(0.02)


def address_of(cluster):
    return cluster.get(SERVICE)["spec"]["clusterIP"], 443


class Eyes:
    """Which certificates were served, and which CAs published."""

    def __init__(self, cluster):
        self.cluster, self.served, self.bundles, self.most = cluster, [], [], 0

    def look(self):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with socket.create_connection(address_of(self.cluster), timeout=5) as plain, context.wrap_socket(plain) as tls:
            self.note(self.served, tls.getpeercert(binary_form=True))
        bundle = self.cluster.get(CONFIGURATIONS[0])["webhooks"][0]["clientConfig"]["caBundle"]
        text = base64.b64decode(bundle)
        self.most = max(self.most, text.count(b"BEGIN CERTIFICATE"))
        self.note(self.bundles, text.split(b"-----END")[0])

    @staticmethod
    def note(seen, data):
        name = hashlib.sha256(data).hexdigest()[:12]
        if name not in seen:
            seen.append(name)


def rolled_out(cluster, deployment):
    found = cluster.get(deployment)
    status = found.get("status", {})
    return (status.get("observedGeneration") == found["metadata"]["generation"]
            and status.get("updatedReplicas") == status.get("replicas") == status.get("readyReplicas") == found["spec"]["replicas"])


def wait_for(what, condition, seconds=120):
    for _ in range(seconds * 2):
        if condition():
            return
        time.sleep(0.5)
    sys.exit(f"{what}: not so in {seconds} s")


def leader_is_of_the_latest(cluster):
    """Whoever leads was not left over by a rolling update."""
    holder = cluster.get("/apis/coordination.k8s.io/v1/namespaces/stash/leases/stash-reconciler")["spec"].get("holderIdentity")
    pods = cluster.items("/api/v1/namespaces/stash/pods?labelSelector=app.kubernetes.io/name=stash-reconciler")
    return holder in [pod["metadata"]["name"] for pod in pods if "deletionTimestamp" not in pod["metadata"]]


def stored(cluster, path, key):
    """A certificate out of a Secret; None while there is none."""
    coded = (cluster.find(path) or {}).get("data", {}).get(key)
    return base64.b64decode(coded).decode() if coded else None


def serves_of(cluster, ca, seconds=0):
    """The webhook shows a certificate that is good under this CA, for so long."""
    if not ca:
        return False
    try:
        with socket.create_connection(address_of(cluster), timeout=5) as plain, \
                ssl.create_default_context(cadata=ca).wrap_socket(plain, server_hostname="stash-webhook.stash.svc") as tls:
            return ssl.cert_time_to_seconds(tls.getpeercert()["notAfter"]) - time.time() >= seconds
    except ssl.SSLCertVerificationError:
        return False


def leave(cluster):
    """Later tests find the reconciler's own certificates, made with its usual flags, and nothing of ours."""
    cluster.delete(f"/api/v1/namespaces/{NAMESPACE}")
    wait_for("a reconciler of the latest leads", lambda: leader_is_of_the_latest(cluster))
    cluster.delete(OWN_CA)
    cluster.delete(OWN_PAIR)
    wait_for("a certificate that lasts is served", lambda: serves_of(cluster, stored(cluster, OWN_CA, "tls.crt"), 24 * 3600))


def setup(cluster):
    cluster.delete(f"/api/v1/namespaces/{NAMESPACE}")
    wait_for("the namespace of an earlier run gone", lambda: not cluster.find(f"/api/v1/namespaces/{NAMESPACE}"))
    cluster.create("/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})
    wait_for("its ServiceAccount", lambda: cluster.find(f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts/default"))
    cluster.create(f"/apis/stash.appscode.com/v1alpha1/namespaces/{NAMESPACE}/repositories", REPOSITORY)
    cluster.create(f"{STASH}/namespaces/{NAMESPACE}/backupconfigurations", backup("web-backup"))
    probe = Load(cluster)
    for _ in range(60):
        probe.failures.clear()
        probe.ask_pod(0)
        if not probe.failures:
            return
        time.sleep(0.5)
    sys.exit("pods do not get a sidecar before the test begins")
