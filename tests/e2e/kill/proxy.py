"""Stands between one client and the API server, forwards everything, counts writes, and makes trouble where told.

A write is a POST, PUT, PATCH or DELETE of anything but Leases, Events, dry runs and the catalog. A trouble looks at every
request and gives a verdict:
  None      forwarded
  BEFORE    the client is struck down; the server never hears of the request
  AFTER     the server has done it, then the client is struck down without having heard of that
  LOST      the server has done it, the connection ends without an answer
  SHORT     forwarded, but the answer is cut off after a moment: for watches
  bytes     this answer, and the server never hears of the request

Paths that span all namespaces are narrowed to one, so that several clients can work beside each other.
"""

import collections
import json
import re
import socket
import socketserver
import threading
import time

WRITES = {"POST", "PUT", "PATCH", "DELETE"}
NOT_COUNTED = re.compile(r"/(leases|events|tasks|functions)(/|\?|$)|[?&]dryRun=")
CLUSTER_SCOPED = {"namespaces", "nodes", "persistentvolumes", "storageclasses", "tasks", "functions",
                  "clusterroles", "clusterrolebindings", "customresourcedefinitions",
                  "validatingwebhookconfigurations", "mutatingwebhookconfigurations"}
COLLECTION = re.compile(r"^(/api/v1|/apis/[^/]+/[^/]+)/([a-z]+)(\?.*)?$")
HEAD_LIMIT = 64 * 1024

BEFORE, AFTER, LOST, SHORT = "before", "after", "lost", "short"
SHORT_S = 0.5

Request = collections.namedtuple("Request", "method path lines body")


class Kill:
    """Strikes once, at the n-th write, BEFORE or AFTER."""

    def __init__(self, at, mode, strike):
        self.at, self.mode, self.strike = at, mode, strike

    def judge(self, _, number):
        return self.mode if number == self.at else None


class Refuse:
    """To every place the first write goes wrong, the second is let through, the third goes wrong, and so on."""

    def __init__(self, verdict):
        self._verdict = verdict
        self._tries = collections.Counter()

    def judge(self, request, number):
        if number is None:
            return None
        place = (request.method, request.path.partition("?")[0])
        self._tries[place] += 1
        return self._verdict if self._tries[place] % 2 else None


class Tear:
    """Of every collection the first and third watch are cut off after a moment, the second has too old a version."""

    def __init__(self):
        self._watches = collections.Counter()

    def judge(self, request, _):
        if request.method != "GET" or not re.search(r"[?&]watch=", request.path):
            return None
        collection = request.path.partition("?")[0]
        self._watches[collection] += 1
        return {1: SHORT, 2: stream_of({"type": "ERROR", "object": status_of(410, "Expired")}),
                3: SHORT}.get(self._watches[collection])


def status_of(code, reason):
    return {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason,
            "message": "trouble made by a test"}


def _answer(code, document, header=""):
    body = json.dumps(document).encode() + b"\n"
    head = f"HTTP/1.1 {code} Test\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n{header}" \
           "Connection: close\r\n\r\n"
    return head.encode() + body


def refusal(code, reason, header=""):
    return _answer(code, status_of(code, reason), header)


def stream_of(event):
    return _answer(200, event)


def narrow(path, namespace):
    """The same collection, in one namespace."""
    found = COLLECTION.match(path)
    if not namespace or not found or found[2] in CLUSTER_SCOPED:
        return path
    return f"{found[1]}/namespaces/{namespace}/{found[2]}{found[3] or ''}"


def is_counted(request):
    return request.method in WRITES and not NOT_COUNTED.search(request.path)


def _read_head(client):
    """Bytes up to the empty line, and what came after it; nothing when the client has left."""
    data = b""
    while b"\r\n\r\n" not in data and len(data) < HEAD_LIMIT:
        more = client.recv(16 * 1024)
        if not more:
            return b"", b""
        data += more
    head, _, rest = data.partition(b"\r\n\r\n")
    return head, rest


