#!/usr/bin/env python3
"""What many remotes cost the livedata that watches them: CPU and memory of the server itself, and of its children.

    bench/remotes.py LIVEDATA [REMOTES] [SECONDS]

Each remote is this machine, reached by a program in ssh's place that runs the command here, so that the cost of encryption
is left out. Lines are appended to one log per remote meanwhile.
"""
import json
import pathlib
import resource
import shutil
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests/harness"))
from livedata_process import Livedata  # noqa: E402

FAKE_SSH = "#!/bin/sh\nfor word; do :; done\nexec sh -c \"$word\"\n"


def main():
    binary, count, seconds = sys.argv[1], int((sys.argv + [100, 100])[2]), float((sys.argv + [60, 60, 60])[3])
    folder = pathlib.Path(tempfile.mkdtemp(prefix="livedata-remotes-"))
    data = folder / "data"
    data.mkdir()
    ssh = folder / "ssh"
    ssh.write_text(FAKE_SSH)
    ssh.chmod(0o755)
    logs = [folder / f"app{i}.log" for i in range(count)]
    for log in logs:
        log.write_text("")
    (data / "remotes.yaml").write_text("remotes:\n" + "".join(
        f"  - name: h{i}\n    destination: h{i}\n    journal: false\n    files: [{logs[i]}]\n" for i in range(count)))
    server = Livedata(binary, data=data, environment={"LIVEDATA_REMOTES_SSH_COMMAND": str(ssh)})
    started = time.monotonic()
    server.start()
    try:
        while True:
            remotes = json.loads(server.request("/api/v1/remotes")[1])["remotes"]
            connected = sum(remote["state"] == "connected" for remote in remotes)
            if connected == count or time.monotonic() - started > 300:
                break
            time.sleep(0.2)
        print(f"{connected} of {count} connected after {time.monotonic() - started:.1f} s")
        time.sleep(15)  # the first readings of everything
        before = server.cpu_seconds(), time.monotonic(), sum(remote["bytes"] for remote in json.loads(
            server.request("/api/v1/remotes")[1])["remotes"])
        written = 0
        while time.monotonic() - before[1] < seconds:
            for log in logs:
                with open(log, "a") as file:
                    file.write(f"{time.time():.3f} request {written} of a shop was answered in 12 ms\n")
            written += 1
            time.sleep(1)
        elapsed = time.monotonic() - before[1]
        remotes = json.loads(server.request("/api/v1/remotes")[1])["remotes"]
        received = sum(remote["bytes"] for remote in remotes) - before[2]
        print(f"livedata: {100 * (server.cpu_seconds() - before[0]) / elapsed:.1f} % of a core, "
              f"{server.resident_bytes() / 1e6:.0f} MB resident")
        print(f"received {received / elapsed / 1e3:.0f} kB/s, {sum(remote['samples'] for remote in remotes)} samples, "
              f"{sum(remote['entries'] for remote in remotes)} of {written * count} lines, "
              f"{sum(remote['failures'] for remote in remotes)} failures, "
              f"longest round trip {max(remote['roundTripSeconds'] for remote in remotes):.3f} s")
    finally:
        server.stop()
        shutil.rmtree(folder)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"all processes together, far sides included: {children.ru_utime + children.ru_stime:.0f} s of CPU time")


if __name__ == "__main__":
    main()
