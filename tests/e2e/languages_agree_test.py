#!/usr/bin/env python3
"""One question in LogQL, in search and in SQL has one answer: all three are asked of one server, and their answers,
made comparable, are equal.

Answers are compared as multisets of rows of texts and numbers: `lines` questions by (time, line), the others by their
group and value. Words of search are whole words in any case; the questions that compare them with LogQL use words that
stand as such in the data, as `(?i)\\bword\\b`."""
import json
import os
import pathlib
import sys
import time
import unittest
import urllib.parse

root = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(root / "tests/harness"))
from livedata_process import Livedata  # noqa: E402

BINARY = os.environ["LIVEDATA"]
START = 1_767_225_600  # 2026-01-01
SECONDS = 600
JSON = "(CASE WHEN json_valid(line) THEN line END)"


def make_records():
    """{labels, [(ns, line, fields)]}: JSON, logfmt and text."""
    shop, auth, db = [], [], []
    for i in range(SECONDS // 2):
        member = {"path": f"/p{i % 4}", "status": [200, 200, 404, 500][i * 7 % 4 if i % 3 else 0], "ms": i * 37 % 101, "user": f"u{i % 5}"}
        shop.append((START + 2 * i, json.dumps(member), {"trace_id": f"t{i:04}", "detected_level": "error" if member["status"] == 500 else "info"}))
        if i % 3 == 0:
            line = f'level={"warn" if i % 2 else "info"} msg="login {"failed" if i % 4 == 0 else "ok"}" user=u{i % 7} took={i % 50} ip=10.0.{i // 3 % 3}.{i % 200}'
            auth.append((START + 2 * i + 1, line, {"detected_level": "warn" if i % 2 else "info"}))
        if i % 5 == 0:
            db.append((START + 2 * i + 1, f'Query {i} on table t{i % 3} TIMEOUT after {i} ms' if i % 2 else f"Query {i} done; rows: {i * 3}", {"detected_level": "unknown"}))
    return [({"app": "shop", "host": "web1"}, shop[::2]), ({"app": "shop", "host": "web2"}, shop[1::2]),
            ({"app": "auth", "host": "web1"}, auth), ({"app": "db", "host": "db1"}, db)]


def lines(name, logql, search, where):
    """Which records a condition finds."""
    return (f"lines: {name}", "lines", logql, f"{search} | table _time _raw", f"SELECT time, line FROM logs WHERE {where}")


def counted(name, logql, search, sql):
    return (name, "groups", logql, search, sql)


ALL = '{service_name=~".+"}'
RANGE = f"[{SECONDS}s]"


def counts(logql_filter, by, parser=""):
    """Counts by a label or field."""
    return f'sum by ({by}) (count_over_time({ALL}{logql_filter}{parser}{RANGE}))'


QUESTIONS = [
    # which records
    lines("all", ALL, "*", "true"),
    lines("a label", '{app="shop"}', "app=shop", "app = 'shop'"),
    lines("a label, not", '{app=~".+", app!="shop"}', "app!=shop", "app <> 'shop'"),
    lines("two labels", '{app="shop", host="web2"}', "app=shop host=web2", "app = 'shop' AND host = 'web2'"),
    lines("one of labels", '{host=~"web1|db1"}', "host IN (web1, db1)", "host IN ('web1', 'db1')"),
    lines("a label's wildcard", '{host=~"web.*"}', "host=web*", "host LIKE 'web%'"),
    lines("a label's wildcard, not", '{host=~".+", host!~"web.*"}', "NOT host=web*", "host NOT LIKE 'web%'"),
    lines("a word", f'{ALL} |= "failed"', "failed", "line LIKE '%failed%'"),
    lines("a word in any case", f'{ALL} |~ "(?i)timeout"', "timeout", "line ILIKE '%timeout%'"),
    lines("two words", f'{ALL} |= "TIMEOUT" |= "t1"', "TIMEOUT t1", "line LIKE '%TIMEOUT%' AND line LIKE '%t1%'"),
    lines("one word or the other", f'{ALL} |~ "failed|done"', "failed OR done", "regexp_matches(line, 'failed|done')"),
    lines("a word, not", f'{ALL} != "u1"', "NOT u1", "line NOT LIKE '%u1%'"),
    lines("a phrase", f'{ALL} |= "login ok"', '"login ok"', "line LIKE '%login ok%'"),
    lines("a phrase, not", '{app="auth"} != "login ok"', 'app=auth NOT "login ok"', "app = 'auth' AND line NOT LIKE '%login ok%'"),
    lines("the start of a word", f'{ALL} |~ "\\\\bfail"', "fail*", "line LIKE '%fail%'"),
    lines("a word with a hole", f'{ALL} |~ "10\\\\.0\\\\.\\\\S*\\\\.3\\\\b"', "10.0.*.3", "regexp_matches(line, '10\\.0\\.\\S*\\.3\\b')"),
    lines("a number as a word", f'{ALL} |~ "Query 25 "', "Query 25", "line LIKE '%Query 25 %'"),
    lines("brackets", '{app=~"auth|db"} |~ "failed|TIMEOUT"', "(failed OR TIMEOUT) (app=auth OR app=db)", "app IN ('auth', 'db') AND regexp_matches(line, 'failed|TIMEOUT')"),
    lines("a regex", f'{ALL} |~ "u[13]\\\\b"', '* | regex _raw="u[13]\\b"', "regexp_matches(line, 'u[13]\\b')"),
    lines("a regex, not", '{app="db"} !~ "TIME"', 'app=db | regex _raw!="TIME"', "app = 'db' AND NOT regexp_matches(line, 'TIME')"),
    lines("a level", f'{ALL} | detected_level="error"', "level=error", "level = 'error'"),
    lines("a field of the record", f'{ALL} | trace_id="t0042"', "trace_id=t0042", "trace_id = 't0042'"),
    lines("a field's wildcard", f'{ALL} | trace_id=~"t00.*"', "trace_id=t00*", "trace_id LIKE 't00%'"),
    lines("a field, not", f'{ALL} | trace_id!="" | trace_id!="t0042"', "trace_id!=t0042", "trace_id <> 't0042'"),
    # members of JSON
    lines("a JSON number", '{app="shop"} | json | status=500', "app=shop status=500", f"app = 'shop' AND ({JSON}->>'status') = '500'"),
    lines("a JSON number, greater", '{app="shop"} | json | status>=404', "app=shop status>=404", f"({JSON}->>'status')::INT >= 404"),
    lines("a JSON number, less", '{app="shop"} | json | ms<10', "app=shop ms<10", f"({JSON}->>'ms')::INT < 10"),
    lines("a JSON number between", '{app="shop"} | json | ms>10 | ms<=20', "app=shop ms>10 ms<=20", f"({JSON}->>'ms')::INT BETWEEN 11 AND 20"),
    lines("a JSON number, not", '{app="shop"} | json | status!=200', "app=shop status!=200", f"({JSON}->>'status')::INT <> 200"),
    lines("a JSON text", '{app="shop"} | json | path="/p2"', 'app=shop path="/p2"', f"{JSON}->>'path' = '/p2'"),
    lines("a JSON text's wildcard", '{app="shop"} | json | user=~"u[0-9]"', "app=shop user=u*", f"{JSON}->>'user' LIKE 'u%'"),
    lines("JSON: and, or", '{app="shop"} | json | status=500 or (path="/p1" and ms<50)', 'app=shop (status=500 OR (path="/p1" ms<50))',
          f"({JSON}->>'status')::INT = 500 OR ({JSON}->>'path' = '/p1' AND ({JSON}->>'ms')::INT < 50)"),
    lines("JSON: where", '{app="shop"} | json | ms>90', "app=shop | where ms>90", f"({JSON}->>'ms')::INT > 90"),
    # pairs of logfmt
    lines("a logfmt pair", '{app="auth"} | logfmt | user="u3"', "app=auth user=u3", "app = 'auth' AND regexp_extract(line, 'user=(\\S+)', 1) = 'u3'"),
    lines("a logfmt number", '{app="auth"} | logfmt | took>=40', "app=auth took>=40", "app = 'auth' AND regexp_extract(line, 'took=(\\d+)', 1)::INT >= 40"),
    lines("a logfmt text in quotes", '{app="auth"} | logfmt | msg="login failed"', 'app=auth msg="login failed"', "app = 'auth' AND line LIKE '%msg=\"login failed\"%'"),
    lines("an address", '{app="auth"} | logfmt | ip=ip("10.0.1.0/24")', 'app=auth | where cidrmatch("10.0.1.0/24", ip)', "line LIKE '%ip=10.0.1.%'"),
    # how many
    counted("count", f"sum(count_over_time({ALL}{RANGE}))", "* | stats count", "SELECT count(*) FROM logs"),
    counted("count by a label", counts("", "app"), "* | stats count by app", "SELECT app, count(*) FROM logs GROUP BY 1"),
    counted("count by two labels", counts("", "app, host"), "* | stats count by app host", "SELECT app, host, count(*) FROM logs GROUP BY 1, 2"),
    counted("count by level", counts("", "detected_level"), "* | stats count by detected_level", "SELECT level, count(*) FROM logs GROUP BY 1"),
    counted("count of a word by a label", counts(' |= "failed"', "app"), "failed | stats count by app", "SELECT app, count(*) FROM logs WHERE line LIKE '%failed%' GROUP BY 1"),
    counted("count by a member", 'sum by (status) (count_over_time({app="shop"} | json' + RANGE + "))", "app=shop | stats count by status",
            f"SELECT {JSON}->>'status', count(*) FROM logs WHERE app = 'shop' GROUP BY 1"),
    counted("count by two members", 'sum by (status, path) (count_over_time({app="shop"} | json' + RANGE + "))", "app=shop | stats count by path status",
            f"SELECT {JSON}->>'path', {JSON}->>'status', count(*) FROM logs WHERE app = 'shop' GROUP BY 1, 2"),
    counted("count by a pair", 'sum by (user) (count_over_time({app="auth"} | logfmt' + RANGE + "))", "app=auth | stats count by user",
            "SELECT regexp_extract(line, 'user=(\\S+)', 1), count(*) FROM logs WHERE app = 'auth' GROUP BY 1"),
    counted("how many apart", 'count(sum by (user) (count_over_time({app="shop"} | json' + RANGE + ")))", "app=shop | stats dc(user)",
            f"SELECT count(DISTINCT {JSON}->>'user') FROM logs WHERE app = 'shop'"),
    counted("more than so many", 'sum by (path) (count_over_time({app="shop"} | json | status=200' + RANGE + ")) > 50", "app=shop status=200 | stats count by path | where count>50",
            f"SELECT {JSON}->>'path', count(*) FROM logs WHERE ({JSON}->>'status')::INT = 200 GROUP BY 1 HAVING count(*) > 50"),
    counted("extracted by a regex", 'sum by (t) (count_over_time({app="db"} | regexp `table (?P<t>\\w+)` | t!=""' + RANGE + "))", 'app=db | rex "table (?<t>\\w+)" | stats count by t',
            "SELECT regexp_extract(line, 'table (\\w+)', 1) AS t, count(*) FROM logs WHERE app = 'db' AND t <> '' GROUP BY 1"),
    # the most and the least
    counted("top 2", "topk(2, " + counts("", "app") + ")", "* | top 2 app showperc=f", "SELECT app, count(*) FROM logs GROUP BY 1 ORDER BY 2 DESC LIMIT 2"),
    counted("rare 1", "bottomk(1, " + counts("", "app") + ")", "* | rare 1 app showperc=f", "SELECT app, count(*) FROM logs GROUP BY 1 ORDER BY 2 LIMIT 1"),
    counted("sort and head", "topk(1, sum by (user) (sum_over_time({app=\"shop\"} | json | unwrap ms" + RANGE + ")))", "app=shop | stats sum(ms) as s by user | sort -s | head 1",
            f"SELECT {JSON}->>'user', sum(({JSON}->>'ms')::INT) FROM logs WHERE app = 'shop' GROUP BY 1 ORDER BY 2 DESC LIMIT 1"),
    # numbers
    *[counted(f"{name} of a member", f'{name}_over_time({{app="shop"}} | json | unwrap ms {RANGE}) by (path)', f"app=shop | stats {search}(ms) by path",
              f"SELECT {JSON}->>'path', {sql}(({JSON}->>'ms')::DOUBLE) FROM logs WHERE app = 'shop' GROUP BY 1")
      for name, search, sql in (("avg", "avg", "avg"), ("min", "min", "min"), ("max", "max", "max"), ("stddev", "stdevp", "stddev_pop"), ("stdvar", "varp", "var_pop"))],
    counted("sum of a member", 'sum by (path) (sum_over_time({app="shop"} | json | unwrap ms ' + RANGE + "))", "app=shop | stats sum(ms) by path",
            f"SELECT {JSON}->>'path', sum(({JSON}->>'ms')::DOUBLE) FROM logs WHERE app = 'shop' GROUP BY 1"),
    *[counted(f"percentile {p}", f'quantile_over_time({p / 100}, {{app="shop"}} | json | unwrap ms {RANGE}) by (path)', f"app=shop | stats perc{p}(ms) by path",
              f"SELECT {JSON}->>'path', quantile_cont(({JSON}->>'ms')::DOUBLE, {p / 100}) FROM logs WHERE app = 'shop' GROUP BY 1") for p in (50, 90, 95, 99)],
    counted("median of a pair", f'quantile_over_time(0.5, {{app="auth"}} | logfmt | unwrap took {RANGE}) by (app)', "app=auth | stats median(took) by app",
            "SELECT app, median(regexp_extract(line, 'took=(\\d+)', 1)::DOUBLE) FROM logs WHERE app = 'auth' GROUP BY 1"),
    counted("bytes", f'sum by (app) (bytes_over_time({ALL}{RANGE}))', "* | stats sum(eval(len(_raw))) by app", "SELECT app, sum(strlen(line)) FROM logs GROUP BY 1"),
    counted("a share", f'sum(count_over_time({{app="shop"}} | json | status=500 {RANGE})) / sum(count_over_time({{app="shop"}} | json {RANGE}))',
            "app=shop | stats count as n, count(eval(status=500)) as bad | eval share=bad/n | table share",
            f"SELECT count(*) FILTER (WHERE ({JSON}->>'status')::INT = 500) / count(*) FROM logs WHERE app = 'shop'"),
    # the last of each
    (("dedup"), "lines", None, "app=shop | dedup user | table _time _raw",
     f"SELECT time, line FROM logs WHERE app = 'shop' QUALIFY row_number() OVER (PARTITION BY {JSON}->>'user' ORDER BY time DESC) = 1"),
    ("the newest", "lines", '{app="shop"}#limit=5', "app=shop | head 5 | table _time _raw", "SELECT time, line FROM logs WHERE app = 'shop' ORDER BY time DESC LIMIT 5"),
    # steps of time: [t, t + 60) in search and SQL; LogQL's ranges are (t, t + 60], of records at whole seconds 1 ns earlier
    ("counts by minute", "steps", "sum(count_over_time(" + ALL + "[60s]))", "* | timechart span=1m count",
     "SELECT time_bucket(INTERVAL 1 MINUTE, time), count(*) FROM logs GROUP BY 1"),
    ("counts of a word by minute", "steps", "sum(count_over_time(" + ALL + ' |= "TIMEOUT" [60s]))', "TIMEOUT | timechart span=1m count",
     "SELECT time_bucket(INTERVAL 1 MINUTE, time), count(*) FROM logs WHERE line LIKE '%TIMEOUT%' GROUP BY 1"),
    ("averages by minute", "steps", 'avg_over_time({app="shop"} | json | unwrap ms [60s]) by ()', "app=shop | bin _time span=1m | stats avg(ms) by _time",
     f"SELECT time_bucket(INTERVAL 1 MINUTE, time), avg(({JSON}->>'ms')::DOUBLE) FROM logs WHERE app = 'shop' GROUP BY 1"),
    # host metrics
    counted("host metrics: count", 'sum by (source) (count_over_time({source="boiler"} [600s]))', "index=metrics source=boiler | stats count by source", "SELECT 'boiler', count(*) FROM boiler"),
    counted("host metrics: average", 'avg_over_time({source="boiler"} | unwrap one [600s]) by (node)', "index=metrics source=boiler | stats avg(one) by node", "SELECT node, avg(one) FROM boiler GROUP BY 1"),
    counted("host metrics: condition", 'sum by (node) (count_over_time({source="boiler"} | one > 20 [600s]))', "index=boiler one>20 | stats count by node", "SELECT node, count(*) FROM boiler WHERE one > 20 GROUP BY 1"),
    counted("host metrics: maximum", 'max_over_time({source="boiler"} | unwrap one [600s]) by (node)', "index=boiler | stats max(one) by node", "SELECT node, max(one) FROM boiler GROUP BY 1"),
]


def comparable(value):
    """Numbers as numbers, of which ten digits count."""
    try:
        return float(f"{float(value):.10g}")
    except (TypeError, ValueError):
        return value


class LanguagesAgree(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.server = Livedata(BINARY)
        cls.server.start()
        streams = [{"stream": labels, "values": [[str(at * 10**9), line, fields] for at, line, fields in records]} for labels, records in make_records()]
        body = json.dumps({"streams": streams})
        status, text = cls.server.request("/loki/api/v1/push", body, {"Content-Type": "application/json"})
        assert status == 204, text
        cls.record_metrics()

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0

    @classmethod
    def record_metrics(cls):
        """What a scheduled query answers is stored as host metrics are; the same rows again are no further records."""
        query = ("SELECT make_timestamp_ns(epoch_ns(TIMESTAMP '2026-01-01') + i * 3000000000) AS time, 'web' || i % 2 AS node, i / 8 AS one "
                 "FROM range(200) AS numbers(i)")
        saved = {"language": "sql", "query": query, "since": "1h", "schedule": {"every": "1s"}}
        status, text = cls.server.request("/api/v1/queries/boiler", json.dumps(saved), method="PUT")
        assert status == 201, text
        for _ in range(300):
            status, text = cls.server.request("/api/v1/sql", "SELECT count(*) FROM boiler", {"Content-Type": "text/plain"})
            if status == 200 and json.loads(text)["rows"] == [[200]]:
                break
            time.sleep(0.1)
        assert cls.server.request("/api/v1/queries/boiler", method="DELETE")[0] == 204

    def logql(self, kind, query):
        query, _, limit = query.partition("#limit=")
        parameters = {"query": query, "limit": limit or 5000}
        if kind == "lines":
            path, parameters["start"], parameters["end"] = "query_range", START * 10**9, (START + SECONDS) * 10**9
        elif kind == "steps":  # a step's value is of the 60 s up to it
            path = "query_range"
            parameters.update(start=(START + 60) * 10**9 - 1, end=(START + SECONDS) * 10**9 - 1, step=60)
        else:
            path, parameters["time"] = "query", (START + SECONDS) * 10**9 - 1
        status, text = self.server.request(f"/loki/api/v1/{path}?" + urllib.parse.urlencode(parameters))
        self.assertEqual(status, 200, f"{query}\n{text}")
        result = json.loads(text)["data"]["result"]
        if kind == "lines":
            return [(int(value[0]), value[1]) for stream in result for value in stream["values"]]
        if kind == "steps":
            return [((int(round(float(at))) - START) // 60, comparable(value)) for series in result for at, value in series["values"]]
        return [(*sorted(series["metric"].values()), comparable(series["value"][1])) for series in result]

    def rows(self, kind, path, query):
        parameters = urllib.parse.urlencode({"start": START, "end": START + SECONDS})
        status, text = self.server.request(f"/api/v1/{path}?{parameters}", query, {"Content-Type": "text/plain"})
        self.assertEqual(status, 200, f"{query}\n{text}")
        rows = json.loads(text)["rows"]
        if kind == "lines":
            return [(self.nanoseconds(at), line) for at, line in rows]
        if kind == "steps":
            return [((self.nanoseconds(at) // 10**9 - START) // 60 + 1, comparable(value)) for at, value in rows if value is not None and (value != 0 or path == "sql")]
        return [(*sorted(map(str, row[:-1])), comparable(row[-1])) for row in rows]

    @staticmethod
    def nanoseconds(text):
        whole, _, fraction = text.rstrip("Z").partition(".")
        hours, minutes, seconds = map(int, whole.split("T")[1].split(":"))
        days = int(whole[8:10]) - 1
        return (START + days * 86400 + hours * 3600 + minutes * 60 + seconds) * 10**9 + int(fraction.ljust(9, "0") or 0)

    def test_there_are_enough(self):
        self.assertGreaterEqual(len(QUESTIONS), 60)

    def test_answers_are_equal(self):
        for name, kind, logql, search, sql in QUESTIONS:
            with self.subTest(name):
                wanted = sorted(self.rows(kind, "sql", sql))
                self.assertTrue(wanted, "a question without an answer proves nothing")
                self.assertEqual(sorted(self.rows(kind, "search", search)), wanted, f"search: {search}")
                if logql is not None:
                    self.assertEqual(sorted(self.logql(kind, logql)), wanted, f"LogQL: {logql}")


if __name__ == "__main__":
    unittest.main()
