#!/usr/bin/env python3
"""What the lab asks of a server, byte for byte.

usage: client.py make HOST:PORT      fill it with data that breaks things
       client.py content HOST:PORT   what it holds, a line for each key (several servers: what they hold together)
       client.py churn HOST:PORT     write and remove without end
$REDISCLI_AUTH and $REDIS_USER log in.
"""
import hashlib
import os
import socket
import sys
import time


class Server:
    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)))
        self.file = self.socket.makefile("rb")
        self.queued = []
        if os.environ.get("REDISCLI_AUTH"):
            self.ask("AUTH", *filter(None, [os.environ.get("REDIS_USER")]), os.environ["REDISCLI_AUTH"])

    def put(self, *words):
        words = [w if isinstance(w, bytes) else str(w).encode() for w in words]
        self.queued.append(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words))
        if len(self.queued) >= 500:
            self.flush()

    def flush(self):
        count = len(self.queued)
        self.socket.sendall(b"".join(self.queued))
        self.queued = []
        return [self.read() for _ in range(count)]

    def ask(self, *words):
        self.flush()
        self.put(*words)
        return self.flush()[0]

    def read(self):
        line = self.file.readline()[:-2]
        kind, rest = line[:1], line[1:]
        if kind == b"-":
            raise RuntimeError(rest.decode())
        if kind == b"$":
            return None if int(rest) < 0 else self.file.read(int(rest) + 2)[:-2]
        if kind == b"*":
            return None if int(rest) < 0 else [self.read() for _ in range(int(rest))]
        return int(rest) if kind == b":" else rest


def bytes_of(count, seed):
    out = b""
    while len(out) < count:
        out += hashlib.sha256(b"%d %d" % (seed, len(out))).digest()
    return out[:count]


EVERY_BYTE = bytes(range(256))
WORDS = [b"", b" ", b"\0", b"\r\n", b"$3\r\nfoo\r\n", b"*1\r\n$8\r\nFLUSHALL\r\n", EVERY_BYTE, "Zoë 漢 🙂".encode(), b"{tag}", b"-1", b"9223372036854775807",
         b"1e400", b'"quo\\ted"', b"%s%n"]


def make_strings(server):
    for i, word in enumerate(WORDS):
        server.put("SET", b"string:" + word, WORDS[-1 - i])
    server.put("SET", "", "the empty key")
    server.put("SET", "megabyte", bytes_of(1 << 20, 1))
    server.put("SET", "long", bytes_of(100000, 2))
    server.put("SET", "number", -9223372036854775808)
    server.put("SET", bytes_of(70000, 3), "a long key")
    server.put("SETBIT", "bits", 4095, 1)
    server.put("PFADD", "hll", *range(1000))
    server.put("GEOADD", "places", "13.361389", "38.115556", "Palermo", "15.087269", "37.502669", "Catania")


def make_lists(server):
    server.put("RPUSH", "list", *WORDS, *WORDS)
    for i in range(0, 20000, 500):
        server.put("RPUSH", "longlist", *range(i, i + 500))
    server.put("RPUSH", "heavylist", *(bytes_of(300000, i) for i in range(40)))
    server.put("SADD", "set", *WORDS)
    server.put("SADD", "ints", *range(-100, 100))
    for i in range(0, 20000, 500):
        server.put("SADD", "bigset", *("member-%d" % n for n in range(i, i + 500)))


def make_pairs(server):
    for i in range(0, 100000, 500):
        server.put("HSET", "hash", *(x for n in range(i, i + 500) for x in ("field-%d" % n, "value %d" % (n * n))))
    server.put("HSET", "smallhash", *(x for w in WORDS for x in (w, w[::-1])))
    server.put("HSET", "heavyhash", *(x for n in range(12) for x in (bytes_of(20, n), bytes_of(1 << 20, n))))
    server.put("ZADD", "scores", "inf", "most", "-inf", "least", "-0", "minus nought", "0", "nought", "0.1", "a tenth", "1e-300", "tiny", "3.0000000000000004",
               "exact", "9007199254740993", "beyond", "-1.7976931348623157e308", "low", "5e-324", "denormal")
    for i, word in enumerate(WORDS):
        server.put("ZADD", "zset", i / 7, word)
    for i in range(0, 20000, 500):
        server.put("ZADD", "bigzset", *(x for n in range(i, i + 500) for x in (n / 3, "member-%d" % n)))


