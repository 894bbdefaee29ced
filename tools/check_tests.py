#!/usr/bin/env python3
"""Fails for a test or fuzz source that no CMakeLists.txt names, and for files with names that say nothing."""
import pathlib
import re
import sys

FORBIDDEN = re.compile(r"(^|_)(util|utils|helper|helpers|manager|misc|common)(_|\.|$)")
root = pathlib.Path(__file__).resolve().parent.parent
folders = [root / name for name in ("src", "tests", "fuzz", "bench")]
lists = "\n".join(p.read_text() for folder in folders for p in folder.rglob("CMakeLists.txt"))
problems = []
for folder in folders:
    for path in sorted(folder.rglob("*")):
        if path.suffix not in (".cc", ".h", ".py"):
            continue
        if FORBIDDEN.search(path.name):
            problems.append(f"{path.relative_to(root)}: the name does not say what the file is about")
        if re.search(r"_(test|fuzz)\.cc$", path.name) and path.name not in lists:
            problems.append(f"{path.relative_to(root)}: no CMakeLists.txt names this test")
print("\n".join(problems), end="\n" if problems else "")
sys.exit(1 if problems else 0)
