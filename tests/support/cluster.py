"""A small client of the API server in $KUBECONFIG, for the test itself."""

import base64
import http.client
import json
import os
import ssl
import tempfile
import threading
import urllib.parse

import yaml

MERGE = "application/merge-patch+json"
STASH = "/apis/stash.appscode.com/v1beta1"


class Refused(Exception):
    """The server answered with an error."""

    def __init__(self, status, message):
        super().__init__(f"{status} {message}")
        self.status = status


def _material(entry, key, folder):
    """The path of a certificate or key that stands in a kubeconfig as a path or as data."""
    if key in entry:
        return os.path.join(folder, entry[key])
    if key + "-data" not in entry:
        return None
    with tempfile.NamedTemporaryFile(delete=False) as file:
        file.write(base64.b64decode(entry[key + "-data"]))
    return file.name


def _named(items, name, key):
    return next(item[key] for item in items if item["name"] == name)


class Cluster:
    """Where the API server is and who we are; one kept connection per thread."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            config = yaml.safe_load(file)
        context = _named(config["contexts"], config["current-context"], "context")
        cluster = _named(config["clusters"], context["cluster"], "cluster")
        user = _named(config["users"], context["user"], "user")
        folder = os.path.dirname(os.path.abspath(path))
        address = urllib.parse.urlsplit(cluster["server"])
        self.host, self.port = address.hostname, address.port or 443
        self.ca = _material(cluster, "certificate-authority", folder)
        self.token = user.get("token")
        certificate = _material(user, "client-certificate", folder)
        self.tls = self.trust()
        if certificate:
            self.tls.load_cert_chain(certificate, _material(user, "client-key", folder))
        self._kept = threading.local()

    def trust(self):
        """TLS that trusts the server and shows no certificate."""
        return ssl.create_default_context(cafile=self.ca)

    def _open(self, timeout):
        return http.client.HTTPSConnection(self.host, self.port, context=self.tls,
                                           timeout=timeout)

    def close(self):
        """Give up this thread's kept connection."""
        kept = getattr(self._kept, "connection", None)
        self._kept.connection = None
        if kept:
            kept.close()

    def _headers(self, content_type):
        headers = {"Accept": "application/json", "Content-Type": content_type}
        if self.token:
            headers["Authorization"] = "Bearer " + self.token
        return headers

    def ask(self, method, path, body=None, content_type="application/json"):
        """One request; the decoded answer. A kept connection may have ended: then once more."""
        data = None if body is None else json.dumps(body).encode()
        for last in (False, True):
            kept = getattr(self._kept, "connection", None)
            self._kept.connection = kept = kept or self._open(30)
            try:
                kept.request(method, path, data, self._headers(content_type))
                answer = kept.getresponse()
                text = answer.read()
                break
            except (http.client.HTTPException, OSError):
                self.close()
                if last:
                    raise
        is_json = "json" in answer.getheader("Content-Type", "")  # a path that is not served is refused in plain text
        document = json.loads(text) if text and is_json else None
        if answer.status >= 300:
            raise Refused(answer.status, (document or {}).get("message", text.decode(errors="replace")))
        return document

    def get(self, path):
        return self.ask("GET", path)

    def find(self, path):
        """The object, or None."""
        try:
            return self.get(path)
        except Refused as refused:
            if refused.status == 404:
                return None
            raise

    def items(self, path):
        return self.get(path)["items"]

    def create(self, path, document):
        return self.ask("POST", path, document)

    def merge(self, path, patch):
        return self.ask("PATCH", path, patch, MERGE)

    def delete(self, path):
        """Gone already is as good."""
        try:
            self.ask("DELETE", path)
        except Refused as refused:
            if refused.status != 404:
                raise

    def stream(self, path):
        """An open watch: (connection, answer); each line of the answer is an event."""
        connection = self._open(None)
        connection.request("GET", path, None, self._headers("application/json"))
        return connection, connection.getresponse()
