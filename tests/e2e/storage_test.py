#!/usr/bin/env python3
"""End to end: what operators do with stored data - delete, compact, check, repair - and a disk that is full."""
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "harness"))
from livedata_process import Livedata  # noqa: E402

BINARY = os.environ["LIVEDATA"]


def run(*arguments):
    return subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=60)


def push(server, lines, **labels):
    start = time.time_ns() - len(lines) * 1000
    values = [[str(start + i * 1000), line] for i, line in enumerate(lines)]
    body = json.dumps({"streams": [{"stream": labels, "values": values}]})
    return server.request("/loki/api/v1/push", body.encode(), {"Content-Type": "application/json"})[0]


def ask(server, query, limit=5000):
    parameters = urllib.parse.urlencode({"query": query, "since": "1h", "limit": limit})
    status, text = server.request("/loki/api/v1/query_range?" + parameters)
    assert status == 200, text
    return json.loads(text)


def lines_of(answer):
    return sorted(value[1] for stream in answer["data"]["result"] for value in stream["values"])


def random_line(source):
    return f"order {source.randrange(10**9)} of customer {source.randrange(10**6)} took {source.randrange(5000)} ms"


class Deletion(unittest.TestCase):
    def test_deleted_lines_vanish_at_once_and_come_back_when_cancelled(self):
        with Livedata(BINARY) as server:
            self.assertEqual(push(server, ["keep 1", "drop 2", "keep 3"], app="d"), 204)
            query = urllib.parse.urlencode({"query": '{app="d"} |= "drop"', "start": str(int(time.time()) - 60)})
            status, text = server.request("/loki/api/v1/delete?" + query, b"")
            self.assertEqual(status, 204, text)
            self.assertEqual(lines_of(ask(server, '{app="d"}')), ["keep 1", "keep 3"])
            # What comes later is not concerned.
            self.assertEqual(push(server, ["drop 4"], app="d"), 204)
            self.assertEqual(lines_of(ask(server, '{app="d"}')), ["drop 4", "keep 1", "keep 3"])
            requests = json.loads(server.request("/loki/api/v1/delete")[1])
            self.assertEqual([(r["query"], r["status"]) for r in requests], [('{app="d"} |= "drop"', "received")])
            path = "/loki/api/v1/delete?request_id=" + requests[0]["request_id"]
            self.assertEqual(server.request(path, method="DELETE")[0], 204)
            self.assertEqual(lines_of(ask(server, '{app="d"}')), ["drop 2", "drop 4", "keep 1", "keep 3"])

    def test_wrong_requests_are_told(self):
        with Livedata(BINARY) as server:
            for query in ({"query": '{app="d"}'}, {"start": "1"}, {"query": '{app="d"} | json', "start": "1"},
                          {"query": 'rate({app="d"}[1m])', "start": "1"}, {"query": '{app="d"}', "start": "9", "end": "1"}):
                status, text = server.request("/loki/api/v1/delete?" + urllib.parse.urlencode(query), b"")
                self.assertEqual(status, 400, text)
            self.assertEqual(server.request("/loki/api/v1/delete?request_id=7", method="DELETE")[0], 404)


class Filters(unittest.TestCase):
    def test_a_query_that_filters_answer_reads_no_block(self):
        source = random.Random(1)
        with tempfile.TemporaryDirectory() as folder:
            with Livedata(BINARY, data=folder) as server:
                for _ in range(20):
                    self.assertEqual(push(server, [random_line(source) for _ in range(2000)], app="f"), 204)
            with Livedata(BINARY, data=folder) as server:  # the restart has flushed everything
                answer = ask(server, '{app="f"} |= "deadlock detected"')
                store = answer["data"]["stats"]["querier"]["store"]["chunk"] if "querier" in answer["data"]["stats"] else {}
                self.assertEqual(lines_of(answer), [])
                ingester = json.dumps(answer["data"]["stats"])
                self.assertIn('"blocksRead":0', ingester.replace(" ", ""), store)
                self.assertEqual(len(lines_of(ask(server, '{app="f"} |= "customer 1"', 5000))) > 0, True)


