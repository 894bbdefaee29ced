#!/usr/bin/env python3
"""Parsing pipelines end to end: a configuration file, records pushed, results asked by LogQL, and the commands for trying."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "harness"))
from livedata_process import Livedata  # noqa: E402

BINARY = os.environ["LIVEDATA"]

CONFIGURATION = r"""
retention:
  period: 7d
pipelines:
  - name: access
    match: {source: [loki, native], labels: '{app="nginx"}'}
    stages:
      - nginx
      - drop: {match: '{path="/health"}', reason: health}
      - labels: [method]
      - line: {template: '{method} {path} {status}'}
  - name: shop
    match: {labels: '{service_name="shop"}'}
    multiline: {first_line: '^\{'}
    stages:
      - json
      - timestamp: {field: ts, format: [RFC3339, UnixMs]}
      - redact
      - static_labels: {env: prod}
      - limit: {rate: 1000, burst: 1000}
"""


def loki_body(lines, **labels):
    now = time.time_ns()
    return json.dumps({"streams": [{"stream": labels, "values": [[str(now + i), line] for i, line in enumerate(lines)]}]})


def run(*arguments, **options):
    return subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=60, **options)


class Pipelines(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.config = os.path.join(cls.folder.name, "livedata.yaml")
        pathlib.Path(cls.config).write_text(CONFIGURATION)
        cls.server = Livedata(BINARY, arguments=("--no-collect", "--config", cls.config))
        cls.server.start()

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0
        cls.folder.cleanup()

    def push(self, lines, **labels):
        status, text = self.server.request("/loki/api/v1/push", loki_body(lines, **labels), {"Content-Type": "application/json"})
        self.assertEqual(status, 204, text)

    def metric(self, name):
        _, page = self.server.request("/metrics")
        return sum(int(line.rsplit(" ", 1)[1]) for line in page.splitlines() if line.startswith(name))

    def test_access_logs_become_labels_and_fields(self):
        now = time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(time.time() - 60))
        self.push([f'10.0.0.1 - - [{now}] "GET /pay HTTP/1.1" 502 17 "-" "curl"', f'10.0.0.1 - - [{now}] "GET /health HTTP/1.1" 200 2 "-" "probe"',
                   f'10.0.0.2 - - [{now}] "POST /pay HTTP/1.1" 200 17 "-" "curl"', "no access line"], app="nginx")
        lines = self.server.query('{app="nginx"}')
        self.assertEqual(sorted(line for _, _, line in lines), ["GET /pay 502", "POST /pay 200", "no access line"])
        found = self.server.query('{app="nginx", method="GET"} | status >= 500')
        self.assertEqual(len(found), 1)
        timestamp, labels, line = found[0]
        self.assertEqual(line, "GET /pay 502")
        self.assertEqual(labels["remote_addr"], "10.0.0.1")
        self.assertLess(timestamp, time.time_ns() - 50 * 10**9)
        failed = self.server.query('{app="nginx"} | pipeline_error != ""')
        self.assertEqual([labels["pipeline_error"] for _, labels, _ in failed], ["nginx: it is no line of an access log; line: none of the fields is there"])
        self.assertEqual(self.metric('livedata_pipeline_dropped_total{pipeline="access",stage="drop",reason="health"}'), 1)
        self.assertEqual(self.metric('livedata_pipeline_failures_total{pipeline="access",stage="nginx"}'), 1)

    def test_secrets_never_reach_the_disk(self):
        text = '{"ts":"%s","user":"bob@example.com","password":"hunter2","msg":"paid"}\nand a second line' % time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        status, answer = self.server.request("/api/v1/push?service=shop", text + "\n", {"Content-Type": "text/plain"})
        self.assertEqual(status, 200, answer)
        lines = self.server.query('{service_name="shop", env="prod"}')
        self.assertEqual(len(lines), 1)
        _, labels, line = lines[0]
        self.assertIn('"password":"<redacted>"', line)
        self.assertIn("\nand a second line", line)
        for name, value in labels.items():
            self.assertNotIn("hunter2", value, name)
        # The joined line is no JSON any more, so its secrets are found in the text.
        for file in pathlib.Path(self.server.data).rglob("*"):
            if file.is_file():
                self.assertNotIn(b"hunter2", file.read_bytes(), file)

    def test_what_no_pipeline_matches_is_left_alone(self):
        self.push(['{"password":"kept as it is"}'], app="other")
        self.assertEqual([line for _, _, line in self.server.query('{app="other"}')], ['{"password":"kept as it is"}'])

    def test_dropped_records_are_told(self):
        now = time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime())
        body = f'10.0.0.1 - - [{now}] "GET /health HTTP/1.1" 200 2\n10.0.0.1 - - [{now}] "PUT /x HTTP/1.1" 200 2\n'
        status, answer = self.server.request("/api/v1/push?label.app=nginx", body, {"Content-Type": "text/plain"})
        self.assertEqual((status, json.loads(answer)["entries"], json.loads(answer)["dropped"]), (200, 1, 1))


class Commands(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.config = os.path.join(self.folder.name, "livedata.yaml")
        pathlib.Path(self.config).write_text(CONFIGURATION)

    def tearDown(self):
        self.folder.cleanup()

    def test_check(self):
        checked = run("pipeline", "check", "--config", self.config)
        self.assertEqual(checked.returncode, 0, checked.stderr)
        self.assertIn("access: nginx drop labels line", checked.stdout)
        self.assertIn("2 pipelines: all good", checked.stdout)
        pathlib.Path(self.config).write_text("pipelines:\n  - name: x\n    stages: [jsn]\n")
        for command in (("pipeline", "check"), ("serve", "--no-collect", "--listen", "127.0.0.1:0", "--data", self.folder.name + "/data")):
            refused = run(*command, "--config", self.config)
            self.assertNotEqual(refused.returncode, 0)
            self.assertIn("livedata.yaml:3:14: pipeline 'x', stage 1: there is no stage 'jsn'; did you mean 'json'?", refused.stderr)

    def test_test_shows_what_stages_do(self):
        shown = run("pipeline", "test", "-", "--config", self.config, "--pipeline", "access",
                    input='10.0.0.1 - - [x] "GET /a HTTP/1.1" 200 2\n10.0.0.1 - - [x] "GET /health HTTP/1.1" 200 2\n')
        self.assertEqual(shown.returncode, 0, shown.stderr)
        for part in ('+ status = 200', '+ label method = "GET"', '- method', '~ line = "GET /a 200"', "failed: the time can't be read",
                     "dropped: health", "1 records kept, 1 dropped"):
            self.assertIn(part, shown.stdout)

    def test_test_as_json_finds_the_pipeline_by_its_match(self):
        with tempfile.NamedTemporaryFile("w", suffix=".log") as file:
            file.write('{"a":1,"msg":"x a@example.com"}\nmore\n{"a":2}\n')
            file.flush()
            shown = run("pipeline", "test", file.name, "--config", self.config, "--label", "service_name=shop", "-o", "json")
        self.assertEqual(shown.returncode, 0, shown.stderr)
        first, second = map(json.loads, shown.stdout.splitlines())
        self.assertEqual((first["number"], second["number"]), (1, 3))
        self.assertEqual(first["input"], '{"a":1,"msg":"x a@example.com"}\nmore')
        self.assertEqual(first["stages"][0]["reason"], "it is not a JSON object")
        self.assertEqual(second["result"]["fields"]["a"], 2)
        self.assertEqual(second["result"]["labels"], {"env": "prod", "service_name": "shop"})
        self.assertIn("x <redacted>", first["result"]["line"])

    def test_mistakes_in_the_call(self):
        for arguments, text in ((("--pipeline", "none"), "there is no pipeline 'none'; there are: access shop"),
                                (("--source", "syslog"), "no pipeline matches"),
                                (("--label", "x"), "is not of the form NAME=VALUE"),
                                (("--source", "lokki"), "lokki")):
            refused = run("pipeline", "test", "-", "--config", self.config, *arguments, input="x\n")
            self.assertNotEqual(refused.returncode, 0)
            self.assertIn(text, refused.stderr + refused.stdout)
        missing = run("pipeline", "test", "/nonexistent", "--config", self.config, "--pipeline", "shop")
        self.assertEqual(missing.returncode, 3)


if __name__ == "__main__":
    unittest.main()
