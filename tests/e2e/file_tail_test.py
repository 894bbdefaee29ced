#!/usr/bin/env python3
"""Following log files, end to end: rotation storms, kill -9 and restart, ten thousand files. Every line must be stored once."""
import collections
import gzip
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "harness"))
from livedata_process import Livedata  # noqa: E402

BINARY = os.environ["LIVEDATA"]


class Storm(threading.Thread):
    """Writes numbered lines and rotates the file all the time: by renaming, by copying and truncating, with compression."""

    def __init__(self, folder, lines, rotate_every):
        super().__init__()
        self.folder, self.count, self.rotate_every = folder, lines, rotate_every
        self.written = 0
        self.rotations = 0
        self.generation = 0

    def run(self):
        live = self.folder / "app.log"
        out = open(live, "ab", buffering=0)
        for i in range(self.count):
            line = f"line {i} of the storm, some text to make it longer\n".encode()
            half = i % len(line)
            out.write(line[:half])  # a reader may see half a line
            out.write(line[half:])
            self.written = i + 1
            if i % self.rotate_every == self.rotate_every - 1:
                self.rotations += 1
                if self.rotations % 5 == 4:
                    shutil.copyfile(live, self.next_name())
                    out.truncate(0)
                else:
                    os.rename(live, self.next_name())
                    out.close()
                    out = open(live, "ab", buffering=0)
                if self.rotations % 7 == 6:
                    self.compress(self.folder / f"app.log.{self.generation - 3}")
            if i % 20 == 0:
                time.sleep(0.001)
        out.close()

    def next_name(self):
        self.generation += 1
        return self.folder / f"app.log.{self.generation}"

    def compress(self, path):
        if not path.exists():
            return
        with open(path, "rb") as source, gzip.open(f"{path}.gz", "wb") as target:
            shutil.copyfileobj(source, target)
        path.unlink()


