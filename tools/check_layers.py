#!/usr/bin/env python3
"""Holds every #include "..." below src/ against the layer graph.

Usage: check_layers.py SRC LAYERS_JSON

LAYERS_JSON maps each layer's path below SRC to the layers it uses. A file belongs to the layer with
the longest matching path. An include is allowed within a layer and downward; tests/ and testing/
folders may in addition use what the layers above declare for them, so only product code is checked
there for direction.
"""
import json
import pathlib
import re
import sys

# Foreign headers that only one folder may see, so that a library can be exchanged in one place.
CONFINED = {
    "duckdb": ("query/sql", "archive/parquet"),
    "boost": ("server/http", "server/grpc", "server/net", "server/streams"),
    "nghttp2": ("server/grpc",),
    "openssl": ("archive/s3", "http_client/tests", "ingest/fluent", "tenant", "server/net", "server/streams", "server/forward/tests", "server/syslog/tests"),
    "yaml-cpp": ("config", "ingest/pipeline/settings"),
    "CLI": ("cli",),
    "systemd": ("collect",),
    "curl": ("http_client",),
}


def layer_of(path, layers):
    parts = path.split("/")
    for n in range(len(parts), 0, -1):
        if "/".join(parts[:n]) in layers:
            return "/".join(parts[:n])
    return None


def below(layer, uses):
    seen = set()
    todo = list(uses[layer])
    while todo:
        dep = todo.pop()
        if dep not in seen:
            seen.add(dep)
            todo.extend(uses[dep])
    return seen


def check_file(path, src, uses):
    relative = path.relative_to(src).as_posix()
    is_test = "/tests/" in f"/{relative}" or "/testing/" in f"/{relative}"
    layer = layer_of(relative, uses)
    if layer is None:
        yield f"{path}: no layer owns this file; declare its folder with livedata_layer()"
        return
    for number, line in enumerate(path.read_text().splitlines(), 1):
        foreign = re.match(r"\s*#\s*include\s+<([A-Za-z0-9_-]+)[/.>]", line)
        if foreign and foreign.group(1) in CONFINED:
            allowed = CONFINED[foreign.group(1)]
            if not any(relative.startswith(f"{folder}/") for folder in allowed):
                yield f"{path}:{number}: <{foreign.group(1)}> is confined to {', '.join(allowed)}"
        match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
        if not match:
            continue
        target = layer_of(match.group(1), uses)
        if target is None:
            yield f'{path}:{number}: include "{match.group(1)}" by its path from src/'
        elif not is_test and target != layer and target not in below(layer, uses):
            allowed = ", ".join(sorted(below(layer, uses))) or "nothing"
            yield f"{path}:{number}: {layer} may not use {target} (may use: {allowed})"


def main():
    src = pathlib.Path(sys.argv[1])
    uses = json.loads(pathlib.Path(sys.argv[2]).read_text())
    files = sorted(p for suffix in ("*.h", "*.cc") for p in src.rglob(suffix))
    problems = [problem for path in files for problem in check_file(path, src, uses)]
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
