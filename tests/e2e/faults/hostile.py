#!/usr/bin/env python3
"""usage: hostile.py HOST PORT

Sends to a running webhook what nobody should, and checks each answer.
"""

import json
import socket
import ssl
import sys
import threading
import time

PATH = "/validate"
MIB = 1 << 20
SLOW_CLIENTS = 20
SLOW_LIMIT_S = 40   # a request has this long to be whole, and then some
DEPTH = 100_000


def trust_anybody():
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class Client:
    def __init__(self, host, port):
        plain = socket.create_connection((host, port), timeout=SLOW_LIMIT_S)
        self.socket = trust_anybody().wrap_socket(plain)

    def head(self, length, method="POST", content="application/json"):
        self.socket.sendall(f"{method} {PATH} HTTP/1.1\r\nHost: webhook\r\nContent-Type: {content}\r\n"
                            f"Content-Length: {length}\r\n\r\n".encode())

    def status(self):
        """Of the answer; None when the connection ended without one."""
        answer = b""
        while b"\r\n" not in answer:
            data = self.socket.recv(4096)
            if not data:
                return None
            answer += data
        return int(answer.split(b" ", 2)[1])

    def ask(self, body, **head):
        self.head(len(body), **head)
        try:
            self.socket.sendall(body)
        except OSError:
            pass  # turned away before the end: the answer is there all the same
        return self.status()


def review(**request):
    return json.dumps({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
                       "request": request}).encode()


CASES = (
    ("8 MiB", {413}, lambda client: client.ask(b"{" + b" " * (8 * MIB) + b"}")),
    ("a terabyte is announced", {413}, lambda client: (client.head(1 << 40), client.status())[1]),
    ("nothing", {400}, lambda client: client.ask(b"")),
    ("no JSON", {400}, lambda client: client.ask(b"\x00\xff{{{")),
    ("half a document", {400}, lambda client: client.ask(review(uid="1")[:-3])),
    ("no request", {400}, lambda client: client.ask(b'{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}')),
    ("a document too deep", {400, 413}, lambda client: client.ask(b"[" * DEPTH + b"]" * DEPTH)),
    ("objects of the wrong shape", {400}, lambda client: client.ask(review(uid=7, kind=[], object="x"))),
    ("GET", {405}, lambda client: client.ask(b"", method="GET")),
    ("another type", {415}, lambda client: client.ask(b"<a/>", content="text/xml")),
)


def one_byte_a_second(host, port, ends):
    """How long such a client is borne with."""
    began = time.monotonic()
    try:
        client = Client(host, port)
        client.head(1000)
        while time.monotonic() - began < SLOW_LIMIT_S:
            client.socket.sendall(b" ")
            time.sleep(1)
    except OSError:
        pass
    ends.append(time.monotonic() - began)


def main():
    host, port = sys.argv[1], int(sys.argv[2])
    ends, faults = [], 0
    slow = [threading.Thread(target=one_byte_a_second, args=(host, port, ends)) for _ in range(SLOW_CLIENTS)]
    for thread in slow:
        thread.start()
    for name, wanted, play in CASES:
        have = play(Client(host, port))
        faults += have not in wanted
        print(f"{'ok' if have in wanted else 'NOT OK'}: {name}: {have}")
    for thread in slow:
        thread.join()
    faults += max(ends) >= SLOW_LIMIT_S
    print(f"{SLOW_CLIENTS} clients with a byte a second were cut after {min(ends):.0f} to {max(ends):.0f} s")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
