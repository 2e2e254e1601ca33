"""One run: a namespace, a proxy with one fault, a reconciler that is started again whenever the fault has killed it."""

import os
import signal
import subprocess
import tempfile
import threading
import time
import json

from cluster import STASH
from proxy import Kill, Proxy, Refuse, Tear, LOST, refusal

KUBECONFIG = """\
apiVersion: v1
kind: Config
current-context: proxy
contexts: [{{name: proxy, context: {{cluster: proxy, user: none}}}}]
clusters: [{{name: proxy, cluster: {{server: "{url}"}}}}]
users: [{{name: none, user: {{}}}}]
"""


TURBULENCE = {
    "lost": lambda: Refuse(LOST),
    "conflict": lambda: Refuse(refusal(409, "Conflict")),
    "busy": lambda: Refuse(refusal(429, "TooManyRequests", "Retry-After: 1\r\n")),
    "broken": lambda: Refuse(refusal(500, "InternalError")),
    "torn": Tear,
}


class Failed(Exception):
    """The product did not do what it must."""


def expect(what, have, want):
    if have != want:
        raise Failed(f"{what}: {have!r} instead of {want!r}")


class Reconciler:
    """The process; its log is one file over all its lives."""

    def __init__(self, settings, namespace, url, folder):
        self.log = os.path.join(folder, "log")
        kubeconfig = os.path.join(folder, "kubeconfig")
        with open(kubeconfig, "w", encoding="utf-8") as file:
            file.write(KUBECONFIG.format(url=url))
        self._command = [settings.stash, "reconciler", "--kubeconfig=" + kubeconfig,
                         "--namespace=" + namespace, "--identity=e2e-kill",
                         "--admin-listen=127.0.0.1:0", "--manage-certificates=false",
                         "--pushgateway-url=" + settings.pushgateway]
        self._process = None
        self.lives = 0

    def start(self):
        self.lives += 1
        with open(self.log, "ab") as log:
            log.write(b"--- life %d\n" % self.lives)
            log.flush()
            self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=log,
                                             stderr=log, env={**os.environ, "TZ": "UTC"})

    def kill(self):
        self._process.kill()
        self._process.wait()

    def keep_alive(self):
        """Start it again after a SIGKILL; an end of any other kind is a failure."""
        code = self._process.poll()
        if code is None:
            return
        if code != -signal.SIGKILL:
            raise Failed(f"the reconciler ended by itself with {code}")
        self.start()

    def is_leading(self):
        """It lives, and has said so itself."""
        with open(self.log, encoding="utf-8", errors="replace") as file:
            life = file.read().rpartition("--- life ")[2]
        return self._process.poll() is None and 'msg="leading"' in life

    def stop(self):
        """The way out that a Deployment takes; sanitizers speak up here."""
        self._process.send_signal(signal.SIGTERM)
        try:
            expect("exit status after SIGTERM", self._process.wait(20), 0)
        except subprocess.TimeoutExpired:
            raise Failed("the reconciler does not end on SIGTERM") from None


class Seen:
    """Everything that ever existed in one collection: {uid: last document}."""

    def __init__(self, cluster, path):
        self.objects = {}
        self._connection, self._answer = cluster.stream(path + "?watch=true")
        threading.Thread(target=self._follow, daemon=True).start()

    def _follow(self):
        try:
            for line in self._answer:
                document = json.loads(line)["object"]
                self.objects[document["metadata"]["uid"]] = document
        except (OSError, ValueError, AttributeError, KeyError):
            pass  # close() ends it in the middle of a line

    def documents(self):
        return sorted(self.objects.values(), key=lambda document: document["metadata"]["name"])

    def names(self):
        return [document["metadata"]["name"] for document in self.documents()]

    def close(self):
        try:
            self._connection.sock.close()
        except (OSError, AttributeError):
            pass


