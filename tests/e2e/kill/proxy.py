"""Stands between one client and the API server, forwards everything, and strikes at the n-th write.

A write is a POST, PUT, PATCH or DELETE of anything but Leases, Events and dry runs. At the write whose turn it is the
client is struck down either "before" (the server never hears of the write) or "after" (the server has stored it, the
client never hears of that).

Paths that span all namespaces are narrowed to one, so that several clients can work beside each other.
"""

import collections
import re
import socket
import socketserver
import threading

WRITES = {"POST", "PUT", "PATCH", "DELETE"}
NOT_COUNTED = re.compile(r"/(leases|events|tasks|functions)(/|\?|$)|[?&]dryRun=")
CLUSTER_SCOPED = {"namespaces", "nodes", "persistentvolumes", "storageclasses", "tasks", "functions",
                  "clusterroles", "clusterrolebindings", "customresourcedefinitions",
                  "validatingwebhookconfigurations", "mutatingwebhookconfigurations"}
COLLECTION = re.compile(r"^(/api/v1|/apis/[^/]+/[^/]+)/([a-z]+)(\?.*)?$")
HEAD_LIMIT = 64 * 1024

Fault = collections.namedtuple("Fault", "at mode strike")  # mode: "before" or "after"
Request = collections.namedtuple("Request", "method path lines body")


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


class Proxy:
    """Listens on a loopback port of its own until close()."""

    def __init__(self, cluster, token=None, namespace=None, fault=None):
        self.writes = []  # (number, method, path, status of the answer or None)
        self.fault = fault
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

    @property
    def struck(self):
        return self.fault is not None and len(self.writes) >= self.fault.at

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self.hang_up()

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
        """The record of a write, or None for what is not counted."""
        if not is_counted(request):
            return None
        with self._lock:
            record = [len(self.writes) + 1, request.method, request.path, None]
            self.writes.append(record)
        return record

    def _turn(self, record):
        """How this write is to be struck, or None."""
        return self.fault.mode if record and self.fault and record[0] == self.fault.at else None

    def _serve(self, client):
        request = _read_request(client)
        if not request:
            return
        record = self._count(request)
        turn = self._turn(record)
        if turn == "before":
            self._strike()
            return
        server = self._dial()
        with self._lock:
            self._open |= {client, server}
        try:
            server.sendall(self._rewrite(request))
            if turn == "after":
                self._swallow(server, record)
                self._strike()
            else:
                self._pass_on(server, client, record)
        finally:
            with self._lock:
                self._open -= {client, server}
            server.close()

    def _strike(self):
        self.fault.strike()
        self.hang_up()

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

    def _pass_on(self, server, client, record):
        while data := server.recv(64 * 1024):
            if record and record[3] is None:
                record[3] = int(data[9:12])
            client.sendall(data)

    def _swallow(self, server, record):
        answer = b""
        while data := server.recv(64 * 1024):
            answer += data
        record[3] = int(answer[9:12])
