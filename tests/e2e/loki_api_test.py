#!/usr/bin/env python3
"""Loki's HTTP API as its clients use it: what Grafana's data source and Logs Drilldown send, logcli's paging, live tail."""
import gzip
import json
import os
import pathlib
import sys
import threading
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "harness"))
from livedata_process import Livedata  # noqa: E402
from websocket import WebSocket  # noqa: E402

BINARY = os.environ["LIVEDATA"]
SECOND = 1_000_000_000
START = (int(time.time()) - 3600) // 60 * 60


def push(server, streams):
    status, text = server.request("/loki/api/v1/push", json.dumps({"streams": streams}), {"Content-Type": "application/json"})
    assert status == 204, text


class WithData(unittest.TestCase):
    """Two services: one logs JSON, the other logfmt; ten minutes, one line per second and service."""

    @classmethod
    def setUpClass(cls):
        cls.server = Livedata(BINARY)
        cls.server.start()
        web, worker = [], []
        for i in range(600):
            at = str((START + i) * SECOND)
            web.append([at, json.dumps({"status": 500 if i % 10 == 0 else 200, "path": f"/p{i % 3}", "took": f"{i % 50}ms", "req": {"id": i}}),
                        {"trace_id": f"t{i}"}])
            worker.append([at, f"level={'error' if i % 20 == 0 else 'info'} n={i} size={i}KB ok={str(i % 2 == 0).lower()} ratio=0.5"])
        push(cls.server, [{"stream": {"app": "web", "env": "prod"}, "values": web}, {"stream": {"app": "worker", "env": "test"}, "values": worker}])

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0

    def get(self, path, status=200, headers=None, **parameters):
        target = path + ("?" + urllib.parse.urlencode(parameters, doseq=True) if parameters else "")
        got, text = self.server.request(target, headers=headers)
        self.assertEqual(got, status, text)
        if status != 200:
            return text
        return json.loads(text)

    def window(self, **more):
        return {"start": START * SECOND, "end": (START + 600) * SECOND, **more}


