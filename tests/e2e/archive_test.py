#!/usr/bin/env python3
"""The Parquet archive: export and import, days that leave the store, other readers, and kills in the middle.

Usage: archive_test.py [unittest arguments], such as the class Archive, or Readers, which is slower."""
import base64
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

root = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(root / "tests/harness"))
from duckdb_library import DuckDB  # noqa: E402
from livedata_process import Livedata  # noqa: E402
from npm_client import run_client  # noqa: E402

BINARY = os.environ["LIVEDATA"]
START = 1_767_225_600  # 2026-01-01
ARCHIVE_NOW = {"LIVEDATA_ARCHIVE_ENABLED": "true", "LIVEDATA_ARCHIVE_AFTER": "0", "LIVEDATA_ARCHIVE_QUIET": "0",
               "LIVEDATA_RETENTION_PERIOD": "0", "LIVEDATA_COMPACTION_BYTES_PER_SECOND": "0"}


def record(number, day=0, app="shop"):
    seconds = START + day * 86_400 + number
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{number % 1000:03}000001Z"
    fields = {"cached": number % 2 == 0, "seconds": number / 8 + 0.0, "status": 200 + number % 3, "trace_id": f"t{number}"}
    return {"time": stamp, "labels": {"app": app, "service_name": app}, "line": f"line {number} of {day} é", "fields": fields}


def lines(records):
    return "".join(json.dumps(r) + "\n" for r in records)


def key(rec):
    return json.dumps(rec, sort_keys=True)


def run(*arguments, check=True, **more):
    done = subprocess.run([BINARY, *map(str, arguments)], capture_output=True, timeout=300, check=False, **more)
    if check and done.returncode != 0:
        raise RuntimeError(f"{arguments}: {done.stderr.decode()}")
    return done


class Folder(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="livedata-archive-")
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        self.data = self.folder / "data"

    def server(self, environment=None, data=None):
        server = Livedata(BINARY, data=data or self.data, environment=environment)
        server.start()
        self.addCleanup(lambda: server.process and server.kill())
        return server

    def put(self, server, records):
        status, text = server.request("/api/v1/records", lines(records), {"Content-Type": "application/x-ndjson"})
        self.assertEqual(status, 200, text)
        self.assertEqual(json.loads(text)["records"], len(records))

    def get(self, server, **parameters):
        status, text = server.request("/api/v1/records?" + urllib.parse.urlencode(parameters))
        self.assertEqual(status, 200, text)
        return sorted((json.loads(line) for line in text.splitlines()), key=key)

    def parquet_files(self):
        return sorted((self.data / "archive").rglob("*.parquet"))

    def wait_for(self, condition, what, seconds=60):
        for _ in range(seconds * 10):
            if condition():
                return
            time.sleep(0.1)
        self.fail(f"waited in vain for {what}")


