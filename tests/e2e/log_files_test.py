#!/usr/bin/env python3
"""livedata query and sql over log files instead of a server."""
import gzip
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

BINARY = os.environ["LIVEDATA"]


class LogFiles(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.scratch = self.folder / "tmp"
        self.scratch.mkdir()

    def environment(self):
        return {**os.environ, "TMPDIR": str(self.scratch), "TZ": "UTC"}

    def run_it(self, *arguments, input=b""):
        return subprocess.run([BINARY, *map(str, arguments)], input=input, capture_output=True, env=self.environment(), cwd=self.folder, timeout=60)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def lines(self, count=20_000):
        chance = random.Random(1)
        words = ["error", "timeout", "ok", "Ünïcode", "user=7", '"quoted"', "", "\x01binary"]
        return [f"2026-01-02T03:{i // 60 % 60:02}:{i % 60:02}Z " + " ".join(chance.choice(words) for _ in range(6)) for i in range(count)]

    def test_lines_are_those_that_grep_finds(self):
        text = "\n".join(self.lines()) + "\n"
        plain = self.write("a.log", text)
        for needle in ("error", "error timeout", "nothing has this", "Ünï"):
            wanted = subprocess.run(["grep", "-a", "-F", needle, plain], capture_output=True).stdout
            for name, content in (("a.log", text.encode()), ("b.log.gz", gzip.compress(text.encode())), ("c.log", subprocess.run(["zstd", "-q", "-c"], input=text.encode(), capture_output=True).stdout)):
                found = self.run_it("query", f'|= "{needle}"', self.write(name, content))
                self.assertEqual(found.stdout, wanted, (needle, name, found.stderr))
                self.assertEqual(found.returncode, 0 if wanted else 1)
            self.assertEqual(self.run_it("query", f'|= "{needle}"', "-", input=text.encode()).stdout, wanted)

    def test_several_files_and_folders(self):
        self.write("logs/one.log", "an error here\nfine\n")
        self.write("logs/deep/two.log", "error there\n")
        self.write("logs/picture.png", b"\x89PNG\0\0error\n")
        found = self.run_it("query", '|= "error"', "logs")
        self.assertEqual(found.stdout, b"logs/deep/two.log:error there\nlogs/one.log:an error here\n")
        found = self.run_it("query", '|= "error"', "logs/one.log", "not/there.log", "logs/deep/two.log")
        self.assertEqual(found.stdout, b"logs/one.log:an error here\nlogs/deep/two.log:error there\n")
        self.assertEqual((found.returncode, found.stderr), (3, b"livedata query: not/there.log: can't be read: No such file or directory\n"))

    def test_a_damaged_file_gives_what_it_holds(self):
        packed = gzip.compress(("\n".join(self.lines(5000)) + "\n").encode())
        found = self.run_it("query", '|= "error"', self.write("cut.gz", packed[:len(packed) // 2]))
        self.assertGreater(found.stdout.count(b"\n"), 100)
        self.assertEqual(found.returncode, 4, found.stderr)

    def test_stages_and_output(self):
        log = self.write("app.log", '{"time":"2026-01-02T03:04:05Z","level":"error","status":503,"msg":"no"}\n{"ts":1767323046,"status":200}\n')
        self.assertEqual(self.run_it("query", "| json | status >= 500 | line_format `{{.msg}} {{__timestamp__ | unixEpoch}}`", log).stdout, b"no 1767323045\n")
        self.assertEqual(self.run_it("query", '{filename=~".+"} | json | status = 200', log, "-o", "text").stdout.split()[0], b"2026-01-02T03:04:06Z")
        self.assertEqual(self.run_it("query", "", log, "--from", "2026-01-02T03:04:06Z").stdout.count(b"\n"), 1)
        self.assertEqual(self.run_it("query", '{service_name="app.log"}', log, "--limit", "1").stdout.count(b"\n"), 1)
        answer = json.loads(self.run_it("query", "", log, "-o", "json").stdout)
        self.assertEqual(answer["data"]["resultType"], "streams")
        wrong = self.run_it("query", "| json |", log)
        self.assertEqual(wrong.returncode, 2)
        self.assertIn(b"line 1, col 9", wrong.stderr)

    def test_metric_query(self):
        log = self.write("app.log", "".join(f"2026-01-02T03:04:{i:02}Z level={'error' if i % 3 == 0 else 'info'} x\n" for i in range(60)))
        found = self.run_it("query", 'sum by (detected_level) (count_over_time({service_name=~".+"}[1m]))', log, "--to", "2026-01-02T03:05:00Z", "-o", "csv", "--step", "1m")
        self.assertIn(b',"{detected_level=""error""}",', found.stdout, found.stderr)

    def test_sql(self):
        self.write("access.log", "".join(f'10.0.0.{i % 4} - - [02/Jan/2026:03:04:{i:02} +0000] "GET /p{i % 2} HTTP/1.1" {200 if i % 5 else 500} 12 "-" "x"\n' for i in range(60)))
        found = self.run_it("sql", "-o", "csv", "SELECT status, count(*) AS n, min(time) AS first FROM logs GROUP BY 1 ORDER BY 1", "access.log")
        self.assertEqual(found.stdout, b"status,n,first\r\n200,48,2026-01-02T03:04:01Z\r\n500,12,2026-01-02T03:04:00Z\r\n", found.stderr)
        found = self.run_it("sql", "-o", "ndjson", "SELECT a, line FROM logs", "-", input=b'{"a":1}\n{"a":2}\n')
        self.assertEqual(found.stdout, b'{"a":1,"line":"{\\"a\\":1}"}\n{"a":2,"line":"{\\"a\\":2}"}\n', found.stderr)
        self.assertEqual(self.run_it("sql", "SELECT 1", "nothing.log").returncode, 0)

    def test_first_results_come_at_once(self):
        follower = subprocess.Popen([BINARY, "query", '|= "needle"', "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=self.environment())
        follower.stdin.write(b"hay\na needle\n")
        follower.stdin.flush()
        self.assertEqual(follower.stdout.readline(), b"a needle\n", "while the pipe stays open")
        follower.stdin.write(b"one more needle\n")
        follower.stdin.close()
        self.assertEqual(follower.stdout.read(), b"one more needle\n")
        self.assertEqual(follower.wait(timeout=10), 0)
        follower.stdout.close()

    def test_an_interrupt_leaves_nothing(self):
        asker = subprocess.Popen([BINARY, "sql", "SELECT count(*) FROM logs", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=self.environment())
        asker.stdin.write(b"some line\n" * 100_000)
        asker.stdin.flush()
        deadline = time.time() + 20
        while not list(self.scratch.iterdir()):
            self.assertLess(time.time(), deadline)
            time.sleep(0.01)
        asker.send_signal(signal.SIGINT)
        self.assertEqual(asker.wait(timeout=20), 130)
        self.assertEqual(list(self.scratch.iterdir()), [])
        asker.stdin.close()
        asker.stdout.close()

    def test_what_a_killed_process_left_is_removed(self):
        asker = subprocess.Popen([BINARY, "sql", "SELECT 1", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=self.environment())
        asker.stdin.write(b"some line\n" * 200_000)
        asker.stdin.flush()
        while not list(self.scratch.iterdir()) or not list(self.scratch.glob("*/LOCK")):
            time.sleep(0.01)
        left = next(self.scratch.iterdir())
        hour_ago = time.time() - 3600
        os.utime(left, (hour_ago, hour_ago))
        self.run_it("sql", "SELECT 1", "-")
        self.assertTrue(left.exists(), "its process lives")
        asker.kill()
        asker.wait()
        asker.stdin.close()
        asker.stdout.close()
        os.utime(left, (hour_ago, hour_ago))
        self.run_it("sql", "SELECT 1", "-")
        self.assertEqual(list(self.scratch.iterdir()), [])


if __name__ == "__main__":
    unittest.main()
