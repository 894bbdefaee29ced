#!/usr/bin/env python3
"""Saved queries: kept over a restart, run by name, and recorded on schedule, each time once."""
import json
import os
import pathlib
import subprocess
import sys
import time
import unittest

root = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(root / "tests/harness"))
from livedata_process import Livedata  # noqa: E402

BINARY = os.environ["LIVEDATA"]


class Saved(unittest.TestCase):
    def setUp(self):
        self.server = Livedata(BINARY)
        self.server.start()
        self.addCleanup(self.server.stop)

    def push(self, count, line="failed"):
        now = int(time.time() * 1e9)
        body = json.dumps({"streams": [{"stream": {"app": "shop"}, "values": [[str(now + i), f"{line} {i}"] for i in range(count)]}]})
        self.assertEqual(self.server.request("/loki/api/v1/push", body, {"Content-Type": "application/json"})[0], 204)

    def put(self, name, query, method="PUT"):
        return self.server.request(f"/api/v1/queries/{name}", json.dumps(query), {"Content-Type": "application/json"}, method=method)

    def command(self, *arguments):
        return subprocess.run([BINARY, "saved", *arguments, "--addr", self.server.url], capture_output=True, encoding="utf-8", timeout=60)

    def sql(self, query):
        status, text = self.server.request("/api/v1/sql", query, {"Content-Type": "text/plain"})
        return json.loads(text)["rows"] if status == 200 else []

    def test_saved_shown_run_removed(self):
        self.push(10)
        self.assertEqual(self.put("lines", {"language": "logql", "query": '{app="shop"} |= "failed 7"'})[0], 201)
        self.assertEqual(self.put("how_many", {"language": "logql", "query": 'sum by (app) (count_over_time({app="shop"}[1h]))'})[0], 201)
        self.assertEqual(self.put("tables", {"language": "sql", "query": "SELECT service, count(*) AS n FROM logs GROUP BY 1", "since": "30m"})[0], 201)
        self.assertEqual(self.put("tables", {"language": "sql", "query": "SELECT count(*) AS n FROM logs"})[0], 200)
        self.assertEqual(self.put("searched", {"language": "search", "query": "failed | stats count AS n by app", "since": "30m"})[0], 201)
        status, text = self.put("Bad-Name", {"language": "sql", "query": "SELECT 1"})
        self.assertEqual(status, 400, text)
        self.assertEqual(self.server.stop(), 0)
        self.server.start()
        names = [query["name"] for query in json.loads(self.server.request("/api/v1/queries")[1])["queries"]]
        self.assertEqual(names, ["how_many", "lines", "searched", "tables"])
        rows = json.loads(self.server.request("/api/v1/queries/lines/run")[1])
        self.assertEqual((rows["line"], rows["app"]), ("failed 7", "shop"))
        self.assertEqual(json.loads(self.server.request("/api/v1/queries/how_many/run")[1]), {"app": "shop", "value": 10})
        self.assertEqual(json.loads(self.server.request("/api/v1/queries/tables/run")[1]), {"n": 10})
        self.assertEqual(json.loads(self.server.request("/api/v1/queries/searched/run")[1]), {"app": "shop", "n": 10})
        self.assertEqual(self.command("run", "tables").stdout, '{"n":10}\n')
        self.assertEqual(self.command("remove", "tables").returncode, 0)
        self.assertEqual(self.command("run", "tables").returncode, 3)
        self.assertEqual(self.server.request("/api/v1/queries/tables")[0], 404)

    def test_recorded_once_each_second_also_over_a_crash(self):
        saved = self.command("save", "failures", "--language", "sql", "--every", "1s", "SELECT count(*) AS n, 'x' AS why FROM logs")
        self.assertEqual(saved.returncode, 0, saved.stderr)
        self.command("save", "rate_of_shop", "--every", "1s", 'sum(count_over_time({app="shop"}[1s]))')
        self.command("save", "searches", "--language", "search", "--every", "1s", "failed | stats count AS n")
        broken = self.command("save", "broken", "--language", "sql", "--every", "1s", "SELECT nothing")
        self.assertEqual(broken.returncode, 0, broken.stderr)
        deadline = time.time() + 60
        total = 0
        while len(self.sql("SELECT time FROM failures")) < 4:
            self.assertLess(time.time(), deadline)
            self.push(5)
            total += 5
            time.sleep(0.3)
        self.server.kill()
        time.sleep(2)
        self.server.start()
        time.sleep(3)
        times = [row[0] for row in self.sql("SELECT epoch(time::TIMESTAMP)::BIGINT FROM failures ORDER BY time")]
        self.assertEqual(times, list(range(times[0], times[-1] + 1)), "every second once, those of the pause among them")
        self.assertGreaterEqual(len(times), 8)
        counted = self.sql("SELECT sum(n), min(why) FROM failures")[0]
        self.assertLessEqual(counted[0], total)
        self.assertGreater(counted[0], 0)
        self.assertGreater(self.sql("SELECT count(*) FROM rate_of_shop WHERE value > 0")[0][0], 0)
        self.assertGreater(self.sql("SELECT sum(n) FROM searches")[0][0], 0)
        status, text = self.server.request("/loki/api/v1/query?query=" + "max_over_time({source=\"failures\"}|unwrap n[5m])".replace("{", "%7B").replace("}", "%7D").replace('"', "%22").replace("|", "%7C").replace(" ", "%20").replace("[", "%5B").replace("]", "%5D"))
        self.assertEqual(status, 200, text)
        self.assertTrue(json.loads(text)["data"]["result"])
        listed = {query["name"]: query for query in json.loads(self.command("list", "-o", "json").stdout)["queries"]}
        self.assertIn("nothing", listed["broken"]["status"]["error"])
        self.assertEqual(listed["failures"]["status"]["failures"], 0)
        self.assertIn("every 1s, last", self.command("list").stdout)


if __name__ == "__main__":
    unittest.main()
