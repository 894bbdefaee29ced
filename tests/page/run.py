#!/usr/bin/env python3
"""Starts a collecting livedata and drives its page in Chromium. Usage: run.py LIVEDATA WORK_FOLDER"""
import os
import pathlib
import shutil
import subprocess
import sys

here = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(here.parent / "harness"))
from livedata_process import Livedata  # noqa: E402


def main():
    work = pathlib.Path(sys.argv[2])
    work.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", ".npmrc", "browser.mjs", "page_test.mjs"):
        shutil.copy(here / name, work)
    subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--loglevel=error"], cwd=work, check=True)
    with Livedata(sys.argv[1], arguments=()) as server:
        server.wait_for('{source="process"}', 1)
        return subprocess.run(["node", "--test", "page_test.mjs"], cwd=work, env={**os.environ, "LIVEDATA_URL": server.url}).returncode


if __name__ == "__main__":
    sys.exit(main())
