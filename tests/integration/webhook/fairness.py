#!/usr/bin/env python3
"""usage: fairness.py STASH GOLDEN_INJECT - one tenant sends costly reviews by the dozen: others' pods are answered meanwhile,
others' costly reviews take turns with his, and what can no longer be answered in time is not looked at."""
import json
import sys
import tempfile
import threading
import time

from harness import Server, check, finish, golden_case

PARALLEL = 64  # far more than the server has threads
GOOD, EVIL = "demo", "e9babj8"  # he found himself a name whose FNV-1a hash is the other's


def costly(namespace):
    """A BackupConfiguration whose rules compare hundreds of elements with hundreds of others."""
    target = {"ref": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}, "paths": [f"/m/{i}" for i in range(500)],
              "volumeMounts": [{"name": f"v{i}", "mountPath": f"/m/{i}"} for i in range(500)]}
    spec = {"repository": {"name": "repo"}, "schedule": "0 3 * * *", "retentionPolicy": {"name": "k", "keepLast": 1}, "target": target}
    return json.dumps({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
        "uid": "u", "kind": {"group": "stash.appscode.com", "version": "v1beta1", "kind": "BackupConfiguration"},
        "namespace": namespace, "operation": "CREATE", "object": {
            "apiVersion": "stash.appscode.com/v1beta1", "kind": "BackupConfiguration",
            "metadata": {"name": "b", "namespace": namespace}, "spec": spec}}}).encode()


class Attack:
    """So many of them under way, until it ends."""

    def __init__(self, server):
        self.server, self.body, self.answers, self.going = server, costly(EVIL), [], True
        self.threads = [threading.Thread(target=self.ask, daemon=True) for _ in range(PARALLEL)]
        for thread in self.threads:
            thread.start()

    def ask(self):
        connection = self.server.connect()
        while self.going:
            self.answers.append(self.server.ask("/validate", self.body, connection=connection)[0])
            if self.answers[-1] != 200:
                time.sleep(0.2)

    def count(self, status):
        return self.answers.count(status)

    def end(self):
        self.going = False
        for thread in self.threads:
            thread.join()


def main():
    stash, golden = sys.argv[1:]
    case, review = golden_case(golden)
    with tempfile.TemporaryDirectory() as folder, open(f"{folder}/log", "w") as log:
        server = Server(stash, case["objects"], folder, log=log)
        started = time.monotonic()
        status, _, _ = server.ask("/validate", costly(EVIL))
        alone = time.monotonic() - started
        check("a costly review is answered", status == 200, status)
        attack = Attack(server)
        time.sleep(2 * alone)

        waits, connection = [], server.connect()
        for _ in range(20):
            started = time.monotonic()
            status, body, _ = server.ask("/inject?timeout=1s", review, connection=connection)
            waits.append(time.monotonic() - started)
            check("a pod of somebody else gets its sidecar", status == 200 and "patch" in json.loads(body)["response"])
        # without turns it would be the time of six of them, at least
        check("it does not wait behind them", sorted(waits)[10] < 3 * max(alone, 0.2), (alone, waits))

        for _ in range(3):  # on a machine that gives us no processor it may be too late once
            before = attack.count(200)
            status, _, _ = server.ask("/validate", costly(GOOD))
            between = attack.count(200) - before
            if status == 200:
                break
        check("somebody else's costly review is answered", status == 200, status)
        check("when it is its turn", between <= 4, f"{between} of the others came first")
        attack.end()
        check("what comes too late is sent away", attack.count(503) > 0 and set(attack.answers) <= {200, 503}, set(attack.answers))
        check("he is answered, too", attack.count(200) > 0, attack.answers)
        server.process.terminate()
        check("the server ends as it should", server.process.wait(timeout=30) == 0)
    finish()


main()