class FollowedFiles(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="livedata-files-")
        self.folder = pathlib.Path(self.temporary.name) / "logs"
        self.folder.mkdir()
        self.config = pathlib.Path(self.temporary.name) / "livedata.yaml"

    def tearDown(self):
        self.temporary.cleanup()

    def server(self, text, **more):
        self.config.write_text(text)
        return Livedata(BINARY, arguments=("--no-collect", "--config", str(self.config)), **more)

    def numbers(self, server, count):
        """How often each numbered line is stored."""
        found = collections.Counter()
        for thousand in range((count + 999) // 1000):
            digits = f"{thousand}[0-9]{{3}}" if thousand else "[0-9]{1,3}"
            for _, _, line in server.query(f'{{service_name="storm"}} |~ "^line {digits} "'):
                found[int(re.match(r"line (\d+) ", line).group(1))] += 1
        return found

    def total(self, server, selector='{service_name="storm"}'):
        result = server.query(f"sum(count_over_time({selector}[1h]))", start=time.time() - 1, end=time.time() + 1, step=3600)
        return int(result[-1]["values"][-1][1]) if result else 0

    def wait_for_total(self, server, count, seconds=60, **more):
        deadline = time.monotonic() + seconds
        while self.total(server, **more) < count and time.monotonic() < deadline:
            time.sleep(0.1)
        return self.total(server, **more)

    def test_storms_and_kills_lose_and_repeat_nothing(self):
        lines = 20_000
        with self.server(f"files:\n  - paths: [{self.folder}/app.log]\n    service: storm\n") as server:
            time.sleep(0.2)
            storm = Storm(self.folder, lines, 40)
            storm.start()
            kills = 0
            while storm.is_alive():
                time.sleep(0.4)
                server.kill()
                server.start()
                kills += 1
            storm.join()
            self.assertGreater(kills, 1)
            self.wait_for_total(server, lines)
            time.sleep(0.5)
            found = self.numbers(server, lines)
            missing = [i for i in range(lines) if found[i] == 0]
            repeated = [i for i, times in found.items() if times > 1]
            print(f"{lines} lines, {storm.rotations} rotations, {kills} kills: {len(missing)} missing, {len(repeated)} repeated")
            self.assertEqual((missing[:20], repeated[:20]), ([], []))
            status, metrics = server.request("/metrics")
            self.assertEqual(status, 200)
            for name in ("lines_total", "rotations_total", "followed", "lag_bytes"):
                self.assertIn(f"livedata_files_{name}", metrics)

    def test_ten_thousand_files_in_one_folder(self):
        count = 10_000
        for i in range(count):
            (self.folder / f"{i}.log").write_text(f"line {i} first\n")
        with self.server(f"files:\n  - paths: ['{self.folder}/*.log']\n    service: storm\n    start: beginning\n") as server:
            begin = time.monotonic()
            self.assertEqual(self.wait_for_total(server, count, 120), count)
            print(f"{count} files are read after {time.monotonic() - begin:.1f} s")
            descriptors = len(os.listdir(f"/proc/{server.process.pid}/fd"))
            self.assertLess(descriptors, 400)
            time.sleep(1)
            idle = server.cpu_seconds()
            time.sleep(5)
            idle = server.cpu_seconds() - idle
            delays = []
            for i in range(20):
                at = time.monotonic()
                with open(self.folder / f"{i * 397}.log", "a") as file:
                    file.write(f"line {count + i} fresh\n")
                while not server.query(f'{{filename="{self.folder}/{i * 397}.log"}} |= "fresh"'):
                    self.assertLess(time.monotonic() - at, 20)
                    time.sleep(0.002)
                delays.append(time.monotonic() - at)
            delays.sort()
            print(f"{descriptors} descriptors, {idle / 5 * 100:.2f} % of a core while idle, "
                  f"{server.resident_bytes() >> 20} MiB; a new line is found after {delays[10] * 1000:.0f} ms (median), {delays[-1] * 1000:.0f} ms (most)")
            self.assertLess(idle, 0.5)
            self.assertLess(delays[10], 2)
            server.kill()
            for i in range(count):
                with open(self.folder / f"{i}.log", "a") as file:
                    file.write(f"line {count + 20 + i} last\n")
            begin = time.monotonic()
            server.start()
            total = 2 * count + 20
            self.assertEqual(self.wait_for_total(server, total, 120), total)
            print(f"after a restart: {time.monotonic() - begin:.1f} s")
            found = self.numbers(server, total)
            self.assertEqual([i for i in range(total) if found[i] != 1], [])

    def test_equal_lines_of_the_same_second_are_all_kept(self):
        with self.server(f"files:\n  - paths: [{self.folder}/app.log]\n    service: storm\n") as server:
            stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            with open(self.folder / "app.log", "a") as file:
                file.write(f"{stamp} the same\n" * 500)
            self.assertEqual(self.wait_for_total(server, 500), 500)
            server.kill()
            with open(self.folder / "app.log", "a") as file:
                file.write(f"{stamp} the same\n" * 500)
            server.start()
            self.assertEqual(self.wait_for_total(server, 1000), 1000)

    def test_a_pattern_on_the_command_line(self):
        with Livedata(BINARY, arguments=("--no-collect", "--file", f"{self.folder}/**/*.txt", "--file", f"{self.folder}/one")) as server:
            (self.folder / "a/b").mkdir(parents=True)
            (self.folder / "a/b/x.txt").write_text("deep\n")
            (self.folder / "one").write_text("single\n")
            lines = server.wait_for('{filename=~".+"}', 2)
            self.assertEqual(sorted(line for _, _, line in lines), ["deep", "single"])

    def test_mistakes_in_the_configuration_are_told(self):
        self.config.write_text("files:\n  - paths: [/x.log]\n    encodign: utf-8\n")
        refused = subprocess.run([BINARY, "serve", "--config", str(self.config), "--listen", "127.0.0.1:0", "--data", self.temporary.name],
                                 capture_output=True, text=True, timeout=60)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn(f"{self.config}:3:5: files: there is no option 'encodign'", refused.stderr)

    def test_back_fill_of_a_large_file(self):
        with open(self.folder / "app.log", "w") as file:
            for i in range(300_000):
                file.write(f"line {i} of a file that was there before, with some text to make it longer than that\n")
        size = (self.folder / "app.log").stat().st_size
        text = f"collect:\n  files_backfill_bytes_per_second: 0\nfiles:\n  - paths: [{self.folder}/app.log]\n    service: storm\n    start: beginning\n"
        with self.server(text) as server:
            begin = time.monotonic()
            self.assertEqual(self.wait_for_total(server, 300_000), 300_000)
            seconds = time.monotonic() - begin
            print(f"back-fill: {300_000 / seconds:.0f} lines/s, {size / seconds / 1e6:.1f} MB/s")


if __name__ == "__main__":
    unittest.main(verbosity=2)
