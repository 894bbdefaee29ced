#!/usr/bin/env python3
"""More than can be stored, through every door: HTTP and TCP lose nothing, UDP loses nothing that is not counted, and memory
stays within its bounds. The store is made slow: small heads that are flushed with the strongest compression.

BURST_SECONDS is how long each burst lasts: 0.3 is the short version, 10 the full one.
"""
import json
import multiprocessing
import os
import pathlib
import random
import re
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "harness"))
from livedata_process import Livedata  # noqa: E402

BINARY = os.environ["LIVEDATA"]
SECONDS = float(os.environ.get("BURST_SECONDS", "1"))
CLIENTS = 3
BATCH = 500
TIMEOUT = 120 + 30 * SECONDS
MIB = 1 << 20
# Records that may be in memory, and what the process takes besides.
MAX_RESIDENT = 300 * MIB
SLOW_STORE = {
    "LIVEDATA_HEAD_MAX_BYTES": "256KiB",
    "LIVEDATA_HEAD_MAX_BYTES_OF_ALL": "1MiB",
    "LIVEDATA_HEAD_MAX_WAIT": "0",
    "LIVEDATA_COMPACTION_ENABLED": "false",
    "LIVEDATA_COMPACTION_HOT_CODEC": "zstd-22",
    "LIVEDATA_STORAGE_METADATA_CACHE_BYTES": "8MiB",
    "LIVEDATA_STORAGE_BLOCK_CACHE_BYTES": "1MiB",
    "LIVEDATA_LOG_LEVEL": "error",
}
NOISE = random.Random(1).randbytes(MIB).hex()


def line(client, number):
    """About 200 bytes that do not compress well."""
    start = (client * 7919 + number * 263) % (len(NOISE) - 200)
    return f"n={number} client={client} {NOISE[start:start + 170]}"


# ---- how each door wants a batch of numbered lines: path, content type, body ----

def loki(client, numbers):
    now = time.time_ns()
    values = [[str(now + i), line(client, n)] for i, n in enumerate(numbers)]
    return "/loki/api/v1/push", "application/json", json.dumps({"streams": [{"stream": {"app": "burst"}, "values": values}]})


def otlp(client, numbers):
    now = time.time_ns()
    records = [{"timeUnixNano": str(now + i), "body": {"stringValue": line(client, n)}} for i, n in enumerate(numbers)]
    return "/v1/logs", "application/json", json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": records}]}]})


def ndjson(client, numbers):
    return "/api/v1/push?service=burst", "application/x-ndjson", "\n".join(json.dumps({"message": line(client, n)}) for n in numbers)


def bulk(client, numbers):
    return "/_bulk", "application/x-ndjson", "".join('{"create":{"_index":"burst"}}\n' + json.dumps({"message": line(client, n)}) + "\n" for n in numbers)


def hec(client, numbers):
    return "/services/collector/event", "application/json", "".join(json.dumps({"event": line(client, n)}) for n in numbers)


def datadog(client, numbers):
    return "/api/v2/logs", "application/json", json.dumps([{"message": line(client, n), "service": "burst"} for n in numbers])


def push_over_http(encode, url, client, seconds, results):
    """As senders do: what is refused for now is sent again, after the time that the answer says."""
    sent, refused = 0, 0
    end = time.monotonic() + seconds
    give_up = end + TIMEOUT
    while time.monotonic() < end:
        path, content_type, body = encode(client, range(sent, sent + BATCH))
        while True:
            request = urllib.request.Request(url + path, data=body.encode(), headers={"Content-Type": content_type})
            try:
                with urllib.request.urlopen(request, timeout=60):
                    break
            except urllib.error.HTTPError as error:
                if error.code not in (429, 503) or time.monotonic() > give_up:
                    raise RuntimeError(f"{error.code}: {error.read()}") from error
                refused += 1
                time.sleep(float(error.headers["Retry-After"]))
        sent += BATCH
    results.put((client, sent, refused))


def varint(number):
    out = b""
    while number > 0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def message(tag, content):
    return varint(tag << 3 | 2) + varint(len(content)) + content


def push_over_grpc(address, client, seconds, results):
    """curl speaks HTTP/2; the frames of gRPC are made here."""
    sent, refused = 0, 0
    end = time.monotonic() + seconds
    give_up = end + TIMEOUT
    with tempfile.NamedTemporaryFile() as body:
        while time.monotonic() < end:
            now = time.time_ns()
            records = b"".join(message(2, b"\x09" + struct.pack("<Q", now + n) + message(5, message(1, line(client, n).encode())))
                               for n in range(sent, sent + 2 * BATCH))
            request = message(1, message(2, records))
            body.seek(0)
            body.write(struct.pack(">BI", 0, len(request)) + request)
            body.flush()
            while True:
                done = subprocess.run(
                    ["curl", "--silent", "--show-error", "--http2-prior-knowledge", "--max-time", "60", "--dump-header", "-", "--output", "/dev/null",
                     "-H", "Content-Type: application/grpc", "-H", "TE: trailers", "--data-binary", f"@{body.name}",
                     f"http://{address}/opentelemetry.proto.collector.logs.v1.LogsService/Export"], capture_output=True, text=True, check=True)
                status = int(re.search(r"grpc-status: *(\d+)", done.stdout).group(1))
                if status == 0:
                    break
                if status not in (8, 14) or time.monotonic() > give_up:
                    raise RuntimeError(done.stdout)
                refused += 1
                time.sleep(1)
            sent += 2 * BATCH
    results.put((client, sent, refused))


