#!/usr/bin/env python3
"""Collectors of one's own: the examples of docs/host-metrics.md do what is said there, and what goes wrong is told."""
import contextlib
import http.server
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time
import unittest

root = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(root / "tests/harness"))
from livedata_process import Livedata  # noqa: E402

BINARY = os.environ["LIVEDATA"]
STATUS = {"ping": 1}  # of commands that end with another code than 0


def examples():
    """Of each heading that has them: configuration, what the command prints, records, lines of /metrics/host."""
    text = (root / "docs/host-metrics.md").read_text()
    section = re.search(r"^## Collectors of your own\n(.*?)^## ", text, re.MULTILINE | re.DOTALL).group(1)
    for part in re.split(r"^### ", section, flags=re.MULTILINE)[1:]:
        blocks = re.findall(r"^```(?:yaml|text)\n(.*?)^```", part, re.MULTILINE | re.DOTALL)
        if blocks:
            yield part.splitlines()[0], blocks


@contextlib.contextmanager
def endpoint(body):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for piece in (body[:7], body[7:]):
                self.wfile.write(f"{len(piece):x}\r\n{piece}\r\n".encode())
            self.wfile.write(b"0\r\n\r\n")

        def log_message(self, *_):
            pass
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def program(folder, name, prints, code=0):
    path = pathlib.Path(folder) / name
    path.write_text(f"#!/bin/sh\ncat <<'THE_END'\n{prints}THE_END\nexit {code}\n")
    path.chmod(0o755)
    return path


def shown(labels, line):
    """A record as the document writes it: the labels of its stream first, then line and fields."""
    stream = {"source", "env", "queue", "volume", "kind"} & labels.keys()
    first = sorted(stream, key=lambda name: (name != "source", name))
    text = "{" + ", ".join(f'{name}="{labels[name]}"' for name in first) + "}"
    fields = [f"{name}={value}" for name, value in sorted(labels.items())
              if name not in stream | {"host", "service_name", "detected_level"}]
    return " ".join([text, *([line] if line else []), *fields])


class Collectors(unittest.TestCase):
    def configured(self, text, folder):
        path = pathlib.Path(folder) / "livedata.yaml"
        path.write_text(text)
        return Livedata(BINARY, arguments=("--no-collect", "--config", str(path)))

    def test_examples_of_the_document(self):
        found = list(examples())
        self.assertEqual([title for title, _ in found], ["Prometheus text", "JSON", "logfmt", "Nagios plugins", "Scraping"])
        with tempfile.TemporaryDirectory(prefix="livedata-custom-") as folder, contextlib.ExitStack() as endpoints:
            entries = []
            for _, (config, prints, _, _) in found:
                entry = config.removeprefix("collectors:\n")
                name = re.search(r"name: (\w+)", entry).group(1)
                entry = re.sub(r"interval: .*", "interval: 1s", entry)
                if "interval" not in entry:
                    entry += "    interval: 1s\n"
                if "scrape" in entry:
                    port = endpoints.enter_context(endpoint(prints))
                    self.assertIn(":8080/", entry)
                    entry = entry.replace(":8080/", f":{port}/")
                else:
                    path = program(folder, name, prints, STATUS.get(name, 0))
                    entry, count = re.subn(r"command: \[/[^],]+", f"command: [{path}", entry)
                    self.assertEqual(count, 1, entry)
                entries.append(entry)
            with self.configured("collectors:\n" + "".join(entries), folder) as server:
                server.wait_for('{source="collector"}', 2 * len(found))
                page = server.request("/metrics/host")[1]
                for title, (config, _, records, metrics) in found:
                    name = re.search(r"name: (\w+)", config).group(1)
                    lines = {shown(labels, line) for _, labels, line in self.records(server, name)}
                    self.assertEqual(lines, set(records.splitlines()), title)
                    for line in metrics.splitlines():
                        self.assertIn(line + "\n", page, title)
                for _, labels, line in server.query('{source="collector"}'):
                    self.assertEqual(labels["up"], "1", f"{labels} {line}")

    def records(self, server, name):
        """An empty line is shown as its fields; those of plugins, which have a status, are lines."""
        return [(when, labels, line if "status" in labels else "") for when, labels, line in
                server.query('{source="%s"}' % name)]

    def test_a_failure_is_told_once_and_counted(self):
        with tempfile.TemporaryDirectory(prefix="livedata-custom-") as folder:
            server = self.configured("collectors:\n"
                                     "  - {name: broken, command: [/bin/sh, -c, 'echo no luck >&2; exit 7'], interval: 1s}\n"
                                     "  - {name: slow, command: [sleep, '60'], interval: 1s, timeout: 300ms}\n"
                                     "  - {name: away, scrape: 'http://127.0.0.1:1/metrics', interval: 1s}\n", folder)
            server.start()
            try:
                lines = server.wait_for('{source="collector"}', 6)
                page = server.request("/metrics")[1]
                status, host_page = server.request("/metrics/host")
            finally:
                server.process.terminate()
                log = server.process.communicate(timeout=60)[1]
            whys = {labels["collector"]: line for _, labels, line in lines}
            self.assertEqual(whys["broken"], "the command ended with exit code 7; it said: no luck")
            self.assertIn("no end after 0.3 s", whys["slow"])
            self.assertIn("nobody answers at 127.0.0.1:1: Connection refused", whys["away"])
            for name in ("broken", "slow", "away"):
                self.assertEqual(log.count(f"collector {name}:"), 1, log)
                self.assertRegex(page, r'livedata_collect_failures_total\{collector="%s"\} [1-9]' % name)
                self.assertIn(f'livedata_collector_up{{collector="{name}"}} 0\n', host_page)
            self.assertEqual(status, 200)

    def test_nothing_is_left_running(self):
        with tempfile.TemporaryDirectory(prefix="livedata-custom-") as folder:
            marker = f"86{os.getpid()}"
            text = f"collectors:\n  - {{name: hangs, shell: true, command: 'sleep {marker} & sleep {marker}'}}\n"
            with self.configured(text, folder):
                deadline = time.monotonic() + 20
                while self.count(marker) < 2 and time.monotonic() < deadline:
                    time.sleep(0.1)
                self.assertEqual(self.count(marker), 2)
            deadline = time.monotonic() + 5  # init has to wait for them
            while self.count(marker) and time.monotonic() < deadline:
                time.sleep(0.1)
            self.assertEqual(self.count(marker), 0)

    def count(self, marker):
        out = subprocess.run(["ps", "-eo", "stat=,args="], capture_output=True, text=True, check=True).stdout
        return sum(1 for line in out.splitlines() if line.split()[1:] == ["sleep", marker] and line[0] != "Z")

    def test_a_mistake_ends_the_start(self):
        with tempfile.TemporaryDirectory(prefix="livedata-custom-") as folder:
            with self.assertRaisesRegex(RuntimeError, r"livedata.yaml:2:6: collectors: there is no option 'comand'; did you mean "
                                                      r"'command'\?"):
                self.configured("collectors:\n  - {comand: [x], name: a}\n", folder).start()


if __name__ == "__main__":
    unittest.main(verbosity=2)
