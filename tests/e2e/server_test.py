#!/usr/bin/env python3
"""End to end: the binary as its users start it, asked over HTTP, with curl and by its own commands."""
import gzip
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "harness"))
from livedata_process import Livedata  # noqa: E402

BINARY = os.environ["LIVEDATA"]


def run(*arguments, **options):
    return subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=60, **options)


def loki_body(line, **labels):
    return json.dumps({"streams": [{"stream": labels, "values": [[str(time.time_ns()), line]]}]})


class PushAndQuery(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Livedata(BINARY)
        cls.server.start()

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0

    def lines(self, query):
        return [line for _, _, line in self.server.query(query)]

    def test_curl_pushes_json(self):
        target = self.server.url + "/loki/api/v1/push"
        curl = subprocess.run(["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "-H", "Content-Type: application/json", "--data-binary",
                               loki_body("from curl", app="curl"), target], capture_output=True, text=True, check=True)
        self.assertEqual(curl.stdout, "204")
        self.assertEqual(self.lines('{app="curl"}'), ["from curl"])

    def test_curl_pushes_text_with_no_more_than_a_path(self):
        subprocess.run(["curl", "-sSf", "--data-binary", "first\nsecond\n", self.server.url + "/api/v1/push?service=plain"],
                       capture_output=True, check=True)
        self.assertEqual(sorted(self.lines('{service_name="plain"}')), ["first", "second"])

    def test_gzip_body(self):
        body = gzip.compress(loki_body("zipped", app="gzip").encode())
        status, _ = self.server.request("/loki/api/v1/push", body, {"Content-Type": "application/json", "Content-Encoding": "gzip"})
        self.assertEqual(status, 204)
        self.assertEqual(self.lines('{app="gzip"}'), ["zipped"])

    def test_bomb_is_refused(self):
        body = gzip.compress(b" " * 300_000_000)
        status, text = self.server.request("/loki/api/v1/push", body, {"Content-Type": "application/json", "Content-Encoding": "gzip"})
        self.assertEqual(status, 413)
        self.assertIn("larger than", text)

    def test_cli_pushes_and_queries(self):
        with tempfile.NamedTemporaryFile("w", suffix=".log") as file:
            file.write("alpha level=error\nbeta level=info\n")
            file.flush()
            pushed = run("push", file.name, "--addr", self.server.url, "--service", "cli", "--label", "team=ops")
        self.assertEqual(pushed.returncode, 0, pushed.stderr)
        self.assertIn("2 lines stored", pushed.stdout)
        found = run("query", '{service_name="cli",team="ops"} | detected_level="error"', "--addr", self.server.url)
        self.assertIn("alpha", found.stdout)
        self.assertNotIn("beta", found.stdout)
        as_json = run("query", '{service_name="cli"}', "--addr", self.server.url, "-o", "json")
        self.assertEqual(json.loads(as_json.stdout)["status"], "success")
        from_pipe = run("push", "-", "--addr", self.server.url, "--service", "pipe", input="piped\n")
        self.assertEqual(from_pipe.returncode, 0, from_pipe.stderr)
        self.assertEqual(self.lines('{service_name="pipe"}'), ["piped"])

    def test_live_tail_sends_new_lines(self):
        follower = subprocess.Popen(["curl", "-sSN", "-G", self.server.url + "/api/v1/tail", "--data-urlencode", 'query={app="tail"} |= "yes"'],
                                    stdout=subprocess.PIPE, text=True)
        try:
            self.assertTrue(follower.stdout.readline().startswith(": connected"))
            for line in ("no", "yes please"):
                self.server.request("/loki/api/v1/push", loki_body(line, app="tail"), {"Content-Type": "application/json"})
            data = next(line for line in follower.stdout if line.startswith("data: "))
            event = json.loads(data[len("data: "):])
            self.assertEqual(event["streams"][0]["values"][0][1], "yes please")
        finally:
            follower.terminate()
            follower.communicate()

    def test_bytes_come_back_as_they_went(self):
        line = "tab\t quote\" backslash\\ \u00e4\u00f6\u00fc \U0001f600 \u0000 end"
        self.server.request("/loki/api/v1/push", loki_body(line, app="bytes"), {"Content-Type": "application/json"})
        self.assertEqual(self.lines('{app="bytes"}'), [line])

    def test_metric_query_counts(self):
        for i in range(5):
            self.server.request("/loki/api/v1/push", loki_body(f"n{i}", app="count"), {"Content-Type": "application/json"})
        status, text = self.server.request("/loki/api/v1/query?query=sum(count_over_time(%7Bapp%3D%22count%22%7D%5B1h%5D))")
        self.assertEqual(status, 200)
        self.assertEqual(json.loads(text)["data"]["result"][0]["value"][1], "5")


class StartAndStop(unittest.TestCase):
    def test_data_survive_restart_and_kill(self):
        with Livedata(BINARY) as server:
            server.request("/loki/api/v1/push", loki_body("one", app="a"), {"Content-Type": "application/json"})
            self.assertEqual(server.stop(), 0)
            server.start()
            server.request("/loki/api/v1/push", loki_body("two", app="a"), {"Content-Type": "application/json"})
            server.kill()
            server.start()
            self.assertEqual(sorted(line for _, _, line in server.query('{app="a"}')), ["one", "two"])
            offline = run("query", '{app="a"}', "--data", str(server.data))
            self.assertIn("one", offline.stdout)
            self.assertIn("two", offline.stdout)

    def test_second_process_on_the_folder_is_told(self):
        with Livedata(BINARY) as server:
            second = run("serve", "--data", str(server.data), "--listen", "127.0.0.1:0", "--no-collect")
            self.assertEqual(second.returncode, 1)
            self.assertIn("another livedata uses the data folder", second.stderr)
            self.assertIn(str(server.process.pid), second.stderr)

    def test_port_in_use_is_told(self):
        with Livedata(BINARY) as server, tempfile.TemporaryDirectory() as folder:
            second = run("serve", "--data", folder, "--listen", f"127.0.0.1:{server.port}", "--no-collect")
            self.assertEqual(second.returncode, 1)
            self.assertIn("is in use by another program", second.stderr)

    def test_unusable_data_folder_is_told(self):
        for folder in ("/proc/livedata", "/dev/null/x"):
            refused = run("serve", "--data", folder, "--listen", "127.0.0.1:0", "--no-collect")
            self.assertNotEqual(refused.returncode, 0)
            self.assertIn(folder.split("/x")[0], refused.stderr)

    def test_wrong_usage_exits_with_2(self):
        self.assertEqual(run("serve", "--no-such-flag").returncode, 2)
        self.assertEqual(run("query").returncode, 2)
        self.assertEqual(run("nonsense").returncode, 2)
        wrong = run("query", "{", "--data", "/nonexistent")
        self.assertNotEqual(wrong.returncode, 0)

    def test_help_and_version(self):
        for command in ([], ["serve"], ["query"], ["push"], ["version"]):
            shown = run(*command, "--help")
            self.assertEqual(shown.returncode, 0)
            self.assertIn("--help", shown.stdout)
        self.assertIn("DuckDB v1.4.4", run("version").stdout)

    def test_collects_this_machine(self):
        with Livedata(BINARY, arguments=()) as server:
            self.assertTrue(server.wait_for('{source="cpu"}', 1))
            self.assertTrue(server.wait_for('{source="memory"} | used_percent > 0', 1))
            self.assertTrue(server.wait_for('{source="process"}', 1))

    def test_second_signal_is_not_needed(self):
        with Livedata(BINARY) as server:
            server.process.send_signal(signal.SIGINT)
            server.process.communicate(timeout=30)
            self.assertEqual(server.process.returncode, 0)
            server.process = None


if __name__ == "__main__":
    unittest.main(verbosity=2)
