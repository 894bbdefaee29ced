#!/usr/bin/env python3
"""The forward protocol from clients that speak it: the Node.js one with acknowledgements, a key and TLS, and Debian's
Python one. Nothing may be lost or doubled."""
import collections
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "harness"))
from livedata_process import Livedata  # noqa: E402
from npm_client import run_client  # noqa: E402

BINARY = os.environ["LIVEDATA"]
PYTHON = "/usr/bin/python3"  # the one that Debian's packages are for
RECORDS = 10_000
TIMEOUT = 120
KEY = "the-key-that-is-shared"

PYTHON_CLIENT = """
import sys
from fluent import sender
tag, port, count, precise = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "precise"
logger = sender.FluentSender(tag, port=port, nanosecond_precision=precise)
for n in range(1, count + 1):
    assert logger.emit("", {"message": "number %d of %s" % (n, tag), "n": n, "host": "py"}), logger.last_error
    if n % 10 == 0:
        assert logger.emit("", {"message": "again", "host": "py"}), logger.last_error
logger.close()
"""


def make_certificate(folder):
    certificate, key = folder / "server.crt", folder / "server.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    return certificate, key


class WithServer(unittest.TestCase):
    SETTINGS = {}

    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="livedata-forward-")
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        self.server = None
        self.start()
        self.addCleanup(lambda: self.assertEqual(self.server.stop(), 0))

    def start(self, forward="127.0.0.1:0"):
        """A server with the data of the one before."""
        config = self.folder / "livedata.yaml"
        config.write_text(json.dumps({"forward": self.settings()}))
        self.server = Livedata(BINARY, data=self.folder / "data", arguments=("--no-collect", "--config", str(config)), forward=forward)
        self.server.start()
        self.ports = self.server.forward_ports

    def settings(self):
        return self.SETTINGS

    def metric(self, name):
        """The sum over all labels."""
        text = self.server.request("/metrics")[1]
        return sum(float(v) for v in re.findall(rf"^{name}(?:\{{.*\}})? (\S+)$", text, re.MULTILINE))

    def send(self, tag, records=RECORDS, per_second=100_000, **options):
        options = {"tag": tag, **options, "socket": {"host": "127.0.0.1", "port": self.ports["TCP"], "timeout": 60_000, **options.get("socket", {})}}
        return json.loads(run_client("forward.mjs", json.dumps(options), records, per_second, timeout=TIMEOUT))

    def lines_of(self, tag, count):
        """The lines, once there are as many. What may come twice has some time to do so."""
        selector = f'{{tag="{tag}"}}'
        deadline = time.monotonic() + TIMEOUT
        while True:
            result = self.server.query(f"sum(count_over_time({selector}[1h]))", start=time.time_ns() - 10**9, end=time.time_ns() + 10**9, step=1)
            if result and int(result[0]["values"][-1][1]) >= count or time.monotonic() > deadline:
                break
            time.sleep(0.1)
        time.sleep(0.3)
        return self.server.query_all(selector, start=time.time_ns() - 3600 * 10**9)

    def check_numbered(self, tag, records=RECORDS, others=0):
        lines = self.lines_of(tag, records + others)
        numbers = collections.Counter(int(line.split()[1]) for _, _, line in lines if line.startswith("number "))
        self.assertEqual(sorted(numbers), list(range(1, records + 1)))
        self.assertEqual(max(numbers.values()), 1)
        self.assertEqual(len(lines), records + others)
        return lines


