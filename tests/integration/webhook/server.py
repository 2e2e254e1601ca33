#!/usr/bin/env python3
"""usage: server.py STASH GOLDEN_INJECT - the webhook's server over real TLS: what it answers, what it turns away, and
how it treats clients that are slow, greedy, or in the middle of something when the certificate changes."""
import base64
import contextlib
import http.client
import json
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

from harness import JSON, Server, check, finish, golden_case, make_certificate, review_of

MIB = 1 << 20


def test_answers(server, review):
    status, body, _ = server.ask("/inject?timeout=1s", review)
    answer = json.loads(body)["response"]
    patch = json.loads(base64.b64decode(answer["patch"]))
    check("a targeted pod gets a patch", status == 200 and answer["allowed"] and len(patch) > 3, body)
    status, body, response = server.ask("/inject", review, {"Content-Type": "application/json; charset=utf-8"})
    check("a charset in the content type is fine", status == 200)
    check("the answer is JSON", response.getheader("Content-Type") == "application/json")


def large_review(review, app=None, variables=2200):
    """The pod with 2 MiB of environment, or less; of another workload, where `app` names it."""
    document = json.loads(review)
    pod = document["request"]["object"]
    if app:
        pod["metadata"]["ownerReferences"][0]["name"] = pod["metadata"]["generateName"] = f"{app}-6d4cf56db6"
    pod["spec"]["containers"][0]["env"] = [{"name": f"V{i}", "value": "x" * 900} for i in range(variables)]
    return json.dumps(document).encode()


def test_large(server, review):
    status, body, _ = server.ask("/inject", large_review(review, variables=1500))
    check("a targeted pod of 1.4 MB gets its patch", status == 200 and "patch" in json.loads(body)["response"])
    status, body, _ = server.ask("/inject", large_review(review))
    check("one of 2 MiB, which etcd takes from nobody, is left alone", status == 200 and "patch" not in json.loads(body)["response"])
    whole = large_review(review, "another")
    status, body, _ = server.ask("/inject", whole)
    check("another pod of 2 MiB is left alone", status == 200 and "patch" not in json.loads(body)["response"]
          and json.loads(body)["response"]["allowed"])
    with server.raw() as peer:
        peer.sendall(b"POST /inject HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
                     % len(whole) + whole[:MIB])
        time.sleep(0.5)
        held = server.metric("stash_webhook_in_flight_bytes")
        check("while it comes in, nothing of it is kept", held < 64 * 1024, held)
        peer.sendall(whole[MIB:])
        check("and it is answered at its end", peer.recv(4096).startswith(b"HTTP/1.1 200 "))
    with server.raw() as peer:
        peer.sendall(b"POST /inject HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
        with contextlib.suppress(OSError):
            peer.sendall(b"%x\r\n" % MIB + whole[:MIB] + b"\r\n")
            for _ in range(8):
                peer.sendall(b"%x\r\n" % MIB + b" " * MIB + b"\r\n")
            peer.sendall(b"0\r\n\r\n")
        check("one without end is too large all the same", b" 413 " in peer.recv(4096)[:20])


def handshake(server, *flags):
    """The suite that openssl gets, "" when none."""
    done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", "-brief", *flags],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
    suites = [line.split()[-1] for line in done.stderr.splitlines() if line.startswith("Ciphersuite:")]
    return suites[0] if done.returncode == 0 and suites else ""


def test_suites(server):
    """What is refused is offered by a client that can do it: openssl with its own security level off."""
    old = ("-tls1_2", "-cipher")
    check("TLS 1.3 is spoken", handshake(server, "-tls1_3").startswith("TLS_"))
    for suite in ("AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305"):
        name = f"ECDHE-ECDSA-{suite}"
        check(f"TLS 1.2 is spoken with {name}", handshake(server, *old, name) == name)
    for suite in ("ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "ECDHE-ECDSA-AES128-SHA256",
                  "ECDHE-ECDSA-AES128-CCM"):
        check(f"not with {suite}", not handshake(server, *old, f"{suite}:@SECLEVEL=0"))
    for version in ("-tls1", "-tls1_1"):
        check(f"{version} is not spoken", not handshake(server, version, "-cipher", "ALL:@SECLEVEL=0"))


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
    expected = json.loads((golden / "deployment-backup" / "want.json").read_text())["hash"]
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
    case, review = golden_case(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        server = Server(sys.argv[1], case["objects"], folder)
        try:
            test_answers(server, review)
            test_large(server, review)
            test_suites(server)
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
    finish()


main()
