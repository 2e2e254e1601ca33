#!/usr/bin/env python3
"""usage: limits.py STASH GOLDEN_INJECT - how many connections one client gets, how much header, who is heard when client
certificates are asked for, and what the access log says."""
import contextlib
import http.client
import pathlib
import re
import resource
import socket
import ssl
import sys
import tempfile
import time

from harness import Server, check, failures, finish, golden_case, insecure, new_key, openssl

CROWDED = 640  # connections of one client: from here on its oldest idle one gives way
CROWD = 1024   # what two clients together need to keep everybody else out, if nobody gives way
MIB = 1 << 20


def answered(peer, review):
    """Whether a request on this connection gets its 200."""
    with contextlib.suppress(OSError, http.client.HTTPException):
        peer.sendall(b"POST /inject HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
                     % len(review) + review)
        answer = http.client.HTTPResponse(peer)
        answer.begin()
        return answer.status == 200 and len(answer.read()) > 0
    return False


def is_closed(peer):
    """By the server, which has nothing else to say to a client that has not begun."""
    peer.settimeout(0)
    try:
        return peer.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def hold(server, source, count):
    """Connections that say nothing, one after the other; what the server does not take waits in its queue, or is refused."""
    return [socket.create_connection(("127.0.0.1", server.port), source_address=(source, 0)) for _ in range(count)]


def release(server, held):
    for peer in held:
        peer.close()
    for _ in range(50):
        if server.metric("stash_webhook_connections") == 0:
            break
        time.sleep(0.1)


def closed_of(held, wanted):
    """Which ones the server has closed, once it has closed as many as wanted, or had ten seconds for it."""
    until = time.monotonic() + 10
    while True:
        closed = [index for index, peer in enumerate(held) if is_closed(peer)]
        if len(closed) >= wanted or time.monotonic() > until:
            return closed
        time.sleep(0.1)


def test_connections(server, review):
    """One client opens more than it may have: its oldest idle ones go, and it is served all the same."""
    held = hold(server, "127.0.0.1", CROWDED + 60)
    closed = closed_of(held, len(held) - CROWDED)
    time.sleep(0.2)  # and no more than those
    closed = [index for index, peer in enumerate(held) if is_closed(peer)]
    check("a client gets its share of connections and no more", len(closed) == len(held) - CROWDED, len(closed))
    # several threads take connections: whose came first is known to a few
    check("the oldest are those that went", max(closed, default=0) < len(closed) + 20, closed[-1:])
    check("they are counted", server.metric("stash_webhook_connections") == CROWDED,
          server.metric("stash_webhook_connections"))
    check("and so are those that went", server.metric("stash_webhook_connections_cut_total") >= len(closed))
    with server.raw() as again:
        check("it is served meanwhile", answered(again, review))
    release(server, held)


def test_crowd(server, review):
    """Two clients hold all that the server takes; who comes now is served, and who was there before still is."""
    with server.raw("127.0.0.2") as before:
        check("a client is served before the crowd", answered(before, review))
        held = hold(server, "127.0.0.3", CROWD) + hold(server, "127.0.0.4", CROWD)
        longest = 0
        for _ in range(20):
            begun = time.monotonic()
            with server.raw("127.0.0.5") as after:
                check("a client that comes into the crowd is served", answered(after, review))
            longest = max(longest, time.monotonic() - begun)
        check("without waiting until others are late", longest < 5, longest)
        check("the one from before is served on its connection", answered(before, review))
    release(server, held)


def hold_text(server, source):
    """Of every size, so that what is left is taken too."""
    held = []
    for size in [6_900_000] * 8 + [2_000_000, 900_000, 400_000, 200_000] * 2:
        held.append(server.raw(source))
        with contextlib.suppress(OSError):
            held[-1].sendall(b"POST /inject HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 7000000\r\n\r\n"
                             + b" " * size)
    return held


def test_memory(server, review):
    """Clients hold as much half-said text as they can; another has its answer all the same."""
    held = hold_text(server, "127.0.0.1")
    in_memory = server.metric("stash_webhook_in_flight_bytes")
    check("one client takes its share of memory and no more", 30 * MIB < in_memory <= 48 * MIB, in_memory)
    with server.raw("127.0.0.2") as other:
        check("another is served meanwhile", answered(other, review))
    held += hold_text(server, "127.0.0.3") + hold_text(server, "127.0.0.4")
    in_memory = server.metric("stash_webhook_in_flight_bytes")  # the first may be late, and cut, by now
    check("three of them leave some", 0 < in_memory < 64 * MIB, in_memory)
    with server.raw("127.0.0.2") as other:
        check("another is served beside three of them", answered(other, review))
    for peer in held:
        peer.close()