class Plain(WithServer):
    def test_all_modes(self):
        for mode in ("Message", "Forward", "PackedForward", "CompressedPackedForward"):
            tag = f"js.{mode}"
            self.assertEqual(self.send(tag, eventMode=mode, flushInterval=20), {"sent": RECORDS, "errors": {}})
            lines = self.check_numbered(tag)
            # Times are whole seconds, and still the order is that of the sender.
            self.assertEqual([int(line.split()[1]) for _, _, line in lines], list(range(1, RECORDS + 1)))
            labels = lines[0][1]
            self.assertEqual({k: labels[k] for k in ("tag", "pod", "namespace", "n", "source")},
                             {"tag": tag, "pod": "p1", "namespace": "shop", "n": "1", "source": "js"})
        self.assertEqual(self.metric("livedata_forward_events_total"), 4 * RECORDS)
        self.assertEqual(self.metric("livedata_forward_rejected_total"), 0)

    def test_acknowledgements(self):
        for mode in ("Message", "PackedForward"):
            tag = f"ack.{mode}"
            self.assertEqual(self.send(tag, eventMode=mode, flushInterval=20, ack={"ackTimeout": 60_000}), {"sent": RECORDS, "errors": {}})
            # They are there at once: that is what was acknowledged.
            self.check_numbered(tag)

    def test_python(self):
        for precision in ("seconds", "precise"):
            tag = f"py.{precision}"
            sender = subprocess.run([PYTHON, "-c", PYTHON_CLIENT, tag, str(self.ports["TCP"]), str(RECORDS), precision], capture_output=True, text=True, timeout=TIMEOUT)
            self.assertEqual(sender.returncode, 0, "run scripts/setup test if the package is missing\n" + sender.stderr)
            lines = self.check_numbered(tag, others=RECORDS // 10)
            self.assertEqual(lines[0][1]["host"], "py")

    def test_what_is_wrong_ends_the_connection(self):
        with socket.create_connection(("127.0.0.1", self.ports["TCP"])) as client:
            client.sendall(b"\x93\xa5wrong\x00\x81\xa3log\xa4kept" + b"GET / HTTP/1.1\r\n\r\n")
            client.settimeout(20)
            self.assertEqual(client.recv(100), b"")
        self.assertEqual([line for _, _, line in self.lines_of("wrong", 1)], ["kept"])
        self.assertEqual(self.metric("livedata_forward_rejected_total"), 1)


class Restarts(WithServer):
    """What was acknowledged is there, whatever happens to the server; the client sends the rest again."""

    def send_through(self, tag, interrupt):
        answer = {}
        sender = threading.Thread(target=lambda: answer.update(self.send(
            tag, per_second=2000, milliseconds=True, flushInterval=20, ack={"ackTimeout": 2000},
            eventRetry={"attempts": 30, "delay": 100, "backoff": 1}, socket={"reconnect": {"delay": 100, "backoff": 1}})))
        sender.start()
        for _ in range(2):
            time.sleep(1.5)
            interrupt()
            self.start(forward=f"127.0.0.1:{self.ports['TCP']}")
        sender.join()
        self.assertEqual(answer.get("sent"), RECORDS, answer)
        self.check_numbered(tag)

    def test_stopped(self):
        self.send_through("stopped", lambda: self.assertEqual(self.server.stop(), 0))

    def test_killed(self):
        self.send_through("killed", lambda: self.server.kill())


class WithKeyAndTls(WithServer):
    def settings(self):
        self.certificate, key = make_certificate(self.folder)
        return {"shared_key": KEY, "tls_listen": "127.0.0.1:0", "tls_certificate": str(self.certificate), "tls_key": str(key)}

    def test_with_the_key(self):
        security = {"clientHostname": "client", "sharedKey": KEY}
        self.assertEqual(self.send("key", security=security, ack={"ackTimeout": 60_000}, flushInterval=20), {"sent": RECORDS, "errors": {}})
        self.check_numbered("key")

    def test_over_tls(self):
        security = {"clientHostname": "client", "sharedKey": KEY}
        transport = {"port": self.ports["TLS"], "tls": {"ca": self.certificate.read_text(), "servername": "localhost"}}
        self.assertEqual(self.send("tls", security=security, socket=transport, ack={"ackTimeout": 60_000}, flushInterval=20), {"sent": RECORDS, "errors": {}})
        self.check_numbered("tls")

    def test_without_the_key_nothing_is_taken(self):
        answer = self.send("wrong", 100, security={"clientHostname": "client", "sharedKey": KEY + "x"})
        self.assertEqual(answer["sent"], 0)
        self.assertNotEqual(answer["errors"], {})
        self.assertEqual(self.metric('livedata_forward_rejected_total'), 1)
        self.assertEqual(self.server.query('{tag="wrong"}'), [])
        self.server.process.terminate()
        log = self.server.process.communicate(timeout=TIMEOUT)[1]
        self.assertIn("127.0.0.1 (tcp): the client was refused: shared_key mismatch", log)
        self.assertNotIn(KEY, log)
        self.start()


class Ports(unittest.TestCase):
    def test_the_usual_port_may_be_taken(self):
        """By Fluentd, most likely: livedata starts without, unless another port was asked for."""
        with tempfile.TemporaryDirectory(prefix="livedata-forward-") as folder, socket.socket() as other:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            other.bind(("127.0.0.1", 0))
            other.listen()
            address = "127.0.0.1:%d" % other.getsockname()[1]
            with self.assertRaisesRegex(RuntimeError, "forward protocol: port .* in use"):
                Livedata(BINARY, data=folder, forward=address).start()
        with socket.socket() as other:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                other.bind(("127.0.0.1", 24224))
                other.listen()
            except OSError:
                pass  # somebody has it already, which is as good
            # The harness expects no line of a door that is not there.
            with Livedata(BINARY, environment={"LIVEDATA_FORWARD_LISTEN": "127.0.0.1:24224"}) as server:
                self.assertEqual(server.request("/ready")[0], 200)
                server.process.terminate()
                self.assertIn("there is no forward protocol", server.process.communicate(timeout=TIMEOUT)[1])
                server.process = None


if __name__ == "__main__":
    unittest.main()