def make_streams(server):
    for i in range(1, 3001):
        server.put("XADD", "stream", "%d-%d" % (1000 + i // 3, i), "number", i, WORDS[i % len(WORDS)], EVERY_BYTE)
    server.put("XADD", "stream", "18446744073709551614-18446744073709551614", "last", "but one")
    server.put("XADD", "stream", "18446744073709551615-18446744073709551615", "last", "")
    server.put("XADD", "cut", "5-1", "a", "b")
    server.put("XADD", "cut", "7-0", "a", "b")
    server.put("XDEL", "cut", "7-0")
    server.put("XGROUP", "CREATE", "cut", b"gr\0up", "5-1")
    server.put("XGROUP", "CREATE", "stream", "readers", "0")
    server.put("XGROUP", "CREATE", "stream", "fresh", "$")
    server.put("XREADGROUP", "GROUP", "readers", "alice", "COUNT", 1200, "STREAMS", "stream", ">")
    server.put("XREADGROUP", "GROUP", "readers", "b\xf6b", "COUNT", 7, "STREAMS", "stream", ">")
    server.put("XACK", "stream", "readers", "1000-1", "1000-2")
    server.put("XREADGROUP", "GROUP", "readers", "alice", "COUNT", 3, "STREAMS", "stream", "0")
    server.put("XGROUP", "CREATE", "emptystream", "waiting", "0", "MKSTREAM")
    server.put("XADD", "gonestream", "9-9", "a", "b")
    server.put("XDEL", "gonestream", "9-9")


def make(server):
    for number in (0, 3, 15):
        server.put("SELECT", number)
        make_strings(server)
        server.put("SET", "only", number)
    server.put("SELECT", 0)
    make_lists(server)
    make_pairs(server)
    make_streams(server)
    for key, seconds in (("string:", 100000), ("bigset", 200000), ("stream", 300000), ("smallhash", 4000000000)):
        server.put("EXPIRE", key, seconds)
    server.put("SELECT", 7)
    for i in range(1000):
        server.put("SET", "key:%d" % i, i)
        if i % 10 == 0:
            server.put("EXPIRE", "key:%d" % i, 86400)
    server.flush()


def groups(server, key):
    for fields in server.ask("XINFO", "GROUPS", key):
        group = dict(zip(fields[::2], fields[1::2]))
        rows = server.ask("XPENDING", key, group[b"name"], "-", "+", 100000)
        yield group[b"name"], group[b"last-delivered-id"], [(r[0], r[1], r[3]) for r in rows]


def stream(server, key):
    info = server.ask("XINFO", "STREAM", key)
    return server.ask("XRANGE", key, "-", "+"), dict(zip(info[::2], info[1::2]))[b"last-generated-id"], list(groups(server, key))


def value(server, key, kind):
    if kind == b"string":
        return server.ask("GET", key)
    if kind == b"list":
        return server.ask("LRANGE", key, 0, -1)
    if kind == b"set":
        return sorted(server.ask("SMEMBERS", key))
    if kind == b"hash":
        pairs = server.ask("HGETALL", key)
        return sorted(zip(pairs[::2], pairs[1::2]))
    if kind == b"zset":
        pairs = server.ask("ZRANGE", key, 0, -1, "WITHSCORES")  # Redis writes 0.10000000000000001, Valkey 0.1
        return [(member, repr(float(score))) for member, score in zip(pairs[::2], pairs[1::2])]
    return stream(server, key)


def lines(server):
    for database in server.ask("INFO", "keyspace").decode().split("\r\n"):
        if not database.startswith("db"):
            continue
        number = database[2:database.index(":")]
        if number != "0":
            server.ask("SELECT", number)
        for key in server.ask("KEYS", "*"):
            kind = server.ask("TYPE", key)
            left = server.ask("PTTL", key)
            expires = "" if left < 0 else " expires %d" % round(time.time() + left / 1000, -1)
            digest = hashlib.sha256(repr(value(server, key, kind)).encode()).hexdigest()
            yield "%s %.80r %s %s%s" % (number, key, kind.decode(), digest, expires)


def churn(server):
    number = 0
    while True:
        number += 1
        server.put("RPUSH", "queue", *range(number, number + 100))
        server.put("LTRIM", "queue", 90, -1)
        server.put("LPOP", "longlist")
        server.put("RPUSH", "longlist", number)
        server.put("SET", "come:%d" % (number % 5000), number)
        server.put("DEL", "come:%d" % ((number + 2500) % 5000))
        server.put("SET", "short:%d" % (number % 1000), number, "PX", 20)
        server.put("XADD", "events", "MAXLEN", 5000, "*", "number", number)
        for kind in (("RPUSH", "shift", number), ("DEL", "shift"), ("HSET", "shift", number, 1), ("DEL", "shift"), ("XADD", "shift", "*", "a", number), ("DEL", "shift")):
            server.put(*kind)


def main():
    verb, servers = sys.argv[1], [Server(address) for address in sys.argv[2:]]
    if verb == "content":
        sys.stdout.write("".join(sorted(line + "\n" for server in servers for line in lines(server))))
    else:
        {"make": make, "churn": churn}[verb](servers[0])


if __name__ == "__main__":
    main()
