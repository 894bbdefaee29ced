#!/usr/bin/env python3
"""What watching a machine costs: livedata, Debian's netdata and prometheus-node-exporter side by side, in one run.

    bench/rivals.py LIVEDATA [--seconds 600] [--processes 200 2000]

The three run at the same time beside as many sleeping processes as make the number asked for. node_exporter is asked for its
metrics once a second, as a Prometheus would; the others collect by themselves. Each is counted with all processes that it
has started. The rivals are those that `scripts/setup bench` unpacks, with their default configuration but for folders, port and
telemetry.
"""
import argparse
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests/harness"))
from livedata_process import Livedata  # noqa: E402

CACHE = pathlib.Path(os.environ.get("LIVEDATA_CACHE") or pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "livedata")
NETDATA = CACHE / "host-rivals"
NODE_EXPORTER = CACHE / "host-tools/usr/bin/prometheus-node-exporter"
TICKS = os.sysconf("SC_CLK_TCK")
WARM_UP_SECONDS = 60


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def get(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read()


def stat_of(pid):
    """Parent, and CPU ticks with those of children that were waited for."""
    text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    fields = text[text.rindex(")") + 2:].split()
    return int(fields[1]), sum(map(int, fields[11:15]))


def number(path, key):
    for line in pathlib.Path(path).read_text().splitlines():
        if line.startswith(key):
            return int(line.split()[1])
    return 0


def tree(root):
    """The process and all below it: pid -> CPU ticks."""
    stats = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                stats[int(entry)] = stat_of(int(entry))
            except (OSError, ValueError):
                pass
    found, known = {}, {root}
    while known:
        found.update({pid: stats[pid][1] for pid in known if pid in stats})
        known = {pid for pid, (parent, _) in stats.items() if parent in known and pid not in found}
    return found


class Usage:
    """CPU, memory and writes of a process and what it starts."""

    def __init__(self, name, pid):
        self.name, self.pid = name, pid
        self.most = {"rss": 0, "pss": 0}
        self.written = {}

    def sample(self):
        pids = tree(self.pid)
        totals = {"rss": 0, "pss": 0}
        for pid in pids:
            try:
                totals["rss"] += number(f"/proc/{pid}/smaps_rollup", "Rss:") * 1024
                totals["pss"] += number(f"/proc/{pid}/smaps_rollup", "Pss:") * 1024
                self.written[pid] = number(f"/proc/{pid}/io", "write_bytes:")
            except OSError:
                pass
        self.most = {key: max(self.most[key], totals[key]) for key in totals}
        return sum(pids.values()) / TICKS, sum(self.written.values())

    def start(self):
        self.started = time.monotonic()
        self.before = self.sample()
        self.most = {"rss": 0, "pss": 0}

    def finish(self):
        cpu, written = self.sample()
        self.seconds = time.monotonic() - self.started
        self.cpu = cpu - self.before[0]
        self.bytes_per_day = (written - self.before[1]) * 86400 / self.seconds


class Netdata:
    def __init__(self, folder):
        self.port = free_port()
        for name in ("lib", "cache", "log"):
            (folder / name).mkdir(parents=True)
        shutil.copytree(NETDATA / "etc/netdata", folder / "etc")
        configuration = folder / "netdata.conf"
        configuration.write_text(
            f"[directories]\nconfig = {folder}/etc\nstock config = {NETDATA}/usr/lib/netdata/conf.d\nlog = {folder}/log\n"
            f"web = {NETDATA}/usr/share/netdata/web\ncache = {folder}/cache\nlib = {folder}/lib\nhome = {folder}/lib\nlock = {folder}/lib\n"
            f"plugins = {NETDATA}/usr/lib/netdata/plugins.d\n[global]\nrun as user = {os.environ.get('USER', 'root')}\n"
            f"[web]\nbind to = 127.0.0.1\ndefault port = {self.port}\n[registry]\nenabled = no\n")
        (folder / "etc/.opt-out-from-anonymous-statistics").touch()
        # Many children end with the parent only when it is asked to end.
        self.process = subprocess.Popen([NETDATA / "usr/sbin/netdata", "-D", "-P", folder / "pid", "-c", configuration],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def values(self):
        import json
        charts = json.loads(get(f"http://127.0.0.1:{self.port}/api/v1/charts"))["charts"]
        return sum(len(chart["dimensions"]) for chart in charts.values())

    def stop(self):
        pids = tree(self.process.pid)
        self.process.terminate()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            pass
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()


class NodeExporter:
    def __init__(self):
        self.url = f"http://127.0.0.1:{free_port()}"
        self.process = subprocess.Popen([NODE_EXPORTER, f"--web.listen-address={self.url[7:]}"], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        self.ends = threading.Event()
        self.scraper = threading.Thread(target=self.scrape)
        self.scraper.start()

    def scrape(self):
        due = time.monotonic()
        while not self.ends.wait(max(0.0, due - time.monotonic())):
            due += 1
            try:
                self.text = get(self.url + "/metrics")
            except OSError:
                pass

    def values(self):
        return sum(not line.startswith(b"#") for line in self.text.splitlines())

    def stop(self):
        self.ends.set()
        self.scraper.join()
        self.process.terminate()
        self.process.wait()


def compare(binary, processes, seconds):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="livedata-rivals-"))
    running = sum(entry.isdigit() for entry in os.listdir("/proc"))
    sleepers = [subprocess.Popen(["sleep", "infinity"]) for _ in range(max(0, processes - running))]
    server = Livedata(binary, data=folder / "livedata", arguments=())
    server.start()
    netdata, exporter = Netdata(folder / "netdata"), NodeExporter()
    try:
        usages = [Usage("livedata", server.process.pid), Usage("netdata", netdata.process.pid),
                  Usage("node_exporter, asked once a second", exporter.process.pid)]
        time.sleep(WARM_UP_SECONDS)
        for usage in usages:
            usage.start()
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            time.sleep(min(15, max(0, ends - time.monotonic())))
            for usage in usages:
                usage.sample()
        for usage in usages:
            usage.finish()
        values = [sum(not line.startswith("#") for line in server.request("/metrics/host")[1].splitlines()), netdata.values(), exporter.values()]
        report(processes, usages, values)
    finally:
        exporter.stop()
        netdata.stop()
        server.stop()
        for sleeper in sleepers:
            sleeper.kill()
        for sleeper in sleepers:
            sleeper.wait()
        shutil.rmtree(folder)


def report(processes, usages, values):
    print(f"\n{processes} processes, {usages[0].seconds:.0f} s")
    print("| | CPU seconds | % of a core | RSS, at most | PSS, at most | written per day | values shown |")
    print("|---|---|---|---|---|---|---|")
    for usage, count in zip(usages, values):
        print(f"| {usage.name} | {usage.cpu:.2f} | {100 * usage.cpu / usage.seconds:.2f} | {usage.most['rss'] / 1e6:.1f} MB | "
              f"{usage.most['pss'] / 1e6:.1f} MB | {usage.bytes_per_day / 1e6:.0f} MB | {count} |")
    for usage in usages[1:]:
        print(f"CPU of {usage.name} / livedata: {usage.cpu / usages[0].cpu:.1f}", flush=True)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("livedata")
    arguments.add_argument("--seconds", type=float, default=600)
    arguments.add_argument("--processes", type=int, nargs="+", default=[200, 2000])
    options = arguments.parse_args()
    for needed in (NODE_EXPORTER, NETDATA / "usr/sbin/netdata"):
        if not needed.exists():
            sys.exit(f"{needed} is not there; run scripts/setup bench")
    for processes in options.processes:
        compare(options.livedata, processes, options.seconds)


main()
