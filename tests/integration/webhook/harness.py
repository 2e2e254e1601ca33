"""What the webhook's integration tests share: the server in file mode, over real TLS, and the talk with it."""
import contextlib
import http.client
import json
import pathlib
import shutil
import socket
import ssl
import subprocess
import sys
import time

JSON = {"Content-Type": "application/json"}
failures = []


def check(what, condition, detail=""):
    print(("ok   " if condition else "FAIL ") + what, detail if not condition else "", flush=True)
    if not condition:
        failures.append(what)


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


def new_key(path):
    return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", path]


def make_certificate(folder, name):
    """A self-signed pair under its final name at once, as a Secret volume swaps it."""
    fresh = pathlib.Path(folder, "fresh")
    fresh.mkdir(exist_ok=True)
    openssl("req", "-x509", *new_key(fresh / "tls.key"), "-out", fresh / "tls.crt", "-days", 2, "-subj", f"/CN={name}",
            "-addext", "subjectAltName=IP:127.0.0.1")
    for file in ("tls.crt", "tls.key"):
        shutil.copy(fresh / file, pathlib.Path(folder, file + ".new"))
        pathlib.Path(folder, file + ".new").rename(pathlib.Path(folder, file))


def insecure():
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """stash webhook in file mode, with the snapshot of a golden case."""

    def __init__(self, stash, objects, folder, *flags, drain="2s", log=None):
        self.folder, self.admin_port = folder, free_port()
        self.port = free_port()
        make_certificate(folder, "first")
        pathlib.Path(folder, "objects.json").write_text(
            json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))
        self.command = [stash, "webhook", f"--objects={folder}/objects.json", f"--cert={folder}/tls.crt",
                        f"--key={folder}/tls.key", f"--listen=127.0.0.1:{self.port}",
                        f"--admin-listen=127.0.0.1:{self.admin_port}", f"--drain={drain}", *flags]
        self.log = log
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.command, stderr=self.log)
        self.wait_ready()

    def wait_ready(self):
        for _ in range(300):
            with contextlib.suppress(OSError):
                if self.admin("/readyz")[0] == 200:
                    return
            time.sleep(0.05)
        sys.exit("the server did not get ready")

    def connect(self, timeout=20, context=None):
        return http.client.HTTPSConnection("127.0.0.1", self.port, context=context or insecure(), timeout=timeout)

    def ask(self, path, body=b"", headers=None, method="POST", connection=None):
        connection = connection or self.connect()
        connection.request(method, path, body=body, headers=JSON if headers is None else headers)
        response = connection.getresponse()
        return response.status, response.read(), response

    def admin(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.admin_port, timeout=5)
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode()

    def metric(self, name):
        for line in self.admin("/metrics")[1].splitlines():
            if line.startswith(name + " "):
                return float(line.split()[1])
        return None

    def raw(self, source="127.0.0.1"):
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=30, source_address=(source, 0))
        return insecure().wrap_socket(plain)

    def resident_kib(self):
        return next(int(line.split()[1]) for line in open(f"/proc/{self.process.pid}/status") if line.startswith("VmRSS"))


def review_of(pod):
    return json.dumps({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
                       "request": {"uid": "u-1", "kind": {"group": "", "version": "v1", "kind": "Pod"},
                                   "namespace": "demo", "operation": "CREATE", "object": pod}}).encode()


def golden_case(golden):
    """Objects of a snapshot, and the review of a pod that gets a sidecar."""
    case = json.loads(pathlib.Path(golden, "deployment-backup", "in.json").read_text())
    return case, review_of(case["object"])


def finish():
    sys.exit(1 if failures else 0)
