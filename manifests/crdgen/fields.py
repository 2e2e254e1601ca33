"""Writes api/fields_known.c: which fields each kind knows, from the resolved CRDs, for `stash validate`.

Schemas with the same fields share a row. A row is the text "name name:3 …", where 3 is the row of what stands below
name (in each element, where it is a list; in each value, where the row is "*:3"). Without a number nothing below is
looked at: plain values, and objects that keep what they do not know. Row 0 is empty.
"""
import textwrap

WIDTH = 92
# What the API server keeps of an object's own metadata; CRDs say nothing of it.
METADATA = ("annotations creationTimestamp deletionGracePeriodSeconds deletionTimestamp finalizers generateName generation "
            "labels managedFields name namespace ownerReferences resourceVersion selfLink uid").split()
HEAD = """/* Written by scripts/crds from the CRDs' schemas; edit manifests/crds/src, not this file. */
#include "fields_known.h"

/* clang-format off */
"""


class Rows:
    def __init__(self):
        self.texts = [""]
        self.numbers = {"": 0}

    def add(self, fields):
        text = " ".join(name + (f":{row}" if row else "") for name, row in sorted(fields.items()))
        if text not in self.numbers:
            self.numbers[text] = len(self.texts)
            self.texts.append(text)
        return self.numbers[text]

    def schema(self, schema):
        while "items" in schema:
            schema = schema["items"]
        if schema.get("x-kubernetes-preserve-unknown-fields"):
            return 0
        values = schema.get("additionalProperties")
        if isinstance(values, dict):
            row = self.schema(values)
            return self.add({"*": row}) if row else 0
        properties = schema.get("properties")
        return self.add({k: self.schema(v) for k, v in properties.items()}) if properties else 0

    def kind(self, crd):
        """The served version that is stored; all of ours have one."""
        version = next(v for v in crd["spec"]["versions"] if v["storage"])
        schema = version["schema"]["openAPIV3Schema"]
        if schema.get("x-kubernetes-preserve-unknown-fields"):
            return 0
        fields = {k: self.schema(v) for k, v in schema["properties"].items()}
        fields["metadata"] = self.add(dict.fromkeys(METADATA, 0))
        return self.add(fields)


def quoted(text):
    """Adjacent literals, none wider than a line."""
    lines = textwrap.wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False) or [""]
    return "\n     ".join(f'"{line} "' if n + 1 < len(lines) else f'"{line}"' for n, line in enumerate(lines))


def render_fields(crds):
    rows = Rows()
    kinds = [(crd["spec"]["names"]["kind"], rows.kind(crd)) for crd in crds]
    out = [HEAD, "const char *const fields_rows[] = {\n"]
    out += [f"    /* {n} */\n     {quoted(text)},\n" for n, text in enumerate(rows.texts)]
    out += ["};\n\nconst struct fields_kind fields_kinds[] = {\n"]
    out += [f'    {{"{kind}", {row}}},\n' for kind, row in kinds]
    out += ["    {0},\n};\n/* clang-format on */\n"]
    return "".join(out)
