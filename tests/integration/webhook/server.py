#!/usr/bin/env python3
"""usage: server.py STASH GOLDEN_INJECT - the webhook's server over real TLS: what it answers, what it turns away, and
how it treats clients that are slow, greedy, or in the middle of something when the certificate changes."""
import base64
import contextlib
import http.client
import json
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

MIB = 1 << 20
JSON = {"Content-Type": "application/json"}
failures = []


def check(what, condition, detail=""):
    print(("ok   " if condition else "FAIL ") + what, detail if not condition else "", flush=True)
    if not condition:
        failures.append(what)


def make_certificate(folder, name):
    """A self-signed pair under its final name at once, as a Secret volume swaps it."""
    fresh = pathlib.Path(folder, "fresh")
    fresh.mkdir(exist_ok=True)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-keyout", fresh / "tls.key", "-out", fresh / "tls.crt", "-days", "2", "-subj", f"/CN={name}",
                    "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
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

    def __init__(self, stash, objects, folder):
        self.folder, self.admin_port = folder, free_port()
        self.port = free_port()
        make_certificate(folder, "first")
        pathlib.Path(folder, "objects.json").write_text(
            json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))
        self.process = subprocess.Popen(
            [stash, "webhook", f"--objects={folder}/objects.json", f"--cert={folder}/tls.crt",
             f"--key={folder}/tls.key", f"--listen=127.0.0.1:{self.port}",
             f"--admin-listen=127.0.0.1:{self.admin_port}", "--drain=2s"])
        self.wait_ready()

    def wait_ready(self):
        for _ in range(300):
            with contextlib.suppress(OSError):
                if self.admin("/readyz")[0] == 200:
                    return
            time.sleep(0.05)
        sys.exit("the server did not get ready")

    def connect(self, timeout=20):
        return http.client.HTTPSConnection("127.0.0.1", self.port, context=insecure(), timeout=timeout)

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

    def raw(self):
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        return insecure().wrap_socket(plain)


def review_of(pod):
    return json.dumps({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
                       "request": {"uid": "u-1", "kind": {"group": "", "version": "v1", "kind": "Pod"},
                                   "namespace": "demo", "operation": "CREATE", "object": pod}}).encode()


def test_answers(server, review):
    status, body, _ = server.ask("/inject?timeout=1s", review)
    answer = json.loads(body)["response"]
    patch = json.loads(base64.b64decode(answer["patch"]))
    check("a targeted pod gets a patch", status == 200 and answer["allowed"] and len(patch) > 3, body)
    status, body, response = server.ask("/inject", review, {"Content-Type": "application/json; charset=utf-8"})
    check("a charset in the content type is fine", status == 200)
    check("the answer is JSON", response.getheader("Content-Type") == "application/json")


def test_keep_alive(server, review):
    connection = server.connect()
    server.ask("/inject", review, connection=connection)
    first = connection.sock
    for _ in range(20):
        server.ask("/inject", review, connection=connection)
    check("one connection serves many requests", connection.sock is first)


