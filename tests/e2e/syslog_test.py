#!/usr/bin/env python3
"""Syslog from the programs that send it - rsyslog, syslog-ng, logger - and floods of it. Nothing may be lost or doubled."""
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
import threading
import time
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "harness"))
from livedata_process import Livedata  # noqa: E402

BINARY = os.environ["LIVEDATA"]
CACHE = pathlib.Path(os.environ.get("LIVEDATA_CACHE") or
                     os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.join(os.environ["HOME"], ".cache"), "livedata"))
SENDERS = CACHE / "syslog-senders"
LIBRARIES = SENDERS / "usr/lib/x86_64-linux-gnu"
RECORDS = 10_000
TIMEOUT = 120


def run(*command, **arguments):
    subprocess.run([str(c) for c in command], check=True, capture_output=True, timeout=TIMEOUT, **arguments)


def sender_environment():
    paths = [LIBRARIES, SENDERS / "lib/x86_64-linux-gnu", SENDERS / "usr/lib/syslog-ng"]
    return {**os.environ, "LD_LIBRARY_PATH": ":".join(map(str, paths))}


class Certificates:
    """An authority, and certificates of it for a server and a client."""

    def __init__(self, folder):
        self.folder = folder
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=authority", "-keyout", self.key("authority"), "-out", self.certificate("authority"))
        for name in ("server", "client"):
            request = folder / f"{name}.csr"
            extensions = folder / f"{name}.ext"
            extensions.write_text("subjectAltName=DNS:livedata.test,IP:127.0.0.1\n")
            run("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=livedata.test",
                "-keyout", self.key(name), "-out", request)
            run("openssl", "x509", "-req", "-in", request, "-CA", self.certificate("authority"), "-CAkey", self.key("authority"),
                "-CAcreateserial", "-days", "2", "-extfile", extensions, "-out", self.certificate(name))

    def certificate(self, name):
        return self.folder / f"{name}.crt"

    def key(self, name):
        return self.folder / f"{name}.key"


class WithServer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not (SENDERS / "complete").exists():
            raise RuntimeError("rsyslog and syslog-ng are missing: run scripts/setup test")
        cls.temporary = tempfile.TemporaryDirectory(prefix="livedata-syslog-")
        cls.folder = pathlib.Path(cls.temporary.name)
        cls.certificates = Certificates(cls.folder)
        config = cls.folder / "livedata.yaml"
        config.write_text(json.dumps({"syslog": {
            "tls_listen": "127.0.0.1:0", "tls_certificate": str(cls.certificates.certificate("server")),
            "tls_key": str(cls.certificates.key("server")), "tls_client_ca": str(cls.certificates.certificate("authority"))}}))
        cls.server = Livedata(BINARY, arguments=("--no-collect", "--config", str(config)), syslog="127.0.0.1:0")
        cls.server.start()
        cls.ports = cls.server.syslog_ports

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0
        cls.temporary.cleanup()

    def count(self, selector):
        result = self.query_instant(f"sum(count_over_time({selector}[1h]))")
        return int(result[0]["value"][1]) if result else 0

    def query_instant(self, query):
        status, text = self.server.request("/loki/api/v1/query", "query=" + urllib.parse.quote(query),
                                           {"Content-Type": "application/x-www-form-urlencoded"})
        self.assertEqual(status, 200, text)
        return json.loads(text)["data"]["result"]

    def metric(self, name):
        """The sum over all labels."""
        text = self.server.request("/metrics")[1]
        return sum(float(v) for v in re.findall(rf"^{name}(?:\{{.*\}})? (\S+)$", text, re.MULTILINE))

    def wait_for_count(self, selector, count):
        deadline = time.monotonic() + TIMEOUT
        while (found := self.count(selector)) < count and time.monotonic() < deadline:
            time.sleep(0.1)
        return found

    def check_numbered(self, app, records=RECORDS):
        """That the lines "number 1 of APP" to "number 10000 of APP" are there, each of them once."""
        selector = f'{{app="{app}"}}'
        self.wait_for_count(selector, records)
        time.sleep(0.3)  # for what may come twice
        seen = collections.Counter()
        for digit in range(1, 10):
            for _, labels, line in self.server.query(f'{selector} |~ "^ ?number {digit}[0-9]* of {app}$"'):
                seen[int(line.split()[1])] += 1
        self.assertEqual(self.count(selector), records)
        self.assertEqual(sorted(seen), list(range(1, records + 1)))
        self.assertEqual(max(seen.values()), 1)

    def labels_of(self, app):
        return self.server.query(f'{{app="{app}"}}', limit=1)[0][1]


def numbered(app, records=RECORDS):
    return [f"number {i} of {app}\n" for i in range(1, records + 1)]


