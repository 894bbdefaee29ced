#!/usr/bin/env python3
"""Writes asset_table.cc and asset_bytes.S, which carry the files of a folder inside the binary.

usage: embed_assets.py FOLDER OUTPUT_FOLDER

Text is compressed with gzip where that makes it smaller, with no time stamp, so that the same
input always gives the same bytes. The assembler includes the blobs (.incbin): no compiler has to
parse them as numbers.
"""
import gzip
import hashlib
import pathlib
import sys

CONTENT_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
}
ALREADY_COMPRESSED = {".png", ".woff2", ".ico"}

ASSEMBLY = """    .section .rodata
    .balign 16
    .globl {symbol}
    .type {symbol}, %object
    .size {symbol}, {size}
{symbol}:
    .incbin "{blob}"
    .byte 0
"""

TABLE = """// Written by embed_assets.py.
#include "server/ui/asset_table.h"

extern "C" {{
{declarations}
}}

namespace livedata::server {{
namespace {{

const NamedAsset kAssets[] = {{
{rows}
}};

}}  // namespace

std::span<const NamedAsset> asset_table() {{ return kAssets; }}

}}  // namespace livedata::server
"""


def encode(path):
    """The bytes to send, and whether they are gzip."""
    raw = path.read_bytes()
    if path.suffix in ALREADY_COMPRESSED:
        return raw, False
    packed = gzip.compress(raw, compresslevel=9, mtime=0)
    return (packed, True) if len(packed) < len(raw) else (raw, False)


def main(folder, output):
    folder, output = pathlib.Path(folder), pathlib.Path(output)
    blobs = output / "assets"
    blobs.mkdir(parents=True, exist_ok=True)
    files = {"/" + f.relative_to(folder).as_posix(): f for f in folder.rglob("*") if f.is_file()}
    if "/index.html" not in files:
        sys.exit(f"embed_assets: {folder} has no index.html")
    assembly, declarations, rows = [], [], []
    # Sorted by bytes, as find_asset() compares.
    for number, (url, path) in enumerate(sorted(files.items(), key=lambda item: item[0].encode())):
        if path.suffix not in CONTENT_TYPES:
            sys.exit(f"embed_assets: no content type is known for {path.name}")
        body, packed = encode(path)
        blob = blobs / f"{number}.bin"
        blob.write_bytes(body)
        symbol = f"livedata_asset_{number}"
        etag = hashlib.sha256(url.encode() + b"\0" + body).hexdigest()[:20]
        assembly.append(ASSEMBLY.format(symbol=symbol, size=len(body), blob=blob))
        declarations.append(f"extern const char {symbol}[];")
        rows.append(
            f'    {{"{url}", {{.bytes = {{{symbol}, {len(body)}}}, .content_type = "{CONTENT_TYPES[path.suffix]}",\n'
            f'      .etag = "\\"{etag}\\"", .immutable = {str(url.startswith("/assets/")).lower()}, '
            f".gzip = {str(packed).lower()}}}}},")
    text = "".join(assembly) + '    .section .note.GNU-stack,"",%progbits\n'
    (output / "asset_bytes.S").write_text(text)
    (output / "asset_table.cc").write_text(
        TABLE.format(declarations="\n".join(declarations), rows="\n".join(rows)))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