def send_over_tcp(port, client, seconds, results):
    sent = 0
    end = time.monotonic() + seconds
    with socket.create_connection(("127.0.0.1", port)) as connection:
        while time.monotonic() < end:
            connection.sendall("".join(f"<14>1 - h{client} burst - - - {line(client, n)}\n" for n in range(sent, sent + BATCH)).encode())
            sent += BATCH
    results.put((client, sent, 0))


def send_over_udp(port, client, seconds, results):
    """Severities in turn: error, notice, debug."""
    sent = 0
    end = time.monotonic() + seconds
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.connect(("127.0.0.1", port))
    while time.monotonic() < end:
        for n in range(sent, sent + 100):
            sender.send(f"<{(11, 13, 15)[n % 3]}>1 - h{client} burst - - - {line(client, n)}".encode())
        sent += 100
    results.put((client, sent, 0))


class Burst(unittest.TestCase):
    def start(self, **settings):
        server = Livedata(BINARY, syslog="127.0.0.1:0", environment={**SLOW_STORE, **settings})
        self.addCleanup(server.__exit__)
        server.start()
        return server

    def metric(self, name, labels=""):
        """The sum over all labels, or over those that hold a text."""
        text = self.server.request("/metrics")[1]
        found = re.findall(rf"^{name}(\{{.*\}})? (\S+)$", text, re.MULTILINE)
        return sum(float(value) for shown, value in found if labels in shown)

    def run_clients(self, work, *arguments):
        """Records sent by each client, and how often they were refused; checks the server's memory meanwhile."""
        results = multiprocessing.Queue()
        processes = [multiprocessing.Process(target=work, args=(*arguments, client, SECONDS, results)) for client in range(CLIENTS)]
        begin = time.monotonic()
        for process in processes:
            process.start()
        while any(process.is_alive() for process in processes):
            self.watch()
            self.assertLess(time.monotonic() - begin, 2 * TIMEOUT)
        for process in processes:
            process.join()
            self.assertEqual(process.exitcode, 0)
        found = [results.get(timeout=10) for _ in processes]
        return {client: sent for client, sent, _ in found}, sum(refused for *_, refused in found)

    def watch(self):
        self.largest = max(self.largest, self.server.resident_bytes())
        time.sleep(0.05)

    def instant(self, query):
        status, text = self.server.request("/loki/api/v1/query", "query=" + urllib.parse.quote(query),
                                           {"Content-Type": "application/x-www-form-urlencoded"}, timeout=TIMEOUT)
        self.assertEqual(status, 200, text)
        return {r["metric"].get("client", ""): float(r["value"][1]) for r in json.loads(text)["data"]["result"]}

    def count(self):
        return sum(self.instant('sum(count_over_time({service_name=~".+"}[1h]))').values())

    def wait_for(self, condition, what):
        deadline = time.monotonic() + TIMEOUT
        while not condition():
            self.assertLess(time.monotonic(), deadline, what)
            self.watch()
            time.sleep(0.1)

    def check_stored(self, sent):
        """Each number of each client, once."""
        self.wait_for(lambda: self.count() >= sum(sent.values()), "not everything is stored")
        numbers = '{service_name=~".+"} | regexp `n=(?P<n>[0-9]+) client=(?P<client>[0-9]+)`'
        self.assertEqual(self.instant(f"sum by (client) (count_over_time({numbers} [1h]))"), {str(c): n for c, n in sent.items()})
        self.assertEqual(self.instant(f"sum by (client) (sum_over_time({numbers} | unwrap n [1h]))"),
                         {str(c): n * (n - 1) / 2 for c, n in sent.items()})
        self.assertEqual(self.stored_rows(), sum(sent.values()))

    def stored_rows(self):
        """Queries leave doubles out; this does not."""
        storage = json.loads(self.server.request("/api/v1/status")[1])["storage"]
        return storage["segmentRecords"] + storage["headRecords"]

    def report(self, sent, dropped=0):
        print(f"{self.id().rsplit('_', 1)[1]}: {sent} records, {dropped:.0f} dropped, {self.largest >> 20} MiB resident", file=sys.stderr)
        self.assertLess(self.largest, MAX_RESIDENT)

    def setUp(self):
        self.largest = 0


