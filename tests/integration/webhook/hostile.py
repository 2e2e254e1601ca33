#!/usr/bin/env python3
"""usage: hostile.py STASH GOLDEN_INJECT - bad reviews by the thousand against a running server. Each is answered with the
HTTP status that an independent reading of it (Python's) says, the process lives, and its memory does not grow.

$STASH_HOSTILE_REVIEWS says how many (5000), $STASH_HOSTILE_SEED which (1); a failure names the number to look at."""
import collections
import copy
import http.client
import json
import os
import pathlib
import random
import sys
import tempfile

from harness import JSON, Server, check, finish, golden_case

# the sanitizer keeps freed memory for a while: little of it, and not for long, so that growth is growth
os.environ.setdefault("ASAN_OPTIONS", "quarantine_size_mb=4:thread_local_quarantine_size_kb=64"
                                      ":allocator_release_to_os_interval_ms=100")

COUNT = int(os.environ.get("STASH_HOSTILE_REVIEWS", "5000"))
SEED = int(os.environ.get("STASH_HOSTILE_SEED", "1"))
GROWTH_MAX_KIB = 8 * 1024
MIB = 1 << 20
BODY_MAX, DEPTH_MAX = 7 * MIB, 2048
COST_MAX, COST_OF = 48 * MIB, {ord("{"): 320, ord("["): 160, ord(","): 96}
PATHS = ["/inject", "/validate", "/default"]
OPERATIONS = ["CREATE", "UPDATE", "DELETE", "CONNECT"]


# ---- what the answer must be, told without the server's code


def cost(body):
    """What parsing may take at most: the server refuses what is built to take much."""
    total, in_string, skip = len(body), False, False
    for byte in body:
        if skip:
            skip = False
        elif in_string:
            skip, in_string = byte == 0x5C, byte != 0x22
        else:
            in_string = byte == 0x22
            total += COST_OF.get(byte, 0)
    return total


def pairs(items):
    if len({key for key, _ in items}) != len(items):
        raise ValueError("a key is there twice")
    return dict(items)


def integer(text):
    if not -(1 << 63) <= int(text) < 1 << 63:
        raise ValueError("an integer beyond 64 bits")
    return int(text)


def real(text):
    if float(text) in (float("inf"), float("-inf")):
        raise ValueError("a number beyond what a double holds")
    return float(text)


def refuse_constant(text):
    raise ValueError(text)


def walk(value, depth=1):
    if depth > DEPTH_MAX and isinstance(value, (dict, list)):
        raise ValueError("too deep")
    if isinstance(value, str):
        value.encode()  # a surrogate without its other half
        if "\0" in value:
            raise ValueError("NUL")
    for inner in value if isinstance(value, list) else value.values() if isinstance(value, dict) else []:
        walk(inner, depth + 1)
    for key in value if isinstance(value, dict) else []:
        walk(key, depth)


def parse(body):
    """The document, or None when it is not JSON that anybody should take."""
    try:
        text = body.decode()
        if text.startswith("\ufeff"):
            return None
        value = json.loads(text, object_pairs_hook=pairs, parse_int=integer, parse_float=real,
                           parse_constant=refuse_constant)
        walk(value)
    except (ValueError, RecursionError):
        return None
    return value if value is not None else "null"


def dig(value, *keys):
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def is_text(value):
    return isinstance(value, str) and value != ""


def is_review(doc):
    request = dig(doc, "request")
    return (dig(doc, "apiVersion") in ("admission.k8s.io/v1", "admission.k8s.io/v1beta1")
            and dig(doc, "kind") == "AdmissionReview" and isinstance(request, dict) and is_text(request.get("uid"))
            and is_text(dig(request, "kind", "kind")) and request.get("operation") in OPERATIONS)


def has_objects(request):
    wanted = {"CREATE": ["object"], "UPDATE": ["object", "oldObject"]}.get(request["operation"], [])
    return all(isinstance(request.get(key), dict) for key in wanted)


