"""Files of the demo's programs that programs write: pictures, notebooks, lock files, measurements."""

import hashlib
import json
import struct
import zlib
from base64 import b64encode
from collections.abc import Callable, Mapping

BAR, GAP, HEIGHT = 24, 8, 96
PAPER, INK = b"\xf6\xf8\xfa", b"\x1f\x6f\xeb"
ROWS = 280


def bars(body: str) -> bytes:
    """Return a PNG: a bar for each number."""
    values = [int(value) for value in body.split()]
    heights = [max(2, round(value / max(values) * (HEIGHT - 2 * GAP))) for value in values]
    rows = (_row_of_bars(heights, HEIGHT - GAP - y) for y in range(HEIGHT))
    pixels = b"".join(b"\0" + row for row in rows)
    width = len(values) * (BAR + GAP) + GAP
    head = struct.pack(">IIBBBBB", width, HEIGHT, 8, 2, 0, 0, 0)
    chunks = (_chunk(b"IHDR", head), _chunk(b"IDAT", zlib.compress(pixels)), _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _row_of_bars(heights: list[int], level: int) -> bytes:
    columns = ((INK if 0 < level <= height else PAPER) * BAR + PAPER * GAP for height in heights)
    return PAPER * GAP + b"".join(columns)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def notebook(body: str) -> bytes:
    """Return a Jupyter notebook: parts begin with `%% markdown`, `%% code`, `%% output`, or `%% picture` (bars)."""
    cells: list[dict[str, object]] = []
    for part in body.split("%% ")[1:]:
        kind, _, text = part.partition("\n")
        lines = text.rstrip().splitlines(keepends=True)
        if kind == "output":
            cells[-1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": lines}]
        elif kind == "picture":
            data = {"image/png": b64encode(bars(text)).decode(), "text/plain": ["<Figure size 104x96 with 1 Axes>"]}
            cells[-1]["outputs"] = [{"output_type": "display_data", "metadata": {}, "data": data}]
        elif kind == "code":
            runs = sum(cell["cell_type"] == "code" for cell in cells) + 1
            cells.append(_cell(kind, lines) | {"execution_count": runs, "outputs": []})
        else:
            cells.append(_cell(kind, lines))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    written = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(written, indent=1, ensure_ascii=False).encode() + b"\n"


def _cell(kind: str, lines: list[str]) -> dict[str, object]:
    id = hashlib.sha256("".join(lines).encode()).hexdigest()[:8]
    return {"cell_type": kind, "id": id, "metadata": {}, "source": lines}


def lock(body: str) -> bytes:
    """Return a lock file of npm, from lines with a name and a version."""
    packages = {f"node_modules/{name}": _locked(name, version) for name, version in map(str.split, body.splitlines())}
    written = {"name": "bookshelf", "lockfileVersion": 3, "requires": True, "packages": packages}
    return json.dumps(written, indent=2).encode() + b"\n"


def _locked(name: str, version: str) -> Mapping[str, object]:
    return {
        "version": version,
        "resolved": f"https://registry.example/{name}/-/{name}-{version}.tgz",
        "integrity": f"sha512-{hashlib.sha256(f'{name} {version}'.encode()).hexdigest()}",
        "engines": {"node": ">= 18"},
    }


def rows(body: str) -> bytes:
    """Return a long table: a heading, and numbers below it."""
    numbers = (f"{number},{number * number % 97 + number // 3}" for number in range(1, ROWS))
    return "\n".join([body.strip(), *numbers, ""]).encode()


def golden(_: str) -> bytes:
    """Return a long file of recorded answers: what `price.py` of the assignment says of many orders."""
    answers = {f"{number} по {price}": _price(price * number, number) for price in (1, 99) for number in range(1, 140)}
    return json.dumps(answers, indent=0, ensure_ascii=False).encode()


def _price(total: float, number: int) -> int:
    if number >= 10:
        total *= 0.8 if number >= 100 else 0.95
    return round(total if total > 3000 else total + 199)


GENERATORS: Mapping[str, Callable[[str], bytes]] = {
    "bars": bars,
    "notebook": notebook,
    "lock": lock,
    "rows": rows,
    "golden": golden,
}
