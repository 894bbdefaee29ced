#!/usr/bin/env python3
"""Host metrics against other programs that tell the same, while the machine has something to do."""
import collections
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "harness"))
from livedata_process import Livedata  # noqa: E402

BINARY = os.environ["LIVEDATA"]
CACHE = pathlib.Path(os.environ.get("LIVEDATA_CACHE") or
                     os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.join(os.environ["HOME"], ".cache"), "livedata"))
TOOLS = CACHE / "host-tools"
LOAD_SECONDS = 40
SAMPLE = re.compile(r'^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\]|\\.)*",?)*\})? (-?[0-9.e+-]+|NaN|[+-]Inf)$')

# What node_exporter shows here and we do not: little that a host's watcher asks for.
LEFT_OUT = re.compile(r"^(go_|process_|promhttp_|node_exporter_|node_scrape_|node_time_clocksource_|node_time_zone_|"
                      r"node_nf_conntrack_stat_|node_selinux_|node_udp_queues|node_os_version|node_network_receive_nohandler|"
                      r"node_timex_pps|node_dmi_|node_rapl_|node_power_|node_cpu_info|node_edac|node_nvme|"
                      r"node_cooling_|node_cpu_(frequency|core_throttles|package_throttles)|node_btrfs|"
                      r"node_bonding|node_xfs|node_zfs|node_md_|node_nfs|node_ipvs|node_infiniband|node_fibrechannel|node_bcache|"
                      r"node_tape|node_hwmon_|node_disk_(device_mapper|ata|filesystem)|node_network_name_assign)")


def parse(text):
    """Samples by name and labels, and types by name. Every line must be what the format allows."""
    samples, types = {}, {}
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name not in types, f"{name} twice"
            types[name] = kind
        elif not line.startswith("# HELP "):
            match = SAMPLE.match(line)
            assert match, line
            name, labels, value = match.groups()
            # A summary's or histogram's own samples have its name and one of these behind it.
            family = re.sub("_(sum|count|bucket)$", "", name)
            assert name in types or family in types, f"{name} without a type"
            key = (name, frozenset(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels or "")))
            assert key not in samples, line
            samples[key] = float(value)
    return samples, types


def tool_environment():
    return {**os.environ, "LD_LIBRARY_PATH": str(TOOLS / "usr/lib/x86_64-linux-gnu")}


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120,
                          env={**os.environ, "LC_ALL": "C"}).stdout


class Load:
    """Keeps a core busy, writes a file again and again, and sends over the loopback."""

    def __init__(self, folder):
        stress = TOOLS / "usr/bin/stress-ng"
        self.processes = []
        if stress.exists():
            self.start(str(stress), "--cpu", "1", "--vm", "1", "--vm-bytes", "100M", "--hdd", "1", "--hdd-bytes", "32M",
                       "--temp-path", str(folder), "--timeout", f"{LOAD_SECONDS * 3}s", "--quiet")
        else:
            self.start(sys.executable, "-c", "import os\nwhile True:\n with open('f', 'wb') as f: f.write(bytes(1 << 25)); os.fsync(f)",
                       cwd=folder)
        # Whose share of the CPU is compared.
        self.spinner = self.start(sys.executable, "-c", "while True: pass")

    def start(self, *command, **arguments):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=tool_environment(),
                                   start_new_session=True, **arguments)
        self.processes.append(process)
        return process

    def stop(self):
        for process in self.processes:
            os.killpg(process.pid, signal.SIGTERM)
        for process in self.processes:
            process.wait(timeout=30)


