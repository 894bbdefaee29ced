#!/usr/bin/env python3
"""Real clients from npm push, and their lines are found. Usage: clients_test.py LIVEDATA WORK_FOLDER"""
import pathlib
import shutil
import subprocess
import sys

here = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(here.parent.parent / "harness"))
from livedata_process import Livedata  # noqa: E402


def main():
    binary, work = sys.argv[1], pathlib.Path(sys.argv[2])
    work.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", ".npmrc", "send.mjs"):
        shutil.copy(here / name, work)
    subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=work, check=True)
    with Livedata(binary) as server:
        subprocess.run(["node", "send.mjs", server.url], cwd=work, check=True, timeout=60)
        for app, texts in {"pino": ["hello from pino", "pino failed"], "winston": ["hello from winston", "winston failed"],
                           "winston-json": ["hello from winston", "winston failed"]}.items():
            lines = [line for _, _, line in server.wait_for(f'{{app="{app}"}}', len(texts))]
            for text in texts:
                if not any(text in line for line in lines):
                    print(f"{app}: no line holds '{text}': {lines}")
                    return 1
            print(f"{app}: {len(lines)} lines found")
    return 0


if __name__ == "__main__":
    sys.exit(main())
