#!/usr/bin/env python3
"""Datadog's log intake as its agent and libraries use it."""
import gzip
import json
import os
import pathlib
import sys
import time
import unittest
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "harness"))
from livedata_process import Livedata  # noqa: E402

BINARY = os.environ["LIVEDATA"]
COUNT = 10_000
KEY = {"DD-API-KEY": "0123456789abcdef", "Content-Type": "application/json"}


class Datadog(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Livedata(BINARY)
        cls.server.start()

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0

    def post(self, target, body, headers=None, status=202):
        got, text = self.server.request(target, body, {**KEY, **(headers or {})}, "POST")
        self.assertEqual(got, status, text)
        return json.loads(text)

    def test_numbered_logs(self):
        start = (int(time.time()) - 60) * 10**9
        self.assertEqual(self.post("/api/v2/logs", "{}"), {})  # the agent's first call
        compress = [("identity", lambda body: body), ("gzip", gzip.compress), ("deflate", zlib.compress)]
        for first in range(0, COUNT, 500):
            logs = [{"message": f"log {n}", "status": "info", "timestamp": int(time.time() * 1000), "hostname": "web1", "service": "numbers",
                     "ddsource": "python", "ddtags": "env:prod,team:x", "n": n} for n in range(first, first + 500)]
            encoding, encode = compress[first // 500 % 3]
            self.assertEqual(self.post("/api/v2/logs", encode(json.dumps(logs).encode()), {"Content-Encoding": encoding}), {})
        lines = self.server.query_all('{service_name="numbers", host="web1", source="python", env="prod"}', start)
        self.assertEqual(sorted(line for _, _, line in lines), sorted(f"log {n}" for n in range(COUNT)))
        self.assertEqual({(labels["team"], labels["level"], labels["detected_level"]) for _, labels, _ in lines}, {("x", "info", "info")})

    def test_every_path(self):
        for path in ("/api/v2/logs", "/v1/input", "/v1/input/0123456789abcdef", "/datadog/api/v2/logs", "/datadog/v1/input/key"):
            self.assertEqual(self.post(path + "?service=paths&ddsource=test", json.dumps({"message": path})), {})
            self.assertEqual(self.post(path + "?service=texts&ddtags=env:dev", f"{path} one\n{path} two\n", {"Content-Type": "text/plain"}), {})
        self.assertEqual(len(self.server.query('{service_name="paths", source="test"}')), 5)
        self.assertEqual(len(self.server.query('{service_name="texts", env="dev"}')), 10)

    def test_validate(self):
        status, text = self.server.request("/api/v1/validate", headers=KEY)
        self.assertEqual((status, json.loads(text)), (200, {"valid": True}))

    def test_errors(self):
        for body, headers in (("{broken", {}), ("x", {"Content-Encoding": "gzip"}), ("x", {"Content-Encoding": "zstd"}), ("[5]", {})):
            error, = self.post("/api/v2/logs", body, headers, status=400)["errors"]
            self.assertEqual((error["status"], error["title"]), ("400", "Bad Request"))
        self.post("/api/v2/logs?service=partly", '[{"message":"kept"},5]', status=400)
        self.assertEqual([line for _, _, line in self.server.query('{service_name="partly"}')], ["kept"])


if __name__ == "__main__":
    unittest.main()
