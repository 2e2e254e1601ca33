#!/usr/bin/env python3
"""usage: patches.py STASH GOLDEN_INJECT - every patch of the golden suite, applied by python3-jsonpatch, gives what
`stash inject` prints."""
import concurrent.futures
import json
import pathlib
import subprocess
import sys
import tempfile

try:
    import jsonpatch
except ImportError:
    print("skipped: python3-jsonpatch is not installed")
    sys.exit(77)


def injected(stash, case):
    """What the command makes of the object, given what the snapshot holds."""
    with tempfile.TemporaryDirectory() as folder:
        files = {name: pathlib.Path(folder, name) for name in ("object", "objects")}
        for name, path in files.items():
            value = case[name]
            path.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": value}
                                       if name == "objects" else value))
        command = [stash, "inject", "-f", files["object"], "--objects", files["objects"],
                   "--image=registry.example.org/stash:1.0",
                   "--pushgateway-url=http://stash-pushgateway.stash.svc:56789",
                   "--image-pull-secrets=" + ",".join(case.get("imagePullSecrets", [])),
                   "--namespace=" + case.get("namespace", "default")]
        return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def flat(item):
    """The objects in a list, also of lists."""
    return [o for i in item["items"] for o in flat(i)] if "items" in item else [item]


def as_printed(item, case):
    """The command opens lists, and puts objects where kubectl would."""
    objects = flat(item)
    for o in objects if "namespace" in case else []:
        o["metadata"].setdefault("namespace", case["namespace"])
    return objects[0] if len(objects) == 1 else {"apiVersion": "v1", "kind": "List", "items": objects}


def check(stash, folder):
    case = json.loads((folder / "in.json").read_text(encoding="utf-8"))
    patch = json.loads((folder / "want.json").read_text(encoding="utf-8"))["patch"]
    want = as_printed(jsonpatch.apply_patch(case["object"], patch), case)
    return want == injected(stash, case)


def main():
    folders = sorted(folder for folder in pathlib.Path(sys.argv[2]).iterdir() if folder.is_dir())
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        same = list(pool.map(lambda folder: check(sys.argv[1], folder), folders))
    wrong = [folder.name for folder, is_same in zip(folders, same) if not is_same]
    print(f"{len(folders)} patches compared, {len(wrong)} differ: {wrong}")
    sys.exit(1 if wrong or not folders else 0)


main()