class Archive(Folder):
    def test_export_and_import_give_back_what_was_there(self):
        records = [record(n, day) for day in (0, 1) for n in range(500)]
        odd = {"time": "2026-01-01T00:00:00Z", "labels": {"app": "odd"}, "line": "x\ufffd",
               "exact": base64.b64encode(b"\x01" + b"\x02x\xff" + b"\x01" + b"\x03app\x03odd" + b"\x00").decode()}
        wanted = sorted(records + [odd], key=key)
        server = self.server()
        self.put(server, records + [odd])
        self.assertEqual(self.get(server), wanted)
        for target in ("a.parquet", "a.csv", "a.ndjson", "days/"):
            path = f"{self.folder}/{target}"
            output = target.split(".")[-1] if "." in target else "parquet"
            done = run("export", "--addr", server.url, "-o", output, path)
            self.assertIn(b"1001 records exported", done.stderr)
            other = self.server(data=self.folder / ("data-" + target.strip("/")))
            for _ in range(2):  # twice gives no duplicates
                self.assertEqual(run("import", "--addr", other.url, path).stdout, b"1001 records stored\n")
            self.assertEqual(self.get(other), wanted, target)
            self.assertEqual(other.stop(), 0)
        self.assertEqual(len(list((self.folder / "days").rglob("*.parquet"))), 2)

    def test_export_selects(self):
        server = self.server()
        self.put(server, [record(n, 0, app) for app in ("shop", "db") for n in range(100)])
        done = run("export", "--addr", server.url, "-o", "ndjson", "--selector", '{app="db"}', "--from", START + 10, "--to", START + 20, "-")
        found = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(sorted(found, key=key), sorted([record(n, 0, "db") for n in range(10, 20)], key=key))
        self.assertEqual(run("export", "--addr", server.url, "--selector", "{", "-", "-o", "csv", check=False).returncode, 2)
        self.assertEqual(run("export", "--addr", server.url, "-", check=False).returncode, 2)
        self.assertEqual(server.stop(), 0)
        # The same of the folder, without a server, and into another one.
        run("export", "--data", self.data, "--selector", '{app="db"}', self.folder / "db.parquet")
        run("import", "--data", self.folder / "other", self.folder / "db.parquet")
        done = run("export", "--data", self.folder / "other", "-o", "ndjson", "-")
        self.assertEqual(len(done.stdout.splitlines()), 100)

    def test_bad_input_is_refused(self):
        server = self.server()
        for body in ("nonsense", lines([record(1)]) + "{}\n", '{"time":"x","labels":{},"line":""}'):
            status, text = server.request("/api/v1/records", body)
            self.assertEqual(status, 400, text)
        self.assertEqual(self.get(server), [])
        for parameters in ({"query": "{"}, {"start": "never"}, {"format": "xml"}):
            self.assertEqual(server.request("/api/v1/records?" + urllib.parse.urlencode(parameters))[0], 400)
        (self.folder / "x.parquet").write_bytes(b"PAR1 no parquet PAR1")
        self.assertNotEqual(run("import", "--addr", server.url, self.folder / "x.parquet", check=False).returncode, 0)

    def ask(self, server):
        """The same questions in all languages."""
        logql = urllib.parse.urlencode({"query": '{app="shop"} | status=201', "start": START, "end": START + 3 * 86_400, "limit": 5000})
        count = urllib.parse.urlencode({"query": 'sum(count_over_time({app="shop"}[3d]))', "time": START + 3 * 86_400})
        sql = "SELECT app, status, count(*), sum(seconds), count(*) FILTER (cached) FROM logs GROUP BY ALL ORDER BY ALL"
        streams = json.loads(server.request("/loki/api/v1/query_range?" + logql)[1])["data"]["result"]
        return (sorted(json.dumps([s["stream"], sorted(s["values"])], sort_keys=True) for s in streams),
                json.loads(server.request("/loki/api/v1/query?" + count)[1])["data"]["result"],
                json.loads(server.request("/api/v1/sql", sql, {"Content-Type": "text/plain"})[1])["rows"])

    def test_archived_days_are_queried_as_before(self):
        records = [record(n, day, app) for day in (0, 1) for app in ("shop", "db") for n in range(600)]
        server = self.server()
        self.put(server, records)
        before = self.ask(server)
        self.assertEqual(before[1][0]["value"][1], "1200")
        self.assertEqual(server.stop(), 0)
        server = self.server(ARCHIVE_NOW)
        self.wait_for(lambda: not list((self.data / "tenants/default/segments").rglob("*.seg")), "segments to leave")
        self.assertEqual(len(self.parquet_files()), 2)
        self.assertEqual(self.ask(server), before)
        self.assertEqual(self.get(server), sorted(records, key=key))
        # Late data is merged into its day; fields may have another type there.
        late = record(7000)
        late["fields"]["status"] = "teapot"
        self.put(server, [late])
        self.assertEqual(server.stop(), 0)
        server = self.server(ARCHIVE_NOW)
        self.wait_for(lambda: not list((self.data / "tenants/default/segments").rglob("*.seg")), "late data to leave")
        self.assertEqual(self.get(server), sorted(records + [late], key=key))
        rows = json.loads(server.request("/api/v1/sql", "SELECT DISTINCT status FROM logs ORDER BY 1", {"Content-Type": "text/plain"})[1])["rows"]
        self.assertEqual(rows, [["200"], ["201"], ["202"], ["teapot"]])
        # Commands without a server see it, too, and so does a server that archives no more.
        done = run("query", "--data", self.data, '{app="shop"} |= "line 7000 "', "--from", START, "--to", START + 86_400)
        self.assertIn(b"line 7000 of 0", done.stdout)
        self.assertEqual(server.stop(), 0)
        server = self.server()
        self.assertEqual(len(self.get(server)), len(records) + 1)

    def test_delete_requests_hold_in_the_archive(self):
        server = self.server()
        self.put(server, [record(n, 0, app) for app in ("shop", "db") for n in range(100)])
        self.assertEqual(server.stop(), 0)
        server = self.server({**ARCHIVE_NOW, "LIVEDATA_DELETION_CANCEL_PERIOD": "0"})
        self.wait_for(lambda: not list((self.data / "tenants/default/segments").rglob("*.seg")), "segments to leave")
        before = self.parquet_files()
        query = urllib.parse.urlencode({"query": '{app="db"}', "start": START, "end": START + 86_400})
        self.assertEqual(server.request("/loki/api/v1/delete?" + query, "")[0], 204)
        self.assertEqual(self.get(server), sorted([record(n) for n in range(100)], key=key))
        self.wait_for(lambda: self.parquet_files() and self.parquet_files() != before and len(self.parquet_files()) == 1, "the file to be rewritten")
        self.assertEqual(self.get(server), sorted([record(n) for n in range(100)], key=key))