def _read_request(client):
    head, body = _read_head(client)
    if not head:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ")
    fields = {line.partition(":")[0].lower(): line.partition(":")[2].strip() for line in lines}
    if "100-continue" in fields.get("expect", "").lower():
        client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    missing = int(fields.get("content-length", "0")) - len(body)
    while missing > 0:
        more = client.recv(min(missing, 64 * 1024))
        if not more:
            return None
        body += more
        missing -= len(more)
    return Request(method, path, lines, body)


def _pieces(server):
    while data := server.recv(64 * 1024):
        yield data


class Proxy:
    """Listens on a loopback port of its own until close()."""

    def __init__(self, cluster, token=None, namespace=None, trouble=None):
        self.writes = []  # (number, method, path, status of the answer or None)
        self.trouble = trouble
        self.struck = False  # the strike is over
        self._cluster, self._token, self._namespace = cluster, token, namespace
        self._tls = cluster.trust() if token else cluster.tls
        self._lock = threading.Lock()
        self._open = set()
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self):
        return "http://127.0.0.1:%d" % self._server.server_address[1]

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self.hang_up()

    def calm_down(self):
        """No trouble from the next request on."""
        with self._lock:
            self.trouble = None

    def hang_up(self):
        """End every connection: their client is gone."""
        with self._lock:
            ends = list(self._open)
        for end in ends:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _handler(self):
        proxy = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                try:
                    proxy._serve(self.request)
                except OSError:
                    pass  # one of the two ends has gone

        return Handler

    def _count(self, request):
        """The record of a write (None for what is not counted), and the trouble that it may meet."""
        with self._lock:
            if not is_counted(request):
                return None, self.trouble
            record = [len(self.writes) + 1, request.method, request.path, None]
            self.writes.append(record)
            return record, self.trouble

    def _serve(self, client):
        request = _read_request(client)
        if not request:
            return
        record, trouble = self._count(request)
        verdict = trouble and trouble.judge(request, record and record[0])
        if verdict == BEFORE:
            self._strike(trouble)
        elif isinstance(verdict, bytes):
            self._note(record, verdict)
            client.sendall(verdict)
        else:
            self._forward(client, request, record, verdict, trouble)

    def _forward(self, client, request, record, verdict, trouble):
        server = self._dial()
        with self._lock:
            self._open |= {client, server}
        try:
            server.sendall(self._rewrite(request))
            if verdict in (AFTER, LOST):
                self._note(record, b"".join(_pieces(server)))
            if verdict == AFTER:
                self._strike(trouble)
            elif verdict != LOST:
                self._pass_on(server, client, record, SHORT_S if verdict == SHORT else None)
        finally:
            with self._lock:
                self._open -= {client, server}
            server.close()

    def _strike(self, trouble):
        trouble.strike()
        self.hang_up()
        self.struck = True

    def _dial(self):
        plain = socket.create_connection((self._cluster.host, self._cluster.port))
        return self._tls.wrap_socket(plain, server_hostname=self._cluster.host)

    def _rewrite(self, request):
        """One request per connection: the end of the connection is then the end of the answer."""
        dropped = ("connection", "host", "expect", "authorization" if self._token else "")
        lines = [line for line in request.lines if line.partition(":")[0].lower() not in dropped]
        lines += [f"Host: {self._cluster.host}:{self._cluster.port}", "Connection: close"]
        if self._token:
            lines.append(f"Authorization: Bearer {self._token}")
        path = request.path
        if request.method == "GET":
            path = narrow(path, self._namespace)
        head = "\r\n".join([f"{request.method} {path} HTTP/1.1", *lines, "", ""])
        return head.encode("latin-1") + request.body

    def _pass_on(self, server, client, record, seconds):
        end = seconds and time.monotonic() + seconds
        server.settimeout(seconds)
        for data in _pieces(server):
            self._note(record, data)
            client.sendall(data)
            if end and time.monotonic() >= end:
                return

    @staticmethod
    def _note(record, answer):
        """The status of the answer, by its first bytes."""
        if record and record[3] is None:
            record[3] = int(answer[9:12])