class Run:
    """Used with `with`; a scenario is a function of it.

    `mode` is a kind of turbulence, or BEFORE or AFTER with the number of the write at which the reconciler is killed,
    or "none".
    """

    def __init__(self, settings, name, mode="none", at=0):
        self.settings, self.cluster = settings, settings.cluster
        self.namespace = f"e2e-kill-{name}-{mode}-{at}"
        self.core = f"/api/v1/namespaces/{self.namespace}"
        self.stash = f"{STASH}/namespaces/{self.namespace}"
        self.repositories = self.stash.replace("v1beta1", "v1alpha1") + "/repositories"
        self.batch = f"/apis/batch/v1/namespaces/{self.namespace}"
        self.mode, self.at = mode, at
        self.calm = mode == "none"
        self.trouble = TURBULENCE[mode]() if mode in TURBULENCE else Kill(at, mode, self._strike)

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(prefix=self.namespace)
        self._prepare()
        self.sessions = Seen(self.cluster, self.stash + "/backupsessions")
        self.jobs = Seen(self.cluster, self.batch + "/jobs")
        self.pods = Seen(self.cluster, self.core + "/pods")
        self.proxy = Proxy(self.cluster, self.settings.token, self.namespace,
                           None if self.calm else self.trouble)
        self.reconciler = Reconciler(self.settings, self.namespace, self.proxy.url,
                                     self._folder.name)
        self.reconciler.start()
        return self

    def __exit__(self, *_):
        self.reconciler.kill()
        self.proxy.close()
        for seen in (self.sessions, self.jobs, self.pods):
            seen.close()
        self.cluster.delete(f"/api/v1/namespaces/{self.namespace}")
        self._folder.cleanup()

    def _strike(self):
        self.reconciler.kill()

    def _prepare(self):
        """The namespace, with the right to hold a lease there and what a backup refers to."""
        self.cluster.create("/api/v1/namespaces", {
            "metadata": {"name": self.namespace, "labels": {"e2e": "kill"}}})
        rbac = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{self.namespace}"
        self.cluster.create(rbac + "/roles", {"metadata": {"name": "lease"}, "rules": [
            {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"],
             "verbs": ["get", "create", "patch", "update"]}]})
        self.cluster.create(rbac + "/rolebindings", {
            "metadata": {"name": "lease"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "lease"},
            "subjects": [{"kind": "ServiceAccount", "name": "stash-reconciler",
                          "namespace": "stash"}]})
        self.cluster.create(self.core + "/secrets", {
            "metadata": {"name": "storage"}, "stringData": {"RESTIC_PASSWORD": "secret"}})
        self.cluster.create(
            f"/apis/appcatalog.appscode.com/v1alpha1/namespaces/{self.namespace}/appbindings", {
                "apiVersion": "appcatalog.appscode.com/v1alpha1", "kind": "AppBinding",
                "metadata": {"name": "app"},
                "spec": {"clientConfig": {"url": "http://app.example.com"}}})

    def wait_for(self, what, is_so, seconds=60):
        """Poll, and keep the reconciler alive meanwhile."""
        deadline = time.monotonic() + seconds
        while not is_so():
            self.reconciler.keep_alive()
            if time.monotonic() > deadline:
                raise Failed(f"{what}: not so after {seconds} s")
            time.sleep(0.1)

    def leave(self):
        """All is done; the last write may have been the one to strike at, those on the way out are not."""
        self.proxy.calm_down()
        if 0 < self.at <= len(self.proxy.writes):
            self.wait_for("the strike over", lambda: self.proxy.struck)
        self.wait_for("the last life at work", self.reconciler.is_leading)
        self.reconciler.stop()

    def settled(self):
        """In the undisturbed run: starting again when all is done writes nothing."""
        if not self.calm:
            return
        time.sleep(1)
        before = len(self.proxy.writes)
        self.reconciler.kill()
        self.reconciler.start()
        time.sleep(3)
        self.reconciler.keep_alive()
        written = [f"{method} {path}" for _, method, path, _ in self.proxy.writes[before:]]
        expect("writes of a reconciler that starts when all is done", written, [])

    def what(self):
        """What was done to the reconciler in this run, in words."""
        if self.calm:
            return f"undisturbed, {len(self.proxy.writes)} writes:\n{self._writes()}"
        if not self.at:
            return f"{self.mode}, {len(self.proxy.writes)} writes"
        if not self.proxy.struck:
            return f"write {self.at} did not come"
        _, method, path, _ = self.proxy.writes[self.at - 1]
        return f"killed {self.mode} write {self.at} ({method} {path})"

    def _writes(self):
        return "\n".join(f"  {n:3} {method:6} {path} -> {status}"
                         for n, method, path, status in self.proxy.writes)

    def evidence(self):
        """What a person needs who looks into a failure."""
        with open(self.reconciler.log, encoding="utf-8", errors="replace") as file:
            log = file.read()[-6000:]
        seen = "\n".join(json.dumps({"name": document["metadata"]["name"],
                                     "spec": document["spec"], "status": document.get("status")})
                         for document in self.sessions.documents() + self.jobs.documents())
        return f"writes:\n{self._writes()}\nreconciler:\n{log}\nsessions and Jobs:\n{seen}"
