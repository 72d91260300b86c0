"""The board of 10,000 participants and 50 assignments: `python -m benchmarks.board`.

The first byte of the board and the results, sorted and filtered in every way, as the median of some requests; and the
CSV of all of it: how long it takes, and by how much the process grows meanwhile. Filling takes some minutes.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from statistics import median

import asyncpg

from benchmarks import servers
from benchmarks.data import empty_database, postgres
from benchmarks.large_track import AUTHOR_ID, TRACK_ID, fill_large_track
from benchmarks.report import Verdict, show
from learning_platform.accounts.tokens import SessionTokens

PARTICIPANTS, ASSIGNMENTS, REQUESTS = 10_000, 50, 9
FIRST_BYTE_MS, GROWTH_MIB, MIB = 300, 16, 1024 * 1024
PARTICIPANT_ID, LAST_OVER = 77, 40
BOARD = (
    "",
    "sort=-total",
    "sort=-total&page=150",
    "sort=-a40",
    "sort=-owed",
    "q=77",
    "show=behind",
    "show=not_submitted",
    "show=owes_reviews",
    "show=needs_reviews",
    "show=disputed",
    "show=left",
    "columns=all",
)
EXPORTS = ("results.csv", "board.csv", "results.xlsx")
OTHERS = (
    "submissions",
    "submissions?show=attention",
    "results",
    "results?sort=-total",
    "review-quality",
    "review-quality?sort=-reviews",
    "appeals",
    "returns",
)


async def main() -> bool:
    """Measure; return whether every target is reached."""
    async with postgres() as server, empty_database(server, "board") as url:
        print(f"filling a track of {PARTICIPANTS:,} participants and {ASSIGNMENTS} assignments …", flush=True)
        # Without time limits: filling takes some minutes.
        db = await asyncpg.connect(url)
        await fill_large_track(db, participants=PARTICIPANTS, assignments=ASSIGNMENTS)
        await db.close()
        return await measure(url)


async def measure(url: str) -> bool:
    """Measure on a filled database."""
    with servers.ours(url, SCHEDULER="off") as ours:
        paths = [*(f"board?{query}" for query in BOARD), *OTHERS]
        verdicts = [await _first_byte(ours.port, path, AUTHOR_ID) for path in paths]
        verdicts += [await _first_byte(ours.port, path, PARTICIPANT_ID) for path in OTHERS[2:4]]
        verdicts += [
            verdict for path in ("results.csv", "board.csv", "results.xlsx") for verdict in await _export(ours, path)
        ]
    return show(f"The board: {PARTICIPANTS:,} participants, {ASSIGNMENTS} assignments", verdicts)


async def _first_byte(port: int, path: str, user_id: int) -> Verdict:
    spans: list[float] = []
    for _ in range(REQUESTS + 1):  # The first warms up.
        began = time.perf_counter()
        async with _answer(port, path, user_id) as reader:
            spans.append(time.perf_counter() - began)
            await reader.read()
    reader_name = "the author" if user_id == AUTHOR_ID else "a participant"
    return Verdict(
        f"/{path}, {reader_name}",
        median(spans[1:]) * 1000,
        FIRST_BYTE_MS,
        "less",
        " ms",
        f"{max(spans[1:]) * 1000:.0f} ms at most",
    )


async def _export(ours: servers.Server, path: str) -> Sequence[Verdict]:
    began, size, first_byte = time.perf_counter(), 0, 0.0
    before = most = ours.memory
    async with _answer(ours.port, path, AUTHOR_ID) as reader:
        while part := await reader.read(MIB):
            first_byte = first_byte or time.perf_counter() - began
            size += len(part)
            most = max(most, ours.memory)
    seconds = time.perf_counter() - began
    return [
        # A workbook is sent when it is complete.
        Verdict(
            f"/{path}, first byte", first_byte * 1000, None if path.endswith("xlsx") else FIRST_BYTE_MS, "less", " ms"
        ),
        Verdict(f"/{path}, growth", (most - before) / MIB, GROWTH_MIB, "less", " MiB", f"{size / MIB:.0f} MiB sent"),
        Verdict(f"/{path}, all of it", seconds, unit=" s"),
    ]


@asynccontextmanager
async def _answer(port: int, path: str, user_id: int) -> AsyncIterator[asyncio.StreamReader]:
    """Ask for a page of the track; yield what is answered when its first bytes have come."""
    cookie = SessionTokens(servers.KEY).issue(user_id)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    headers = f"Host: localhost\r\nAccept: text/html\r\nCookie: session={cookie}\r\nConnection: close\r\n"
    writer.write(f"GET /tracks/{TRACK_ID}/{path} HTTP/1.1\r\n{headers}\r\n".encode())
    status = await reader.readexactly(len("HTTP/1.1 200"))
    assert status == b"HTTP/1.1 200", status + await reader.read(500)
    try:
        yield reader
    finally:
        writer.close()


if __name__ == "__main__":
    raise SystemExit(0 if asyncio.run(main()) else 1)
