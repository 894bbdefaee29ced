#!/usr/bin/env python3
"""The search language over HTTP and on the command line: ranges, formats, errors, lookups, files."""
import csv
import gzip
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse

root = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(root / "tests/harness"))
from livedata_process import Livedata  # noqa: E402

BINARY = os.environ["LIVEDATA"]
START = 1_767_225_600  # 2026-01-01


class Search(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Livedata(BINARY)
        cls.server.start()
        values = [[str((START + i) * 10**9), json.dumps({"status": 500 if i % 10 == 0 else 200, "user": f"u{i % 3}"})] for i in range(100)]
        cls.push({"app": "shop", "host": "web1"}, values)
        cls.push({"app": "db", "host": "db1"}, [[str(START * 10**9 + 1), "Connection TIMEOUT user=u1"]])

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0

    @classmethod
    def push(cls, labels, values):
        body = json.dumps({"streams": [{"stream": labels, "values": values}]})
        status, text = cls.server.request("/loki/api/v1/push", body, {"Content-Type": "application/json"})
        assert status == 204, text

    def ask(self, query, **parameters):
        parameters.setdefault("start", START)
        parameters.setdefault("end", START + 3600)
        return self.server.request("/api/v1/search?" + urllib.parse.urlencode(parameters), query, {"Content-Type": "text/plain"})

    def answer(self, query, **parameters):
        status, text = self.ask(query, **parameters)
        self.assertEqual(status, 200, text)
        return json.loads(text)

    def rows(self, query, **parameters):
        return self.answer(query, **parameters)["rows"]

    def test_searches(self):
        self.assertEqual(self.rows("timeout | stats count"), [[1]])
        self.assertEqual(self.rows("status>=500 | stats count by user | sort user"), [["u0", 4], ["u1", 3], ["u2", 3]])
        answer = self.answer("timeout")
        self.assertEqual([column["name"] for column in answer["columns"]], ["_time", "_raw", "service", "level", "labels", "fields"])
        self.assertEqual(answer["rows"][0][:3], ["2026-01-01T00:00:00.000000001Z", "Connection TIMEOUT user=u1", "db"])

    def test_ways_to_ask(self):
        form = urllib.parse.urlencode({"query": "timeout | stats count", "start": START, "end": START + 10})
        status, text = self.server.request("/api/v1/search?" + form)
        self.assertEqual((status, json.loads(text)["rows"]), (200, [[1]]))
        status, text = self.server.request("/api/v1/search", form, {"Content-Type": "application/x-www-form-urlencoded"})
        self.assertEqual((status, json.loads(text)["rows"]), (200, [[1]]))
        body = json.dumps({"query": "timeout | stats count", "start": START, "end": START + 10})
        status, text = self.server.request("/api/v1/search", body, {"Content-Type": "application/json"})
        self.assertEqual((status, json.loads(text)["rows"]), (200, [[1]]))

    def test_the_range(self):
        self.assertEqual(self.answer("* | stats count", start=START + 10, end=START + 20)["range"], {"start": "2026-01-01T00:00:10Z", "end": "2026-01-01T00:00:20Z"})
        self.assertEqual(self.rows("* earliest=1767225610 latest=1767225620 | stats count"), [[10]])
        status, text = self.server.request("/api/v1/search?" + urllib.parse.urlencode({"query": "* | stats count"}))
        self.assertEqual((status, json.loads(text)["rows"]), (200, [[0]]), "the last hour has nothing")
        status, text = self.server.request("/api/v1/search?" + urllib.parse.urlencode({"query": "* earliest=0 | stats count"}))
        self.assertEqual((status, json.loads(text)["rows"]), (200, [[101]]))

    def test_limit_gives_the_newest(self):
        answer = self.answer("host=web1 | fields user", limit=2)
        self.assertEqual([row[0] for row in answer["rows"]], ["2026-01-01T00:01:39Z", "2026-01-01T00:01:38Z"])
        self.assertTrue(answer["truncated"])

    def test_formats(self):
        status, text = self.ask("status=* | stats count by status", format="csv")
        self.assertEqual(list(csv.reader(io.StringIO(text, newline=""))), [["status", "count"], ["200", "90"], ["500", "10"]])
        status, text = self.ask("status=* | stats count by status", format="ndjson")
        self.assertEqual([json.loads(line) for line in text.splitlines()], [{"status": "200", "count": 90}, {"status": "500", "count": 10}])

    def test_errors_have_a_place(self):
        status, text = self.ask("* |\n stast count")
        self.assertEqual(status, 400)
        error = json.loads(text)["error"]
        self.assertEqual((error["line"], error["column"]), (2, 2))
        self.assertIn("did you mean 'stats'", error["message"])

    def test_explain(self):
        steps = self.answer("timeout host=db1 | stats count", explain=1)["explain"]
        self.assertIn("scan of logs: timeout", steps[0]["step"])
        self.assertEqual((steps[0]["rowsOut"], steps[-1]["step"], steps[-1]["rowsOut"]), (1, "stats count", 1))

    def test_lookups(self):
        put = lambda name, body: self.server.request(f"/api/v1/lookups/{name}", body, {"Content-Type": "text/csv"}, method="PUT")
        self.assertEqual(put("users", "id,name\nu0,Ann\nu1,Bob\n")[0], 201)
        self.assertEqual(put("users", "id,name\nu0,Ann\nu1,Bob B\n")[0], 200)
        self.assertEqual(json.loads(self.server.request("/api/v1/lookups")[1]), {"lookups": ["users"]})
        self.assertEqual(self.server.request("/api/v1/lookups/users"), (200, "id,name\nu0,Ann\nu1,Bob B\n"))
        self.assertEqual(self.rows("status=500 | lookup users id AS user | stats count by name"), [["Ann", 4], ["Bob B", 3]])
        self.assertEqual(self.rows("| inputlookup users where name=ann"), [["u0", "Ann"]])
        self.assertEqual(put("..%2Fx", "a\n1\n")[0], 404)
        self.assertEqual(put("a.b", "a\n1\n")[0], 400)
        self.assertEqual(put("x", "a\n1,2\n")[0], 400)
        self.assertEqual(self.server.request("/api/v1/lookups/users", method="DELETE")[0], 204)
        self.assertEqual(self.server.request("/api/v1/lookups/users")[0], 404)
        self.assertEqual(self.ask("* | lookup users id AS user")[0], 404)

    def run_command(self, *arguments, **options):
        return subprocess.run([BINARY, "search", *arguments], capture_output=True, text=True, timeout=60, **options)

    def test_the_command(self):
        address = f"http://127.0.0.1:{self.server.port}"
        done = self.run_command("timeout earliest=0 | stats count by host", "--addr", address, "-o", "csv")
        self.assertEqual((done.returncode, done.stdout), (0, "host,count\ndb1,1\n"), done.stderr)
        done = self.run_command("* | nothing", "--addr", address)
        self.assertEqual(done.returncode, 2)
        self.assertIn("line 1, column 5: there is no command 'nothing'", done.stderr)

    def test_files_and_folders_without_a_server(self):
        with tempfile.TemporaryDirectory() as folder:
            plain, packed = pathlib.Path(folder, "a.log"), pathlib.Path(folder, "b.log.gz")
            plain.write_text('{"time":"2026-01-01T00:00:00Z","status":200}\n{"time":"2026-01-01T00:01:00Z","status":500}\n')
            packed.write_bytes(gzip.compress(b"time=2026-01-01T00:02:00Z level=error status=500 msg=slow\n"))
            done = self.run_command("status=500 | stats count", str(plain), str(packed), "-o", "csv")
            self.assertEqual((done.returncode, done.stdout), (0, "count\n2\n"), done.stderr)
            done = self.run_command("* | timechart span=1m count", str(plain), str(packed), "-o", "csv")
            self.assertEqual(done.stdout.splitlines()[1:], [f"2026-01-01T00:0{i}:00Z,1" for i in range(3)])
            done = self.run_command("slow | stats count", "-", "-o", "ndjson", input="so slow\nfast\n")
            self.assertEqual(json.loads(done.stdout), {"count": 1})


if __name__ == "__main__":
    unittest.main()
