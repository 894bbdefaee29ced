#!/usr/bin/env python3
"""OTLP logs over HTTP and gRPC, as OpenTelemetry's own SDK sends them and as the specification has it.

The environment names the binary (LIVEDATA) and the folder where the SDK is installed (LIVEDATA_OTLP_CLIENTS).
"""
import gzip
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request
import zlib

here = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(here.parent / "harness"))
from livedata_process import Livedata  # noqa: E402

BINARY = os.environ["LIVEDATA"]
CLIENTS = pathlib.Path(os.environ.get("LIVEDATA_OTLP_CLIENTS", "/tmp/livedata-otlp-clients"))
SECOND = 1_000_000_000
PROTOBUF = "application/x-protobuf"
JSON = "application/json"


def install_clients():
    """OpenTelemetry's packages in the versions of the lock file, once."""
    CLIENTS.mkdir(parents=True, exist_ok=True)
    lock = (here / "otlp_clients/package-lock.json").read_text()
    done = CLIENTS / "installed"
    for name in ("package.json", "package-lock.json", ".npmrc", "send.mjs"):
        shutil.copy(here / "otlp_clients" / name, CLIENTS)
    if done.exists() and done.read_text() == lock:
        return
    subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=CLIENTS, check=True)
    done.write_text(lock)


def varint(number):
    out = b""
    while number > 0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def message(tag, content):
    """A length-delimited protobuf field."""
    content = content.encode() if isinstance(content, str) else content
    return varint(tag << 3 | 2) + varint(len(content)) + content


def fields(data):
    """A protobuf message's fields as (tag, number or bytes)."""
    def read_varint(at):
        value = shift = 0
        while True:
            value |= (data[at] & 0x7F) << shift
            shift += 7
            at += 1
            if data[at - 1] < 0x80:
                return value, at
    at, out = 0, []
    while at < len(data):
        key, at = read_varint(at)
        value, at = read_varint(at)
        if key & 7 == 2:
            value, at = data[at:at + value], at + value
        out.append((key >> 3, value))
    return out


def request_protobuf(service, lines):
    resource = message(1, message(1, message(1, "service.name") + message(2, message(1, service))))
    records = b"".join(message(2, message(5, message(1, line))) for line in lines)
    return message(1, resource + message(2, records))


def request_json(service, records):
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": service}}]}
    return json.dumps({"resourceLogs": [{"resource": resource, "scopeLogs": [{"logRecords": records}]}]})


