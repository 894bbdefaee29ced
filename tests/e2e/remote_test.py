#!/usr/bin/env python3
"""Machines that are watched over SSH: a real sshd on the loopback, with keys, and what may go wrong with it."""
import json
import os
import pathlib
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "harness"))
import ssh_server  # noqa: E402
from livedata_process import Livedata  # noqa: E402
from ssh_server import SshServer  # noqa: E402

BINARY = os.environ["LIVEDATA"]
JOURNAL_WRITER = "/lib/systemd/systemd-journal-remote"
BOOT = "0123456789abcdef0123456789abcdef"
START = int(time.time()) - 600


def entry(number):
    return (f"__REALTIME_TIMESTAMP={START * 1_000_000 + 1000 * number}\n__MONOTONIC_TIMESTAMP={number + 1}\n_BOOT_ID={BOOT}\n"
            f"PRIORITY=6\n_SYSTEMD_UNIT=shop.service\n_HOSTNAME=elsewhere\nMESSAGE=line {number}\n\n").encode()


@unittest.skipUnless(ssh_server.available(), "there is no sshd; run scripts/setup test")
class Remote(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="livedata-remote-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.journal = self.folder / "journal"
        self.journal.mkdir()
        self.log = self.folder / "app.log"
        self.written = 0

    def serve(self, sshd=None):
        self.server = Livedata(BINARY, data=self.folder / "data", environment={"LIVEDATA_REMOTES_INTERVAL": "1s"})
        self.server.start()
        self.addCleanup(lambda: self.server.process and self.server.stop())

    def run_command(self, *arguments):
        return subprocess.run([BINARY, "remote", *arguments, "--data", str(self.folder / "data")], capture_output=True, text=True,
                              timeout=100)

    def add(self, sshd, *arguments, key="user"):
        added = self.run_command("add", sshd.destination, "--name", "web1", *sshd.options(key), *arguments)
        self.assertEqual(added.returncode, 0, added.stderr)

    def status(self):
        status, text = self.server.request("/api/v1/remotes")
        self.assertEqual(status, 200)
        remotes = json.loads(text)["remotes"]
        return remotes[0] if remotes else {}

    def wait_for_status(self, seconds=60, **wanted):
        deadline = time.monotonic() + seconds
        while True:
            status = self.status()
            if all(status.get(key) == value for key, value in wanted.items()):
                return status
            self.assertLess(time.monotonic(), deadline, f"{wanted} did not come: {status}")
            time.sleep(0.1)

    def write_journal(self, count):
        body = b"".join(entry(number) for number in range(self.written, self.written + count))
        (self.folder / "export").write_bytes(body)
        subprocess.run([JOURNAL_WRITER, "-o", str(self.journal / "a.journal"), str(self.folder / "export")], check=True,
                       capture_output=True)
        self.written += count

    def write_lines(self, count):
        with open(self.log, "a") as log:
            for number in range(self.written, self.written + count):
                log.write(f"line {number}\n")
        self.written += count

    def expect_lines(self, selector, seconds=60):
        """Every line that was written is there, once."""
        deadline = time.monotonic() + seconds
        start = (START - 3600) * 10**9
        while True:
            lines = self.server.query_all(selector, start)
            if len(lines) >= self.written or time.monotonic() > deadline:
                break
            time.sleep(0.2)
        time.sleep(1)
        numbers = sorted(int(line.split()[1]) for _, _, line in self.server.query_all(selector, start))
        self.assertEqual(numbers, list(range(self.written)))

    @unittest.skipUnless(os.path.exists(JOURNAL_WRITER), "systemd-journal-remote is not installed")
    def test_journal_and_metrics_survive_what_may_happen(self):
        selector = '{host="web1", unit="shop.service"}'
        self.serve()
        with SshServer() as sshd:
            self.write_journal(300)
            self.add(sshd, "--journal-folder", str(self.journal))
            mode = stat.S_IMODE((self.folder / "data/remotes.yaml").stat().st_mode)
            self.assertEqual(mode, 0o600)
            self.wait_for_status(state="connected", logs="journal")
            self.expect_lines(selector)
            for source in ("cpu", "memory", "disk", "network", "load", "process", "process_summary", "system"):
                self.assertTrue(self.server.wait_for(f'{{source="{source}", host="web1"}}', 1, 40), source)
            shown = self.run_command("list", "--addr", self.server.url)
            self.assertRegex(shown.stdout, r"web1\s+connected\s")
            metrics = self.server.request("/metrics")[1]
            self.assertIn('livedata_remote_up{remote="web1"} 1', metrics)

            # The connection is killed, several times, while entries come.
            for times in range(3):
                self.write_journal(50)
                sshd.kill_connections()
                self.write_journal(50)
                self.wait_for_status(state="connected", sessions=2 + times)
            self.expect_lines(selector)

            # sshd is away for a while.
            sshd.kill()
            self.write_journal(100)
            status = self.wait_for_status(state="waiting", reason="refused")
            self.assertIn("nothing listens", status["message"])
            shown = self.run_command("list", "--addr", self.server.url)
            self.assertIn("nothing listens", shown.stdout)
            sshd.start()
            self.wait_for_status(state="connected")
            self.expect_lines(selector)

            # livedata is killed, and nothing that it has started is left.
            self.server.kill()
            self.write_journal(100)
            deadline = time.monotonic() + 20
            while sshd.connections():
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.1)
            self.server.start()
            self.wait_for_status(state="connected")
            self.expect_lines(selector)
            self.assertEqual(self.status()["gaps"], 0)

            # It is removed.
            self.assertEqual(self.run_command("rm", "web1").returncode, 0)
            deadline = time.monotonic() + 20
            while self.status() or sshd.connections():
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.1)
            self.assertEqual(self.run_command("rm", "web1").returncode, 3)

    def test_another_host_key_is_refused(self):
        self.serve()
        with SshServer() as sshd:
            self.write_lines(10)
            self.add(sshd, "--no-journal", "--file", str(self.log))
            self.wait_for_status(state="connected")
            self.expect_lines('{host="web1", filename=~".+"}')
            sshd.kill()
            self.write_lines(10)
            sshd.start("other_host")
            status = self.wait_for_status(reason="host_key_changed")
            self.assertIn("ssh-keygen -R", status["message"])
            sessions = status["sessions"]
            time.sleep(5)
            self.assertEqual(self.status()["sessions"], sessions)
            tried = self.run_command("test", "web1")
            self.assertEqual(tried.returncode, 3)
            self.assertIn("host_key_changed", tried.stderr)
            # An unknown one is refused, too, whatever the configuration says.
            sshd.known_hosts.write_text("")
            self.wait_for_status(reason="host_key_unknown")
            sshd.trust("other_host")
            self.wait_for_status(state="connected")
            self.expect_lines('{host="web1", filename=~".+"}')

    def test_a_key_that_is_not_known_there(self):
        self.serve()
        with SshServer() as sshd:
            self.add(sshd, key="stranger")
            status = self.wait_for_status(reason="permission_denied")
            self.assertIn("ssh-copy-id", status["message"])
            self.assertNotIn("PRIVATE", (self.folder / "data/remotes.yaml").read_text())

    def test_files_with_dash(self):
        self.check_files({})

    @unittest.skipUnless(os.path.exists(ssh_server.BUSYBOX), "there is no busybox; run scripts/setup test")
    def test_files_with_busybox_alone(self):
        programs = self.folder / "busybox"
        programs.mkdir()
        ssh_server.busybox_folder(programs)
        self.check_files({"path": str(programs), "shell": str(programs / "sh")})

    def check_files(self, arguments):
        selector = '{host="web1", filename=~".+"}'
        self.serve()
        with SshServer(**arguments) as sshd:
            self.write_lines(100)
            self.add(sshd, "--no-journal", "--file", str(self.folder / "*.log"))
            tried = self.run_command("test", "web1")
            self.assertEqual(tried.returncode, 0, tried.stderr)
            self.assertRegex(tried.stdout, r"logs +1 files")
            self.assertRegex(tried.stdout, r"clock +[+-]0\.")
            self.wait_for_status(state="connected", logs="files")
            self.expect_lines(selector)
            for source in ("cpu", "memory", "process", "filesystem"):
                self.assertTrue(self.server.wait_for(f'{{source="{source}", host="web1"}}', 1, 40), source)
            for _ in range(3):
                self.write_lines(100)
                sshd.kill_connections()
                self.write_lines(100)
            sshd.kill()
            self.write_lines(100)
            self.log.rename(self.folder / "app.log.1")
            self.write_lines(100)
            self.wait_for_status(state="waiting")
            sshd.start()
            self.wait_for_status(state="connected")
            self.expect_lines(selector)
            self.server.kill()
            self.write_lines(100)
            self.server.start()
            self.wait_for_status(state="connected")
            self.expect_lines(selector)

    def test_mistakes_of_the_command_line(self):
        for destination in ("-oProxyCommand=x", "a b", ""):
            self.assertEqual(self.run_command("add", "--", destination).returncode, 2, destination)
        refused = self.run_command("add", "web1", "--ssh-option", "StrictHostKeyChecking=no")
        self.assertEqual(refused.returncode, 2)
        self.assertIn("always checked", refused.stderr)
        self.assertEqual(self.run_command("add", "root@web1").returncode, 0)
        self.assertEqual(self.run_command("add", "web1").returncode, 1)
        listed = self.run_command("list", "--addr", "http://127.0.0.1:1")
        self.assertTrue(re.search(r"web1\troot@web1", listed.stdout), listed.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
