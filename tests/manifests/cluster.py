"""What the tests of this folder share: kubectl, the project's YAML, a namespace that goes away again."""

import contextlib
import json
import os
import pathlib
import shlex
import subprocess

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
KUBECTL = shlex.split(os.environ.get("KUBECTL", "kubectl"))


class KubectlError(Exception):
    pass


def kubectl(*args, stdin=None):
    """Run kubectl; its output, or KubectlError with what it said."""
    done = subprocess.run([*KUBECTL, "--request-timeout=30s", *args], input=stdin, cwd=ROOT, encoding="utf-8",
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode:
        raise KubectlError(done.stderr.strip())
    return done.stdout


def kubectl_json(*args, stdin=None):
    return json.loads(kubectl(*args, "-o", "json", stdin=stdin))


def documents(path, namespace):
    """The objects of a file, with the namespace `demo` replaced."""
    text = path.read_text().replace("namespace: demo", f"namespace: {namespace}")
    return [d for d in yaml.safe_load_all(text) if d]


def is_ours(document):
    return document["apiVersion"].split("/")[0].endswith("appscode.com")


@contextlib.contextmanager
def namespace(prefix):
    name = f"{prefix}-{os.getpid()}"
    kubectl("create", "namespace", name)
    try:
        yield name
    finally:
        kubectl("delete", "namespace", name, "--wait=false")
