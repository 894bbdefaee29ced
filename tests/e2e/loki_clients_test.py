#!/usr/bin/env python3
"""Loki's clients from npm push numbered lines: none is lost, none is there twice."""
import collections
import os
import pathlib
import re
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "harness"))
from livedata_process import Livedata  # noqa: E402
from npm_client import run_client  # noqa: E402

COUNT = 10_000


class LokiClients(unittest.TestCase):
    def test_numbered_lines(self):
        start = (int(time.time()) - 60) * 10**9
        with Livedata(os.environ["LIVEDATA"]) as server:
            run_client("loki.mjs", server.url, COUNT)
            for app, failure in {"pino": "pino failed", "winston": "winston failed", "winston-json": "winston failed"}.items():
                lines = [line for _, _, line in server.query_all(f'{{app="{app}"}}', start)]
                numbers = collections.Counter(int(n) for line in lines for n in re.findall(r"line (\d+) of", line))
                self.assertEqual(numbers, collections.Counter(range(COUNT)), app)
                self.assertEqual(sum(failure in line for line in lines), 1, app)
                self.assertEqual(len(lines), COUNT + 1, app)
            count = server.query('sum by (detected_level) (count_over_time({app="pino"}[10m]))', start=time.time(), end=time.time(), step=60)
            self.assertEqual({r["metric"]["detected_level"]: r["values"][-1][1] for r in count}, {"info": str(COUNT), "error": "1"})


if __name__ == "__main__":
    unittest.main()
