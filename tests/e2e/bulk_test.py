#!/usr/bin/env python3
"""Elasticsearch's bulk API as its senders use it: the JavaScript client, and what Filebeat, Logstash, Vector and Fluent Bit
send by their sources."""
import collections
import gzip
import json
import os
import pathlib
import re
import sys
import time
import unittest
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "harness"))
from livedata_process import Livedata  # noqa: E402
from npm_client import run_client  # noqa: E402

BINARY = os.environ["LIVEDATA"]
COUNT = 10_000
NDJSON = {"Content-Type": "application/x-ndjson"}


def bulk(*lines):
    return "".join(json.dumps(line) + "\n" for line in lines)


class Bulk(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Livedata(BINARY)
        cls.server.start()

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0

    def ask(self, target, body=None, headers=None, method=None, status=200):
        got, text = self.server.request(target, body, headers, method)
        self.assertEqual(got, status, text)
        return json.loads(text) if text else None

    def test_numbered_documents_of_the_javascript_client(self):
        start = (int(time.time()) - 60) * 10**9
        answer = json.loads(run_client("elastic.mjs", self.server.url, COUNT))
        self.assertRegex(answer["version"], r"^8\.")
        self.assertEqual((answer["stats"]["successful"], answer["stats"]["failed"], answer["stats"]["retry"]), (COUNT, 0, 0))
        lines = self.server.query_all('{index="numbered", service_name="js"}', start)
        numbers = collections.Counter(int(re.fullmatch(rf"document (\d+) of {COUNT}", line).group(1)) for _, _, line in lines)
        self.assertEqual(numbers, collections.Counter(range(COUNT)))
        self.assertEqual(len(self.server.query('{index="numbered"} | n < 10')), 10)
        self.assertEqual((answer["one"]["result"], answer["one"]["_index"]), ("created", "single"))
        self.assertTrue(answer["items"]["errors"])
        self.assertEqual([list(item)[0] for item in answer["items"]["items"]], ["index", "delete"])
        self.assertEqual(answer["items"]["items"][0]["index"]["status"], 201)
        self.assertEqual(answer["items"]["items"][1]["delete"]["error"]["type"], "illegal_argument_exception")

    def test_filebeat(self):
        agent = {"User-Agent": "Elastic-filebeat/8.17.0 (linux; amd64)", "Accept": "application/json"}
        self.assertEqual(self.ask("/", headers=agent)["version"]["number"][:2], "8.")
        self.ask("/_license?human=false", headers=agent)
        self.ask("/_ilm/policy/filebeat", headers=agent)
        self.ask("/_index_template/filebeat-8.17.0", headers=agent, method="HEAD")
        self.ask("/_data_stream/filebeat-8.17.0", headers=agent, method="HEAD")
        event = {"@timestamp": time.strftime("%Y-%m-%dT%H:%M:%S.123Z", time.gmtime(time.time() - 2)), "message": "from filebeat", "input": {"type": "filestream"},
                 "log": {"file": {"path": "/var/log/a.log"}, "offset": 17, "level": "error"}, "ecs": {"version": "8.0.0"},
                 "host": {"name": "web1"}, "agent": {"type": "filebeat", "version": "8.17.0", "id": "7"}}
        body = gzip.compress(bulk({"create": {"_index": "filebeat-8.17.0"}}, event).encode())
        answer = self.ask("/_bulk?filter_path=errors%2Citems.%2A.error%2Citems.%2A.status", body, {**agent, "Content-Encoding": "gzip", **NDJSON}, "POST")
        self.assertEqual(answer, {"errors": False, "items": [{"create": {"status": 201}}]})
        (_, labels, line), = self.server.query('{index="filebeat-8.17.0"}')
        self.assertEqual(line, "from filebeat")
        self.assertEqual({k: labels[k] for k in ("host", "level", "detected_level", "log_file_path", "log_offset", "agent_type")},
                         {"host": "web1", "level": "error", "detected_level": "error", "log_file_path": "/var/log/a.log", "log_offset": "17", "agent_type": "filebeat"})

    def test_logstash_vector_and_fluent_bit(self):
        self.ask("/_xpack", headers={"User-Agent": "Logstash/8.17"})
        self.ask("/_index_template/logstash", headers={"User-Agent": "Logstash/8.17"}, method="HEAD")
        self.ask("/_cluster/health", headers={"User-Agent": "Vector/0.40.0"})
        now = time.strftime("%Y-%m-%dT%H:%M:%S.500000Z", time.gmtime(time.time() - 2))
        body = bulk({"index": {"_index": "logstash", "_id": None}}, {"@timestamp": now, "@version": "1", "message": "from logstash", "host": {"hostname": "h"}},
                    {"create": {"_index": "vector-2026.01.01"}}, {"timestamp": now, "message": "from vector", "source_type": "stdin", "host": "h"},
                    {"create": {"_index": "fluent-bit", "_type": "_doc"}}, {"@timestamp": now, "log": "from fluent bit", "kubernetes": {"pod_name": "p", "namespace_name": "n"}})
        answer = self.ask("/_bulk", body, NDJSON, "POST")
        self.assertIs(answer["errors"], False)
        for index, line, host in (("logstash", "from logstash", "h"), ("vector-2026.01.01", "from vector", "h"), ("fluent-bit", "from fluent bit", None)):
            (_, labels, found), = self.server.query(f'{{index="{index}"}}')
            self.assertEqual((found, labels.get("host")), (line, host))
        self.assertEqual(len(self.server.query('{pod="p", namespace="n"}')), 1)

    def test_errors_stand_at_their_items(self):
        body = bulk({"index": {}}, {"message": "kept"}) + '{"index":{}}\n{broken\n' + bulk({"update": {"_id": "1"}}, {"doc": {}})
        answer = self.ask("/insert/elasticsearch/errors/_bulk", body, NDJSON, "POST")
        self.assertIs(answer["errors"], True)
        self.assertEqual([list(item.values())[0]["status"] for item in answer["items"]], [201, 400, 400])
        self.assertEqual(answer["items"][1]["index"]["error"]["type"], "document_parsing_exception")
        self.assertEqual([line for _, _, line in self.server.query('{index="errors"}')], ["kept"])
        refused = self.ask("/errors/_bulk", "neither action nor document\n", NDJSON, "POST", status=400)
        self.assertEqual(refused["error"]["type"], "illegal_argument_exception")

    def test_the_page_is_still_there(self):
        with urllib.request.urlopen(urllib.request.Request(self.server.url + "/", headers={"Accept": "text/html,*/*;q=0.8"})) as response:
            self.assertIn("text/html", response.headers["Content-Type"])
        with urllib.request.urlopen(self.server.url + "/") as response:
            self.assertEqual(response.headers["X-Elastic-Product"], "Elasticsearch")
            self.assertEqual(json.load(response)["tagline"], "You Know, for Search")


if __name__ == "__main__":
    unittest.main()
