"""The proxy with kubectl as its client: it forwards every verb and the watch, counts writes, and strikes where told."""

import json
import os
import pathlib
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))

from cluster import Cluster, Refused
from proxy import AFTER, BEFORE, LOST, Kill, Proxy, Refuse, Request, Tear, is_counted, narrow, refusal

SPACE = "e2e-kill-proxy"
CORE = "/api/v1/namespaces/" + SPACE
MAP = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "map"}, "data": {"key": "one"}}


class WithProxy(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster(os.environ["KUBECONFIG"])
        cls.cluster.delete("/api/v1/namespaces/" + SPACE)
        while cls.cluster.find("/api/v1/namespaces/" + SPACE):
            time.sleep(0.2)
        cls.cluster.create("/api/v1/namespaces", {"metadata": {"name": SPACE}})

    @classmethod
    def tearDownClass(cls):
        cls.cluster.delete("/api/v1/namespaces/" + SPACE)
        cls.cluster.close()

    def setUp(self):
        self.cluster.delete(CORE + "/configmaps/map")
        self.client = None
        self.use(None)

    def tearDown(self):
        self.proxy.close()

    def use(self, trouble, namespace=None):
        self.proxy = Proxy(self.cluster, namespace=namespace, trouble=trouble)
        self.addCleanup(self.proxy.close)

    def start(self, *arguments, text=None):
        command = ["kubectl", "--server", self.proxy.url, "-n", SPACE, *arguments]
        self.client = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, text=True,
                                       env={**os.environ, "KUBECONFIG": "/dev/null"})
        if text is not None:
            self.client.stdin.write(text)
        self.client.stdin.close()
        self.addCleanup(self.end, self.client)
        return self.client

    @staticmethod
    def end(client):
        client.kill()
        client.wait()
        client.stdout.close()
        client.stderr.close()

    def kubectl(self, *arguments, text=None):
        client = self.start(*arguments, text=text)
        out = client.stdout.read()
        self.assertEqual(client.wait(), 0, client.stderr.read())
        return out

    def counted(self):
        return [(method, status) for _, method, _, status in self.proxy.writes]

    def data(self):
        found = self.cluster.find(CORE + "/configmaps/map")
        return found and found["data"]["key"]


class Forwarding(WithProxy):
    def test_every_verb_and_their_count(self):
        self.kubectl("create", "-f", "-", text=json.dumps(MAP))
        self.kubectl("patch", "configmap/map", "--type=merge", "-p", '{"data":{"key":"two"}}')
        self.assertEqual(self.data(), "two")
        self.kubectl("replace", "-f", "-", text=json.dumps(MAP))
        self.assertEqual(self.data(), "one")
        self.kubectl("delete", "configmap/map", "--wait=false")
        self.assertIsNone(self.data())
        self.assertEqual(self.counted(),
                         [("POST", 201), ("PATCH", 200), ("PUT", 200), ("DELETE", 200)])

    def test_refusals_come_back_and_count(self):
        self.kubectl("create", "-f", "-", text=json.dumps(MAP))
        client = self.start("create", "-f", "-", text=json.dumps(MAP))
        self.assertIn("AlreadyExists", client.stderr.read())
        self.assertEqual(self.counted()[1], ("POST", 409))

    def test_dry_runs_are_not_counted(self):
        self.kubectl("create", "-f", "-", "--dry-run=server", text=json.dumps(MAP))
        self.assertEqual(self.counted(), [])

    def test_a_large_body_arrives_whole(self):
        large = {**MAP, "data": {"key": "x" * 900_000}}
        self.kubectl("create", "-f", "-", text=json.dumps(large))
        self.assertEqual(len(self.data()), 900_000)

    def test_a_watch_streams(self):
        client = self.start("get", "configmaps", "--watch", "-o", "name", "--field-selector=metadata.name=map")
        self.cluster.create(CORE + "/configmaps", MAP)
        self.assertEqual(client.stdout.readline(), "configmap/map\n")
        self.cluster.merge(CORE + "/configmaps/map", {"data": {"key": "two"}})
        self.assertEqual(client.stdout.readline(), "configmap/map\n")

    def test_all_namespaces_are_narrowed_to_one(self):
        self.use(None, namespace=SPACE)
        self.cluster.create(CORE + "/configmaps", MAP)
        names = self.kubectl("get", "configmaps", "-A", "-o", "jsonpath={.items[*].metadata.namespace}")
        self.assertEqual(set(names.split()), {SPACE})


