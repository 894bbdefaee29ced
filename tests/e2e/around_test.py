#!/usr/bin/env python3
"""From a log line to the machine it came from: `livedata around` and its API, beside a server that collects."""
import json
import os
import pathlib
import platform
import subprocess
import sys
import time
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "harness"))
from livedata_process import Livedata  # noqa: E402

BINARY = os.environ["LIVEDATA"]
HOST = platform.node()


class Around(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Livedata(BINARY, arguments=())
        cls.server.start()
        cls.addClassCleanup(cls.server.stop)
        # Something that the table of processes must show, since it works.
        cls.worker = subprocess.Popen([sys.executable, "-c", "while True: pass"])
        cls.addClassCleanup(cls.worker.wait)
        cls.addClassCleanup(cls.worker.kill)
        body = "\n".join(json.dumps({"message": f"line {n} of the worker", "level": "error", "service": "worker", "pid": cls.worker.pid,
                                     "labels": {"hostname": HOST.upper() + ".example.org"}}) for n in range(3))
        status, text = cls.server.request("/api/v1/push", body.encode(), {"Content-Type": "application/x-ndjson"})
        assert status == 200, text
        deadline = time.monotonic() + 60
        while not any(p["pid"] == cls.worker.pid for p in cls.ask()["processes"]):
            assert time.monotonic() < deadline, "the worker never came"
            time.sleep(0.3)

    @classmethod
    def ask(cls, **parameters):
        status, text = cls.server.request("/api/v1/around?" + urllib.parse.urlencode({"host": HOST, **parameters}))
        assert status == 200, text
        return json.loads(text)

    def run_command(self, *arguments):
        return subprocess.run([BINARY, "around", *arguments, "--addr", self.server.url], capture_output=True, text=True, timeout=60)

    def test_what_is_there_now(self):
        answer = self.ask()
        metrics = {(m["source"], m.get("device", "")): m["fields"] for m in answer["metrics"]}
        self.assertGreater(metrics["cpu", ""]["busy_percent"]["value"], 0)
        self.assertIn(("filesystem", "/"), metrics)
        self.assertEqual([line["line"] for line in answer["logs"]["lines"] if line["labels"]["service_name"] == "worker"],
                         [f"line {n} of the worker" for n in range(3)])
        self.assertIn({"name": "worker", "lines": 3}, answer["logs"]["services"])

    def test_one_process(self):
        answer = self.ask(pid=self.worker.pid)
        self.assertEqual([p["pid"] for p in answer["processes"]], [self.worker.pid])
        self.assertGreater(answer["processes"][0]["cpuPercent"], 0)
        self.assertEqual(len(answer["logs"]["lines"]), 3)
        self.assertEqual(self.ask(pid=1)["logs"]["lines"], [])

    def test_the_selectors_select_the_lines(self):
        for selector in self.ask()["logs"]["selectors"]:
            self.assertTrue(self.server.query(selector))

    def test_as_a_command(self):
        shown = self.run_command(HOST, "now", "--pid", str(self.worker.pid))
        self.assertEqual(shown.returncode, 0, shown.stderr)
        self.assertIn("line 2 of the worker", shown.stdout)
        self.assertRegex(shown.stdout, r"cpu [\d.]+ %")
        self.assertEqual(self.run_command().stdout, HOST + "\n")
        self.assertEqual(self.run_command(HOST).returncode, 0)
        self.assertIn("hosts", json.loads(self.run_command("-o", "json").stdout))

    def test_mistakes(self):
        for query, part in (("", "'host'"), ("host=a&time=x", "x"), ("host=a&pid=no", "'pid'"), ("host=a&window=1000d", "31 days"),
                            ("host=a&lines=-1", "'lines'"), ("host=a&time=-5", "1970"), ("host=a&time=9223372036854775807", "2262")):
            status, text = self.server.request("/api/v1/around?" + query)
            self.assertEqual(status, 400, query)
            self.assertIn(part, text)
        self.assertEqual(self.run_command(HOST, "whenever").returncode, 2)
        self.assertIn("no metrics of this host", self.run_command("nobody", "now").stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
