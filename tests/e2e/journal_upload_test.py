#!/usr/bin/env python3
"""What systemd-journal-upload sends, from a journal file that systemd-journal-remote has written."""
import http.client
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "harness"))
from livedata_process import Livedata  # noqa: E402

BINARY = os.environ["LIVEDATA"]
UPLOAD = "/lib/systemd/systemd-journal-upload"
REMOTE = "/lib/systemd/systemd-journal-remote"
ENTRIES = 10_000
BOOT = "0123456789abcdef0123456789abcdef"


def entry(number, microseconds, message=None, unit="shop.service"):
    if message is None:
        message = f"entry number {number}"
    text = (f"__REALTIME_TIMESTAMP={microseconds}\n__MONOTONIC_TIMESTAMP={number + 1}\n_BOOT_ID={BOOT}\n"
            f"PRIORITY={number % 8}\n_SYSTEMD_UNIT={unit}\nSYSLOG_IDENTIFIER=shop\n_PID={number}\n_HOSTNAME=web1\n")
    body = message.encode()
    if b"\n" in body:
        return text.encode() + b"MESSAGE\n" + len(body).to_bytes(8, "little") + body + b"\n\n"
    return text.encode() + b"MESSAGE=" + body + b"\n\n"


def start_time():
    return (int(time.time()) - 600) * 1_000_000


def messages(server, query='{unit="shop.service"}'):
    """All lines of a query; pages through what one answer can't hold."""
    found = []
    start = (int(time.time()) - 3600) * 1_000_000_000
    while True:
        page = sorted((t, line) for t, _, line in server.query(query, direction="forward", start=start))
        found += page
        if len(page) < 5000:
            return [line for _, line in found]
        start = page[-1][0] + 1


@unittest.skipUnless(os.path.exists(UPLOAD) and os.path.exists(REMOTE), "systemd-journal-remote is not installed")
class JournalUpload(unittest.TestCase):
    def setUp(self):
        self.server = Livedata(BINARY)
        self.server.start()
        self.addCleanup(self.server.stop)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="livedata-journal-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.environment = {**os.environ, "SYSTEMD_LOG_LEVEL": "info"}

    def write_journal(self, name, body):
        path = self.folder / name
        (self.folder / "export").write_bytes(body)
        subprocess.run([REMOTE, "-o", str(path), str(self.folder / "export")], check=True, capture_output=True)
        return path

    def upload(self, path):
        return subprocess.run([UPLOAD, "--url", self.server.url, "--file", str(path), "--follow=no", "--save-state=" + str(self.folder / "state")],
                              capture_output=True, text=True, timeout=120, env=self.environment)

    def test_ten_thousand_entries_arrive_once_each(self):
        start = start_time()
        path = self.write_journal("all.journal", b"".join(entry(i, start + 1000 * i) for i in range(ENTRIES)))
        sent = self.upload(path)
        self.assertEqual(sent.returncode, 0, sent.stderr)
        self.assertEqual(messages(self.server), [f"entry number {i}" for i in range(ENTRIES)])
        # The same file once more, from its start: nothing is doubled.
        (self.folder / "state").unlink(missing_ok=True)
        self.assertEqual(self.upload(path).returncode, 0)
        self.assertEqual(messages(self.server), [f"entry number {i}" for i in range(ENTRIES)])

    def test_one_request_that_goes_on_and_on(self):
        """As the service runs: it waits for entries, and what it sends is there while it waits."""
        start = start_time()
        path = self.write_journal("live.journal", b"".join(entry(i, start + 1000 * i) for i in range(1000)))
        sender = subprocess.Popen([UPLOAD, "--url", self.server.url, "--file", str(path), "--follow"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            self.assertEqual(len(self.server.wait_for('{unit="shop.service"}', 1000)), 1000)
            for i in range(1000, 1003):
                self.write_journal("live.journal", entry(i, start + 1000 * i))
                self.assertEqual(len(self.server.wait_for('{unit="shop.service"}', i + 1)), i + 1)
            self.assertIsNone(sender.poll())
        finally:
            sender.kill()
            sender.wait()
        self.assertEqual(messages(self.server), [f"entry number {i}" for i in range(1003)])

    def test_labels_level_and_bytes_are_kept(self):
        start = start_time()
        self.write_journal("one.journal", entry(3, start, "first line\nsecond line"))
        self.assertEqual(self.upload(self.folder / "one.journal").returncode, 0)
        [(when, labels, line)] = self.server.query('{host="web1"}')
        self.assertEqual((when, line), (start * 1000, "first line\nsecond line"))
        self.assertEqual((labels["unit"], labels["service_name"], labels["detected_level"], labels["pid"]),
                         ("shop.service", "shop", "error", "3"))


class Bodies(unittest.TestCase):
    """What the route does with bodies of its own kind, without systemd's program."""

    def setUp(self):
        self.server = Livedata(BINARY)
        self.server.start()
        self.addCleanup(self.server.stop)

    def post(self, body, headers=None, path="/upload"):
        return self.server.request(path, body, {"Content-Type": "application/vnd.fdo.journal", **(headers or {})})

    def test_answers_as_systemd_journal_remote(self):
        status, text = self.post(entry(1, start_time()))
        self.assertEqual((status, text.strip()), (202, "OK."))
        self.assertEqual(self.post(entry(2, start_time()), path="/api/v1/journal/upload")[0], 202)
        self.assertEqual(len(messages(self.server)), 2)

    def test_refuses_other_content(self):
        self.assertEqual(self.server.request("/upload", b"{}", {"Content-Type": "application/json"})[0], 415)
        self.assertEqual(self.server.request("/upload")[0], 405)
        status, text = self.post(entry(1, start_time()) + b"x" * 1000)
        self.assertEqual(status, 400)
        self.assertIn("not the journal export format", text)
        self.assertEqual(messages(self.server), ["entry number 1"])

    def test_entries_are_there_before_the_body_ends_and_after_it_breaks(self):
        start = start_time()
        with socket.create_connection(("127.0.0.1", self.server.port)) as connection:
            connection.sendall(b"POST /upload HTTP/1.1\r\nHost: x\r\nContent-Type: application/vnd.fdo.journal\r\n"
                               b"Transfer-Encoding: chunked\r\n\r\n")
            for i in range(3):
                body = entry(i, start + i)
                connection.sendall(f"{len(body):x}\r\n".encode() + body + b"\r\n")
                self.assertEqual(len(self.server.wait_for('{unit="shop.service"}', i + 1)), i + 1)
            cut = entry(3, start + 3)[:-10]
            connection.sendall(f"{len(cut):x}\r\n".encode() + cut + b"\r\n")
        time.sleep(0.5)
        self.assertEqual(messages(self.server), [f"entry number {i}" for i in range(3)])

    def test_a_body_larger_than_all_bounds_takes_little_memory(self):
        filler = "x" * 100_000
        start = start_time()

        def chunks():
            for i in range(1500):
                yield entry(i, start + i, f"{i} {filler}")

        before = self.server.resident_bytes()
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=120)
        connection.request("POST", "/upload", chunks(), {"Content-Type": "application/vnd.fdo.journal"}, encode_chunked=True)
        self.assertEqual(connection.getresponse().status, 202)
        connection.close()
        count = self.server.query('sum(count_over_time({unit="shop.service"}[1h]))')
        self.assertEqual(count[0]["values"][-1][1], "1500")
        print(f"memory grew by {(self.server.resident_bytes() - before) >> 20} MiB with a body of 150 MB", file=sys.stderr)


if __name__ == "__main__":
    unittest.main()