def expected(path, body):
    """The statuses that are right."""
    blind = {200} if path == "/inject" else set()  # it does not read what it has no use for: what is wrong there stays unseen
    if len(body) > BODY_MAX:
        return {413}
    if cost(body) > COST_MAX:
        return {413} | blind
    doc = parse(body)
    if doc is None:
        return {400} | blind
    if not is_review(doc):
        return {400}
    return {200} if path == "/inject" or has_objects(doc["request"]) else {400}


# ---- bad reviews


WORDS = [b'"uid":', b'"kind":', b'"request":', b'"object":', b'"operation":"UPDATE"', b'"metadata":{', b"null", b"true", b"[]",
         b"{}", b'""', b"1e400", b"-1", b"123456789012345678901234567890", b"1E5", b"0x1", b"NaN", b"-Infinity", b"01", b"1.",
         b"\\u0000", b"\\ud800", b"\\udc00\\ud800", b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xef\xbb\xbf",
         b"\0", b"\x1b[2J", b"\\", b'"', b"{", b"}", b"[", b"]", b",", b":", b"/*", b"'", b"\r\n", b"stash", b"%s%n", b"$(id)",
         b"../../etc/passwd", b"stash.appscode.com"]
VALUES = [None, True, False, 0, -1, 1.5, 10**30, "", "x", "x" * 5000, "a\nb", "\u009b31m", "\u202e", [], {}, [[]], {"a": {"b": []}},
          ["x"] * 50, "🙂", "../..", "$(reboot)", "%s%s%n"]


def mutate_bytes(body, rng):
    body = bytearray(body)
    for _ in range(rng.choice([1, 1, 2, 5, 20])):
        at = rng.randrange(len(body) + 1)
        what = rng.randrange(6)
        if what == 0 and at < len(body):
            body[at] = rng.randrange(256)
        elif what == 1:
            body[at:at] = rng.choice(WORDS)
        elif what == 2:
            del body[at:at + rng.choice([1, 1, 5, 100])]
        elif what == 3:
            body[at:at] = body[at:at + rng.choice([1, 10, 200])]
        elif what == 4:
            body[at:at + 5] = rng.choice(WORDS)
        elif rng.random() < 0.2:
            del body[at:]
    return bytes(body)


def places(value):
    """Every member and element, as (container, key)."""
    found, queue = [], [value]
    while queue:
        inner = queue.pop()
        keys = list(inner) if isinstance(inner, dict) else range(len(inner)) if isinstance(inner, list) else []
        found += [(inner, key) for key in keys]
        queue += [inner[key] for key in keys]
    return found


def mutate_shape(doc, rng):
    doc = json.loads(json.dumps(doc))
    for _ in range(rng.choice([1, 1, 2, 4])):
        container, key = rng.choice(places(doc) or [({"x": 0}, "x")])
        if rng.random() < 0.3 and isinstance(container, dict):
            del container[key]
        else:
            container[key] = copy.deepcopy(rng.choice(VALUES))
    return json.dumps(doc, ensure_ascii=rng.random() < 0.5).encode("utf-8", "surrogatepass")


def repeat_member(doc, rng):
    """The same name twice in one object: which one counts must not depend on who reads."""
    text = json.dumps(doc)
    name = rng.choice(['"request": {', '"object": {', '"metadata": {', '"kind": {', '"spec": {'])
    at = text.find(name)
    return (text[:at] + name.replace("{", "null, ") + text[at:]).encode() if at >= 0 else text.encode()


def nest(doc, rng):
    depth = rng.choice([10, 100, DEPTH_MAX - 10, DEPTH_MAX, DEPTH_MAX + 1, 5000, 50000])
    opening, closing = rng.choice([(b"[", b"]"), (b'{"a":', b"}")])
    deep = opening * depth + b"1" + closing * depth
    return deep if rng.random() < 0.3 else json.dumps(doc).encode().replace(b'"spec": ', b'"spec": ' + deep + b', "x": ', 1)


