#!/usr/bin/env python3
"""Kills livedata (SIGKILL) at random moments while lines are pushed; after each restart every acknowledged
line must be there, byte for byte and once, and no other line may be there twice.

Compaction runs beside it, and is killed as well.

Usage: kill_test.py LIVEDATA LOGGEN ROUNDS [SEED]
"""
import pathlib
import random
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "harness"))
from livedata_process import Livedata  # noqa: E402

# A round of many is shorter, and its heads smaller, so that as much happens in it.
BYTES_OF_FEW, BYTES_OF_MANY = 80_000_000, 16_000_000


def run_round(binary, loggen, seed, pause, size):
    end = int(time.time())
    with tempfile.TemporaryDirectory(prefix="livedata-crash-") as folder:
        acks = pathlib.Path(folder) / "acks"
        acks.touch()
        # Small heads, so that flushes are killed as well as appends.
        config = pathlib.Path(folder) / "config.yaml"
        config.write_text(f"head:\n  max_bytes: {size // 16}\ncompaction:\n  warm_codec: zstd-3\n  warm_age: 0\nlog:\n  level: error\n")
        server = Livedata(binary, data=pathlib.Path(folder) / "data", arguments=["--no-collect", "--config", str(config)])
        server.start()
        common = [loggen, "--bytes", str(size), "--seed", str(seed), "--end", str(end)]
        pusher = subprocess.Popen([*common, "push", "--port", str(server.port), "--connections", "4", "--ack-log", str(acks)],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(pause)
        server.kill()
        pusher.wait(timeout=60)
        for restart in range(2):  # recovery must hold over another restart too
            server.start()
            check = subprocess.run([*common, "verify", "--port", str(server.port), "--acked", str(acks)], capture_output=True, text=True)
            batches = len(acks.read_text().split())
            print(f"seed {seed}: killed after {pause:.2f} s, {batches} batches acknowledged: {check.stdout.strip()}{check.stderr.strip()}", flush=True)
            if check.returncode != 0:
                return False
            server.stop() if restart else server.kill()
    return True


def main():
    binary, loggen, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
    first = int(sys.argv[4]) if len(sys.argv) > 4 else random.randrange(1_000_000)
    size, longest = (BYTES_OF_FEW, 1.2) if rounds < 100 else (BYTES_OF_MANY, 0.35)
    for seed in range(first, first + rounds):
        if not run_round(binary, loggen, seed, random.Random(seed).uniform(0.02, longest), size):
            print(f"FAILED: repeat with seed {seed}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