class Logger(WithServer):
    """util-linux's logger reads lines from its input."""

    def send(self, app, *options, pace=None):
        process = subprocess.Popen(["logger", "-n", "127.0.0.1", "-t", app, "-p", "local3.warning", *options], stdin=subprocess.PIPE, text=True)
        lines = numbered(app)
        for start in range(0, len(lines), 100):
            process.stdin.write("".join(lines[start:start + 100]))
            if pace:  # datagrams that come too fast are lost before they arrive
                process.stdin.flush()
                time.sleep(pace)
        process.stdin.close()
        self.assertEqual(process.wait(timeout=TIMEOUT), 0)
        self.check_numbered(app)
        labels = self.labels_of(app)
        self.assertEqual((labels["severity"], labels["facility"], labels["detected_level"]), ("warning", "local3", "warn"))
        self.assertEqual(labels["host"].split(".")[0], socket.gethostname().lower().split(".")[0])

    def test_udp_rfc5424(self):
        self.send("logger-udp-5424", "--udp", "-P", str(self.ports["UDP"]), "--rfc5424", pace=0.01)
        self.assertIn("timeQuality_tzKnown", self.labels_of("logger-udp-5424"))

    def test_udp_rfc3164(self):
        self.send("logger-udp-3164", "--udp", "-P", str(self.ports["UDP"]), "--rfc3164", pace=0.01)

    def test_tcp_rfc5424(self):
        self.send("logger-tcp-5424", "--tcp", "-P", str(self.ports["TCP"]), "--rfc5424")

    def test_tcp_rfc3164(self):
        self.send("logger-tcp-3164", "--tcp", "-P", str(self.ports["TCP"]), "--rfc3164")

    def test_tcp_octet_count(self):
        self.send("logger-octets-5424", "--tcp", "-P", str(self.ports["TCP"]), "--rfc5424", "--octet-count")
        self.send("logger-octets-3164", "--tcp", "-P", str(self.ports["TCP"]), "--rfc3164", "--octet-count")


class Daemons(WithServer):
    """Daemons that follow a file and forward its lines."""

    def forward(self, app, command, configuration):
        """Runs a daemon in the foreground until everything has arrived."""
        folder = self.folder / app
        folder.mkdir()
        (folder / "input.log").write_text("".join(numbered(app)))
        (folder / "daemon.conf").write_text(configuration.replace("FOLDER", str(folder)))
        with open(folder / "daemon.log", "w") as log:
            daemon = subprocess.Popen([c.replace("FOLDER", str(folder)) for c in map(str, command)], env=sender_environment(), stdout=log, stderr=log)
            try:
                self.check_numbered(app)
            except AssertionError as error:
                raise AssertionError(f"{error}\n{(folder / 'daemon.log').read_text()}") from None
            finally:
                daemon.terminate()
                daemon.wait(timeout=TIMEOUT)
        return self.labels_of(app)

    def rsyslog(self, app, template, protocol, *options):
        port = self.ports["TLS" if "StreamDriverMode" in " ".join(options) else protocol.upper()]
        ca, certificate, key = (self.certificates.certificate("authority"), self.certificates.certificate("client"), self.certificates.key("client"))
        return self.forward(app, [SENDERS / "usr/sbin/rsyslogd", "-n", "-f", "FOLDER/daemon.conf", "-i", "FOLDER/daemon.pid", "-M", LIBRARIES / "rsyslog"], f"""
global(workDirectory="FOLDER" defaultNetstreamDriverCAFile="{ca}" defaultNetstreamDriverCertFile="{certificate}" defaultNetstreamDriverKeyFile="{key}")
module(load="imfile" mode="polling" pollingInterval="1")
input(type="imfile" file="FOLDER/input.log" tag="{app}:" severity="err" facility="local5" ruleset="forward")
ruleset(name="forward") {{
  action(type="omfwd" target="127.0.0.1" port="{port}" protocol="{protocol}" template="{template}" {" ".join(options)})
}}
""")

    def test_rsyslog_udp_rfc3164(self):
        self.rsyslog("rsyslog-udp-3164", "RSYSLOG_TraditionalForwardFormat", "udp", 'udp.sendDelay="50"')

    def test_rsyslog_udp_rfc5424(self):
        self.rsyslog("rsyslog-udp-5424", "RSYSLOG_SyslogProtocol23Format", "udp", 'udp.sendDelay="50"')

    def test_rsyslog_tcp_rfc3164(self):
        labels = self.rsyslog("rsyslog-tcp-3164", "RSYSLOG_TraditionalForwardFormat", "tcp")
        self.assertEqual((labels["severity"], labels["facility"], labels["detected_level"]), ("err", "local5", "error"))

    def test_rsyslog_tcp_iso(self):
        self.rsyslog("rsyslog-tcp-iso", "RSYSLOG_ForwardFormat", "tcp", 'tcp_framing="octet-counted"')

    def test_rsyslog_tcp_rfc5424(self):
        self.rsyslog("rsyslog-tcp-5424", "RSYSLOG_SyslogProtocol23Format", "tcp", 'tcp_framing="octet-counted"')

    def test_rsyslog_tls(self):
        self.rsyslog("rsyslog-tls", "RSYSLOG_SyslogProtocol23Format", "tcp", 'tcp_framing="octet-counted"', 'StreamDriver="ossl"', 'StreamDriverMode="1"',
                     'StreamDriverAuthMode="x509/name"', 'StreamDriverPermittedPeers="livedata.test"')

    def syslog_ng(self, app, destination):
        modules = next((SENDERS / "usr/lib/syslog-ng").glob("*/libaffile.so")).parent
        return self.forward(app, [SENDERS / "usr/sbin/syslog-ng", "-F", "--no-caps", "-f", "FOLDER/daemon.conf", "-p", "FOLDER/daemon.pid", "-c",
                                  "FOLDER/daemon.ctl", "-R", "FOLDER/daemon.persist", f"--module-path={modules}"], f"""@version: 3.38
source input {{ file("FOLDER/input.log" follow-freq(0.2) flags(no-parse) program-override("{app}") default-priority(crit) default-facility(local6)); }};
destination livedata {{ {destination}; }};
log {{ source(input); destination(livedata); }};
""")

    def test_syslog_ng_udp(self):
        self.syslog_ng("syslog-ng-udp", f'syslog("127.0.0.1" port({self.ports["UDP"]}) transport("udp") throttle(5000))')

    def test_syslog_ng_tcp(self):
        labels = self.syslog_ng("syslog-ng-tcp", f'syslog("127.0.0.1" port({self.ports["TCP"]}) transport("tcp"))')
        self.assertEqual((labels["severity"], labels["facility"], labels["detected_level"]), ("crit", "local6", "critical"))

    def test_syslog_ng_bsd(self):
        self.syslog_ng("syslog-ng-bsd", f'network("127.0.0.1" port({self.ports["TCP"]}) transport("tcp"))')

    def test_syslog_ng_tls(self):
        self.syslog_ng("syslog-ng-tls", f'''syslog("127.0.0.1" port({self.ports["TLS"]}) transport("tls")
            tls(ca-file("{self.certificates.certificate("authority")}") cert-file("{self.certificates.certificate("client")}")
                key-file("{self.certificates.key("client")}") peer-verify(required-trusted)))''')