class Tools(unittest.TestCase):
    def test_compact_check_repair_inspect(self):
        source = random.Random(2)
        lines = [random_line(source) for _ in range(6000)]
        with tempfile.TemporaryDirectory() as folder:
            for part in range(3):
                with Livedata(BINARY, data=folder) as server:
                    for i in range(part * 2000, part * 2000 + 2000, 500):
                        self.assertEqual(push(server, lines[i:i + 500], app="t"), 204)
            done = run("compact", "--data", folder)
            self.assertEqual(done.returncode, 0, done.stderr)
            good = run("check", "--data", folder)
            self.assertEqual(good.returncode, 0, good.stdout)
            self.assertIn("all good", good.stdout)
            segments = sorted(pathlib.Path(folder).rglob("*.seg"))
            shown = run("inspect", str(segments[0]))
            self.assertEqual(shown.returncode, 0, shown.stderr)
            for word in ("line", "timestamp", "filter of substrings", "labels"):
                self.assertIn(word, shown.stdout)
            content = bytearray(segments[0].read_bytes())
            content[-40] ^= 1  # in the footer: all of it can be made anew
            segments[0].write_bytes(content)
            bad = run("check", "--data", folder)
            self.assertEqual(bad.returncode, 4, bad.stdout)
            self.assertIn("lost:   nothing", bad.stdout)
            self.assertEqual(run("check", "--data", folder, "--repair").returncode, 0)
            self.assertEqual(run("check", "--data", folder).returncode, 0)
            with Livedata(BINARY, data=folder) as server:
                found = []
                for digit in range(10):
                    found += lines_of(ask(server, f'{{app="t"}} |~ "^order {digit}"'))
                self.assertEqual(sorted(found), sorted(lines))

    def test_a_folder_in_use_is_not_repaired(self):
        with tempfile.TemporaryDirectory() as folder, Livedata(BINARY, data=folder):
            self.assertEqual(run("check", "--data", folder).returncode, 0)
            self.assertNotEqual(run("check", "--data", folder, "--repair").returncode, 0)
            self.assertNotEqual(run("compact", "--data", folder).returncode, 0)

    def test_unknown_folder_is_told(self):
        for command in ("check", "compact"):
            done = run(command, "--data", "/nonexistent/x")
            self.assertEqual(done.returncode, 3)
            self.assertIn("holds no livedata data", done.stderr)


@unittest.skipUnless(os.geteuid() == 0, "mounting a small file system takes root")
class FullDisk(unittest.TestCase):
    def test_refuses_then_goes_on_and_loses_nothing(self):
        with tempfile.TemporaryDirectory() as mount:
            if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=96m", "tmpfs", mount], capture_output=True).returncode != 0:
                self.skipTest("no tmpfs can be mounted here")
            try:
                self.fill_and_free(pathlib.Path(mount))
            finally:
                subprocess.run(["umount", mount], check=True)

    def fill_and_free(self, mount):
        source = random.Random(3)
        acknowledged = []
        data = mount / "data"
        with Livedata(BINARY, data=data) as server:
            ballast = mount / "ballast"
            ballast.write_bytes(b"x" * (10 << 20))
            status = 204
            while status == 204:
                lines = ["".join(source.choices("abcdefghijklmnop", k=400)) for _ in range(1000)]
                status = push(server, lines, app="full")
                if status == 204:
                    acknowledged += lines
            self.assertIn(status, (429, 503))
            self.assertGreater(len(acknowledged), 1000)
            ballast.unlink()
            time.sleep(1.5)  # the free space is looked at once a second
            self.assertEqual(push(server, ["after"], app="full"), 204)
            acknowledged.append("after")
        with Livedata(BINARY, data=data) as server:
            count = 'sum(count_over_time({app="full"}[1h]))'
            answer = json.loads(server.request("/loki/api/v1/query?" + urllib.parse.urlencode({"query": count}))[1])
            self.assertEqual(int(answer["data"]["result"][0]["value"][1]), len(acknowledged))


if __name__ == "__main__":
    unittest.main()
