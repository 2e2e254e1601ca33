"""The agent's two containers, an API server from a script, and what /proc says of the agent meanwhile: for bench/addons and bench/memory."""
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
STASH = ROOT / "build/release/stash"
API = ROOT / "build/dev/tests/fake/fake_apiserver"
HERTZ = os.sysconf("SC_CLK_TCK")


def until(done, seconds=120):
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            sys.exit("the server does not come up")
        time.sleep(0.2)


class Application:
    """A server on loopback that an AppBinding names."""

    server, target = None, ("AppBinding", "bench")

    def flags(self, _work, _step):
        return ["--appbinding=bench", "--wait-timeout=30"]

    def start(self, words, environment, ready):
        self.server = subprocess.Popen([str(word) for word in words], env={**os.environ, **environment}, stdout=subprocess.DEVNULL)
        until(ready)


class Watch(threading.Thread):
    """The processes of the agent, by what /proc says of them until they end."""

    def __init__(self):
        super().__init__(daemon=True)
        self.highest, self.anonymous, self.spent, self.stopped = 0.0, 0.0, {}, False

    def look_at(self, folder):
        status = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
        self.highest = max(self.highest, int(status["VmHWM"].split()[0]) / 1024)
        self.anonymous = max(self.anonymous, int(status["RssAnon"].split()[0]) / 1024)
        fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        self.spent[folder.name] = (int(fields[11]) + int(fields[12])) / HERTZ

    def run(self):
        while not self.stopped:
            for folder in pathlib.Path("/proc").glob("[0-9]*"):
                with contextlib.suppress(OSError, KeyError, ValueError):
                    if os.readlink(folder / "exe") == str(STASH):
                        self.look_at(folder)
            time.sleep(0.1)


class Session:
    """An API server that knows one BackupSession, and the agent's two containers."""

    def __init__(self, work, server):
        self.work, self.server = work, server
        script = (ROOT / "tests/integration/agent/scripts/session.yaml").read_text().replace(
            's3: {endpoint: "http://127.0.0.1:1", bucket: b, prefix: p}', f"local: {{mountPath: {work}/repository}}").replace(
                "kind: PersistentVolumeClaim, name: data, namespace: demo", f"kind: {server.target[0]}, name: {server.target[1]}, namespace: demo")
        entry = {"path": "/apis/appcatalog.appscode.com/v1alpha1/namespaces/demo/appbindings/bench", "times": 0,
                 "body": {"apiVersion": "appcatalog.appscode.com/v1alpha1", "kind": "AppBinding",
                          "metadata": {"name": "bench", "namespace": "demo"}, "spec": server.binding()}}
        (work / "script.yaml").write_text(script + "- " + json.dumps(entry) + "\n")
        self.api = subprocess.Popen([API, work / "script.yaml", work / "requests"],
                                    stdout=subprocess.PIPE, text=True)
        port = self.api.stdout.readline().strip()
        (work / "token").write_text("first")
        (work / "kubeconfig").write_text(
            "current-context: c\ncontexts: [{name: c, context: {cluster: k, user: u, namespace: demo}}]\n"
            f"clusters: [{{name: k, cluster: {{server: 'http://127.0.0.1:{port}'}}}}]\nusers: [{{name: u, user: {{tokenFile: token}}}}]\n")

    def flags(self, repository):
        return ["--provider=local", f"--bucket={repository}", "--storage-secret-name=repo-secret", "--storage-secret-namespace=demo",
                f"--scratch-dir={self.work / 'scratch'}", "--enable-cache=false", "--namespace=demo",
                f"--output-dir={self.work / 'output'}", f"--kubeconfig={self.work / 'kubeconfig'}"]

    def step(self, repository, command, *further):
        for name in ("scratch", "output", "interim"):
            shutil.rmtree(self.work / name, ignore_errors=True)
            (self.work / name).mkdir()
        self.agent(command, *self.flags(repository), "--hostname=host-0", *self.server.flags(self.work, command), *further)
        stat = json.loads((self.work / "output/output.json").read_text())["targetStatus"]["stats"][0]
        if stat["phase"] != "Succeeded":
            sys.exit(f"{command} failed: {stat}")

    def back_up(self, repository):
        session = "--backupsession=s-1"
        self.step(repository, self.server.backup, session)
        self.update(repository, session)

    def update(self, repository, session="--backupsession=s-1"):
        self.agent("update-status", *self.flags(repository), session, "--invoker-kind=BackupConfiguration", "--invoker-name=bc",
                   f"--target-kind={self.server.target[0]}", f"--target-name={self.server.target[1]}", "--target-namespace=demo")
        said = (self.work / "requests").read_text()
        if "SuccessfullyAppliedRetentionPolicy" not in said:
            sys.exit(f"no retention:\n{said[-3000:]}")

    def restore(self, repository):
        self.step(repository, self.server.restore)

    def agent(self, *words):
        log = self.work / "log"
        with open(log, "a") as file:
            if subprocess.run([STASH, *words], stderr=file, stdout=file).returncode != 0:
                sys.exit(f"stash {words[0]} failed:\n{log.read_text()[-3000:]}")