class Grafana(WithData):
    def test_save_and_test(self):
        for time_text in ("4000000000", "1"):
            data = self.get("/loki/api/v1/query", query="vector(1)+vector(1)", time=time_text, direction="backward")["data"]
            self.assertEqual(data["resultType"], "vector")
            self.assertEqual([(r["metric"], r["value"][1]) for r in data["result"]], [({}, "2")])

    def test_explore_starts(self):
        self.assertEqual(self.get("/loki/api/v1/detected_labels", **self.window()),
                         {"detectedLabels": [{"label": "app", "cardinality": 2}, {"label": "env", "cardinality": 2}, {"label": "service_name", "cardinality": 2}]})
        self.assertEqual(self.get("/loki/api/v1/labels", **self.window())["data"], ["app", "env", "service_name"])
        self.assertEqual(self.get("/loki/api/v1/label", **self.window())["data"], ["app", "env", "service_name"])
        self.assertEqual(self.get("/loki/api/v1/label/app/values", **self.window())["data"], ["web", "worker"])
        self.assertEqual(self.get("/loki/api/v1/label/app/values", query='{env="prod"}', **self.window())["data"], ["web"])
        self.assertEqual(self.get("/loki/api/v1/label/nosuch/values", **self.window())["data"], [])
        series = self.get("/loki/api/v1/series", **{"match[]": ['{app="web"}', '{app="worker"}']}, **self.window())["data"]
        self.assertEqual(series, [{"app": "web", "env": "prod", "service_name": "web"}, {"app": "worker", "env": "test", "service_name": "worker"}])
        stats = self.get("/loki/api/v1/index/stats", query='{app="web"}', **self.window())
        self.assertEqual((stats["streams"], stats["entries"]), (1, 600))
        self.assertGreater(stats["bytes"], 600 * 40)
        self.assertGreater(stats["chunks"], 0)

    def test_logs_with_categorized_labels(self):
        data = self.get("/loki/api/v1/query_range", query='{app="web"} | json | status=500', limit=3, direction="backward", step="15000ms",
                        headers={"X-Loki-Response-Encoding-Flags": "categorize-labels"}, **self.window())["data"]
        self.assertEqual(data["encodingFlags"], ["categorize-labels"])
        self.assertEqual(len(data["result"]), 1)
        self.assertEqual(data["result"][0]["stream"], {"app": "web", "env": "prod", "service_name": "web"})
        values = data["result"][0]["values"]
        self.assertEqual([int(v[0]) // SECOND - START for v in values], [590, 580, 570])
        self.assertEqual(values[0][2]["structuredMetadata"]["trace_id"], "t590")
        self.assertEqual(values[0][2]["parsed"]["req_id"], "590")
        self.assertEqual(data["stats"]["summary"]["totalEntriesReturned"], 3)

    def test_logs_folded(self):
        data = self.get("/loki/api/v1/query_range", query='{app="web"} | json', limit=5, **self.window())["data"]
        self.assertNotIn("encodingFlags", data)
        self.assertEqual(len(data["result"]), 5)  # every line has another trace id
        self.assertEqual(data["result"][0]["stream"]["trace_id"], "t599")
        self.assertEqual([len(v) for v in data["result"][0]["values"]], [2])

    def test_log_volume(self):
        data = self.get("/loki/api/v1/query_range", query='sum by (level, detected_level) (count_over_time({app="worker"} | drop __error__ [1m]))',
                        step="60", headers={"X-Query-Tags": "Source=logvolhist"}, start=(START + 60) * SECOND, end=(START + 600) * SECOND)["data"]
        self.assertEqual(data["resultType"], "matrix")
        counted = {r["metric"]["detected_level"]: sum(int(v) for _, v in r["values"]) for r in data["result"]}
        self.assertEqual(counted, {"info": 570, "error": 29})  # the window excludes its start
        self.assertEqual(data["stats"]["livedata"]["lineBytesRead"], 0)

    def test_context_around_a_line(self):
        middle = (START + 300) * SECOND
        before = self.server.query('{app="worker"}', start=middle - 7200 * SECOND, end=middle, limit=5, direction="backward")
        after = self.server.query('{app="worker"}', start=middle, end=middle + 7200 * SECOND, limit=5, direction="forward")
        self.assertEqual([t // SECOND - START for t, _, _ in before], [299, 298, 297, 296, 295])
        self.assertEqual([t // SECOND - START for t, _, _ in after], [300, 301, 302, 303, 304])

    def test_instant_metric(self):
        data = self.get("/loki/api/v1/query", query='sum by (app) (count_over_time({env=~".+"}[10m]))', time=START + 599)["data"]
        self.assertEqual({r["metric"]["app"]: r["value"][1] for r in data["result"]}, {"web": "600", "worker": "600"})

    def test_build_info(self):
        self.assertRegex(self.get("/loki/api/v1/status/buildinfo")["version"], r"^3\.\d+\.\d+$")


class Drilldown(WithData):
    def test_volumes(self):
        for by in ("labels", "series"):
            data = self.get("/loki/api/v1/index/volume", query='{service_name=~".+"}', targetLabels="service_name", aggregateBy=by, limit=5000, **self.window())["data"]
            self.assertEqual(data["resultType"], "vector")
            self.assertEqual({r["metric"]["service_name"] for r in data["result"]}, {"web", "worker"})
            self.assertTrue(all(int(r["value"][1]) > 0 for r in data["result"]))
        only_names = self.get("/loki/api/v1/index/volume", query='{service_name=~".+"}', aggregateBy="labels", **self.window())["data"]["result"]
        self.assertIn({"app": ""}, [r["metric"] for r in only_names])
        limited = self.get("/loki/api/v1/index/volume", query='{service_name=~".+"}', targetLabels="app", limit=1, **self.window())["data"]["result"]
        self.assertEqual([r["metric"] for r in limited], [{"app": "web"}])  # the largest
        ranged = self.get("/loki/api/v1/index/volume_range", query='{service_name=~".+"}', targetLabels="app", step=60, **self.window())["data"]
        self.assertEqual(ranged["resultType"], "matrix")
        self.assertGreater(len(ranged["result"][0]["values"]), 5)

    def test_detected_fields(self):
        answer = self.get("/loki/api/v1/detected_fields", query='{app=~".+"}', line_limit=1000, limit=1000, **self.window())
        fields = {f["label"]: f for f in answer["fields"]}
        self.assertEqual(answer["limit"], 1000)
        self.assertEqual((fields["trace_id"]["type"], fields["trace_id"]["parsers"]), ("string", None))
        self.assertEqual((fields["status"]["type"], fields["status"]["parsers"], fields["status"]["cardinality"]), ("int", ["json"], 2))
        self.assertEqual(fields["req_id"]["jsonPath"], ["req", "id"])
        self.assertEqual([fields[f]["type"] for f in ("took", "size", "ok", "ratio", "n")], ["duration", "bytes", "boolean", "float", "int"])
        self.assertEqual(self.get("/loki/api/v1/detected_field/status/values", query='{app="web"}', **self.window())["values"], ["200", "500"])
        self.assertEqual(self.get("/loki/api/v1/detected_field/nosuch/values", query='{app="web"}', **self.window())["values"], [])

    def test_patterns(self):
        answer = self.get("/loki/api/v1/patterns", query='{app="worker"}', step="60s", **self.window())
        self.assertEqual(answer["status"], "success")
        self.assertGreater(len(answer["data"]), 0)
        pattern = answer["data"][0]
        self.assertIn("<_>", pattern["pattern"])
        self.assertGreater(sum(count for _, count in pattern["samples"]), 100)
        found = self.server.query('{app="worker"} |> ' + json.dumps(pattern["pattern"]), **self.window())
        self.assertGreater(len(found), 100)

    def test_limits(self):
        limits = self.get("/loki/api/v1/drilldown-limits")
        self.assertTrue(limits["pattern_ingester_enabled"])
        self.assertIn("max_entries_limit_per_query", limits["limits"])
        for path in ("/config", "/config/tenant/v1/limits", "/services"):
            status, text = self.server.request(path)
            self.assertEqual(status, 200)
            self.assertTrue(text.strip())

    def test_high_cardinality_is_no_error(self):
        data = self.get("/loki/api/v1/query_range", query='sum by (trace_id) (count_over_time({app="web"} | trace_id!="" [10m]))', step=600, **self.window())["data"]
        self.assertGreaterEqual(len(data["result"]), 599)


class Api(WithData):
    def test_form_post(self):
        body = urllib.parse.urlencode({"query": '{app="web"}', "limit": 2, **self.window()})
        status, text = self.server.request("/loki/api/v1/query_range", body, {"Content-Type": "application/x-www-form-urlencoded"})
        self.assertEqual(status, 200)
        self.assertEqual(json.loads(text)["data"]["stats"]["summary"]["totalEntriesReturned"], 2)

    def test_gzip(self):
        request = urllib.request.Request(self.server.url + "/loki/api/v1/query_range?" + urllib.parse.urlencode({"query": '{app="web"}', **self.window()}),
                                         headers={"Accept-Encoding": "gzip"})
        with urllib.request.urlopen(request) as response:
            self.assertEqual(response.headers["Content-Encoding"], "gzip")
            self.assertEqual(json.loads(gzip.decompress(response.read()))["status"], "success")

    def test_time_formats(self):
        iso = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(START))
        for start in (START, f"{START}.0", START * SECOND, iso, iso.replace("Z", ".000000000Z"), iso.replace("Z", "+00:00")):
            lines = self.server.query('{app="web"}', start=start, end=(START + 2) * SECOND)
            self.assertEqual(len(lines), 2, start)
        self.assertEqual(len(self.server.query('{app="web"}', end=(START + 10) * SECOND, since="5s")), 5)

    def test_interval_thins_what_is_within_the_limit(self):
        lines = self.server.query('{app="worker"}', interval="10s", limit=50, direction="forward", **self.window())
        self.assertEqual(sorted(t // SECOND - START for t, _, _ in lines), [0, 10, 20, 30, 40])

    def test_errors(self):
        for query, what in ((None, "query"), ("", "query"), ("{", "parse error at line 1, col 2"), ("{}", "at least one regexp or equality matcher"),
                            ('{app="web"} | json |', "parse error"), ('sum({app="web"})', "metric query")):
            parameters = {} if query is None else {"query": query}
            self.assertIn(what, self.get("/loki/api/v1/query_range", status=400, **parameters))
        self.assertIn("log queries are not supported as an instant query type", self.get("/loki/api/v1/query", status=400, query='{app="web"}'))
        for bad in ({"limit": 0}, {"limit": -1}, {"limit": "x"}, {"limit": 5001}, {"start": 10, "end": 5}, {"direction": "sideways"}, {"start": "yesterday"},
                    {"step": 0}, {"step": "x"}):
            self.get("/loki/api/v1/query_range", status=400, query='{app="web"}', **bad)
        self.assertIn("11000", self.get("/loki/api/v1/query_range", status=400, query="vector(1)", start=0, end=20000, step=1))
        self.get("/loki/api/v1/query_range", query='{app="web"}', unknown="parameter")
        self.get("/loki/api/v1/nosuch", status=404)
        self.assertIn("this path takes", self.get("/loki/api/v1/push", status=405))

    def test_pipeline_errors_fail_metrics_and_label_logs(self):
        bad = 'sum by (x) (count_over_time({app="worker"} | json | x!="" [1m]))'
        fine = self.get("/loki/api/v1/query", query=bad, time=START + 60)["data"]["result"]
        self.assertEqual(fine, [])
        self.assertIn("JSONParserErr", self.get("/loki/api/v1/query", status=400, query='count_over_time({app="worker"} | json [1m])', time=START + 60))
        lines = self.server.query('{app="worker"} | json', limit=1, **self.window())
        self.assertEqual(lines[0][1]["__error__"], "JSONParserErr")

    def test_empty_results_are_lists(self):
        for query in ('{app="nosuch"}', 'count_over_time({app="nosuch"}[1m])'):
            self.assertEqual(self.get("/loki/api/v1/query_range", query=query, **self.window())["data"]["result"], [])

    def test_format_query(self):
        answer = self.get("/loki/api/v1/format_query", query='sum   by(app)(rate({app="web"}|="x"[5m]))')
        self.assertEqual(answer, {"status": "success", "data": 'sum by (app) (rate({app="web"} |= "x" [5m]))'})
        self.assertIn("parse error", self.get("/loki/api/v1/format_query", status=400, query="{"))

    def test_explain(self):
        data = self.get("/loki/api/v1/query_range", query='{app="web"} |= "500" | json | status=500', explain=1, **self.window())["data"]
        steps = [s["step"] for s in data["explain"]]
        self.assertTrue(steps[0].startswith("scan: "))
        self.assertEqual(steps[1:], ['|= "500"', "| json", "| status = 500"])
        self.assertEqual(data["explain"][-1]["rowsOut"], 60)

    def test_legacy(self):
        self.assertEqual(self.get("/api/prom/label")["values"], ["app", "env", "service_name"])
        self.assertEqual(self.get("/api/prom/label/app/values")["values"], ["web", "worker"])
        streams = self.get("/api/prom/query", query='{app="worker"}', limit=2, **self.window())["streams"]
        self.assertEqual(streams[0]["labels"], '{app="worker", env="test", service_name="worker"}')
        self.assertEqual(len(streams[0]["entries"]), 2)

    def test_extensions(self):
        data = self.get("/loki/api/v1/query", query='count_distinct_over_time(path, {app="web"} | json [10m]) by (app)', time=START + 599)["data"]["result"]
        self.assertEqual([r["value"][1] for r in data], ["3"])
        lines = self.server.query('{app="web"} | trace_id in ({app="web"} | json | status=500) | json | req_id < 30', **self.window())
        self.assertEqual(sorted(t // SECOND - START for t, _, _ in lines), [0, 10, 20])


class Paging(unittest.TestCase):
    """As logcli does it: the next batch begins where the last one ended, with its last timestamp once more."""

    LINES = 100_000

    @classmethod
    def setUpClass(cls):
        cls.server = Livedata(BINARY)
        cls.server.start()
        for part in range(10):
            values = [[str(START * SECOND + i * 10_000_000), f"line {i}"] for i in range(part * cls.LINES // 10, (part + 1) * cls.LINES // 10)]
            push(cls.server, [{"stream": {"app": "paging", "shard": str(s)}, "values": values[s::4]} for s in range(4)])

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0

    def pages(self, direction):
        start, end = START * SECOND, START * SECOND + self.LINES * 10_000_000
        seen, last, at_last = [], None, set()
        while True:
            lines = self.server.query('{app="paging"}', start=start, end=end, limit=5000, direction=direction)
            lines.sort(key=lambda x: x[0], reverse=direction == "backward")
            fresh = [line for line in lines if (line[0], line[2]) not in at_last]
            seen += [line[2] for line in fresh]
            if len(lines) < 5000:
                return seen
            last = lines[-1][0]
            at_last = {(t, text) for t, _, text in lines if t == last}
            start, end = (last, end) if direction == "forward" else (start, last + 1)

    def test_forward(self):
        self.assertEqual(self.pages("forward"), [f"line {i}" for i in range(self.LINES)])

    def test_backward(self):
        self.assertEqual(self.pages("backward"), [f"line {i}" for i in reversed(range(self.LINES))])


class Tail(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Livedata(BINARY)
        cls.server.start()

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0

    def line(self, app, text, **labels):
        push(self.server, [{"stream": {"app": app, **labels}, "values": [[str(time.time_ns()), text]]}])

    def target(self, query, **parameters):
        return "/loki/api/v1/tail?" + urllib.parse.urlencode({"query": query, **parameters})

    def test_history_then_live(self):
        for i in range(5):
            self.line("live", f"old {i}")
        tail = WebSocket(self.server.port, self.target('{app="live"} |~ "old|new"', limit=3))
        first = json.loads(tail.message())
        self.assertEqual([v[1] for s in first["streams"] for v in s["values"]], ["old 2", "old 3", "old 4"])
        self.assertEqual(first["dropped_entries"], [])
        self.line("live", "ignored")
        self.line("live", "new 1")
        self.line("live", "new 2")
        got = []
        while len(got) < 2:
            got += [v[1] for s in json.loads(tail.message())["streams"] for v in s["values"]]
        self.assertEqual(got, ["new 1", "new 2"])
        tail.close()

    def test_delayed(self):
        tail = WebSocket(self.server.port, self.target('{app="delayed"}', delay_for=1))
        began = time.monotonic()
        self.line("delayed", "x")
        self.assertIn('"x"', tail.message())
        self.assertGreater(time.monotonic() - began, 0.9)
        tail.close()

    def test_errors_are_http_answers(self):
        for query, what in ((self.target("{"), 400), (self.target('rate({app="x"}[1m])'), 400), (self.target('{app="x"}', delay_for=9), 400)):
            tail = WebSocket(self.server.port, query)
            self.assertEqual(tail.status, what)
            tail.close()
        status, text = self.server.request(self.target('{app="x"}'))
        self.assertEqual(status, 400)
        self.assertIn("WebSocket", text)

    def test_slow_reader_hears_of_what_it_missed_and_stops_nobody(self):
        tail = WebSocket(self.server.port, self.target('{app="flood"}'), timeout=30, receive_buffer=4096)
        text = "x" * 10_000
        for i in range(40):  # 16 MB, of which the server keeps 4 at most
            began = time.monotonic()
            push(self.server, [{"stream": {"app": "flood"}, "values": [[str(time.time_ns() + j), f"{i} {j} {text}"] for j in range(40)]}])
            self.assertLess(time.monotonic() - began, 5)
        threading.Timer(0.5, self.line, ("flood", "the last one")).start()
        dropped = 0
        while True:
            message = json.loads(tail.message())
            dropped += len(message["dropped_entries"])
            if any(v[1] == "the last one" for s in message["streams"] for v in s["values"]):
                break
        self.assertGreater(dropped, 0)
        tail.close()


if __name__ == "__main__":
    unittest.main()
