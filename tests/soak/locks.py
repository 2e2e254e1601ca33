#!/usr/bin/env python3
"""usage: locks.py STASH FAKE_APISERVER - whose locks are removed, in real time: half an hour.

Two repositories, each locked by an executor whose pod is gone. One was killed; its lock goes when it has not changed for
25 minutes. The other still lives, on a node that nobody hears of: its restic writes its lock anew every 5 minutes, so it
stays, and the session that waits for it says whose it is.

The reconciler, the steps of the Jobs and restic are real; the API server keeps objects and knows no rules. With
STASH_SOAK_STALE=SECONDS only the first is tried, with that patience.
"""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

STASH, FAKE = sys.argv[1:3]
REAL = 1500
STALE = int(os.environ.get("STASH_SOAK_STALE", REAL))
PATIENCE = max(STALE + STALE // 5, STALE + 60)
GROUP = "/apis/stash.appscode.com"
CASES = ["dead"] if STALE < REAL else ["dead", "alive"]


def configuration(name, folder):
    return [
        {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name, "namespace": "demo"},
         "spec": {"accessModes": ["ReadWriteMany"]}, "status": {"phase": "Bound"}},
        {"apiVersion": "stash.appscode.com/v1alpha1", "kind": "Repository", "metadata": {"name": name, "namespace": "demo"},
         "spec": {"backend": {"storageSecretName": "storage",
                              "local": {"mountPath": str(folder / name / "repository"), "hostPath": {"path": "/srv"}}}},
         "status": {"executors": [{"namespace": "demo", "pod": f"gone-{name}", "uid": "of-a-pod-that-is-gone",
                                   "container": "stash", "hostname": f"gone-{name}", "session": "BackupSession/demo/before",
                                   "startedAt": "2026-01-01T00:00:00Z"}]}},
        {"apiVersion": "stash.appscode.com/v1beta1", "kind": "BackupConfiguration",
         "metadata": {"name": name, "namespace": "demo"},
         "spec": {"schedule": "0 3 * * *", "driver": "Restic", "repository": {"name": name}, "task": {"name": "pvc-backup"},
                  "retentionPolicy": {"name": "keep", "keepLast": 1, "prune": True},
                  "target": {"ref": {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "name": name}}}},
    ]


def objects(folder):
    rows = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kube-system", "uid": "the-cluster"}},
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "demo"}},
            {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "storage", "namespace": "demo"},
             "data": {"RESTIC_PASSWORD": "cGFzcw=="}}]
    for name in CASES:
        rows += configuration(name, folder)
    return rows


