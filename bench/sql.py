#!/usr/bin/env python3
"""Measures SQL over live data against DuckDB alone over a Parquet file of the same rows, in one run.

Prints a table; with --output FILE also as Markdown. With --folder an earlier run's data is used again.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

root = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(root / "tests" / "harness"))
from livedata_process import Livedata  # noqa: E402

NEEDLE = "xyzzy-needle-42"
QUERIES = (
    ("count by service", "SELECT service, count(*) FROM logs GROUP BY 1"),
    ("count by service and level", "SELECT service, level, count(*) FROM logs GROUP BY ALL"),
    ("count by minute", "SELECT time_bucket(INTERVAL 1 MINUTE, time) AS t, count(*) FROM logs GROUP BY 1"),
    ("needle in the line", f"SELECT time, line FROM logs WHERE line LIKE '%{NEEDLE}%'"),
    ("word in the line, counted by service", "SELECT service, count(*) FROM logs WHERE contains(line, 'error') GROUP BY 1"),
    ("needle that is nowhere", "SELECT count(*) FROM logs WHERE contains(line, 'OutOfMemoryError')"),
    ("one service", "SELECT count(*), sum(strlen(line)) FROM logs WHERE service = 'auth-api'"),
    ("regex", "SELECT count(*) FROM logs WHERE regexp_matches(line, 'xyzzy-ne+dle-4[0-9]')"),
    ("all lines' lengths", "SELECT sum(strlen(line)) FROM logs"),
    ("newest 100", "SELECT * FROM logs ORDER BY time DESC LIMIT 100"),
    ("any 1,000 rows", "SELECT * FROM logs LIMIT 1000"),
)


def prepare(folder, options):
    end = int(time.time())
    loggen = [str(options.loggen), "--bytes", str(options.bytes), "--end", str(end)]
    with Livedata(options.binary, data=folder / "data") as server:
        subprocess.run([*loggen, "push", "--port", str(server.port), "--format", "protobuf"], capture_output=True, text=True, check=True)
    subprocess.run([str(options.binary), "compact", "--data", str(folder / "data")], capture_output=True, check=True)
    columns = "time, service, level, line, " + ", ".join(options.labels)
    with open(folder / "logs.parquet", "wb") as file:
        subprocess.run([str(options.binary), "sql", "--data", str(folder / "data"), "-o", "parquet", f"SELECT {columns} FROM logs ORDER BY service, time"],
                       stdout=file, check=True)


def measure(options, kind, path, query):
    done = subprocess.run([str(options.bench), kind, str(path), str(options.threads), str(options.times), query], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{query}: {done.stderr}")
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default=root / "build/release/livedata")
    parser.add_argument("--loggen", default=root / "build/release/livedata_loggen")
    parser.add_argument("--bench", default=root / "build/release/livedata_sql_bench")
    parser.add_argument("--bytes", type=int, default=1_000_000_000)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--folder")
    parser.add_argument("--output")
    options = parser.parse_args()
    options.labels = ("env", "host")
    rows = []
    with tempfile.TemporaryDirectory(prefix="livedata-bench-") as temporary:
        folder = pathlib.Path(options.folder or temporary)
        folder.mkdir(exist_ok=True)
        if not (folder / "logs.parquet").exists():
            prepare(folder, options)
        print(f"{'':<38} {'livedata':>22} {'DuckDB over Parquet':>22}  ratio of times; CPU; first row; peak memory", flush=True)
        for what, query in QUERIES:
            ours = measure(options, "folder", folder / "data", query)
            theirs = measure(options, "parquet", folder / "logs.parquet", query)
            compared = (f"{ours['seconds'] / theirs['seconds']:.2f}x; {ours['cpu'] * 1000:.0f} / {theirs['cpu'] * 1000:.0f} ms; "
                        f"{ours['firstRow'] * 1000:.0f} / {theirs['firstRow'] * 1000:.0f} ms; {ours['peak'] / 1e6:.0f} / {theirs['peak'] / 1e6:.0f} MB")
            rows.append((what, f"{ours['seconds'] * 1000:.0f} ms", f"{theirs['seconds'] * 1000:.0f} ms", compared))
            print(f"{what:<38} {rows[-1][1]:>22} {rows[-1][2]:>22}  {compared}", flush=True)
    if options.output:
        text = "| what | livedata | DuckDB over Parquet | ratio of times; CPU; first row; peak memory |\n|---|---|---|---|\n"
        pathlib.Path(options.output).write_text(text + "".join(f"| {' | '.join(row)} |\n" for row in rows))


if __name__ == "__main__":
    sys.exit(main())
