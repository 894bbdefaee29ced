#!/usr/bin/env python3
"""`livedata push` and `livedata import`, as their users call them."""
import datetime
import gzip
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "harness"))
from livedata_process import Livedata  # noqa: E402

BINARY = os.environ["LIVEDATA"]
REMOTE = "/lib/systemd/systemd-journal-remote"
ENVIRONMENT = {**os.environ, "TZ": "UTC"}


def run(*arguments, **options):
    return subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=120, env=ENVIRONMENT, **options)


def everything(server, query, since=48 * 3600):
    """All (time, labels, line) of a query, through as many pages as it takes."""
    found = []
    start = (int(time.time()) - since) * 10**9
    while True:
        page = sorted(server.query(query, direction="forward", start=start), key=lambda row: row[0])
        found += page
        if len(page) < 5000:
            return found
        start = page[-1][0] + 1


def count(server, query):
    found = server.query(f"sum(count_over_time({query}[48h]))")
    return int(found[0]["values"][-1][1]) if found else 0


class WithServer(unittest.TestCase):
    def setUp(self):
        self.server = Livedata(BINARY)
        self.server.start()
        self.addCleanup(self.server.stop)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="livedata-push-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    def push(self, *arguments, **options):
        return run("push", *arguments, "--addr", self.server.url, **options)

    def lines(self, query):
        return [line for _, _, line in everything(self.server, query)]