class Stage:
    """The processes of the test; whatever happens, none stays."""

    def __init__(self, folder):
        self.folder = folder
        self.processes = []

    def start(self, *command, **options):
        process = subprocess.Popen(command, **options)
        self.processes.append(process)
        return process

    def end(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.kill()
            process.wait()

    def serve(self):
        (self.folder / "script.json").write_text(json.dumps([{"objects": objects(self.folder)}]))
        server = self.start(FAKE, str(self.folder / "script.json"), str(self.folder / "log"), stdout=subprocess.PIPE, text=True)
        self.address = f"http://127.0.0.1:{int(server.stdout.readline())}"
        (self.folder / "token").write_text("token")
        (self.folder / "kubeconfig").write_text(
            "current-context: c\ncontexts: [{name: c, context: {cluster: k, user: u, namespace: demo}}]\n"
            f"clusters: [{{name: k, cluster: {{server: '{self.address}'}}}}]\nusers: [{{name: u, user: {{tokenFile: token}}}}]\n")

    def ask(self, path, body=None):
        data = json.dumps(body).encode() if body else None
        request = urllib.request.Request(self.address + path, data=data, headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def session(self, name):
        return self.ask(f"{GROUP}/v1beta1/namespaces/demo/backupsessions/{name}")

    def stash(self, *arguments, **options):
        return self.start(STASH, *arguments, f"--kubeconfig={self.folder}/kubeconfig", **options)


class Case:
    def __init__(self, stage, name):
        self.stage = stage
        self.name = name
        self.folder = stage.folder / name
        (self.folder / "data").mkdir(parents=True)
        (self.folder / "scratch").mkdir()
        (self.folder / "data/file").write_text(name)
        self.restic("init")

    def restic(self, *arguments):
        return subprocess.run(["restic", "-r", str(self.folder / "repository"), "--no-cache", "--quiet", *arguments], check=True,
                              stdout=subprocess.PIPE, text=True, env=os.environ | {"RESTIC_PASSWORD": "pass"}).stdout

    def locks(self):
        return self.restic("list", "locks", "--no-lock").split()

    def lock(self):
        """A restic that holds a lock as a pod does: with a host name and process ids of its own."""
        self.holder = self.stage.start(
            "unshare", "--uts", "--pid", "--fork", "--kill-child", "sh", "-c",
            f"hostname gone-{self.name} && exec restic -r {self.folder}/repository --no-cache --quiet backup --stdin",
            stdin=subprocess.PIPE, env=os.environ | {"RESTIC_PASSWORD": "pass"})
        wait("a lock", 60, lambda: self.locks())
        self.first = self.locks()

    def run_step(self, verb, *arguments):
        environment = os.environ | {"POD_NAME": f"{self.name}-1", "POD_UID": f"{self.name}-uid", "STASH_CONTAINER": "stash",
                                    "STASH_LOCK_PATIENCE": str(PATIENCE), "STASH_TURN_PATIENCE": "60"}
        return self.stage.stash(verb, "--provider=local", f"--bucket={self.folder}/repository", "--storage-secret-name=storage",
                                "--storage-secret-namespace=demo", f"--scratch-dir={self.folder}/scratch", "--namespace=demo",
                                f"--backupsession={self.name}-1", "--invoker-kind=BackupConfiguration",
                                f"--invoker-name={self.name}", "--target-kind=PersistentVolumeClaim",
                                f"--target-name={self.name}", "--target-namespace=demo", f"--output-dir={self.folder}/output",
                                *arguments, env=environment)

    def create_session(self):
        self.stage.ask(f"{GROUP}/v1beta1/namespaces/demo/backupsessions",
                       {"apiVersion": "stash.appscode.com/v1beta1", "kind": "BackupSession",
                        "metadata": {"name": f"{self.name}-1", "namespace": "demo"},
                        "spec": {"invoker": {"apiGroup": "stash.appscode.com", "kind": "BackupConfiguration", "name": self.name}}})
        wait("the session begun", 60, lambda: self.has_condition("BackupExecutorEnsured"))

    def has_condition(self, kind):
        status = self.stage.session(f"{self.name}-1").get("status", {})
        rows = status.get("conditions", []) + [c for t in status.get("targets", []) for c in t.get("conditions", [])]
        return next((row for row in rows if row["type"] == kind), None)

    def begin(self):
        """Back up beside the lock, which a backup may; retention may not."""
        self.create_session()
        backup = self.run_step("backup-pvc", f"--backup-paths={self.folder}/data")
        expect(backup.wait(timeout=120) == 0, "the backup's step failed")
        self.began = time.monotonic()
        self.update = self.run_step("update-status")


def expect(holds, what):
    if not holds:
        raise AssertionError(what)


def wait(what, seconds, is_so):
    until = time.monotonic() + seconds
    while not is_so():
        expect(time.monotonic() < until, f"{what}: not in time")
        time.sleep(0.5)


def configuration_ready(stage, name):
    return stage.ask(f"{GROUP}/v1beta1/namespaces/demo/backupconfigurations/{name}").get("status", {}).get("phase") == "Ready"


def check_dead(case):
    expect(case.update.wait(timeout=PATIENCE + 120) == 0, "update-status failed")
    took = time.monotonic() - case.began
    applied = case.has_condition("RetentionPolicyApplied")
    expect(applied and applied["status"] == "True", f"retention was not applied: {applied}")
    expect(took >= STALE - 5, f"the lock was removed after {took:.0f} s already")
    expect(not case.locks(), "a lock is left")
    print(f"dead: its lock was removed and retention applied after {took:.0f} s")


def check_alive(case):
    expect(case.update.wait(timeout=PATIENCE + 120) == 0, "update-status failed")
    took = time.monotonic() - case.began
    applied = case.has_condition("RetentionPolicyApplied")
    expect(applied and applied["status"] == "Unknown" and 'host "gone-alive"' in applied["message"],
           f"the holder is not named: {applied}")
    left = case.locks()
    expect(len(left) == 1 and left != case.first, f"the living lock: {case.first} at first, {left} now")
    case.holder.stdin.write(b"the end")
    case.holder.stdin.close()
    expect(case.holder.wait(timeout=60) == 0, "whose lock it was could not finish")
    expect(not case.locks(), "it left its lock")
    print(f"alive: after {took:.0f} s it still had its lock, by another id, and finished; the session said: {applied['message']}")


def run(stage):
    stage.serve()
    cases = {name: Case(stage, name) for name in CASES}
    stage.stash("reconciler", "--identity=me", "--manage-certificates=false", "--admin-listen=127.0.0.1:0", "--pushgateway-url=http://127.0.0.1:9",
                f"--lock-stale={STALE}s", stderr=(stage.folder / "reconciler.log").open("w"))
    for name, case in cases.items():
        case.lock()
        wait(f"{name} Ready", 60, lambda name=name: configuration_ready(stage, name))
    os.kill(cases["dead"].holder.pid, signal.SIGKILL)
    cases["dead"].holder.wait()
    expect(cases["dead"].locks() == cases["dead"].first, "who is killed leaves no lock")
    for case in cases.values():
        case.begin()
    check_dead(cases["dead"])
    if "alive" in cases:
        check_alive(cases["alive"])
    for case in cases.values():
        case.restic("check")


def main():
    if not shutil.which("restic") or os.geteuid() != 0:
        print("skipped: needs restic (scripts/cluster restic) and root, to give a holder a host name of its own")
        sys.exit(1 if os.environ.get("STASH_LAB") else 77)
    stage = Stage(pathlib.Path(tempfile.mkdtemp(prefix="stash-soak-")))
    try:
        run(stage)
    except Exception:
        print((stage.folder / "reconciler.log").read_text()[-4000:], file=sys.stderr)
        raise
    finally:
        stage.end()
        shutil.rmtree(stage.folder)


main()
