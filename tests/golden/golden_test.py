#!/usr/bin/env python3
"""Data folders that released versions have written open, answer and compact as they did.

A folder here is named by the version that wrote it: `data` is the folder, with a write-ahead log, segments and an archive;
`records.ndjson` what is in it. None of them is ever changed. UPDATE_GOLDEN=1 writes the one of this version anew, which is
right as long as the version is not released."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "harness"))
from livedata_process import Livedata  # noqa: E402

BINARY = os.environ["LIVEDATA"]
VERSION = re.search(r"project\(livedata VERSION (\S+)", (HERE.parent.parent / "CMakeLists.txt").read_text()).group(1)
DAYS = ["2026-01-01", "2026-01-02", "2026-01-03"]  # archived, in a segment, in the write-ahead log
# Far from now, so that nothing expires and nothing is archived by itself.
QUIET = {"LIVEDATA_RETENTION_PERIOD": "0", "LIVEDATA_ARCHIVE_ENABLED": "true", "LIVEDATA_ARCHIVE_AFTER": "36500d"}


def record(number, day):
    fields = {"cached": number % 2 == 0, "seconds": number / 8, "status": 200 + number % 3, "user": f"u{number % 7}"}
    if number == 3:
        fields = {"status": "teapot"}
    return {"time": f"{day}T00:00:{number:02}.5Z", "labels": {"app": ["shop", "db"][number % 2], "service_name": "golden"},
            "line": f"line {number} of {day} é", "fields": fields}


def run(*arguments, environment=None):
    done = subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False,
                          env={**os.environ, **QUIET, **(environment or {})})
    if done.returncode != 0:
        raise RuntimeError(f"{arguments}: {done.stderr}")
    return done.stdout


def exported(data):
    return sorted(run("export", "--data", data, "-o", "ndjson", "-").splitlines())


def update(folder):
    with tempfile.TemporaryDirectory(prefix="livedata-golden-") as work:
        data = pathlib.Path(work) / "data"
        for index, day in enumerate(DAYS):
            archive = {"LIVEDATA_ARCHIVE_AFTER": "0", "LIVEDATA_ARCHIVE_QUIET": "0"} if index == 0 else {}
            with Livedata(BINARY, data=data, environment={**QUIET, **archive}) as server:
                body = "".join(json.dumps(record(n, day)) + "\n" for n in range(20))
                assert server.request("/api/v1/records", body)[0] == 200
                if index == 2:
                    server.kill()  # leaves the records in the write-ahead log
                    continue
                assert server.stop() == 0
                if index == 0:
                    server.start()
                    for _ in range(300):
                        if not list((data / "tenants/default/segments").rglob("*.seg")):
                            break
                        time.sleep(0.1)
                    assert server.stop() == 0
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        shutil.copytree(data, folder / "data", ignore=shutil.ignore_patterns("LOCK", ".writer"))
        (folder / "records.ndjson").write_text("\n".join(exported(data)) + "\n")


class Golden(unittest.TestCase):
    def copy(self, folder):
        work = tempfile.TemporaryDirectory(prefix="livedata-golden-")
        self.addCleanup(work.cleanup)
        data = pathlib.Path(work.name) / "data"
        shutil.copytree(folder / "data", data)
        for path in (data, *data.rglob("*")):  # a checkout may be read only
            path.chmod(path.stat().st_mode | 0o700)
        return data

    def test_every_folder(self):
        folders = sorted(path for path in HERE.iterdir() if (path / "records.ndjson").exists())
        self.assertIn(VERSION, [folder.name for folder in folders])
        for folder in folders:
            with self.subTest(folder.name):
                self.check(folder)

    def check(self, folder):
        wanted = (folder / "records.ndjson").read_text().splitlines()
        records = [json.loads(line) for line in wanted]
        data = self.copy(folder)
        self.assertEqual(exported(data), wanted, "as it is")
        self.assertEqual(list(data.rglob("*.tmp")), [])
        with Livedata(BINARY, data=data, environment=QUIET) as server:
            self.ask(server, records)
            self.assertEqual(server.stop(), 0)
        self.assertEqual(exported(data), wanted, "after a server")
        for tier in ("warm", "cold"):
            run("compact", "--data", data, "--tier", tier)
            self.assertEqual(exported(data), wanted, f"after compaction, {tier}")
        # All of it goes into the archive of this version.
        with Livedata(BINARY, data=data, environment={**QUIET, "LIVEDATA_ARCHIVE_AFTER": "0", "LIVEDATA_ARCHIVE_QUIET": "0"}) as server:
            for _ in range(600):
                if not list((data / "tenants/default/segments").rglob("*.seg")):
                    break
                time.sleep(0.1)
            self.ask(server, records)
            self.assertEqual(server.stop(), 0)
        self.assertEqual(exported(data), wanted, "after archiving")

    def ask(self, server, records):
        lines = sorted(record["line"] for record in records if record["labels"]["app"] == "shop")
        query = urllib.parse.urlencode({"query": '{app="shop"}', "start": "2026-01-01T00:00:00Z", "end": "2026-01-05T00:00:00Z", "limit": 5000})
        answer = json.loads(server.request("/loki/api/v1/query_range?" + query)[1])
        self.assertEqual(sorted(value[1] for stream in answer["data"]["result"] for value in stream["values"]), lines)
        sql = "SELECT count(*), count(DISTINCT status), count(seconds) FROM logs"
        answer = json.loads(server.request("/api/v1/sql", sql, {"Content-Type": "text/plain"})[1])
        statuses = {str(record["fields"]["status"]) for record in records}
        seconds = [record for record in records if "seconds" in record["fields"]]
        self.assertEqual(answer["rows"], [[len(records), len(statuses), len(seconds)]])


if __name__ == "__main__":
    if os.environ.get("UPDATE_GOLDEN"):
        update(HERE / VERSION)
    unittest.main(verbosity=2)