class Push(WithServer):
    def test_plain_gzip_and_zstd_files(self):
        text = "".join(f"line {i}\n" for i in range(20_000))
        plain = self.file("plain.log", text)
        half = len(text) // 2
        zipped = self.file("zipped.log.gz", gzip.compress(text[:half].encode()) + gzip.compress(text[half:].encode()))
        files = [plain, zipped]
        if shutil.which("zstd"):
            subprocess.run(["zstd", "-q", plain, "-o", str(self.folder / "packed.log.zst")], check=True)
            files.append(str(self.folder / "packed.log.zst"))
        done = self.push(*files, "--label", "team=ops")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, f"{20_000 * len(files)} lines stored\n")
        for name in ("plain.log", "zipped.log", "packed.log")[:len(files)]:
            self.assertEqual(self.lines(f'{{service_name="{name}",team="ops"}}'), text.splitlines(), name)

    def test_times_are_those_of_the_lines_and_a_second_time_doubles_nothing(self):
        first = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) - datetime.timedelta(hours=20)
        text = ""
        for i in range(100):
            when = first + datetime.timedelta(seconds=i // 4)
            text += f"{when:%Y-%m-%d %H:%M:%S} same\n"
        path = self.file("app.log", "a header\n" + text + "  a trace\n")
        for _ in range(3):
            self.assertEqual(self.push(path).returncode, 0)
        rows = everything(self.server, '{service_name="app.log"} |= "same"')
        start = int(first.timestamp()) * 10**9
        self.assertEqual([t for t, _, _ in rows], [start + i // 4 * 10**9 + i % 4 for i in range(100)])
        self.assertEqual(len(self.lines('{service_name="app.log"} != "same"')), 2)

    def test_json_lines_keep_their_members(self):
        now = time.time_ns()
        path = self.file("app.json", "".join(json.dumps({"timestamp": now - i, "message": f"m{i}", "status": 200 + i}) + "\n" for i in range(10)))
        done = self.push(path, "--service", "api")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.lines('{service_name="api"} | status >= 208'), ["m9", "m8"])

    def test_standard_input_is_sent_every_second(self):
        process = subprocess.Popen([BINARY, "push", "-", "--addr", self.server.url, "--service", "pipe"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        for i in range(3):
            process.stdin.write(f"live {i}\n")
            process.stdin.flush()
            started = time.monotonic()
            self.assertEqual(len(self.server.wait_for('{service_name="pipe"}', i + 1)), i + 1)
            self.assertLess(time.monotonic() - started, 10)
        out, _ = process.communicate("last, without an end")
        self.assertEqual((process.returncode, out), (0, "4 lines stored\n"))
        self.assertIn("last, without an end", self.lines('{service_name="pipe"}'))

    def test_compressed_standard_input(self):
        packed = gzip.compress(b"one\ntwo\n")
        done = subprocess.run([BINARY, "push", "-", "--addr", self.server.url, "--service", "zip"], input=packed, capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.lines('{service_name="zip"}'), ["one", "two"])

    def test_exit_codes(self):
        good = self.file("good.log", "good\n")
        self.assertEqual(self.push(str(self.folder / "missing.log"), good).returncode, 3)
        self.assertEqual(self.lines('{service_name="good.log"}'), ["good"])  # the others are sent all the same
        cut = self.file("cut.log.gz", gzip.compress(os.urandom(50_000).hex().encode() + b"\nsecond\n")[:30_000])
        done = self.push(cut)
        self.assertEqual(done.returncode, 4)
        self.assertIn("cut.log.gz: it is cut off", done.stderr)
        self.assertEqual(self.push(good, "--label", "wrong").returncode, 2)
        self.assertEqual(self.push().returncode, 2)
        self.assertEqual(run("push", good, "--addr", "http://127.0.0.1:1").returncode, 3)
        long = self.file("long.log", "short\n" + "x" * 300_000 + "\nshort too\n")
        done = self.push(long)  # what is too long for one record goes as several
        self.assertEqual((done.returncode, done.stdout), (0, "4 lines stored\n"))
        refused = self.push(good, "--label", "a" * 2000 + "=b")
        self.assertEqual(refused.returncode, 1)
        self.assertIn("refused (label_name_too_long)", refused.stderr)

    def test_a_server_that_restarts_loses_and_doubles_nothing(self):
        text = "".join(f"entry {i:06} {'x' * 200}\n" for i in range(150_000))
        path = self.file("big.log", text)
        self.server.listen = f"127.0.0.1:{self.server.port}"
        process = subprocess.Popen([BINARY, "push", path, "--addr", self.server.url], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        self.server.wait_for('{service_name="big.log"}', 1)
        self.server.kill()
        time.sleep(1)
        self.server.start()
        out, error = process.communicate(timeout=120)
        self.assertEqual((process.returncode, out), (0, "150000 lines stored\n"), error)
        self.assertEqual(count(self.server, '{service_name="big.log"}'), 150_000)


class Import(WithServer):
    def setUp(self):
        super().setUp()
        self.source = Livedata(BINARY)
        self.source.start()
        self.addCleanup(self.source.stop)
        self.start = (int(time.time()) - 20 * 3600) * 10**9

    def fill(self, number):
        """Lines of two streams, many of them at one time, with structured metadata."""
        for first in range(0, number, 1000):
            streams = [{"stream": {"app": app, "service_name": app}, "values": [
                [str(self.start + i // 1500 * 7_000_000_000), f"{app} {i}", {"trace_id": f"t{i}"}]
                for i in range(first, min(first + 1000, number))]} for app in ("a", "b")]
            status, text = self.source.request("/loki/api/v1/push", json.dumps({"streams": streams}), {"Content-Type": "application/json"})
            self.assertEqual(status, 204, text)

    def import_loki(self, *arguments, query='{app=~".+"}', start="30h"):
        return run("import", "loki", self.source.url, "--query", query, "--from", start, "--addr", self.server.url, *arguments)

    def test_all_lines_come_once_with_labels_and_metadata(self):
        self.fill(6000)
        for page in ("700", "5000"):
            done = self.import_loki("--page-size", page)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(done.stdout, "12000 records stored\n")
            for app in ("a", "b"):
                self.assertEqual(count(self.server, f'{{app="{app}"}}'), 6000)
        [(when, labels, line)] = self.server.query('{app="a"} | trace_id="t4321"', start=self.start)
        self.assertEqual((when, line), (self.start + 14_000_000_000, "a 4321"))
        self.assertEqual((labels["trace_id"], labels["service_name"]), ("t4321", "a"))

    def test_an_interrupted_import_goes_on(self):
        self.fill(3000)
        state = str(self.folder / "state")
        middle = datetime.datetime.fromtimestamp(self.start / 10**9 + 7, datetime.timezone.utc).isoformat()
        done = self.import_loki("--resume", state, "--to", middle)
        self.assertEqual((done.returncode, done.stdout), (0, "3000 records stored\n"), done.stderr)
        done = self.import_loki("--resume", state)
        self.assertEqual((done.returncode, done.stdout), (0, "3000 records stored\n"), done.stderr)
        self.assertEqual(count(self.server, '{app=~".+"}'), 6000)
        done = self.import_loki("--resume", state, query='{app="a"}')
        self.assertEqual(done.returncode, 2)

    def test_wrong_use(self):
        self.assertEqual(self.import_loki(start="yesterday").returncode, 2)
        wrong = self.import_loki(query="{app=")
        self.assertEqual(wrong.returncode, 2)
        self.assertIn("400", wrong.stderr)
        self.assertEqual(run("import", "loki", "http://127.0.0.1:1", "--query", '{a="b"}', "--from", "1h").returncode, 3)
        self.assertEqual(run("import").returncode, 2)

    @unittest.skipUnless(os.path.exists(REMOTE), "systemd-journal-remote is not installed")
    def test_journal_files(self):
        first = self.start // 1000
        body = "".join(f"__REALTIME_TIMESTAMP={first + i}\n__MONOTONIC_TIMESTAMP={i + 1}\n_BOOT_ID={'0' * 31}1\n"
                       f"PRIORITY=3\n_SYSTEMD_UNIT=shop.service\n_HOSTNAME=web1\nMESSAGE=entry {i}\n\n" for i in range(12_000))
        export = self.file("export", body)
        journal = str(self.folder / "shop.journal")
        subprocess.run([REMOTE, "-o", journal, export], check=True, capture_output=True)
        state = str(self.folder / "state")
        done = run("import", "journal", journal, "--addr", self.server.url, "--resume", state)
        self.assertEqual((done.returncode, done.stdout), (0, "12000 records stored\n"), done.stderr)
        self.assertEqual(self.lines('{unit="shop.service",host="web1"} | detected_level="error"'), [f"entry {i}" for i in range(12_000)])
        again = run("import", "journal", journal, "--addr", self.server.url, "--resume", state)
        self.assertEqual((again.returncode, again.stdout), (0, "0 records stored\n"), again.stderr)
        self.assertEqual(run("import", "journal", export, "--addr", self.server.url).returncode, 4)


if __name__ == "__main__":
    unittest.main()