def status_of(server, review, headers):
    """A server that closes on what it has not read may take its answer along: then it is asked again."""
    for _ in range(5):
        with contextlib.suppress(OSError):
            return server.ask("/inject", review, headers)[0]
    return None


def test_headers(server, review):
    rows = [("one header of 20 KiB", 431, {"X": "a" * 20000}),
            ("500 headers", 431, {f"X-{i}": "a" * 30 for i in range(500)}),
            ("8 KiB of headers", 200, {"X": "a" * 8000})]
    for what, want, headers in rows:
        status = status_of(server, review, {"Content-Type": "application/json", **headers})
        check(f"{what}: {want}", status == want, status)


def log_lines(server):
    return [line for line in pathlib.Path(server.log.name).read_text().splitlines() if " msg=\"request\" " in line]


def test_access_log(server, review):
    before = len(log_lines(server))
    server.ask("/inject", review)
    server.ask("/inject", review.replace(b'"ReplicaSet"', b'"Nobody"'))
    server.ask("/validate", review.replace(b'"namespace": "demo"', b'"namespace": "a\\n\\u009bb\\"c"', 1))
    server.ask("/mutate%1b%0a", review)
    server.ask("/inject", b"{")
    lines = log_lines(server)[before:]
    check("a line for each request", len(lines) == 5, lines)
    wants = [r'path="/inject" status="200" outcome="patched" operation="CREATE" kind="Pod" namespace="demo" name="web-',
             r'path="/inject" status="200" outcome="allowed" operation="CREATE" kind="Pod" namespace="demo" name="web-',
             r'path="/validate" status="200" outcome="allowed" operation="CREATE" kind="Pod" namespace="a\n\xc2\x9bb\"c"',
             r'path="/mutate\x1b\n" status="404" outcome="rejected" operation="" kind=""',
             r'path="/inject" status="400" outcome="refused" operation="" kind=""']
    for want, line in zip(wants, lines):
        check(f"the line says {want}", want in line, line)
    check("it names the client", all(re.search(r' client="127\.0\.0\.1:\d+" ', line) for line in lines), lines)
    check("and nothing of the object", not any("mountPath" in line or "image" in line for line in lines))


def make_client(folder, name, usage, ca=None):
    """A certificate signed by `ca`; without one, a CA."""
    path = pathlib.Path(folder, name)
    sign = ["-CA", f"{ca}.crt", "-CAkey", f"{ca}.key", "-addext", f"extendedKeyUsage={usage}",
            "-addext", "basicConstraints=critical,CA:FALSE"] if ca else []
    openssl("req", "-x509", *new_key(f"{path}.key"), "-out", f"{path}.crt", "-days", 1, "-subj", f"/CN={name}", *sign)
    return path


def context_of(path):
    context = insecure()
    context.load_cert_chain(f"{path}.crt", f"{path}.key")
    return context


def test_client_certificates(stash, case, review):
    with tempfile.TemporaryDirectory() as folder:
        ca, stranger_ca = make_client(folder, "ca", ""), make_client(folder, "stranger-ca", "")
        rows = [("one of the CA is heard", 200, context_of(make_client(folder, "api", "clientAuth", ca))),
                ("one of another CA is not", 403, context_of(make_client(folder, "other", "clientAuth", stranger_ca))),
                ("nor one that is for servers", 403, context_of(make_client(folder, "server", "serverAuth", ca))),
                ("nor a self-signed one", 403, context_of(make_client(folder, "ca2", ""))),
                ("nor nobody", 403, insecure())]
        server = Server(stash, case["objects"], folder, f"--client-ca={ca}.crt")
        try:
            for what, want, context in rows:
                connection = server.connect(context=context)
                statuses = [server.ask("/inject", review, connection=connection)[0] for _ in range(1 if want == 403 else 3)]
                check(f"client certificates: {what}", set(statuses) == {want}, statuses)
        except (OSError, ssl.SSLError) as error:
            check(f"client certificates: {error!r}", False)
        finally:
            server.process.kill()


def main():
    case, review = golden_case(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder, open(pathlib.Path(folder, "log"), "w") as log:
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, most))  # as some container runtimes do: it has to ask for more
        server = Server(sys.argv[1], case["objects"], folder, "--access-log", log=log)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        try:
            test_access_log(server, review)
            test_headers(server, review)
            test_memory(server, review)
            test_connections(server, review)
            test_crowd(server, review)
        finally:
            server.process.kill()
            if failures:
                print(pathlib.Path(log.name).read_text()[-3000:])
    test_client_certificates(sys.argv[1], case, review)
    finish()


main()
