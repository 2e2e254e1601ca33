#!/usr/bin/env python3
"""usage: rolling.py STASH GOLDEN_INJECT [SECONDS] - a rolling update under load: two servers behind one name, each stopped
in its turn as a kubelet does it, and not one request fails.

Clients behave like an API server: they keep connections, use the one that was used last, close it only when told to, and
never repeat a request. The list of endpoints follows reality late."""
import contextlib
import http.client
import sys
import tempfile
import threading
import time

from harness import JSON, Server, check, failures, finish, golden_case, insecure

CLIENTS = 6
ENDPOINTS_LAG_S = 1  # from a change to the last kube-proxy that knows of it


class Service:
    """New connections go to whoever was ready a while ago; open ones stay where they are."""

    def __init__(self, servers):
        self.endpoints, self.idle, self.lock, self.turn = list(servers), [], threading.Lock(), 0
        self.servers, self.stopping, self.over = servers, set(), threading.Event()

    def watch(self):
        while not self.over.is_set():
            ready = []
            for server in self.servers:
                with contextlib.suppress(OSError):
                    if server not in self.stopping and server.admin("/readyz")[0] == 200:
                        ready.append(server)
            time.sleep(ENDPOINTS_LAG_S)
            with self.lock:
                self.endpoints = ready

    def take(self):
        with self.lock:
            if self.idle:
                return self.idle.pop()
            self.turn += 1
            server = self.endpoints[self.turn % len(self.endpoints)]
        return http.client.HTTPSConnection("127.0.0.1", server.port, context=insecure(), timeout=10)

    def give(self, connection):
        with self.lock:
            self.idle.append(connection)


class Load:
    def __init__(self, service, review):
        self.service, self.review = service, review
        self.answers, self.sent_away, self.errors = 0, 0, []

    def once(self):
        connection = self.service.take()
        try:
            connection.request("POST", "/inject", self.review, JSON)
            response = connection.getresponse()
            response.read()
        except (OSError, http.client.HTTPException) as error:
            self.errors.append(f"{time.monotonic():.2f} {error!r}")
            return
        self.answers += 1
        if response.status != 200:
            self.errors.append(response.status)
        if response.getheader("Connection") == "close":
            self.sent_away += 1
            connection.close()
        else:
            self.service.give(connection)

    def run(self):
        while not self.service.over.is_set():
            self.once()
            time.sleep(0.002)


def replace(server, service):
    """What becomes of a pod: it leaves the endpoints and gets SIGTERM at the same time; then another takes its place."""
    service.stopping.add(server)
    server.process.terminate()
    check("a server that was told to stop ends well", server.process.wait(30) == 0)
    server.start()
    service.stopping.discard(server)
    for _ in range(100):
        if len(service.endpoints) == 2:
            return
        time.sleep(0.1)
    check("a new server joins", False)


def main():
    case, review = golden_case(sys.argv[2])
    seconds = float(sys.argv[3]) if len(sys.argv) > 3 else 15
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        servers = [Server(sys.argv[1], case["objects"], folder, drain="3s") for folder in (one, two)]
        service = Service(servers)
        load = Load(service, review)
        threads = [threading.Thread(target=run) for run in [service.watch] + [load.run] * CLIENTS]
        try:
            for thread in threads:
                thread.start()
            began, updates = time.monotonic(), 0
            while time.monotonic() - began < seconds and not failures:
                replace(servers[updates % 2], service)
                updates += 1
        finally:
            service.over.set()
            for thread in threads:
                thread.join()
            for server in servers:
                server.process.kill()
    check("each server was replaced", updates >= 2, updates)
    check("clients were sent away in good time", load.sent_away >= updates, load.sent_away)
    check(f"{updates} servers replaced, {load.answers} requests, none failed", not load.errors,
          (len(load.errors), load.errors[:5]))
    finish()


main()
