#!/usr/bin/env python3
"""usage: patches.py STASH GOLDEN_INJECT - every patch of the golden suite, applied by python3-jsonpatch, gives what
`stash inject` prints."""
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
                   "--pushgateway-url=http://stash-pushgateway.stash.svc:56789"]
        return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def check(stash, folder):
    case = json.loads((folder / "in.json").read_text())
    if case.get("imagePullSecrets") or case["object"]["kind"] == "List":
        return None  # a flag of the webhook; a list is printed item by item
    patch = json.loads((folder / "want.json").read_text())["patch"]
    return jsonpatch.apply_patch(case["object"], patch) == injected(stash, case)


def main():
    results = {folder.name: check(sys.argv[1], folder)
               for folder in sorted(pathlib.Path(sys.argv[2]).iterdir())}
    wrong = [name for name, same in results.items() if same is False]
    compared = sum(same is not None for same in results.values())
    print(f"{compared} patches compared, {len(wrong)} differ: {wrong}")
    sys.exit(1 if wrong or not compared else 0)


main()
