#!/usr/bin/env python3
"""Prometheus itself reads both pages; and the names that usual dashboards and alert rules ask for are there."""
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

here = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(here.parent / "harness"))
from livedata_process import Livedata  # noqa: E402

BINARY = os.environ["LIVEDATA"]
CACHE = pathlib.Path(os.environ.get("LIVEDATA_CACHE") or
                     os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.join(os.environ["HOME"], ".cache"), "livedata"))
PROMETHEUS = CACHE / "prometheus/usr/bin/prometheus"
PROMTOOL = CACHE / "prometheus/usr/bin/promtool"
EXPORTER = CACHE / "host-tools/usr/bin/prometheus-node-exporter"
COLLECTORS = """
collectors:
  - name: queue
    shell: true
    command: printf '%s\\n' '{"queue":"mail \\"a\\\\b\\" ä","length":5}'
    interval: 1s
  - name: shop
    shell: true
    command: printf '# TYPE latency histogram\\nlatency_bucket{le="1"} 1\\nlatency_bucket{le="+Inf"} 2\\nlatency_sum 3\\nlatency_count 2\\n'
    interval: 1s
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def fetch(url):
    with urllib.request.urlopen(url, timeout=10) as response:
        return response.read().decode()


def wait_for(condition, seconds, what):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            found = condition()
            if found:
                return found
        except (OSError, urllib.error.URLError):
            pass
        time.sleep(0.2)
    raise AssertionError(f"{what}: not within {seconds} s")


def label_names(page):
    """Sets of label names by metric name."""
    found = {}
    for line in page.splitlines():
        match = re.match(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(\{.*\})? ', line)
        if match and not line.startswith("#"):
            found.setdefault(match.group(1), set()).add(
                frozenset(re.findall(r'(\w+)="(?:[^"\\]|\\.)*"', match.group(2) or "")))
    return found


def names_asked_for():
    """Names of the list, and why one is not expected ("" if it is)."""
    lines = [line.split("#")[0].strip() for line in (here / "node_dashboard_names.txt").read_text().splitlines()]
    return {name: why.strip() for name, _, why in (line.partition(" ") for line in lines if line)}


class Host(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory(prefix="livedata-prometheus-")
        cls.folder = pathlib.Path(cls.temporary.name)
        config = cls.folder / "livedata.yaml"
        config.write_text(COLLECTORS)
        cls.server = Livedata(BINARY, arguments=("--config", str(config)))
        cls.server.start()
        wait_for(lambda: "latency_count" in cls.server.request("/metrics/host")[1]
                 and "node_pressure" in cls.server.request("/metrics/host")[1], 30, "metrics")
        time.sleep(11)  # the second round of what runs every ten seconds

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0
        cls.temporary.cleanup()

    def start_prometheus(self):
        port = free_port()
        target = self.server.url.removeprefix("http://")
        config = self.folder / "prometheus.yml"
        config.write_text("global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n" + "".join(
            f"  - {{job_name: {job}, metrics_path: {path}, honor_labels: true, static_configs: [{{targets: ['{target}']}}]}}\n"
            for job, path in (("server", "/metrics"), ("host", "/metrics/host"))))
        self.log = (self.folder / "prometheus.log").open("w")
        self.addCleanup(self.log.close)
        process = subprocess.Popen(
            [str(PROMETHEUS), f"--config.file={config}", f"--storage.tsdb.path={self.folder / 'tsdb'}",
             f"--web.listen-address=127.0.0.1:{port}", "--log.level=debug"], stdout=self.log, stderr=self.log)

        def end():
            process.terminate()
            process.wait(timeout=60)
        self.addCleanup(end)
        return f"http://127.0.0.1:{port}"

    def test_prometheus_scrapes_both_pages(self):
        """Without a parse error, sample by sample."""
        if not PROMETHEUS.exists():
            self.skipTest("there is no Prometheus: run scripts/setup test")
        url = self.start_prometheus()

        def query(text):
            answer = json.loads(fetch(f"{url}/api/v1/query?" + urllib.parse.urlencode({"query": text})))
            return {tuple(sorted(r["metric"].items())): float(r["value"][1]) for r in answer["data"]["result"]}
        wait_for(lambda: len(query("sum_over_time(up[1m]) >= 4")) == 2, 60, "four scrapes of both")
        targets = json.loads(fetch(f"{url}/api/v1/targets"))["data"]["activeTargets"]
        self.assertEqual(sorted((t["labels"]["job"], t["health"], t["lastError"]) for t in targets),
                         [("host", "up", ""), ("server", "up", "")])
        for job, path in (("server", "/metrics"), ("host", "/metrics/host")):
            page = self.server.request(path)[1]
            on_page = sum(1 for line in page.splitlines() if line and not line.startswith("#"))
            scraped = query(f'scrape_samples_scraped{{job="{job}"}}')
            self.assertEqual(len(scraped), 1)
            # Units, processes and interfaces come and go between the two readings.
            self.assertAlmostEqual(list(scraped.values())[0], on_page, delta=0.05 * on_page + 2, msg=job)
            kept = list(query(f'scrape_samples_post_metric_relabeling{{job="{job}"}}').values())[0]
            self.assertEqual(kept, list(scraped.values())[0], job)
            stored = list(query(f'count({{job="{job}"}})').values())[0]
            self.assertGreaterEqual(stored, kept)
        # What the rules of every second dashboard compute.
        busy = query('100 - avg(rate(node_cpu_seconds_total{mode="idle"}[10s])) * 100')
        self.assertTrue(all(-1 <= value <= 101 for value in busy.values()) and busy, busy)
        # Escapes come through as they were.
        self.assertEqual([dict(labels)["queue"] for labels in query("queue_length")], ['mail "a\\b" ä'])
        self.assertEqual(list(query("histogram_quantile(0.5, latency_bucket)").values()), [1.0])
        kinds = json.loads(fetch(f"{url}/api/v1/metadata?metric=latency"))["data"]["latency"][0]
        self.assertEqual(kinds["type"], "histogram")
        self.log.flush()
        complaints = [line for line in (self.folder / "prometheus.log").read_text().splitlines()
                      if re.search(r"level=(warn|error)|Append failed|Duplicate sample|out.of.order", line)]
        self.assertEqual(complaints, [])

    def test_promtool_reads_both_pages(self):
        """It parses more strictly than the server; what it thinks of names is no matter here (exit code 3)."""
        if not PROMTOOL.exists():
            self.skipTest("there is no promtool: run scripts/setup test")
        for path in ("/metrics", "/metrics/host"):
            checked = subprocess.run([str(PROMTOOL), "check", "metrics"], input=self.server.request(path)[1],
                                     capture_output=True, text=True, timeout=60)
            self.assertIn(checked.returncode, (0, 3), checked.stderr)

    def test_names_of_dashboards_and_alerts(self):
        """Each name that node_exporter has here, with the same sets of label names."""
        ours = label_names(self.server.request("/metrics/host")[1])
        asked = names_asked_for()
        self.assertGreater(len(asked), 200)
        present = sorted(asked.keys() & ours.keys())
        absent = sorted(name for name, why in asked.items() if name not in ours and not why)
        print(f"\n{len(present)} of {len(asked)} names are at /metrics/host; this machine has nothing for {len(absent)}: "
              + " ".join(absent), file=sys.stderr)
        own = label_names(self.server.request("/metrics")[1])
        self.assertEqual([name for name, why in asked.items() if why == "at /metrics" and name not in own], [])
        # Who takes a name off the list must take its excuse off, too.
        self.assertEqual([name for name, why in asked.items() if why and name in ours], [])
        if not EXPORTER.exists():
            self.skipTest("there is no node_exporter: run scripts/setup test")
        theirs = self.exporter_page()
        self.assertGreater(len(asked.keys() & theirs.keys()), 100)
        self.assertEqual([name for name, why in asked.items() if name in theirs and name not in ours and not why], [])
        labels = {name: (theirs[name], ours[name]) for name in present
                  if name in theirs and not theirs[name] <= ours[name]}
        self.assertEqual(labels, {})

    def exporter_page(self):
        port = free_port()
        process = subprocess.Popen([str(EXPORTER), f"--web.listen-address=127.0.0.1:{port}", "--collector.processes",
                                    "--collector.tcpstat"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            return label_names(wait_for(lambda: fetch(f"http://127.0.0.1:{port}/metrics"), 20, "node_exporter"))
        finally:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    unittest.main(verbosity=2)
