#!/usr/bin/env python3
"""Splunk's HTTP Event Collector as its senders use it: Splunk's library for JavaScript, and the examples of its documents."""
import base64
import collections
import gzip
import json
import os
import pathlib
import re
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "harness"))
from livedata_process import Livedata  # noqa: E402
from npm_client import run_client  # noqa: E402

BINARY = os.environ["LIVEDATA"]
COUNT = 10_000
TOKEN = {"Authorization": "Splunk B5A79AAD-D822-46CC-80D1-819F80D7BFB0"}
SUCCESS = {"text": "Success", "code": 0}


class Hec(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Livedata(BINARY)
        cls.server.start()

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0

    def post(self, target, body, status=200, **headers):
        got, text = self.server.request(target, body, {**TOKEN, **{k.replace("_", "-"): v for k, v in headers.items()}}, "POST")
        self.assertEqual(got, status, text)
        return json.loads(text)

    def test_numbered_events_of_the_javascript_library(self):
        start = (int(time.time()) - 60) * 10**9
        answer = json.loads(run_client("splunk.mjs", self.server.url, COUNT))
        self.assertEqual(answer, {"answered": COUNT // 100})
        lines = self.server.query_all('{index="js", host="js-host", source="numbers", sourcetype="json"}', start)
        events = [json.loads(line) for _, _, line in lines]
        self.assertEqual(collections.Counter(e["message"]["n"] for e in events), collections.Counter(range(COUNT)))
        self.assertEqual({labels["detected_level"] for _, labels, _ in lines}, {"warn"})

    def test_examples_of_the_documents(self):
        """In curl's manner: the content type says that it is a form."""
        form = "application/x-www-form-urlencoded"
        self.assertEqual(self.post("/services/collector/event", '{"event": "hello world", "index": "docs"}', Content_Type=form), SUCCESS)
        self.assertEqual(self.post("/services/collector", '{"event": "Pony 1 has left the barn", "index": "docs"}{"event": "Pony 2 & 3", "index": "docs"}', Content_Type=form), SUCCESS)
        self.assertEqual(self.post("/services/collector/event/1.0", '{"time": 1426279439, "host": "localhost", "index": "docs", "event": {"hello": "a=b&index=no"}}'), SUCCESS)
        self.assertEqual(self.post("/services/collector/raw?index=docs&sourcetype=mydata", "1.2.3.4 - one&host=no\n1.2.3.4 - two\n", Content_Type=form), SUCCESS)
        lines = [line for _, _, line in self.server.query('{index="docs"}')]
        self.assertEqual(sorted(lines), ["1.2.3.4 - one&host=no", "1.2.3.4 - two", "Pony 1 has left the barn", "Pony 2 & 3", "hello world"])
        old, = self.server.query('{index="docs", host="localhost"}', start=1426279438, end=1426279440)
        self.assertEqual((old[0], old[2]), (1426279439 * 10**9, '{"hello":"a=b&index=no"}'))

    def test_ways_to_say_who_one_is(self):
        for headers, query in ((TOKEN, ""), ({}, "?token=abc"), ({"Authorization": "Basic " + base64.b64encode(b"x:abc").decode()}, ""), ({}, "")):
            status, text = self.server.request("/services/collector" + query, '{"event":"x","index":"auth"}', headers, "POST")
            self.assertEqual((status, json.loads(text)), (200, SUCCESS))

    def test_gzip(self):
        self.assertEqual(self.post("/services/collector/raw/1.0?index=gzip", gzip.compress(b"one\ntwo\n"), Content_Encoding="gzip"), SUCCESS)
        self.assertEqual(len(self.server.query('{index="gzip"}')), 2)

    def test_faults(self):
        for body, answer in (
                ("", {"text": "No data", "code": 5}),
                ("not JSON", {"text": "Invalid data format", "code": 6, "invalid-event-number": 0}),
                ('{"event":"kept","index":"faults"}{"event":""}', {"text": "Event field cannot be blank", "code": 13, "invalid-event-number": 1}),
                ('{"host":"h"}', {"text": "Event field is required", "code": 12, "invalid-event-number": 0}),
                ('{"event":"x","fields":{"a":{"b":1}}}', {"text": "Error in handling indexed fields", "code": 15, "invalid-event-number": 0})):
            self.assertEqual(self.post("/services/collector/event", body, status=400), answer)
        self.assertEqual([line for _, _, line in self.server.query('{index="faults"}')], ["kept"])

    def test_acknowledgements(self):
        channel = "FE0ECFAD-13D5-401B-847D-77833BD77131"
        first = self.post("/services/collector/event", '{"event":"one","index":"ack"}', X_Splunk_Request_Channel=channel)
        self.assertEqual((first["text"], first["code"]), ("Success", 0))
        second = self.post(f"/services/collector/raw?channel={channel}&index=ack", "two")
        self.assertNotEqual(first["ackId"], second["ackId"])
        self.server.kill()  # what has an ackId is safe
        self.server.start()
        ids = [first["ackId"], second["ackId"]]
        self.assertEqual(self.post(f"/services/collector/ack?channel={channel}", json.dumps({"acks": ids})), {"acks": {str(i): True for i in ids}})
        self.assertEqual(len(self.server.query('{index="ack"}')), 2)
        self.assertEqual(self.post("/services/collector/ack", '{"acks":[0]}', status=400), {"text": "Data channel is missing", "code": 10})

    def test_health(self):
        for path in ("/services/collector/health", "/services/collector/health/1.0"):
            status, text = self.server.request(path)
            self.assertEqual((status, json.loads(text)), (200, {"text": "HEC is healthy", "code": 17}))
        self.assertEqual(self.server.request("/services/collector/event/1.0", method="OPTIONS")[0], 200)
        self.assertEqual(self.server.request("/services/nothing")[0], 404)


if __name__ == "__main__":
    unittest.main()