class Striking(WithProxy):
    def strike(self):
        self.client.kill()

    def test_before_the_server_never_hears_of_it(self):
        self.use(Kill(1, BEFORE, self.strike))
        client = self.start("create", "-f", "-", text=json.dumps(MAP))
        self.assertEqual(client.wait(), -9)
        self.assertIsNone(self.data())

    def test_after_the_server_has_stored_it(self):
        self.use(Kill(1, AFTER, self.strike))
        client = self.start("create", "-f", "-", text=json.dumps(MAP))
        self.assertEqual(client.wait(), -9)
        self.assertEqual(client.stdout.read(), "")
        self.assertEqual(self.data(), "one")
        self.assertEqual(self.counted(), [("POST", 201)])

    def test_only_the_write_whose_turn_it_is(self):
        self.use(Kill(2, BEFORE, self.strike))
        self.kubectl("create", "-f", "-", text=json.dumps(MAP))
        self.assertEqual(len(self.counted()), 1)
        client = self.start("patch", "configmap/map", "--type=merge", "-p", '{"data":{"key":"two"}}')
        self.assertEqual(client.wait(), -9)
        self.kubectl("patch", "configmap/map", "--type=merge", "-p", '{"data":{"key":"three"}}')
        self.assertEqual(self.data(), "three")


class Turbulence(WithProxy):
    def test_every_second_write_to_a_place_is_let_through(self):
        self.use(Refuse(refusal(409, "Conflict")))
        client = self.start("create", "-f", "-", text=json.dumps(MAP))
        self.assertIn("trouble made by a test", client.stderr.read())
        self.kubectl("create", "-f", "-", text=json.dumps(MAP))
        self.assertEqual(self.counted(), [("POST", 409), ("POST", 201)])

    def test_a_lost_answer_is_stored(self):
        self.use(Refuse(LOST))
        client = self.start("create", "-f", "-", text=json.dumps(MAP))
        self.assertNotEqual(client.wait(), 0)
        self.assertEqual(self.data(), "one")

    def test_watches_are_torn_three_times(self):
        self.use(Tear())
        watch = ("get", "--raw", CORE + "/configmaps?watch=true&timeoutSeconds=4")
        began = time.monotonic()
        self.start(*watch).wait(20)
        self.assertLess(time.monotonic() - began, 3)
        self.assertIn('"Expired"', self.kubectl(*watch))
        self.start(*watch).wait(20)
        began = time.monotonic()
        self.kubectl(*watch)
        self.assertGreater(time.monotonic() - began, 3)


class Paths(unittest.TestCase):
    def test_what_is_narrowed(self):
        self.assertEqual(narrow("/api/v1/pods?watch=true", "a"), "/api/v1/namespaces/a/pods?watch=true")
        self.assertEqual(narrow("/apis/batch/v1/jobs", "a"), "/apis/batch/v1/namespaces/a/jobs")
        for path in ("/api/v1/namespaces", "/api/v1/namespaces/b/pods", "/apis/storage.k8s.io/v1/storageclasses",
                     "/apis/apps/v1", "/version"):
            self.assertEqual(narrow(path, "a"), path)

    def test_what_is_counted(self):
        for path, counted in (("/api/v1/namespaces/a/pods", True),
                              ("/apis/coordination.k8s.io/v1/namespaces/a/leases/stash-reconciler", False),
                              ("/api/v1/namespaces/a/events?fieldManager=x", False),
                              ("/api/v1/namespaces/a/pods?dryRun=All", False),
                              ("/apis/stash.appscode.com/v1beta1/tasks/t", False)):
            self.assertEqual(is_counted(Request("POST", path, [], b"")), counted, path)
        self.assertFalse(is_counted(Request("GET", "/api/v1/namespaces/a/pods", [], b"")))


class Answers(WithProxy):
    def test_the_tests_own_client_raises_on_errors(self):
        with self.assertRaises(Refused):
            self.cluster.get(CORE + "/configmaps/none")


if __name__ == "__main__":
    unittest.main()