class WithServer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Livedata(BINARY)
        cls.server.start()

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0

    def post(self, body, content_type=PROTOBUF, path="/v1/logs", **headers):
        """Status, headers and bytes of the answer."""
        headers = {"Content-Type": content_type, **{k.replace("_", "-"): v for k, v in headers.items()}}
        body = body.encode() if isinstance(body, str) else body
        request = urllib.request.Request(self.server.url + path, data=body, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return response.status, response.headers, response.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def lines(self, service):
        return sorted(line for _, _, line in self.server.query(f'{{service_name="{service}"}}'))


class Sdk(WithServer):
    """10,000 records through every exporter: none lost, none doubled, every attribute in its place."""

    COUNT = 10_000

    @classmethod
    def setUpClass(cls):
        install_clients()
        super().setUpClass()

    def send(self, kind, service):
        protocol = kind.split("-")[0]
        url = f"http://{self.server.grpc_address}" if protocol == "grpc" else f"{self.server.url}/{'otlp/' if protocol == 'json' else ''}v1/logs"
        subprocess.run(["node", "send.mjs", kind, url, str(self.COUNT), service], cwd=CLIENTS, check=True, timeout=120)

    def records(self, service):
        """All of a service's records as (time, labels, line), page by page."""
        query, end, seen = f'{{service_name="{service}"}}', time.time_ns(), []
        while True:
            page = self.server.query(query, start=time.time_ns() - 7200 * SECOND, end=end)
            seen += page
            if len(page) < 5000:
                return seen
            end = min(t for t, _, _ in page)  # times are all different, and the end is left out

    def check(self, kind):
        self.send(kind, kind)
        records = sorted(self.records(kind))
        self.assertEqual([line for _, _, line in records], [f"record {i}" for i in range(self.COUNT)])
        first = records[0][0]
        self.assertEqual([t - first for t, _, _ in records], [i * 1_000_000 for i in range(self.COUNT)])
        labels = records[1234][1]
        observed = labels.pop("observed_timestamp")
        self.assertLess(abs(time.time_ns() - int(observed)), 300 * SECOND)
        self.assertEqual(labels, {
            "service_name": kind, "service_namespace": "tests", "host_name": "box", "scope_name": "numbers", "scope_version": "1.2.3",
            "severity_number": "13", "severity_text": "WARN", "detected_level": "warn", "flags": "1",
            "trace_id": f"{1234:x}".rjust(32, "a"), "span_id": f"{1234:x}".rjust(16, "b"),
            "number": "1234", "half": "617.25", "even": "true", "http_route": "/numbers", "list": '[1234,"x"]', "nested_inner_deep": "1234"})

    def test_http_protobuf(self):
        self.check("proto")

    def test_http_protobuf_compressed(self):
        self.check("proto-gzip")

    def test_http_json(self):
        self.check("json")

    def test_http_json_compressed(self):
        self.check("json-gzip")

    def test_grpc(self):
        self.check("grpc")
        self.assertIn('livedata_grpc_calls_total{method="/opentelemetry.proto.collector.logs.v1.LogsService/Export",code="0"}',
                      self.server.request("/metrics")[1])

    def test_grpc_compressed(self):
        self.check("grpc-gzip")

    def test_numbers_are_numbers(self):
        self.send("grpc", "sums")
        query = urllib.parse.urlencode({"query": 'sum(sum_over_time({service_name="sums"} | unwrap number [2h]))'})
        status, text = self.server.request("/loki/api/v1/query?" + query)
        self.assertEqual(status, 200, text)
        self.assertEqual(float(json.loads(text)["data"]["result"][0]["value"][1]), sum(range(self.COUNT)))


class Http(WithServer):
    def test_answers_are_in_the_requests_encoding(self):
        status, headers, body = self.post(request_protobuf("plain", ["one", "two"]))
        self.assertEqual((status, headers["Content-Type"], body), (200, PROTOBUF, b""))
        status, headers, body = self.post(request_json("plain", [{"body": {"stringValue": "three"}}]), "application/json; charset=utf-8")
        self.assertEqual((status, headers["Content-Type"], body), (200, JSON, b"{}"))
        self.assertEqual(self.lines("plain"), ["one", "three", "two"])

    def test_compressed(self):
        body = request_protobuf("compressed", ["one"])
        self.assertEqual(self.post(gzip.compress(body), Content_Encoding="gzip")[0], 200)
        body = request_protobuf("compressed", ["two"])
        self.assertEqual(self.post(zlib.compress(body), path="/otlp/v1/logs", Content_Encoding="deflate")[0], 200)
        self.assertEqual(self.lines("compressed"), ["one", "two"])
        self.assertEqual(self.post(b"no gzip", Content_Encoding="gzip")[0], 400)
        self.assertEqual(self.post(body, Content_Encoding="br")[0], 400)

    def test_partial_success(self):
        long = "x" * 300_000
        status, _, body = self.post(request_protobuf("partial", ["good", long, long]))
        self.assertEqual(status, 200)
        (tag, partial), = fields(body)
        self.assertEqual(tag, 1)
        (_, rejected), (_, text) = fields(partial)
        self.assertEqual(rejected, 2)
        self.assertIn("2 refused (line_too_long): a line of 300000 bytes", text.decode())
        status, _, body = self.post(request_json("partial", [{"traceId": "nonsense"}, {"body": {"stringValue": "good too"}}]), JSON)
        self.assertEqual(status, 200)
        answer = json.loads(body)["partialSuccess"]
        self.assertEqual(answer["rejectedLogRecords"], "1")
        self.assertIn("traceId", answer["errorMessage"])
        self.assertEqual(self.lines("partial"), ["good", "good too"])
        self.assertIn('livedata_records_rejected_total{source="otlp",reason="invalid_record"} 1', self.server.request("/metrics")[1])

    def test_errors_are_a_status(self):
        status, headers, body = self.post(b"\x0a\xff")
        self.assertEqual((status, headers["Content-Type"]), (400, PROTOBUF))
        self.assertEqual(fields(body)[0], (1, 3))
        self.assertIn(b"malformed", fields(body)[1][1])
        status, headers, body = self.post("{", JSON)
        self.assertEqual((status, headers["Content-Type"]), (400, JSON))
        self.assertEqual(json.loads(body)["code"], 3)
        self.assertIsNone(headers["Retry-After"])

    def test_what_grows_too_large(self):
        status, _, body = self.post(gzip.compress(b"\0" * 200_000_000, 1), Content_Encoding="gzip")
        self.assertEqual((status, fields(body)[0]), (413, (1, 8)))

    def test_other_content_types(self):
        for content_type in ("text/plain", "application/grpc", ""):
            self.assertEqual(self.post(b"", content_type)[0], 415)

    def test_only_logs(self):
        for path in ("/v1/traces", "/v1/metrics", "/otlp/v1/traces", "/otlp/v1/metrics"):
            status, headers, body = self.post(b"", path=path)
            self.assertEqual((status, headers["Content-Type"]), (404, PROTOBUF))
            self.assertIn(b"no traces and metrics", body)

    def test_an_empty_request_is_fine(self):
        self.assertEqual(self.post(b"")[0], 200)
        self.assertEqual(self.post("{}", JSON)[0], 200)


class Grpc(unittest.TestCase):
    def test_off(self):
        with Livedata(BINARY, environment={"LIVEDATA_OTLP_GRPC_LISTEN": ""}) as server:
            self.assertIsNone(server.grpc_address)

    def refused(self, address, why):
        with tempfile.TemporaryDirectory() as data, self.assertRaisesRegex(RuntimeError, why):
            Livedata(BINARY, data=data, environment={"LIVEDATA_OTLP_GRPC_LISTEN": address}).start()

    def test_an_address_that_others_reach_is_refused(self):
        self.refused("0.0.0.0:0", "nobody is asked")

    def test_a_port_in_use(self):
        with Livedata(BINARY) as first:
            self.refused(first.grpc_address, "in use.*otlp.grpc_listen")

    def test_the_wrong_protocol_is_named(self):
        with Livedata(BINARY) as server:
            with self.assertRaises(urllib.error.HTTPError) as raised:
                urllib.request.urlopen(f"http://{server.grpc_address}/v1/logs", data=b"{}", timeout=10)
            self.assertEqual(raised.exception.code, 400)
            self.assertIn(b"this port speaks gRPC", raised.exception.read())


if __name__ == "__main__":
    unittest.main()