def swell(doc, rng):
    """Much from little, or simply much."""
    unit = rng.choice([b"{},", b"[],", b'"",', b"1,", b'{"a":{}},'])
    size = rng.choice([1000, 50_000, 500_000])
    return json.dumps(doc).encode().replace(b'"spec": ', b'"y": [' + unit * (size // len(unit)) + b'0], "spec": ', 1)


def noise(_, rng):
    return rng.choice([b"", b"null", b"0", b'"x"', b"[]", b"{}", b"\0", rng.randbytes(rng.choice([1, 10, 1000])),
                       rng.choice(WORDS) * rng.choice([1, 100])])


def bad_review(reviews, rng):
    doc = rng.choice(reviews)
    kind = rng.random()
    if kind < 0.45:
        return mutate_bytes(json.dumps(doc).encode(), rng)
    if kind < 0.85:
        return mutate_shape(doc, rng)
    if kind < 0.92:
        return repeat_member(doc, rng)
    if kind < 0.96:
        return noise(doc, rng)
    return nest(doc, rng) if kind < 0.995 else swell(doc, rng)


def good_reviews(golden):
    """Pods, and objects of every kind with rules."""
    def review(obj, **more):
        group, _, version = obj["apiVersion"].rpartition("/")
        return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
                "request": {"uid": "u-1", "kind": {"group": group, "version": version, "kind": obj["kind"]},
                            "namespace": "demo", "name": "x", "operation": "CREATE", "object": obj, **more}}
    objects = {}
    for file in sorted(pathlib.Path(golden).glob("*/in.json")):
        case = json.loads(file.read_text())
        for obj in [case.get("object"), *case.get("objects", [])]:
            if isinstance(obj, dict) and obj.get("kind") and obj.get("apiVersion") and len(json.dumps(obj)) < 10000:
                objects.setdefault((obj["kind"], len(objects) % 7), obj)
    found = list(objects.values())
    return [review(obj) for obj in found] + [review(obj, operation="UPDATE", oldObject=obj) for obj in found]


# ---- the talk


def fits(status, text, path, body):
    if status != 200:
        return True
    answer = json.loads(text)["response"]
    return isinstance(answer["allowed"], bool) and (parse(body) is None or answer["uid"] == parse(body)["request"]["uid"])


class Talk:
    def __init__(self, server):
        self.server, self.connection = server, server.connect()

    def ask(self, path, body):
        for attempt in range(2):  # an answer before the end of a body closes the connection
            try:
                status, text, response = self.server.ask(path, body, JSON, connection=self.connection)
                if response.getheader("Connection") == "close":
                    self.connection.close()
                return status, text
            except (OSError, http.client.HTTPException):
                self.connection.close()
                self.connection = self.server.connect()
        return None, b""


def main():
    sys.setrecursionlimit(1_000_000)
    case, review = golden_case(sys.argv[2])
    reviews, rng, seen, wrong = good_reviews(sys.argv[2]), random.Random(SEED), collections.Counter(), []
    with tempfile.TemporaryDirectory() as folder:
        server = Server(sys.argv[1], case["objects"], folder)
        talk, resident = Talk(server), []
        try:
            for number in range(COUNT):
                path, body = rng.choice(PATHS), bad_review(reviews, rng)
                status, text = talk.ask(path, body)
                seen[status] += 1
                if status not in expected(path, body) or not fits(status, text, path, body):
                    wrong.append((number, path, status, sorted(expected(path, body)), body[:300]))
                if number % max(COUNT // 20, 1) == 0:
                    resident.append(server.resident_kib())
            check(f"{COUNT} bad reviews (seed {SEED}) have the right status each: {dict(seen)}", not wrong,
                  (len(wrong), wrong[:3]))
            # what a large review takes comes and goes: the end is compared with the most of the first half
            growth = sorted(resident[-5:])[2] - max(resident[5:10])
            check(f"memory does not grow: {growth} KiB, of {resident[5:]}", growth < GROWTH_MAX_KIB)
            check("nothing is left in flight", server.metric("stash_webhook_in_flight_requests") == 0
                  and server.metric("stash_webhook_in_flight_bytes") == 0)
            check("it lives, and a good review is answered", server.process.poll() is None
                  and server.ask("/inject", review)[0] == 200)
        finally:
            server.process.kill()
    finish()


main()