class Floods(WithServer):
    """More than can be taken."""

    def test_tcp_makes_the_sender_wait(self):
        connections, each = 8, 50_000
        padding = "x" * 150

        def send(number):
            with socket.create_connection(("127.0.0.1", self.ports["TCP"])) as connection:
                for start in range(0, each, 1000):
                    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
                    connection.sendall("".join(f"<14>1 {now} h{number} tcp-flood - - - n={i} {padding}\n" for i in range(start, start + 1000)).encode())

        threads = [threading.Thread(target=send, args=(n,)) for n in range(connections)]
        begin = time.monotonic()
        for thread in threads:
            thread.start()
        largest = 0
        while any(thread.is_alive() for thread in threads):
            largest = max(largest, self.server.resident_bytes())
            time.sleep(0.1)
        self.assertEqual(self.wait_for_count('{app="tcp-flood"}', connections * each), connections * each)
        seconds = time.monotonic() - begin
        print(f"TCP flood: {connections * each} records in {seconds:.1f} s, {largest >> 20} MiB resident", file=sys.stderr)
        by_host = self.query_instant('sum by (host) (sum_over_time({app="tcp-flood"} | regexp "n=(?P<n>[0-9]+)" | unwrap n [1h]))')
        self.assertEqual({r["metric"]["host"]: float(r["value"][1]) for r in by_host},
                         {f"h{n}": each * (each - 1) / 2 for n in range(connections)})
        self.assertLess(largest, 1 << 30)

    def test_udp_counts_what_it_drops(self):
        senders, each = 3, 100_000
        script = """
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect(("127.0.0.1", int(sys.argv[1])))
padding = b"x" * 150
for i in range(int(sys.argv[3])):
    s.send(b"<14>udp-flood: %s.%d %s" % (sys.argv[2].encode(), i, padding))
"""
        processes = [subprocess.Popen([sys.executable, "-c", script, str(self.ports["UDP"]), str(n), str(each)]) for n in range(senders)]
        time.sleep(0.5)
        # However fast this machine is, now the kernel's buffer fills up.
        self.server.process.send_signal(signal.SIGSTOP)
        try:
            for process in processes:
                self.assertEqual(process.wait(timeout=TIMEOUT), 0)
        finally:
            self.server.process.send_signal(signal.SIGCONT)
        deadline = time.monotonic() + TIMEOUT
        while True:
            stored = self.count('{app="udp-flood"}')
            dropped = self.metric("livedata_syslog_dropped_total")
            if stored + dropped >= senders * each or time.monotonic() > deadline:
                break
            time.sleep(0.2)
        print(f"UDP flood: {senders * each} sent, {stored} stored, {dropped:.0f} dropped", file=sys.stderr)
        self.assertEqual(stored + dropped, senders * each)
        self.assertGreater(stored, 0)
        self.assertGreater(dropped, 0)


if __name__ == "__main__":
    unittest.main()
