#!/usr/bin/env python3
"""Measures livedata in one run, against rg and zstd on the same data. `make bench` runs it.

Prints a table; with --output FILE also as Markdown. All figures are of this machine and this run: quote the
ratios rather than the times.
"""
import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

root = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(root / "tests" / "harness"))
from livedata_process import Livedata  # noqa: E402

NEEDLE = "xyzzy-needle-42"


def folder_bytes(folder):
    return sum(p.stat().st_size for p in pathlib.Path(folder).rglob("*") if p.is_file())


def median_seconds(run, times=5):
    run()  # warm
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def push(server, loggen, port_format, *more):
    cpu, peak = server.cpu_seconds(), 0
    command = [*loggen, *more, "push", "--port", str(server.port), "--format", port_format]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as pusher:
        while pusher.poll() is None:
            peak = max(peak, server.resident_bytes())
            time.sleep(0.1)
        result = json.loads(pusher.stdout.read())
    if pusher.returncode != 0 or result["failed"]:
        raise RuntimeError(f"pushing failed: {result}")
    return result | {"cpu": server.cpu_seconds() - cpu, "peak": peak}


def cardinality(options, loggen, folder, row):
    """The same lines within an hour in 200 and in up to 200,000 streams."""
    figures = {}
    for pods in (200, 200_000):
        data = pathlib.Path(folder) / f"data-{pods}"
        with Livedata(options.binary, data=data) as server:
            result = push(server, loggen, "protobuf", "--pods", str(pods))
        figures[pods] = (result["cpu"], folder_bytes(data), result["peak"])
        shutil.rmtree(data)
    few, many = figures[200], figures[200_000]
    row("200,000 streams instead of 200, CPU", f"{many[0] / few[0]:.2f}x")
    row("200,000 streams instead of 200, disk", f"{many[1] / few[1]:.2f}x")
    row("resident memory with 200,000, at most", f"{many[2] / 1e6:.0f} MB")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default=root / "build/release/livedata")
    parser.add_argument("--loggen", default=root / "build/release/livedata_loggen")
    parser.add_argument("--bytes", type=int, default=1_000_000_000)
    parser.add_argument("--idle-seconds", type=int, default=60)
    parser.add_argument("--output")
    options = parser.parse_args()
    end = int(time.time())
    loggen = [str(options.loggen), "--bytes", str(options.bytes), "--end", str(end)]
    rows = []

    def row(what, value, compared=""):
        rows.append((what, value, compared))
        print(f"{what:<44} {value:>22}  {compared}", flush=True)

    with tempfile.TemporaryDirectory(prefix="livedata-bench-") as folder:
        raw = pathlib.Path(folder) / "raw"
        raw.mkdir()
        raw_bytes = int(subprocess.run([*loggen, "files", str(raw)], capture_output=True, text=True, check=True).stdout)
        row("raw text of all lines", f"{raw_bytes / 1e6:.0f} MB")

        os.environ["LIVEDATA_COMPACTION_ENABLED"] = "false"  # measured apart, below
        for wire in ("protobuf", "json"):
            data = pathlib.Path(folder) / f"data-{wire}"
            with Livedata(options.binary, data=data) as server:
                result = push(server, loggen, wire)
                gigabytes = result["bytes"] / 1e9
                row(f"ingest, Loki {wire}", f"{result['lines'] / result['seconds']:,.0f} lines/s",
                    f"{result['bytes'] / 1e6 / result['seconds']:.0f} MB/s with the generator on the same cores")
                row(f"ingest, Loki {wire}, CPU", f"{result['cpu'] / gigabytes:.1f} s/GB", "WAL, flush and index included")
                row("resident memory, at most", f"{result['peak'] / 1e6:.0f} MB")
            if wire == "protobuf":
                shutil.rmtree(data)

        data = pathlib.Path(folder) / "data-json"
        subprocess.run([*loggen, "files", "--single", folder], capture_output=True, check=True)
        zstd_bytes = len(subprocess.run(["zstd", "-3", "-c", "-q", str(pathlib.Path(folder) / "all.log")], capture_output=True, check=True).stdout)
        (pathlib.Path(folder) / "all.log").unlink()
        row("zstd -3 of the raw text in time order", f"{zstd_bytes / 1e6:.0f} MB")
        disk = folder_bytes(data)
        row("on disk when flushed", f"{disk / 1e6:.0f} MB", f"{disk / zstd_bytes:.3f}x of zstd -3, all indexes included")
        before = os.times()
        subprocess.run([str(options.binary), "compact", "--data", str(data)], capture_output=True, check=True)
        after = os.times()
        cpu = after.children_user + after.children_system - before.children_user - before.children_system
        disk = folder_bytes(data)
        row("on disk when compacted, warm", f"{disk / 1e6:.0f} MB", f"{disk / zstd_bytes:.3f}x of zstd -3; {raw_bytes / disk:.1f}x smaller than raw")
        row("compaction to warm, CPU", f"{cpu / gigabytes:.1f} s/GB")

        with Livedata(options.binary, data=data) as server:
            def ask(query, kind="query_range"):
                parameters = urllib.parse.urlencode({"query": query, "start": end - 86400 * 2, "end": end + 1, "limit": 1000, "step": 3600})
                status, text = server.request(f"/loki/api/v1/{kind}?{parameters}")
                assert status == 200, text
                return json.loads(text)["data"]

            hits = ask(f'{{env=~".+"}} |= "{NEEDLE}"')["stats"]["summary"]["totalEntriesReturned"]
            files = [str(f) for f in sorted(raw.iterdir())]
            found = subprocess.run(["rg", "-c", "--no-filename", NEEDLE, *files], capture_output=True, text=True).stdout.split()
            assert hits == sum(map(int, found)), (hits, found)
            ours = median_seconds(lambda: ask(f'{{env=~".+"}} |= "{NEEDLE}"'))
            theirs = median_seconds(lambda: subprocess.run(["rg", "-c", NEEDLE, *files], capture_output=True))
            row(f"needle over everything ({hits} hits)", f"{ours * 1000:.0f} ms", f"{ours / theirs:.2f}x of rg's {theirs * 1000:.0f} ms over the raw files")
            nothing = median_seconds(lambda: ask('{env=~".+"} |= "OutOfMemoryError"'))
            row("word that is nowhere", f"{nothing * 1000:.0f} ms", f"{nothing / theirs:.2f}x of rg's time; answered by filters")
            trace = median_seconds(lambda: ask('{env=~".+"} |= "00c0ffee00c0ffee00c0ffee00c0ffee"'))
            row("trace id that is nowhere", f"{trace * 1000:.0f} ms", f"{trace / theirs:.2f}x of rg's time")
            counted = median_seconds(lambda: ask('sum by (service_name) (count_over_time({env=~".+"}[1h]))'))
            row("count by service and hour", f"{counted * 1000:.0f} ms")
            newest = median_seconds(lambda: ask('{env="prod"}'))
            row("newest 1,000 lines", f"{newest * 1000:.0f} ms")

    with tempfile.TemporaryDirectory(prefix="livedata-bench-") as folder:
        cardinality(options, loggen, folder, row)
    del os.environ["LIVEDATA_COMPACTION_ENABLED"]

    with Livedata(options.binary, arguments=()) as server:
        time.sleep(5)
        cpu, start = server.cpu_seconds(), time.monotonic()
        peak = 0
        while time.monotonic() - start < options.idle_seconds:
            time.sleep(1)
            peak = max(peak, server.resident_bytes())
        passed = time.monotonic() - start
        row(f"idle and collecting, over {passed:.0f} s", f"{(server.cpu_seconds() - cpu) / passed * 100:.2f} % of a core", f"{peak / 1e6:.1f} MB resident at most")

    if options.output:
        text = f"| what | figure | |\n|---|---|---|\n" + "".join(f"| {a} | {b} | {c} |\n" for a, b, c in rows)
        pathlib.Path(options.output).write_text(text)


if __name__ == "__main__":
    sys.exit(main())
