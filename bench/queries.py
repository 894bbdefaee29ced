#!/usr/bin/env python3
"""Measures queries over a gigabyte of logs, against rg over the same raw files, and many queries at once during ingest.

Prints a table; with --output FILE also as Markdown. With --folder an earlier run's data is used again.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

root = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(root / "tests" / "harness"))
from livedata_process import Livedata  # noqa: E402

NEEDLE = "xyzzy-needle-42"
DAY = 86400


def prepare(folder, options):
    end = int(time.time())
    loggen = [str(options.loggen), "--bytes", str(options.bytes), "--end", str(end)]
    (folder / "raw").mkdir()
    subprocess.run([*loggen, "files", str(folder / "raw")], capture_output=True, check=True)
    with Livedata(options.binary, data=folder / "data") as server:
        pushed = subprocess.run([*loggen, "push", "--port", str(server.port), "--format", "protobuf"], capture_output=True, text=True, check=True)
    subprocess.run([str(options.binary), "compact", "--data", str(folder / "data")], capture_output=True, check=True)
    (folder / "end").write_text(str(end))
    return json.loads(pushed.stdout)


class Asker:
    def __init__(self, server, end):
        self.server, self.end = server, end

    def text(self, query, **more):
        """Status and body, not parsed: many clients must not take the server's CPU."""
        parameters = {"query": query, "start": self.end - DAY, "end": self.end, "limit": 1000, "step": 3600} | more
        return self.server.request(f"/loki/api/v1/query_range?{urllib.parse.urlencode(parameters)}", timeout=300)

    def __call__(self, query, **more):
        status, text = self.text(query, **more)
        return status, json.loads(text)["data"] if status == 200 else text

    def measure(self, query, times=5, **more):
        """Median seconds, the server's CPU seconds per query, and the last answer."""
        self(query, **more)
        cpu, seconds = self.server.cpu_seconds(), []
        for _ in range(times):
            start = time.perf_counter()
            status, answer = self(query, **more)
            seconds.append(time.perf_counter() - start)
            assert status == 200, answer
        return statistics.median(seconds), (self.server.cpu_seconds() - cpu) / times, answer


def scan_of_rg(files, row):
    """Median seconds of rg over the raw files, all in the page cache."""
    rg = ["rg", "-c", "--no-filename", NEEDLE, *files]
    subprocess.run(rg, capture_output=True)
    times = []
    for _ in range(5):
        start = time.perf_counter()
        subprocess.run(rg, capture_output=True)
        times.append(time.perf_counter() - start)
    theirs = statistics.median(times)
    row("rg -c over the raw files", f"{theirs * 1000:.0f} ms")
    return theirs


def search_without_block_cache(ask, theirs, row):
    seconds, _, answer = ask.measure(f'{{env=~".+"}} |= "{NEEDLE}"', start=ask.end - 2 * DAY, end=ask.end + 1)
    blocks = answer["stats"]["livedata"]["blocksRead"]
    row("needle over everything, nothing kept", f"{seconds * 1000:.0f} ms", f"{theirs / seconds:.1f}x as fast as rg; {blocks} blocks are read")


