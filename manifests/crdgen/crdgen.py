#!/usr/bin/env python3
"""Writes manifests/crds/*.yaml, and the names of their fields (api/fields_known.c), from manifests/crds/src/.

A source is a CustomResourceDefinition whose schema may say `x-ref: NAME` anywhere a schema may
stand. NAME is either a structure of shared.yaml or a Kubernetes type by its OpenAPI name
(io.k8s.api.core.v1.Affinity). Keys beside x-ref are laid over the referenced schema; `properties`
are merged one by one, and `x-omit: [a, b]` leaves properties out.

The Kubernetes types come from kubernetes-*.json, a trimmed copy of a cluster's own OpenAPI document:
only the types that the sources reach, without descriptions and enums. `--refresh` writes that copy anew.
"""

import argparse
import copy
import json
import pathlib
import subprocess
import sys

import yaml

from fields import render_fields

ROOT = pathlib.Path(__file__).resolve().parents[2]
SRC = ROOT / "manifests/crds/src"
OUT = ROOT / "manifests/crds"
FIELDS = ROOT / "api/fields_known.c"
TYPES = SRC / "kubernetes-1.34.json"
OPENAPI_PATH = "/openapi/v3/api/v1"
REF_PREFIX = "#/components/schemas/"
HEADER = "# Written by scripts/crds from src/{name}; edit that file, not this one.\n"

# What kubectl apply can remember about an object in its annotation; a larger CRD cannot be applied.
APPLY_LIMIT = 262144

# Kinds of value whose OpenAPI form a CustomResourceDefinition cannot take over as it is.
QUANTITY = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$"
SPECIAL = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity":
        {"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}],
         "pattern": QUANTITY},
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString":
        {"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]},
    "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta": {"x-ref": "templateMetadata"},
}

# Everything else in a Kubernetes type is dropped: descriptions; defaults, which the API server sets
# itself as soon as the value reaches a pod or a claim; enums, which grow with Kubernetes' version.
KEPT = ("type", "format", "required", "minimum", "maximum", "maxItems", "minItems", "pattern",
        "x-kubernetes-list-type", "x-kubernetes-list-map-keys", "x-kubernetes-map-type")


class SourceError(Exception):
    """A source asks for something that does not exist or cannot be expressed."""


def load_yaml(path):
    with open(path, encoding="utf-8") as f:
        return yaml.safe_load(f)


def ref_of(schema):
    """The type that a schema of the OpenAPI document points to, or None."""
    if "$ref" in schema:
        return schema["$ref"].removeprefix(REF_PREFIX)
    if len(schema.get("allOf", [])) == 1:
        return ref_of(schema["allOf"][0])
    return None


class Resolver:
    def __init__(self, shared, types):
        self.shared = shared
        self.types = types
        self.used = {}      # the Kubernetes types seen, as they came: what --refresh keeps

    def source(self, schema):
        """Resolve a schema written by hand."""
        schema = dict(schema)
        name, omit = schema.pop("x-ref", None), schema.pop("x-omit", [])
        own_props = schema.pop("properties", {})
        base = self.named(name) if name else {}
        props = {k: v for k, v in base.get("properties", {}).items() if k not in omit}
        for key, value in own_props.items():
            props[key] = merge(props.get(key, {}), self.source(value))
        for key in ("items", "additionalProperties"):
            if isinstance(schema.get(key), dict):
                schema[key] = self.source(schema[key])
        base.update(schema)
        if props:
            base["properties"] = props
        drop_required(base, omit)
        return base

    def named(self, name):
        if name in self.shared:
            return self.source(self.shared[name])
        return self.kubernetes(name, ())

    def kubernetes(self, name, above):
        """Resolve a Kubernetes type; `above` are the types it is being expanded in."""
        if name in SPECIAL:
            return self.source(SPECIAL[name])
        if name not in self.types:
            raise SourceError(f"type {name} is neither in shared.yaml nor in {TYPES.name}")
        if name in above:
            raise SourceError(f"type {name} contains itself; a CRD cannot express that")
        self.used[name] = self.types[name]
        return self.openapi(self.types[name], above + (name,))

    def openapi(self, schema, above):
        """Resolve a schema of the OpenAPI document into a structural one."""
        ref = ref_of(schema)
        if ref:
            return self.kubernetes(ref, above)
        out = {k: schema[k] for k in KEPT if k in schema}
        if "properties" in schema:
            out["properties"] = {k: self.openapi(v, above) for k, v in schema["properties"].items()}
        for key in ("items", "additionalProperties"):
            if key in schema:
                out[key] = self.openapi(schema[key], above)
        if out.get("type") == "object" and not {"properties", "additionalProperties"} & out.keys():
            out["x-kubernetes-preserve-unknown-fields"] = True
        if out.get("x-kubernetes-list-type") == "map":
            self.keep_key_defaults(schema, out)
        return out

    def keep_key_defaults(self, schema, out):
        """A key of a map-like list must be required or have a default."""
        item = self.types.get(ref_of(schema["items"]), schema["items"])
        for key in out["x-kubernetes-list-map-keys"]:
            if key in out["items"].get("required", []):
                continue
            default = item["properties"][key].get("default")
            if default is None:
                raise SourceError(f"list key {key} is neither required nor defaulted")
            out["items"]["properties"][key]["default"] = default


