#!/usr/bin/env python3
"""usage: live.py STASH FAKE_APISERVER - the webhook on a cluster's lists: what /readyz says while one is refused, and that
objects which cannot be read keep neither the webhook nor the others from working."""
import contextlib
import http.client
import json
import pathlib
import subprocess
import sys
import tempfile
import time

from harness import check, failures, finish, free_port, insecure, make_certificate

BINDINGS = "/apis/appcatalog.appscode.com/v1alpha1/appbindings"
PATHS = ["/api/v1/namespaces", "/apis/storage.k8s.io/v1/storageclasses", "/apis/stash.appscode.com/v1alpha1/repositories"] + [
    f"/apis/stash.appscode.com/v1beta1/{kind}" for kind in (
        "backupconfigurations", "restoresessions", "backupbatches", "restorebatches", "backupblueprints", "tasks", "functions")]
NOT_FOUND = {"kind": "Status", "code": 404, "reason": "NotFound", "message": "not found"}
HOSTILE = ('{"metadata":{"resourceVersion":"10"},"items":['
           '{"metadata":{"name":"nul","namespace":"demo","uid":"1","resourceVersion":"1","annotations":{"x":"a\\u0000b"}}},'
           '{"metadata":{"name":"large","namespace":"demo","uid":"2","resourceVersion":"2"},'
           '"spec":{"parameters":{"n":9223372036854775808}}},{"metadata":{"name":"huge","annotations":{"x":"')
REST = ('"},"namespace":"demo","uid":"3","resourceVersion":"3"}},'
        '{"metadata":{"name":"fine","namespace":"demo","uid":"4","resourceVersion":"4"}}]}')


def lists(bindings):
    return [{"path": path, "times": 0, "status": 404, "body": NOT_FOUND} for path in PATHS] + bindings


def hostile_bindings():
    return [{"path": BINDINGS, "query": {"watch": None}, "times": 0,
             "stream": [{"text": HOSTILE}, {"text": "\\u003c" * 10, "repeat": 80000}, {"text": REST}]},
            {"path": BINDINGS, "query": {"watch": "1"}, "times": 0, "stream": [{"hang": True}]}]


@contextlib.contextmanager
def api_server(fake, folder, steps):
    script = pathlib.Path(folder, "script.json")
    script.write_text(json.dumps(steps))
    process = subprocess.Popen([fake, script, pathlib.Path(folder, "requests")], stdout=subprocess.PIPE, text=True)
    try:
        address = f"http://127.0.0.1:{int(process.stdout.readline())}"
        pathlib.Path(folder, "kubeconfig").write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "c",
            "clusters": [{"name": "c", "cluster": {"server": address}}], "users": [{"name": "u", "user": {}}],
            "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u", "namespace": "stash"}}]}))
        yield
    finally:
        process.kill()
        process.wait()


class Webhook:
    def __init__(self, stash, folder):
        self.port, self.admin_port, self.log = free_port(), free_port(), pathlib.Path(folder, "log")
        make_certificate(folder, "live")
        self.process = subprocess.Popen(
            [stash, "webhook", f"--kubeconfig={folder}/kubeconfig", f"--cert={folder}/tls.crt", f"--key={folder}/tls.key",
             f"--listen=127.0.0.1:{self.port}", f"--admin-listen=127.0.0.1:{self.admin_port}"], stderr=self.log.open("w"))

    def admin(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.admin_port, timeout=5)
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode()

    def wait_for(self, path, wanted):
        answer = None
        for _ in range(200):
            with contextlib.suppress(OSError):
                answer = self.admin(path)
                if wanted(answer):
                    return answer
            time.sleep(0.1)
        return answer

    def warnings_about(self, name):
        body = json.dumps({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
            "uid": "u", "operation": "CREATE", "namespace": "demo",
            "kind": {"group": "stash.appscode.com", "version": "v1beta1", "kind": "BackupConfiguration"},
            "object": {"apiVersion": "stash.appscode.com/v1beta1", "kind": "BackupConfiguration",
                       "metadata": {"name": "b", "namespace": "demo"},
                       "spec": {"schedule": "0 0 * * *", "repository": {"name": "r"}, "retentionPolicy": {"name": "k", "keepLast": 1},
                                "target": {"ref": {"apiVersion": "appcatalog.appscode.com/v1alpha1", "kind": "AppBinding",
                                                   "name": name}}}}}})
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=insecure(), timeout=10)
        connection.request("POST", "/validate", body, {"Content-Type": "application/json"})
        return " ".join(json.loads(connection.getresponse().read())["response"].get("warnings", []))


@contextlib.contextmanager
def webhook(stash, folder):
    server = Webhook(stash, folder)
    try:
        yield server
    finally:
        server.process.kill()
        server.process.wait()
        if failures:
            print(server.log.read_text()[-3000:])


def test_refused(stash, fake):
    refusal = {"path": BINDINGS, "times": 0, "status": 403, "body": {"kind": "Status", "code": 403, "message": "no right"}}
    with tempfile.TemporaryDirectory() as folder, api_server(fake, folder, lists([refusal])), webhook(stash, folder) as server:
        want = "not ready: no list yet of every AppBinding (denied); the log says more\n"
        answer = server.wait_for("/readyz", lambda answer: answer == (503, want))
        check("a webhook without a list says which and why", answer == (503, want), answer)


def test_hostile(stash, fake):
    with tempfile.TemporaryDirectory() as folder, api_server(fake, folder, lists(hostile_bindings())), \
            webhook(stash, folder) as server:
        answer = server.wait_for("/readyz", lambda answer: answer[0] == 200)
        check("objects that cannot be read do not keep it from being ready", answer[0] == 200, answer)
        check("they are counted", "stash_webhook_unread_objects 1\n" in server.admin("/metrics")[1])
        check("and named", "AppBinding demo/huge cannot be read: it is larger than 4 MiB" in server.log.read_text())
        rows = [("nul", False, False), ("large", False, False), ("fine", False, False), ("huge", True, False),
                ("absent", False, True)]
        for name, unread, absent in rows:
            text = server.warnings_about(name)
            check(f"AppBinding {name}: read, absent, or neither", (f"AppBinding demo/{name} cannot be read" in text) == unread and
                  (f"AppBinding demo/{name} is not there yet" in text) == absent, text)


test_refused(sys.argv[1], sys.argv[2])
test_hostile(sys.argv[1], sys.argv[2])
finish()