class Http(Burst):
    def check(self, source, work, *arguments):
        sent, refused = self.run_clients(work, *arguments)
        self.check_stored(sent)
        label = f'source="{source}"'
        self.assertEqual(self.metric("livedata_records_ingested_total", label), sum(sent.values()))
        self.assertEqual(self.metric("livedata_records_rejected_total"), 0)
        self.assertGreater(refused, 0, "the store was not too slow")
        self.assertEqual(self.metric("livedata_writes_refused_total", label), refused)
        self.assertGreater(self.metric("livedata_refusing_seconds"), 0)
        self.report(sum(sent.values()))

    def burst(self, source, encode):
        self.server = self.start()
        self.check(source, push_over_http, encode, self.server.url)
        # Splunk's collector says 503 where others say 429.
        busy = self.metric("livedata_http_requests_total", 'status="429"') + self.metric("livedata_http_requests_total", 'status="503"')
        self.assertGreater(busy, 0)

    def test_loki(self):
        self.burst("loki", loki)

    def test_otlp(self):
        self.burst("otlp", otlp)

    def test_ndjson(self):
        self.burst("native", ndjson)

    def test_bulk(self):
        self.burst("bulk", bulk)

    def test_hec(self):
        self.burst("hec", hec)

    def test_datadog(self):
        self.burst("datadog", datadog)

    def test_grpc(self):
        self.server = self.start()
        self.check("otlp", push_over_grpc, self.server.grpc_address)
        self.assertGreater(self.metric("livedata_grpc_calls_total", 'code="8"'), 0)


class Syslog(Burst):
    def test_tcp(self):
        self.server = self.start()
        sent, _ = self.run_clients(send_over_tcp, self.server.syslog_ports["TCP"])
        self.check_stored(sent)
        self.assertGreater(self.metric("livedata_syslog_write_retries_total"), 0, "the store was not too slow")
        self.assertEqual(self.metric("livedata_syslog_unwritten_records_total"), 0)
        self.report(sum(sent.values()))

    def dropped(self, reason=""):
        return self.metric("livedata_syslog_dropped_total", f'reason="{reason}"' if reason else "")

    def burst_of_datagrams(self, **settings):
        self.server = self.start(LIVEDATA_SYSLOG_UDP_MEMORY_BYTES="1MiB", **settings)
        sent, _ = self.run_clients(send_over_udp, self.server.syslog_ports["UDP"])
        total = sum(sent.values())
        self.wait_for(lambda: self.metric("livedata_overflow_in_total") + self.dropped() >= total, "datagrams are nowhere")
        return total

    def check_accounted(self, total):
        self.wait_for(lambda: self.count() + self.dropped() >= total, "datagrams are lost")
        self.assertEqual(self.count() + self.dropped(), total)
        self.assertEqual(self.stored_rows() + self.dropped(), total)
        self.wait_for(lambda: self.metric("livedata_overflow_disk_bytes") == 0, "files stay")
        self.report(total, self.dropped())

    def test_udp_waits_on_disk(self):
        total = self.burst_of_datagrams()
        self.assertGreater(self.metric("livedata_overflow_disk_bytes"), 0, "the store was not too slow")
        self.assertGreater(self.metric("livedata_overflow_age_seconds"), 0)
        self.check_accounted(total)
        self.assertEqual(self.dropped("less_severe") + self.dropped("queue_full"), 0)

    def test_udp_drops_the_less_severe_first(self):
        total = self.burst_of_datagrams(LIVEDATA_SYSLOG_UDP_DISK_BYTES="2MiB")
        self.assertGreater(self.dropped("less_severe"), 0)
        self.check_accounted(total)
        severe = self.instant('sum by (severity) (count_over_time({severity="err"}[1h]))')
        debug = self.instant('sum by (severity) (count_over_time({severity="debug"}[1h]))')
        self.assertGreater(sum(severe.values()), sum(debug.values()))

    def test_udp_survives_kill(self):
        total = self.burst_of_datagrams()
        kernel = self.dropped("kernel")
        self.assertGreater(self.metric("livedata_overflow_disk_bytes"), 0, "the store was not too slow")
        # Not in the middle of the memory's part, but of the disk's.
        before = self.metric("livedata_overflow_disk_bytes")
        self.wait_for(lambda: self.metric("livedata_overflow_disk_bytes") <= before * 0.9, "nothing is stored")
        for _ in range(3):
            self.server.kill()
            self.server.start()
            time.sleep(0.2)
        self.wait_for(lambda: self.metric("livedata_overflow_disk_bytes") == 0, "files stay")
        stored = self.count()
        self.assertEqual(self.stored_rows(), stored, "some are doubled")
        # The newest chunk was in memory; older ones had been stored.
        self.assertLess(total - kernel - stored, 2 * MIB / 200, "what was on disk is lost")
        self.report(total, total - stored)
        self.assertEqual(self.server.stop(), 0)


if __name__ == "__main__":
    unittest.main()
