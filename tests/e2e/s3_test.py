#!/usr/bin/env python3
"""S3Store against servers that speak S3, through a proxy that does wrong: OpenStack Swift with its S3 API, and s3rver."""
import hashlib
import os
import pathlib
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "s3"), str(ROOT / "harness")]
from fault_proxy import FaultProxy  # noqa: E402
from npm_client import installed_packages  # noqa: E402

PROBE = os.environ["S3_PROBE"]
PART = 5 * 1024 * 1024


def free_ports(count):
    """The first of so many ports in a row that are free."""
    while True:
        first = random.randrange(20_000, 32_000)
        sockets = []
        try:
            for port in range(first, first + count):
                sockets.append(socket.create_server(("127.0.0.1", port)))
            return first
        except OSError:
            continue
        finally:
            for s in sockets:
                s.close()


def wait_for_port(port, process):
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"the server does not come: {process.args}")


class Store:
    """What the tests of both servers share."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="livedata-s3-")
        try:
            cls.start_server()
            cls.content = random.Random(1).randbytes(3 * PART + 12_345)
            cls.file = os.path.join(cls.folder, "file")
            pathlib.Path(cls.file).write_bytes(cls.content)
        except BaseException:
            cls.tearDownClass()
            raise

    @classmethod
    def tearDownClass(cls):
        if getattr(cls, "process", None):
            cls.process.kill()
            cls.process.wait()
            if cls.process.stdout:
                cls.process.stdout.close()
            cls.process = None
        shutil.rmtree(cls.folder, ignore_errors=True)

    def setUp(self):
        self.proxy = FaultProxy(self.port)
        self.prefix = self.id().rsplit(".", 1)[1]
        self.addCleanup(self.proxy.close)

    def start(self, *words, **settings):
        environment = {"PATH": os.environ["PATH"], "S3_ENDPOINT": f"http://127.0.0.1:{self.proxy.port}", "S3_BUCKET": "bucket",
                       "S3_PREFIX": self.prefix, "AWS_ACCESS_KEY_ID": self.key, "AWS_SECRET_ACCESS_KEY": self.secret, **settings}
        return subprocess.Popen([PROBE, *words], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def probe(self, *words, expected=0, **settings):
        process = self.start(*words, **settings)
        out, error = process.communicate(timeout=200)
        self.assertEqual(process.returncode, expected, error)
        self.assertNotIn(self.secret.encode(), error)
        return out if expected == 0 else error.decode()

    def put(self, key, content, **settings):
        path = os.path.join(self.folder, "small")
        pathlib.Path(path).write_bytes(content)
        return self.probe("put", key, path, **settings)

    def num(self, method, what):
        return sum(m == method and what in p and f is None for m, p, f in self.proxy.seen)

    def whole(self, key):
        return hashlib.sha256(self.probe("get", key)).hexdigest() == hashlib.sha256(self.content).hexdigest()

    def test_objects_come_and_go(self):
        self.put("a/day=1/x", b"0123456789")
        self.put("a/day=2/y", b"")
        self.put("b", b"b")
        self.assertEqual(self.probe("get", "a/day=1/x"), b"0123456789")
        self.assertEqual(self.probe("get", "a/day=2/y"), b"")
        self.assertEqual(self.probe("stat", "a/day=1/x"), b"10\n")
        self.assertEqual(self.probe("read", "a/day=1/x", "3", "4"), b"3456")
        self.assertEqual(self.probe("read", "a/day=1/x", "8", "100"), b"89")
        self.assertEqual(self.probe("read", "a/day=1/x", "10", "4"), b"")
        self.assertEqual(self.probe("list", ""), b"a/day=1/x 10\na/day=2/y 0\nb 1\n")
        self.assertEqual(self.probe("list", "a/"), b"a/day=1/x 10\na/day=2/y 0\n")
        self.put("b", b"another")
        self.assertEqual(self.probe("get", "b"), b"another")
        self.probe("remove", "b")
        self.probe("remove", "b")
        self.assertIn("not_found", self.probe("get", "b", expected=3))
        self.assertIn("not_found", self.probe("stat", "b", expected=3))

    def test_wrong_keys_and_buckets_are_told(self):
        self.assertIn("permission_denied", self.probe("get", "a", expected=1, AWS_ACCESS_KEY_ID="nobody"))
        self.assertEqual(len(self.proxy.seen), 1)
        self.assertIn("NoSuchBucket", self.probe("get", "a", expected=2, S3_BUCKET="nowhere"))

    def test_a_large_file_goes_in_parts(self):
        self.probe("put", "large", self.file)
        self.assertEqual(self.num("PUT", "partNumber"), 4)
        self.assertTrue(self.whole("large"))
        self.assertEqual(self.probe("read", "large", str(PART - 5), "10"), self.content[PART - 5:PART + 5])
        self.assertEqual(self.probe("list", ""), b"large %d\n" % len(self.content))

    def test_faults_are_borne(self):
        def is_part(number):
            return lambda method, path: method == "PUT" and f"partNumber={number}&" in path

        self.proxy.fail(is_part(1), 500)
        self.proxy.fail(is_part(1), 503)
        self.proxy.fail(is_part(2), "cut request")
        self.proxy.fail(is_part(2), "lose answer")
        self.proxy.fail(is_part(3), "hang")
        self.proxy.fail(is_part(4), "cut answer")
        self.proxy.fail(lambda method, path: method == "POST" and path.endswith("uploads="), 503)
        self.proxy.fail(lambda method, path: method == "POST" and "uploadId" in path, 500)
        self.probe("put", "k", self.file, S3_STALL="2")
        self.assertEqual(self.proxy.faults, [])
        for fault in (500, 503, "hang", "cut answer", "lose answer"):
            self.proxy.fail(lambda method, path: method == "GET" and path.endswith("/k"), fault)
            self.assertEqual(self.probe("read", "k", "100", "70000", S3_STALL="2"), self.content[100:70_100], fault)
        self.proxy.fail(lambda method, path: method == "GET" and "list-type" in path, "cut answer")
        self.assertEqual(self.probe("list", ""), b"k %d\n" % len(self.content))
        self.proxy.fail(lambda method, path: method == "DELETE", "lose answer")
        self.probe("remove", "k")
        self.assertEqual(self.probe("list", ""), b"")
        self.assertEqual(self.proxy.faults, [])

    def test_a_server_that_stays_broken_is_given_up(self):
        for _ in range(20):
            self.proxy.fail(lambda method, path: True, 503)
        self.assertIn("SlowDown (503)", self.put("a", b"a", expected=3))
        self.assertEqual(len(self.proxy.seen), 8)
        self.proxy.faults.clear()
        self.proxy.fail(lambda method, path: True, "hang")
        self.assertIn("deadline_exceeded", self.put("a", b"a", expected=1, S3_LIMIT="2"))
        self.assertEqual(self.probe("list", ""), b"")

    def test_half_an_object_is_never_seen(self):
        self.put_and_be_killed()

    def put_and_be_killed(self):
        """In each of the four parts, and at last not. How many parts that takes."""
        self.put("k", b"old")
        for number in range(1, 5):
            self.proxy.fail(lambda method, path, n=number: method == "PUT" and f"partNumber={n}&" in path, "hang")
            process = self.start("put", "k", self.file)
            until = time.monotonic() + 60
            while self.proxy.faults and time.monotonic() < until:
                time.sleep(0.02)
            process.kill()
            process.communicate()
            self.assertEqual(self.proxy.faults, [])
            self.assertEqual(self.probe("get", "k"), b"old")
            self.assertEqual(self.probe("list", ""), b"k 3\n")
        self.proxy.seen.clear()
        self.probe("put", "k", self.file)
        self.assertTrue(self.whole("k"))
        return self.num("PUT", "partNumber")


class Swift(Store, unittest.TestCase):
    """Has all of S3's operations on uploads."""

    key, secret = "test:tester", "the-secret-of-swift"

    @classmethod
    def start_server(cls):
        cls.port = free_ports(4)
        cls.process = subprocess.Popen(["/usr/bin/python3", ROOT / "s3" / "swift_server.py", cls.folder, str(cls.port), cls.key,
                                        cls.secret], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert cls.process.stdout.readline() == b"ready\n"
        # The bucket, by Swift's own API.
        url = f"http://127.0.0.1:{cls.port}"
        login = urllib.request.Request(url + "/auth/v1.0", headers={"X-Storage-User": cls.key, "X-Storage-Pass": cls.secret})
        with urllib.request.urlopen(login) as answer:
            headers = {"X-Auth-Token": answer.headers["X-Auth-Token"]}
            bucket = answer.headers["X-Storage-Url"] + "/bucket"
        urllib.request.urlopen(urllib.request.Request(bucket, method="PUT", headers=headers)).close()

    def test_half_an_object_is_never_seen(self):
        """And an upload that was killed is gone on with: each run sends one part, and the last one what is left."""
        self.assertEqual(self.put_and_be_killed(), 1)

    def test_a_wrong_secret_is_told(self):
        error = self.probe("get", "a", expected=1, AWS_SECRET_ACCESS_KEY="wrong")
        self.assertIn("SignatureDoesNotMatch (403)", error)
        self.assertIn("check the access key and its secret", error)

    def test_an_upload_of_another_content_is_not_gone_on_with(self):
        self.proxy.fail(lambda method, path: "partNumber=3" in path, "hang")
        other = os.path.join(self.folder, "other")
        pathlib.Path(other).write_bytes(random.Random(2).randbytes(3 * PART))
        process = self.start("put", "k", other)
        while self.proxy.faults:
            time.sleep(0.02)
        process.kill()
        process.communicate()
        self.proxy.seen.clear()
        self.probe("put", "k", self.file)
        self.assertEqual(self.num("PUT", "partNumber"), 4)
        self.assertEqual(self.num("DELETE", "uploadId"), 1)
        self.assertTrue(self.whole("k"))

    def test_a_lost_answer_to_the_last_request(self):
        self.proxy.fail(lambda method, path: method == "POST" and "uploadId" in path, "lose answer")
        self.probe("put", "k", self.file)
        self.assertTrue(self.whole("k"))

    def test_many_objects_are_listed_page_by_page(self):
        path = os.path.join(self.folder, "tiny")
        pathlib.Path(path).write_bytes(b"x")
        for n in range(30):
            self.probe("put", f"n/{n:02}", path)
        lines = self.probe("list", "n/").decode().splitlines()
        self.assertEqual(lines, [f"n/{n:02} 1" for n in range(30)])


class S3rver(Store, unittest.TestCase):
    """Another server, which can neither list uploads nor parts, so that each begins anew; signatures it does not check."""

    key, secret = "S3RVER", "S3RVER"

    @classmethod
    def start_server(cls):
        cls.port = free_ports(1)
        program = installed_packages() / "node_modules" / "s3rver" / "bin" / "s3rver.js"
        cls.process = subprocess.Popen(["node", program, "-d", os.path.join(cls.folder, "data"), "-p", str(cls.port), "-a", "127.0.0.1",
                                        "--silent", "--configure-bucket", "bucket"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for_port(cls.port, cls.process)


if __name__ == "__main__":
    unittest.main()
