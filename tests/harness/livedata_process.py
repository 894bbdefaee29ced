"""Starts and stops a livedata of its own for tests and benchmarks. Standard library only."""
import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request


class Livedata:
    """A running server on a free port of the loopback. Use as a context manager.

    With syslog="127.0.0.1:0" the ports are in syslog_ports, by "UDP", "TCP" and "TLS"; with forward="127.0.0.1:0" those of
    the forward protocol in forward_ports.
    """

    def __init__(self, binary, data=None, arguments=("--no-collect",), syslog="", forward="", environment=None):
        self.binary = str(binary)
        self._temporary = None
        if data is None:
            self._temporary = tempfile.TemporaryDirectory(prefix="livedata-test-")
            data = self._temporary.name
        self.data = pathlib.Path(data)
        self.arguments = ["--syslog", syslog, *arguments]
        self.syslog_expected = syslog != ""
        self.forward_expected = forward != ""
        self.environment = {**os.environ, "LIVEDATA_OTLP_GRPC_LISTEN": "127.0.0.1:0", "LIVEDATA_FORWARD_LISTEN": forward,
                            **(environment or {})}
        self.process = None
        self.url = None
        self.grpc_address = None  # HOST:PORT of OTLP over gRPC, if it is on

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        if self._temporary:
            self._temporary.cleanup()

    def start(self, port=0):
        command = [self.binary, "serve", "--data", str(self.data), "--listen", f"127.0.0.1:{port}", *self.arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=self.environment)
        line = self.process.stdout.readline()
        match = re.search(r"livedata is ready: (http://\S+)", line)
        if not match:
            error = self.process.communicate()[1]
            raise RuntimeError(f"livedata did not start: {line}{error}")
        self.url = match.group(1)
        self.process.stdout.readline()  # the data folder
        self.grpc_address = None
        if self.environment["LIVEDATA_OTLP_GRPC_LISTEN"]:
            self.grpc_address = self.process.stdout.readline().split()[-1]
        self.syslog_ports = self._read_ports() if self.syslog_expected else {}
        self.forward_ports = self._read_ports() if self.forward_expected else {}

    def _read_ports(self):
        found = re.findall(r":(\d+) \((.*?)\)", self.process.stdout.readline())
        return {transport: int(port) for port, transports in found for transport in transports.split(" and ")}

    @property
    def port(self):
        return int(self.url.rsplit(":", 1)[1])

    def stop(self):
        """SIGTERM, and the exit code."""
        if self.process is None:
            return None
        self.process.send_signal(signal.SIGTERM)
        return self._reap()

    def kill(self):
        """SIGKILL: nothing is flushed."""
        self.process.kill()
        return self._reap()

    def _reap(self):
        self.process.communicate(timeout=120)
        code = self.process.returncode
        self.process = None
        return code

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_bytes(self):
        return int(pathlib.Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")

    def request(self, target, body=None, headers=None, method=None, timeout=60):
        """Status and text of the answer; errors are answers too."""
        data = body.encode() if isinstance(body, str) else body
        request = urllib.request.Request(self.url + target, data=data, headers=headers or {}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def query(self, query, **parameters):
        """Lines of a log query as (timestamp, labels, line), or the result of a metric query."""
        encoded = urllib.parse.urlencode({"query": query, "limit": 5000, **parameters})
        status, text = self.request(f"/loki/api/v1/query_range?{encoded}")
        if status != 200:
            raise RuntimeError(f"{status}: {text}")
        data = json.loads(text)["data"]
        if data["resultType"] != "streams":
            return data["result"]
        return [(int(t), s["stream"], line) for s in data["result"] for t, line, *_ in s["values"]]

    def query_all(self, query, start):
        """All lines of a log query since a time in nanoseconds, oldest first, however many there are."""
        page, limit, lines = [], 5000, []
        while True:
            # The next page begins at the last time of this one, of which there may be more.
            lines += [line for line in page if line[0] < start]
            page = sorted(self.query(query, start=start, end=2**62, limit=limit, direction="forward"), key=lambda line: line[0])
            if len(page) < limit:
                return lines + page
            if page[-1][0] == start:
                raise RuntimeError(f"more than {limit} lines at {start}")
            start = page[-1][0]

    def wait_for(self, query, count, seconds=20):
        """Lines of a query, once there are at least `count`."""
        deadline = time.monotonic() + seconds
        while True:
            lines = self.query(query)
            if len(lines) >= count or time.monotonic() > deadline:
                return lines
            time.sleep(0.2)