def test_turned_away(server, review):
    big = b" " * (8 * MIB)
    rows = [("an unknown path", 404, ("/mutate", review)),
            ("the root", 404, ("/", review)),
            ("a GET", 405, ("/inject", b"", JSON, "GET")),
            ("a PUT", 405, ("/inject", review, JSON, "PUT")),
            ("another content type", 415, ("/inject", review, {"Content-Type": "text/yaml"})),
            ("no content type", 415, ("/inject", review, {})),
            ("no body", 400, ("/inject", b"")),
            ("half a document", 400, ("/inject", review[:-10])),
            ("bytes that are not text", 400, ("/inject", b"\xff\xfe\x00" * 10)),
            ("8 MiB in pieces", 413, ("/inject", iter([big]))),
            ("a small text that needs much memory", 413, ("/validate", b"[" + b"{}," * (MIB // 3) + b"{}]"))]
    for what, want, arguments in rows:
        status, body, _ = server.ask(*arguments)
        check(f"{what} is answered {want}", status == want, (status, body[:200]))
    status, _, _ = server.ask("/inject", review)
    check("a good request after all that is served", status == 200)


def test_too_long(server):
    """The length is announced: refused before the body is read."""
    with server.raw() as peer:
        peer.sendall(b"POST /inject HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                     b"Content-Length: 8388608\r\n\r\n")
        answer = peer.recv(200)
    check("an announced 8 MiB is refused without reading it", b" 413 " in answer, answer)


def restarted(case, promised):
    pod = json.loads(json.dumps(case["object"]))
    pod["metadata"]["annotations"] = {"stash.appscode.com/restarted-for": f"web-backup/{promised}/1"}
    return review_of(pod)


def timed(server, review, results, connection=None):
    start = time.monotonic()
    status, body, _ = server.ask("/inject", review, connection=connection)
    results.append((status, "patch" in json.loads(body)["response"], time.monotonic() - start))


def test_snapshot_is_behind(server, case, golden):
    """A pod that was restarted for a hash that is not ours yet is held for a moment; many of them hold nobody else."""
    expected = json.loads((golden / "deployment_backup" / "want.json").read_text())["hash"]
    held, prompt, connection = [], [], server.connect()
    timed(server, restarted(case, expected), prompt, connection)
    threads = [threading.Thread(target=timed, args=(server, restarted(case, "f" * 16), held)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for promised in [expected, "nonsense"] * 10:
        timed(server, restarted(case, promised), prompt, connection)
    for thread in threads:
        thread.join()
    check("such pods are held for half a second", all(0.45 < seconds < 10 for *_, seconds in held), held)
    check("and then get what there is", all(status == 200 and patch for status, patch, _ in held), held)
    check("others are not held", all(status == 200 and patch for status, patch, _ in prompt)
          and sorted(seconds for *_, seconds in prompt)[10] < 0.2, prompt)


def read_to_end(peer):
    with contextlib.suppress(OSError):
        while peer.recv(4096):
            pass


def dribble(server, head, piece, results):
    """Send a byte every half second; how long until the server has enough?"""
    start = time.monotonic()
    with contextlib.suppress(OSError), server.raw() as peer:
        peer.sendall(head)
        while time.monotonic() - start < 40:
            peer.sendall(piece)
            peer.settimeout(0.5)
            try:
                if not peer.recv(1000):
                    break
            except TimeoutError:
                pass
    results.append(time.monotonic() - start)


def test_slow_clients(server, review):
    heads = [b"POST /inject HTTP/1.1\r\nHost: x\r\n",
             b"POST /inject HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n",
             b"P"]
    pieces = [b"A", b"{", b"O"]
    results, cut = [], server.metric("stash_webhook_connections_cut_total")
    threads = [threading.Thread(target=dribble, args=(server, head, piece, results))
               for head, piece in zip(heads * 10, pieces * 10)]
    silent = socket.create_connection(("127.0.0.1", server.port), timeout=30)  # never says hello
    for thread in threads:
        thread.start()
    started = time.monotonic()
    status, _, _ = server.ask("/inject", review)
    check("others are served meanwhile", status == 200 and time.monotonic() - started < 6)
    for thread in threads:
        thread.join()
    read_to_end(silent)
    check("a client that sends a byte now and then is cut", max(results) < 22, results)
    check("so is one that never speaks", time.monotonic() - started < 24)
    check("and they are counted", server.metric("stash_webhook_connections_cut_total") >= cut + 30)


def hammer(server, review, stop, seen, errors):
    while not stop.is_set():
        try:
            connection = server.connect()
            for _ in range(5):
                status, _, _ = server.ask("/inject", review, connection=connection)
                if status != 200:
                    errors.append(status)
            der = connection.sock.getpeercert(binary_form=True)
            seen.add(der)
            connection.close()
        except (OSError, http.client.HTTPException) as error:
            errors.append(repr(error))


def served_certificate(server):
    with server.raw() as peer:
        return peer.getpeercert(binary_form=True)


def test_certificate_swap(server, review):
    stop, seen, errors = threading.Event(), set(), []
    threads = [threading.Thread(target=hammer, args=(server, review, stop, seen, errors)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for name in ("second", "third"):
        before = served_certificate(server)
        make_certificate(server.folder, name)
        for _ in range(100):
            time.sleep(0.3)
            if served_certificate(server) != before:
                break
        time.sleep(1)
    pathlib.Path(server.folder, "tls.key").write_text("not a key")
    time.sleep(3)
    stop.set()
    for thread in threads:
        thread.join()
    check("three certificates were served, one after the other", len(seen) == 3, len(seen))
    check("not one request failed meanwhile", not errors, errors[:3])
    check("its end is told", server.metric("stash_webhook_certificate_expiry_timestamp_seconds") > time.time())


def test_drain(server, review):
    server.process.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    status, _ = server.admin("/readyz")
    check("it is not ready at once", status == 503, status)
    status, _, response = server.ask("/inject", review)
    check("it still serves, and sends clients away", status == 200 and response.getheader("Connection") == "close")
    check("then it ends well", server.process.wait(15) == 0)


def main():
    case = json.loads(pathlib.Path(sys.argv[2], "deployment_backup", "in.json").read_text())
    review = review_of(case["object"])
    with tempfile.TemporaryDirectory() as folder:
        server = Server(sys.argv[1], case["objects"], folder)
        try:
            test_answers(server, review)
            test_keep_alive(server, review)
            test_turned_away(server, review)
            test_too_long(server)
            test_snapshot_is_behind(server, case, pathlib.Path(sys.argv[2]))
            test_slow_clients(server, review)
            test_certificate_swap(server, review)
            check("nothing is left in flight", server.metric("stash_webhook_in_flight_requests") == 0
                  and server.metric("stash_webhook_in_flight_bytes") == 0)
            test_drain(server, review)
        finally:
            server.process.kill()
    sys.exit(1 if failures else 0)


main()