def single_queries(ask, theirs, row):
    for what, query in (("needle, blocks kept from the last time", f'{{env=~".+"}} |= "{NEEDLE}"'),
                        ("the same as a regex", '{env=~".+"} |~ "xyzzy-ne+dle-4[0-9]"'),
                        ("a value behind a parser", '{env=~".+"} | json | request_id="nowhere-to-be-found"'),
                        ("newest 1,000 lines", '{env=~".+"}')):
        seconds, _, _ = ask.measure(query, start=ask.end - 2 * DAY, end=ask.end + 1)
        row(what, f"{seconds * 1000:.0f} ms", f"{theirs / seconds:.1f}x as fast as rg")
    aligned = {"start": (ask.end - DAY) // 3600 * 3600, "end": ask.end // 3600 * 3600}
    seconds, _, answer = ask.measure('sum by (service_name) (count_over_time({env=~".+"}[1h]))', **aligned)
    row("count by service and hour, 24 h", f"{seconds * 1000:.0f} ms", f"{answer['stats']['livedata']['lineBytesRead']} bytes of lines read")
    for what, query in (("count of | json | status >= 500", 'sum by (service_name) (count_over_time({env=~".+"} | json | status >= 500 | __error__="" [1h]))'),
                        ("99th percentile by unwrap", 'quantile_over_time(0.99, {env=~".+"} | json | unwrap duration_ms | __error__="" [1h]) by (service_name)'),
                        ("count of | logfmt | level=\"error\"", 'sum by (service_name) (count_over_time({env=~".+"} | logfmt | level="error" [1h]))'),
                        ("count of |~ \"GET|POST\"", 'sum by (service_name) (count_over_time({env=~".+"} |~ "GET|POST" [1h]))')):
        seconds, cpu, answer = ask.measure(query, times=3)
        raw = answer["stats"]["summary"]["totalBytesProcessed"]
        row(what, f"{seconds * 1000:.0f} ms", f"{raw / 1e6 / cpu:.0f} MB/s of raw text per core")


MIXED = [('{env="prod"} |= "error"', {}), (f'{{env=~".+"}} |= "{NEEDLE}"', {}), ('sum by (service_name) (count_over_time({env=~".+"}[5m]))', {"step": 300}),
         ('sum by (detected_level) (count_over_time({env="prod"}[5m]))', {"step": 300}), ('{service_name="auth-api"} | json | status >= 500', {}),
         ('topk(5, sum by (host) (rate({service_name="auth-api"} [10m])))', {"step": 600}), ('{env="staging"} |~ "time(d )?out"', {}),
         ('quantile_over_time(0.9, {service_name="auth-api"} | json | unwrap duration_ms | __error__="" [1h]) by (host)', {"step": 3600})]


def ingest_rate(options, server, bytes_):
    loggen = [str(options.loggen), "--bytes", str(bytes_), "--seed", str(random.randrange(1 << 30)), "--end", str(int(time.time())), "--span", "60", "push", "--port", str(server.port), "--format", "protobuf"]
    result = json.loads(subprocess.run(loggen, capture_output=True, text=True, check=True).stdout)
    assert not result["failed"]
    return result["lines"] / result["seconds"]


def many_at_once(options, server, row):
    alone = statistics.median(ingest_rate(options, server, options.ingest_bytes) for _ in range(3))
    stop, lock = threading.Event(), threading.Lock()
    seconds, codes, peak = [], {}, 0

    def client(seed):
        chooser = random.Random(seed)
        while not stop.is_set():
            query, more = chooser.choice(MIXED)
            # As a dashboard does, whose times are multiples of the step.
            step = more.get("step", 60)
            start = time.perf_counter()
            status, answer = Asker(server, int(time.time()) // step * step).text(query, **more)
            with lock:
                seconds.append(time.perf_counter() - start)
                codes[status] = codes.get(status, 0) + 1
            if status not in (200, 429):
                print(status, answer, file=sys.stderr)

    with concurrent.futures.ThreadPoolExecutor(65) as pool:
        clients = [pool.submit(client, seed) for seed in range(64)]
        time.sleep(1)
        rates = []
        for _ in range(3):
            rates.append(ingest_rate(options, server, options.ingest_bytes))
            peak = max(peak, server.resident_bytes())
        stop.set()
        for c in clients:
            c.result()
    together = statistics.median(rates)
    seconds.sort()
    row("64 clients during ingest: answers", f"{len(seconds)}", ", ".join(f"{n} x {code}" for code, n in sorted(codes.items())))
    row("  median and 99th percentile", f"{seconds[len(seconds) // 2]:.2f} s, {seconds[int(len(seconds) * 0.99)]:.2f} s")
    row("  ingest beside them", f"{together:,.0f} lines/s", f"{together / alone:.2f}x of {alone:,.0f} lines/s alone")
    row("  resident memory, at most", f"{peak / 1e6:.0f} MB")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default=root / "build/release/livedata")
    parser.add_argument("--loggen", default=root / "build/release/livedata_loggen")
    parser.add_argument("--bytes", type=int, default=1_000_000_000)
    parser.add_argument("--ingest-bytes", type=int, default=300_000_000)
    parser.add_argument("--folder")
    parser.add_argument("--output")
    options = parser.parse_args()
    rows = []

    def row(what, value, compared=""):
        rows.append((what, value, compared))
        print(f"{what:<44} {value:>22}  {compared}", flush=True)

    with tempfile.TemporaryDirectory(prefix="livedata-bench-") as temporary:
        folder = pathlib.Path(options.folder or temporary)
        folder.mkdir(exist_ok=True)
        if not (folder / "end").exists():
            prepare(folder, options)
        end = int((folder / "end").read_text())
        theirs = scan_of_rg([str(f) for f in sorted((folder / "raw").iterdir())], row)
        os.environ["LIVEDATA_STORAGE_BLOCK_CACHE_BYTES"] = "0"
        with Livedata(options.binary, data=folder / "data") as server:
            search_without_block_cache(Asker(server, end), theirs, row)
        del os.environ["LIVEDATA_STORAGE_BLOCK_CACHE_BYTES"]
        with Livedata(options.binary, data=folder / "data") as server:
            single_queries(Asker(server, end), theirs, row)
            many_at_once(options, server, row)
    if options.output:
        text = "| what | figure | |\n|---|---|---|\n" + "".join(f"| {a} | {b} | {c} |\n" for a, b, c in rows)
        pathlib.Path(options.output).write_text(text)


if __name__ == "__main__":
    sys.exit(main())
