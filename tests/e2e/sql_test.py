#!/usr/bin/env python3
"""SQL over HTTP and on the command line: formats, parameters, errors, live data, cancelling."""
import csv
import http.client
import io
import json
import os
import pathlib
import pty
import struct
import subprocess
import sys
import threading
import time
import unittest
import urllib.parse

root = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(root / "tests/harness"))
from livedata_process import Livedata  # noqa: E402

BINARY = os.environ["LIVEDATA"]
START = 1_767_225_600  # 2026-01-01


class Sql(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Livedata(BINARY)
        cls.server.start()
        values = [[str((START + i) * 10**9), f"line {i}", {"status": str(200 + i)}] for i in range(100)]
        cls.push({"app": "shop", "host": "web1"}, values)
        cls.push({"app": "db", "host": "db1"}, [[str(START * 10**9 + 1), 'quoted "text", with commas\nand lines']])

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0

    @classmethod
    def push(cls, labels, values):
        body = json.dumps({"streams": [{"stream": labels, "values": values}]})
        status, text = cls.server.request("/loki/api/v1/push", body, {"Content-Type": "application/json"})
        assert status == 204, text

    def ask(self, query, headers=None, **parameters):
        path = "/api/v1/sql" + ("?" + urllib.parse.urlencode(parameters) if parameters else "")
        return self.server.request(path, query, headers or {"Content-Type": "text/plain"})

    def raw(self, query, **parameters):
        """Status, headers and bytes."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        connection.request("POST", "/api/v1/sql?" + urllib.parse.urlencode(parameters), query)
        try:
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()

    def rows(self, query, **parameters):
        status, text = self.ask(query, **parameters)
        self.assertEqual(status, 200, text)
        return json.loads(text)["rows"]

    def test_json(self):
        status, text = self.ask("SELECT service, count(*) AS n, max(time) AS last FROM logs GROUP BY 1 ORDER BY 1")
        self.assertEqual(status, 200, text)
        answer = json.loads(text)
        self.assertEqual(answer["columns"], [{"name": "service", "type": "VARCHAR"}, {"name": "n", "type": "BIGINT"}, {"name": "last", "type": "TIMESTAMP_NS"}])
        self.assertEqual(answer["rows"], [["db", 1, "2026-01-01T00:00:00.000000001Z"], ["shop", 100, "2026-01-01T00:01:39Z"]])
        self.assertFalse(answer["truncated"])
        self.assertEqual(answer["stats"]["rowsMatched"], 101)

    def test_ways_to_ask(self):
        wanted = [[100]]
        query = "SELECT count(*) FROM logs WHERE service = 'shop'"
        self.assertEqual(self.rows(query), wanted)
        status, text = self.server.request("/api/v1/sql?" + urllib.parse.urlencode({"query": query}))
        self.assertEqual((status, json.loads(text)["rows"]), (200, wanted))
        status, text = self.server.request("/api/v1/sql", urllib.parse.urlencode({"query": query}), {"Content-Type": "application/x-www-form-urlencoded"})
        self.assertEqual((status, json.loads(text)["rows"]), (200, wanted))
        status, text = self.server.request("/api/v1/sql", query, {"Content-Type": "application/x-www-form-urlencoded"})
        self.assertEqual((status, json.loads(text)["rows"]), (200, wanted), "as curl -d sends it")
        for body in ({"query": "SELECT count(*) FROM logs WHERE service = ?", "params": ["shop"]},
                     {"query": "SELECT count(*) FROM logs WHERE service = $name", "params": {"name": "shop"}}):
            status, text = self.server.request("/api/v1/sql", json.dumps(body), {"Content-Type": "application/json"})
            self.assertEqual((status, json.loads(text)["rows"]), (200, wanted), text)

    def test_injection_through_parameters_is_text(self):
        body = {"query": "SELECT count(*) FROM logs WHERE line = $1", "params": ["' OR 1=1 --"]}
        status, text = self.server.request("/api/v1/sql", json.dumps(body), {"Content-Type": "application/json"})
        self.assertEqual((status, json.loads(text)["rows"]), (200, [[0]]))

    def test_range_and_limit(self):
        self.assertEqual(self.rows("SELECT count(*) FROM logs", start=START + 10, end=START + 20), [[10]])
        status, text = self.ask("SELECT line FROM logs", limit=7)
        self.assertEqual((len(json.loads(text)["rows"]), json.loads(text)["truncated"]), (7, True))

    def test_ndjson_and_csv(self):
        status, headers, body = self.raw("SELECT line, status FROM logs WHERE status IS NOT NULL ORDER BY time LIMIT 2", format="ndjson")
        self.assertEqual((status, headers["Content-Type"]), (200, "application/x-ndjson"))
        self.assertEqual([json.loads(line) for line in body.splitlines()], [{"line": "line 0", "status": "200"}, {"line": "line 1", "status": "201"}])
        status, text = self.ask("SELECT service, line, status FROM logs WHERE service = 'db'", {"Content-Type": "text/plain", "Accept": "text/csv"})
        self.assertEqual(list(csv.reader(io.StringIO(text, newline=""))), [["service", "line", "status"], ["db", 'quoted "text", with commas\nand lines', ""]])

    def test_parquet(self):
        status, headers, body = self.raw("SELECT time, service, line, labels FROM logs WHERE service = 'shop'", format="parquet")
        self.assertEqual((status, headers["Content-Type"]), (200, "application/vnd.apache.parquet"))
        self.assertEqual((body[:4], body[-4:]), (b"PAR1", b"PAR1"))
        footer = body[-8 - struct.unpack_from("<I", body, len(body) - 8)[0]:]
        for part in (b"time", b"service", b"labels", b"line 0", b"line 99"):  # names, least and greatest values
            self.assertIn(part, footer)

    def test_arrow(self):
        status, headers, body = self.raw("SELECT time, service, status, line, 1.5::DOUBLE AS d, labels FROM logs", format="arrow")
        self.assertEqual((status, headers["Content-Type"]), (200, "application/vnd.apache.arrow.stream"))
        rows, messages = 0, 0
        while body:
            mark, size = struct.unpack_from("<Ii", body)
            self.assertEqual(mark, 0xFFFFFFFF)
            if size == 0:
                break
            self.assertEqual(size % 8, 0)
            message = FlatTable.root(body[8:8 + size])
            length = message.number(3, "<q")
            kind, header = message.number(1, "<B"), message.table(2)
            self.assertEqual(message.number(0, "<h"), 4)
            self.assertEqual(kind, 1 if messages == 0 else 3)
            if kind == 3:
                rows += header.number(0, "<q")
            body = body[8 + size + length:]
            messages += 1
        self.assertEqual(rows, 101)
        self.assertEqual(len(body), 8)

    def test_errors_have_a_place(self):
        status, text = self.ask("SELECT line,\n  nothing FROM logs")
        self.assertEqual(status, 400)
        error = json.loads(text)["error"]
        self.assertEqual((error["code"], error["line"], error["column"]), ("invalid_argument", 2, 3))
        self.assertIn("nothing", error["message"])
        for query in ("", "DROP VIEW logs", "SELECT 1; SELECT 2", "COPY logs TO '/tmp/x'", "SELECT * FROM read_text('/etc/passwd')"):
            status, text = self.ask(query)
            self.assertEqual(status, 400, query)
            self.assertTrue(json.loads(text)["error"]["message"], query)
        self.assertEqual(self.ask("SELECT 1", format="xml")[0], 400)

    def test_new_records_are_there_at_once(self):
        self.push({"app": "now"}, [[str(int(time.time() * 1e9)), "fresh", {"brand_new": "yes"}]])
        self.assertEqual(self.rows("SELECT line, brand_new FROM logs WHERE service = 'now' AND time > now() - INTERVAL 1 MINUTE"), [["fresh", "yes"]])

    def test_a_client_that_goes_frees_its_place(self):
        endless = "SELECT count(*) FROM range(1000000000000)"
        for _ in range(20):
            connection = http.client.HTTPConnection("127.0.0.1", self.server.port)
            connection.request("POST", "/api/v1/sql", endless)
            time.sleep(0.02)
            connection.close()
        deadline = time.time() + 30
        while self.ask("SELECT 1")[0] != 200:
            self.assertLess(time.time(), deadline)
            time.sleep(0.1)

    def test_many_at_once(self):
        results = []

        def client():
            for _ in range(5):
                results.append(self.ask("SELECT service, count(*) FROM logs GROUP BY 1")[0])
        threads = [threading.Thread(target=client) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(results), 40)
        self.assertLessEqual(set(results), {200, 429})
        self.assertIn(200, results)

    def test_a_large_answer_is_streamed(self):
        status, _, body = self.raw("SELECT range, repeat('x', 100) FROM range(300000)", format="csv")
        self.assertEqual((status, body.count(b"\n")), (200, 300001))
        with self.assertRaises(http.client.IncompleteRead):
            self.raw("SELECT range FROM range(2000000)", format="csv")

    def test_command(self):
        def run(*arguments, **more):
            return subprocess.run([BINARY, "sql", "--addr", self.server.url, *arguments], capture_output=True, encoding="utf-8", **more)
        done = run("SELECT service, count(*) AS n FROM logs WHERE service <> 'now' GROUP BY 1 ORDER BY 1")
        self.assertEqual((done.returncode, done.stdout), (0, "service    n\ndb         1\nshop     100\n"), done.stderr)
        as_csv = subprocess.run([BINARY, "sql", "--addr", self.server.url, "-o", "csv", "SELECT 1 AS a"], capture_output=True)
        self.assertEqual(as_csv.stdout, b"a\r\n1\r\n")
        self.assertEqual(run("-o", "ndjson", input="SELECT 1 AS a").stdout, '{"a":1}\n')
        wrong = run("SELECT x")
        self.assertEqual(wrong.returncode, 2)
        self.assertIn("line 1, column 8", wrong.stderr)
        offline = subprocess.run([BINARY, "sql", "--data", str(self.server.data), "SELECT count(*) AS n FROM logs WHERE service = 'shop'"], capture_output=True, text=True)
        self.assertEqual((offline.returncode, offline.stdout), (0, "  n\n100\n"), offline.stderr)

    def test_shell(self):
        controller, terminal = pty.openpty()
        environment = {**os.environ, "XDG_STATE_HOME": str(self.server.data / "state"), "TERM": "xterm"}
        shell = subprocess.Popen([BINARY, "sql", "--addr", self.server.url], stdin=terminal, stdout=terminal, stderr=terminal, env=environment)
        os.close(terminal)
        shown = b""

        def wait_for(text):
            nonlocal shown
            deadline = time.time() + 30
            while text not in shown:
                self.assertLess(time.time(), deadline, shown)
                shown += os.read(controller, 65536)
            shown = shown[shown.index(text) + len(text):]
        wait_for(b"sql> ")
        os.write(controller, b"SELECT cou\t(*) AS n FROM lo\tgs\n")
        wait_for(b"  -> ")
        os.write(controller, b"WHERE service = 'shop';\n")
        wait_for(b"100")
        wait_for(b"sql> ")
        os.write(controller, b"\x1b[A")
        wait_for(b"'shop';")
        os.write(controller, b"\x15\x04")
        self.assertEqual(shell.wait(timeout=30), 0)
        os.close(controller)
        self.assertIn("'shop';", (self.server.data / "state/livedata/sql_history").read_text())


class FlatTable:
    """A table of a FlatBuffer."""

    def __init__(self, data, place):
        self.data, self.place = data, place
        self.fields = place - struct.unpack_from("<i", data, place)[0]

    @classmethod
    def root(cls, data):
        return cls(data, struct.unpack_from("<I", data)[0])

    def _offset(self, field):
        size = struct.unpack_from("<H", self.data, self.fields)[0]
        at = 4 + 2 * field
        return struct.unpack_from("<H", self.data, self.fields + at)[0] if at < size else 0

    def number(self, field, form):
        offset = self._offset(field)
        return struct.unpack_from(form, self.data, self.place + offset)[0] if offset else 0

    def table(self, field):
        at = self.place + self._offset(field)
        return FlatTable(self.data, at + struct.unpack_from("<I", self.data, at)[0])


if __name__ == "__main__":
    unittest.main()