class Readers(Folder):
    """Others read the files, and kills lose nothing."""

    def archived(self, records):
        server = self.server()
        self.put(server, records)
        self.assertEqual(server.stop(), 0)
        server = self.server(ARCHIVE_NOW)
        self.wait_for(lambda: not list((self.data / "tenants/default/segments").rglob("*.seg")), "segments to leave")
        self.assertEqual(server.stop(), 0)

    def test_duckdb_reads_the_files(self):
        records = [record(n, day) for day in (0, 1) for n in range(3000)]
        self.archived(records)
        with DuckDB() as duckdb:
            table = f"read_parquet('{self.data}/archive/default/*/*/*.parquet', hive_partitioning=true)"
            self.assertEqual(duckdb.rows(f"SELECT day, source, count(*) FROM {table} GROUP BY ALL ORDER BY ALL"),
                             [["2026-01-01", "logs", "3000"], ["2026-01-02", "logs", "3000"]])
            types = {row[0]: row[1] for row in duckdb.rows(f"DESCRIBE SELECT * FROM {table}")}
            for name, wanted in {"time": "TIMESTAMP_NS", "line": "VARCHAR", "labels": "MAP(VARCHAR, VARCHAR)", "app": "VARCHAR", "status": "BIGINT",
                                 "seconds": "DOUBLE", "cached": "BOOLEAN", "trace_id": "VARCHAR"}.items():
                self.assertEqual(types[name], wanted, name)
            rows = duckdb.rows(f"SELECT epoch_ns(time), line, labels['app'], app, status, seconds, cached, trace_id FROM {table} ORDER BY time")
            wanted = []
            for day in (0, 1):
                for n in range(3000):
                    rec = record(n, day)
                    ns = (START + day * 86_400 + n) * 10**9 + (n % 1000) * 10**6 + 1
                    wanted.append([str(ns), rec["line"], "shop", "shop", str(rec["fields"]["status"]), str(rec["fields"]["seconds"]),
                                   "true" if rec["fields"]["cached"] else "false", rec["fields"]["trace_id"]])
            self.assertEqual(rows, sorted(wanted, key=lambda row: int(row[0])))
            sample = f"parquet_metadata('{self.parquet_files()[0]}')"
            self.assertEqual(duckdb.rows(f"SELECT DISTINCT compression FROM {sample}"), [["ZSTD"]])
            self.assertGreater(int(duckdb.rows(f"SELECT count(bloom_filter_offset) FROM {sample}")[0][0]), 0)

    def test_hyparquet_reads_the_files(self):
        records = [record(n) for n in range(500)]
        self.archived(records)
        answer = json.loads(run_client("parquet.mjs", self.parquet_files()[0]))
        self.assertEqual(answer["codecs"], ["ZSTD"])
        self.assertTrue(answer["hasStatistics"])
        self.assertTrue(answer["hasBloomFilter"])
        self.assertEqual(answer["metadata"]["livedata.schema"], "1")
        self.assertEqual(answer["metadata"]["livedata.tenant"], "default")
        rows = sorted(answer["rows"], key=lambda row: row["line"])
        for row, rec in zip(rows, sorted(records, key=lambda rec: rec["line"]), strict=True):
            self.assertEqual({name: row[name] for name in rec["fields"]}, rec["fields"])
            self.assertEqual((row["line"], row["app"], row["service"]), (rec["line"], "shop", "shop"))

    def test_a_kill_while_archiving_loses_nothing(self):
        seed = int(os.environ.get("LIVEDATA_TEST_SEED", random.randrange(1 << 30)))
        print("seed", seed)
        chance = random.Random(seed)
        records = [record(n, day, app) for day in range(6) for app in ("shop", "db") for n in range(400)]
        wanted = sorted(records, key=key)
        server = self.server()
        self.put(server, records)
        self.assertEqual(server.stop(), 0)
        kills = 0
        for _ in range(12):
            server = self.server(ARCHIVE_NOW)
            time.sleep(chance.uniform(0.9, 2.5))
            server.kill()
            kills += 1
            for file in self.parquet_files():  # what has its name is whole
                with DuckDB() as duckdb:
                    self.assertGreater(int(duckdb.rows(f"SELECT count(*) FROM '{file}'")[0][0]), 0)
            done = run("export", "--data", self.data, "-o", "ndjson", "-")
            self.assertEqual(sorted((json.loads(line) for line in done.stdout.splitlines()), key=key), wanted)
        server = self.server(ARCHIVE_NOW)
        self.wait_for(lambda: not list((self.data / "tenants/default/segments").rglob("*.seg")), "segments to leave")
        self.assertEqual(self.get(server), wanted)
        self.assertEqual(server.stop(), 0)
        self.assertEqual(len(self.parquet_files()), 6)


if __name__ == "__main__":
    unittest.main(verbosity=2)