class HostMetrics(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory(prefix="livedata-host-")
        cls.load = Load(cls.temporary.name)
        cls.server = Livedata(BINARY, arguments=())
        cls.server.start()
        time.sleep(12)  # the second round of everything

    @classmethod
    def tearDownClass(cls):
        cls.load.stop()
        assert cls.server.stop() == 0
        cls.temporary.cleanup()

    def page(self):
        status, text = self.server.request("/metrics/host")
        self.assertEqual(status, 200)
        return parse(text)

    def value(self, samples, name, **labels):
        return samples[(name, frozenset(labels.items()))]

    def average(self, selector, field, seconds):
        encoded = urllib.parse.urlencode({"query": f"avg(avg_over_time({selector} | unwrap {field} [{seconds}s]))"})
        result = json.loads(self.server.request(f"/loki/api/v1/query?{encoded}")[1])["data"]["result"]
        self.assertEqual(len(result), 1, selector)
        return float(result[0]["value"][1])

    def latest(self, selector):
        return self.average(selector[0], selector[1], 15)

    def cpu_seconds(self):
        sums = collections.Counter()
        for (name, labels), value in self.page()[0].items():
            if name == "node_cpu_seconds_total":
                sums[dict(labels)["mode"]] += value
        return sums

    def test_cpu_agrees_with_vmstat(self):
        """Shares of CPU time over 10 s: within 6 points. Its counters are read up to a second early."""
        before = self.cpu_seconds()
        last = output("vmstat", "10", "2").splitlines()
        names, values = last[1].split(), list(map(int, last[-1].split()))
        vmstat = dict(zip(names, values))
        time.sleep(1)
        after = self.cpu_seconds()
        passed = {mode: after[mode] - before[mode] for mode in after}
        whole = sum(passed.values())
        idle = 100 * (passed["idle"] + passed["iowait"]) / whole
        self.assertAlmostEqual(idle, vmstat["id"] + vmstat["wa"], delta=6)
        stored = self.average('{source="cpu"}', "busy_percent", 11)
        self.assertAlmostEqual(stored, 100 - vmstat["id"] - vmstat["wa"], delta=8)

    def test_memory_agrees_with_free(self):
        """Within 3 % of the total: the load takes and frees memory meanwhile."""
        row = dict(zip(["total", "used", "free", "shared", "cache", "available"], output("free", "-b").splitlines()[1].split()[1:]))
        samples, _ = self.page()
        total = int(row["total"])
        self.assertEqual(self.value(samples, "node_memory_MemTotal_bytes"), total)
        self.assertAlmostEqual(self.value(samples, "node_memory_MemAvailable_bytes"), int(row["available"]), delta=0.03 * total)
        used = self.average('{source="memory"}', "used_bytes", 5)
        self.assertAlmostEqual(used, total - int(row["available"]), delta=0.03 * total)

    def test_filesystems_agree_with_df(self):
        """The root's size exactly; used and available within 256 MiB, which the load writes."""
        row = output("df", "-B1", "--output=size,used,avail", "/").splitlines()[1].split()
        size, used, available = map(int, row)
        root = '{source="filesystem"} | mount="/"'
        self.assertEqual(self.latest((root, "total_bytes")), size)
        self.assertAlmostEqual(self.latest((root, "used_bytes")), used, delta=256 << 20)
        self.assertAlmostEqual(self.latest((root, "available_bytes")), available, delta=256 << 20)
        inodes = output("df", "--output=itotal,iused", "/").splitlines()[1].split()
        self.assertEqual(self.latest((root, "inodes")), int(inodes[0]))

    def test_disks_agree_with_vmstat(self):
        """Bytes written over 8 s: within 15 %, or 64 MiB if little was written."""
        def sectors():
            return {line.split()[0]: int(line.split()[7]) for line in output("vmstat", "-d").splitlines()[2:]}

        def ours():
            return {dict(labels)["device"]: value for (name, labels), value in self.page()[0].items()
                    if name == "node_disk_written_bytes_total"}
        first_sectors, first = sectors(), ours()
        time.sleep(8)
        last_sectors, last = sectors(), ours()
        compared = 0
        for device in first.keys() & first_sectors.keys():
            expected = (last_sectors[device] - first_sectors[device]) * 512
            self.assertAlmostEqual(last[device] - first[device], expected, delta=max(0.15 * expected, 64 << 20), msg=device)
            compared += 1
        self.assertGreater(compared, 0)

    def test_sockets_agree_with_ss(self):
        """Listening sockets exactly, with 20 more of them here; established ones within 5."""
        listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(20)]
        time.sleep(11)
        rows = [line.split()[0] for line in output("ss", "-tanH").splitlines()]
        states = {dict(labels)["state"]: value for (name, labels), value in self.page()[0].items()
                  if name == "node_tcp_connection_states"}
        self.assertGreaterEqual(states["listen"], len(listeners))
        self.assertAlmostEqual(states["listen"], rows.count("LISTEN"), delta=3)
        self.assertAlmostEqual(states["established"], rows.count("ESTAB"), delta=5)
        for listener in listeners:
            listener.close()

    def test_a_process_agrees_with_top(self):
        """Its share of a core, over 5 s: within 15 points. They do not look at the same 5 s."""
        pid = self.load.spinner.pid
        text = output("top", "-b", "-n", "2", "-d", "5", "-p", str(pid))
        row = [line for line in text.splitlines() if line.split()[:1] == [str(pid)]][-1].split()
        time.sleep(4)
        spinner = f'{{source="process"}} | pid="{pid}"'
        self.assertAlmostEqual(self.average(spinner, "cpu_percent", 10), float(row[8]), delta=15)
        name = subprocess.run(["ps", "-o", "comm=", "-p", str(pid)], capture_output=True, text=True).stdout.strip()
        lines = [labels for _, labels, _ in self.server.query(spinner)]
        self.assertEqual(lines[0]["name"], name)
        self.assertIn("while True: pass", lines[0]["command"])

    def test_load_agrees_with_the_kernel(self):
        """Within 0.7: it is read every 5 s, in which it may change by a twelfth of the running tasks."""
        load = float(pathlib.Path("/proc/loadavg").read_text().split()[0])
        self.assertAlmostEqual(self.value(self.page()[0], "node_load1"), load, delta=max(0.7, 0.15 * load))

    def test_side_by_side_with_node_exporter(self):
        """All of its names but those that are named above, with the same types and labels. Counters lie between two of its
        readings; what stays as it is is equal."""
        exporter = TOOLS / "usr/bin/prometheus-node-exporter"
        if not exporter.exists():
            self.skipTest("there is no node_exporter: run scripts/setup test")
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        process = subprocess.Popen([str(exporter), f"--web.listen-address=127.0.0.1:{port}"], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        try:
            for _ in range(100):
                try:
                    first = self.scrape(port)
                    break
                except OSError:
                    time.sleep(0.1)
            time.sleep(16)  # past every interval of a counter but those of interfaces
            ours, our_types = self.page()
            last, types = self.scrape(port), self.types
        finally:
            process.terminate()
            process.wait()
        mountpoints = {dict(l).get("mountpoint") for (n, l) in ours if n == "node_filesystem_size_bytes"}
        missing, wrong, compared = set(), [], 0
        for (name, labels), value in last.items():
            if LEFT_OUT.match(name):
                continue
            if (name, labels) not in ours:
                # The same device at a second place is left out.
                if name.startswith("node_filesystem_") and dict(labels)["mountpoint"] not in mountpoints:
                    continue
                if name == "node_disk_info":
                    continue  # some of its labels are udev's
                missing.add((name, tuple(sorted(labels))))
                continue
            self.assertEqual(our_types[name], types[name], name)
            own = ours[(name, labels)]
            slack = 1e-6 * abs(value) + 0.011  # a clock tick
            if types[name] == "counter" or name.startswith(("node_netstat_", "node_vmstat_")):
                before = first.get((name, labels), 0)
                compared += 1
                gauges = ("node_netstat_Tcp_CurrEstab",)
                # The idle times of the kernel may go back a little.
                if name not in gauges and not before - slack - 1 <= own <= value + slack + 1:
                    wrong.append((name, dict(labels), before, own, value))
            elif first.get((name, labels)) == value and name.startswith(
                    ("node_network_", "node_uname", "node_os", "node_boot", "node_filefd_max", "node_memory_MemTotal")):
                compared += 1
                if abs(own - value) > slack:
                    wrong.append((name, dict(labels), own, value))
        self.assertEqual(sorted(missing), [])
        self.assertEqual(wrong, [])
        self.assertGreater(compared, 100)

    def scrape(self, port):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as response:
            samples, self.types = parse(response.read().decode())
        return samples

    def test_its_own_cost_is_shown_and_small(self):
        """Under the budget of 1 % of a core."""
        samples, types = parse(self.server.request("/metrics")[1])
        self.assertEqual(types["livedata_collect_seconds_total"], "counter")
        before = sum(v for (n, _), v in samples.items() if n == "livedata_collect_seconds_total")
        time.sleep(10)
        samples, _ = parse(self.server.request("/metrics")[1])
        after = sum(v for (n, _), v in samples.items() if n == "livedata_collect_seconds_total")
        self.assertGreater(after, before)
        self.assertLess((after - before) / 10, 0.015)
        interval = self.value(samples, "livedata_collect_interval_seconds", collector="cpu")
        self.assertGreaterEqual(interval, 1)


class Settings(unittest.TestCase):
    def test_without_collecting_there_is_no_page(self):
        with Livedata(BINARY) as server:
            self.assertEqual(server.request("/metrics/host")[0], 404)

    def test_collectors_can_be_switched_off(self):
        with Livedata(BINARY, arguments=(), environment={"LIVEDATA_COLLECT_INTERVALS": "process=off, cpu=2s"}) as server:
            self.assertTrue(server.wait_for('{source="cpu"}', 1))
            text = server.request("/metrics")[1]
            self.assertIn('livedata_collect_interval_seconds{collector="cpu"} 2\n', text)
            self.assertNotIn('collector="process"', text)

    def test_a_wrong_interval_ends_the_start(self):
        with self.assertRaisesRegex(RuntimeError, "collect.intervals: there is no collector 'cpus'; did you mean 'cpu'"):
            Livedata(BINARY, arguments=(), environment={"LIVEDATA_COLLECT_INTERVALS": "cpus=1s"}).start()


if __name__ == "__main__":
    unittest.main(verbosity=2)