def merge(base, over):
    """Lay `over` on `base`; mappings are merged, anything else is replaced."""
    out = dict(base)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(out.get(key), dict)
        out[key] = merge(out[key], value) if both else value
    return out


def drop_required(schema, omitted):
    left = [name for name in schema.get("required", []) if name not in omitted]
    schema.pop("required", None)
    if left:
        schema["required"] = sorted(left)


def trim(node):
    """A copy of an OpenAPI schema without prose and enums. Properties may be called so too: those stay."""
    if isinstance(node, list):
        return [trim(n) for n in node]
    if not isinstance(node, dict):
        return node
    out = {k: trim(v) for k, v in node.items()
           if k not in ("description", "enum", "properties") and not k.startswith("x-kubernetes-patch")}
    if "properties" in node:
        out["properties"] = {k: trim(v) for k, v in node["properties"].items()}
    return out


def resolve_crd(crd, resolver):
    crd = copy.deepcopy(crd)
    for version in crd["spec"]["versions"]:
        schema = version["schema"]["openAPIV3Schema"]
        schema.setdefault("type", "object")
        for key in ("apiVersion", "kind"):
            schema["properties"][key] = {"type": "string"}
        schema["properties"]["metadata"] = {"type": "object"}
        version["schema"]["openAPIV3Schema"] = resolver.source(schema)
    size = len(json.dumps(crd, separators=(",", ":")))
    if size >= APPLY_LIMIT:
        raise SourceError(f"{crd['metadata']['name']} is {size} bytes; kubectl apply stops at {APPLY_LIMIT}")
    return crd


class Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data):
        return True


def render_all(types):
    """{file name: text} of every CRD, and the Kubernetes types that were needed."""
    resolver = Resolver(load_yaml(SRC / "shared.yaml"), types)
    files, crds = {}, []
    for path in sorted(SRC.glob("*.yaml")):
        if path.name == "shared.yaml":
            continue
        try:
            crd = resolve_crd(load_yaml(path), resolver)
        except SourceError as e:
            raise SourceError(f"{path.name}: {e}") from e
        crds.append(crd)
        files[path.name] = HEADER.format(name=path.name) + yaml.dump(
            crd, Dumper=Dumper, sort_keys=True, width=120, default_flow_style=False)
    return files, render_fields(crds), resolver.used


def fetch_types(kubectl):
    raw = subprocess.run(kubectl + ["get", "--raw", OPENAPI_PATH], check=True,
                         stdout=subprocess.PIPE).stdout
    return trim(json.loads(raw)["components"]["schemas"])


def write_types(types):
    TYPES.write_text(json.dumps(types, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def check(files, fields):
    """Names of the files that are missing, differ or have no source."""
    stale = [n for n, text in files.items() if not (OUT / n).exists() or (OUT / n).read_text() != text]
    stale += [p.name for p in OUT.glob("*.yaml") if p.name not in files and p.name != "kustomization.yaml"]
    stale += [FIELDS.name] if not FIELDS.exists() or FIELDS.read_text() != fields else []
    return sorted(stale)


def main():
    parser = argparse.ArgumentParser(description="Write the CRDs from their sources.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file is stale")
    parser.add_argument("--refresh", action="store_true", help="fetch the Kubernetes types from a cluster first")
    parser.add_argument("--kubectl", default="kubectl", help="command for --refresh (default: kubectl)")
    args = parser.parse_args()
    types = fetch_types(args.kubectl.split()) if args.refresh else json.loads(TYPES.read_text())
    files, fields, used = render_all(types)
    if args.refresh and args.check:
        if used != json.loads(TYPES.read_text()):
            sys.exit(f"crds: {TYPES.name} differs from the cluster's types; run scripts/crds --refresh")
    elif args.refresh:
        write_types(used)
    if args.check:
        stale = check(files, fields)
        if stale:
            sys.exit("crds: stale: " + ", ".join(stale) + "; run scripts/crds")
        return
    for name, text in files.items():
        (OUT / name).write_text(text, encoding="utf-8")
    FIELDS.write_text(fields, encoding="utf-8")


if __name__ == "__main__":
    try:
        main()
    except SourceError as e:
        sys.exit(f"crds: {e}")
