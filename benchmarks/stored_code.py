"""What frozen hand-ins cost in PostgreSQL: space, storing and opening: `python -m benchmarks.stored_code`.

Hand-ins of 182 files, one group of a hundred after another: with a starter that all of a group share, and with nothing
shared. The space is what the tables and their indexes grow by; the times are of one connection, one after another.
"""

import argparse
import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import learning_platform
from benchmarks.data import TRACKS, USERS, empty_database, postgres
from benchmarks.report import Verdict, show
from learning_platform.core.database import Connection, Database
from learning_platform.snapshots.store import contents_of, entries_of, save_tree
from learning_platform.snapshots.trees import File, Tree, tree_of

HAND_INS, GROUP, FILES, CHANGED = 5_000, 100, 182, 12
LINES_OF_A_FILE = 60
OPENINGS = 500
SPACE = "select sum(pg_total_relation_size(name::regclass)) from unnest(array['blobs', 'trees']) name"
EMPTY = "truncate blobs, trees cascade"
NOW = datetime(2030, 1, 1, tzinfo=UTC)
KIB = 1024


@dataclass(frozen=True, slots=True)
class Measured:
    """Bytes of a hand-in, and seconds: of storing each, of listing the files of one, of opening a file of one."""

    bytes: float
    storing: Sequence[float]
    listing: Sequence[float]
    opening: Sequence[float]


def lines_of_code() -> list[str]:
    """Return the lines of this project's own code, which files are put together from."""
    files = sorted(Path(learning_platform.__file__).parent.rglob("*.py"))
    return [line for path in files for line in path.read_text().splitlines()]


def program(rng: random.Random, lines: Sequence[str], starter: Sequence[File] = ()) -> Tree:
    """Return a hand-in: a starter with some files changed, or new files only."""
    own = [_file(rng, lines, number) for number in range(CHANGED if starter else FILES)]
    return tree_of([*own, *starter[len(own) :]])


def starter(rng: random.Random, lines: Sequence[str]) -> list[File]:
    """Return the files that a group begins with."""
    return [_file(rng, lines, number) for number in range(FILES)]


def _file(rng: random.Random, lines: Sequence[str], number: int) -> File:
    begins_at = rng.randrange(len(lines) - LINES_OF_A_FILE)
    content = "\n".join([f"# {rng.random()}", *lines[begins_at : begins_at + LINES_OF_A_FILE]]).encode()
    return File(f"package_{number % 12}/module_{number}.py", "100644", content, len(content))


async def main(*, hand_ins: int = HAND_INS) -> bool:
    """Measure both kinds; return whether every target is reached."""
    async with postgres() as server, empty_database(server, "stored_code") as url:
        database = await Database.open(url, size=1)
        try:
            async with database.connection() as db:
                await db.execute(USERS, hand_ins // GROUP)
                await db.execute(TRACKS, hand_ins // GROUP, GROUP)
                shared = await _measure(db, hand_ins, starter)
                alone = await _measure(db, hand_ins, lambda _rng, _lines: [])
        finally:
            await database.close()
    verdicts = [*_verdicts("a starter shared", shared), *_verdicts("nothing shared", alone)]
    return show(f"{hand_ins:,} hand-ins of {FILES} files, {GROUP} in a group", verdicts)


async def _measure(
    db: Connection, hand_ins: int, starter_of: Callable[[random.Random, Sequence[str]], Sequence[File]]
) -> Measured:
    rng, lines = random.Random(7), lines_of_code()
    await db.execute(EMPTY)
    before: int = await db.fetchval(SPACE)
    storing: list[float] = []
    tree_ids: list[tuple[int, int]] = []
    for number in range(hand_ins):
        track_id = number // GROUP + 1
        if number % GROUP == 0:
            given = starter_of(rng, lines)
        tree = program(rng, lines, given)
        began_at = time.perf_counter()
        async with db.transaction():
            tree_ids.append((track_id, await save_tree(db, track_id=track_id, tree=tree, now=NOW)))
        storing.append(time.perf_counter() - began_at)
    space: int = await db.fetchval(SPACE)
    listing, opening = await _open_some(db, rng.sample(tree_ids, min(OPENINGS, hand_ins)))
    return Measured((space - before) / hand_ins, storing, listing, opening)


async def _open_some(db: Connection, trees: Sequence[tuple[int, int]]) -> tuple[list[float], list[float]]:
    listing: list[float] = []
    opening: list[float] = []
    for track_id, tree_id in trees:
        began_at = time.perf_counter()
        entries = await entries_of(db, tree_id=tree_id)
        listing.append(time.perf_counter() - began_at)
        began_at = time.perf_counter()
        await contents_of(db, track_id=track_id, hashes=[entries[len(entries) // 2].hash or ""])
        opening.append(time.perf_counter() - began_at)
    return listing, opening


def _verdicts(name: str, found: Measured) -> list[Verdict]:
    gigabytes = found.bytes * 100_000 / KIB**3
    return [
        Verdict(f"space of one, {name}", found.bytes / KIB, None, "less", " KiB", f"{gigabytes:.1f} GiB for 100,000"),
        *_times("storing one", name, found.storing),
        *_times("listing the files of one", name, found.listing),
        *_times("opening a file", name, found.opening),
    ]


def _times(what: str, name: str, seconds: Sequence[float]) -> list[Verdict]:
    in_order = sorted(seconds)
    middle, late = in_order[len(in_order) // 2], in_order[int(len(in_order) * 0.99)]
    return [Verdict(f"{what}, {name}", middle * 1000, None, "less", " ms", f"p99 {late * 1000:.1f} ms")]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hand-ins", type=int, default=HAND_INS)
    raise SystemExit(0 if asyncio.run(main(hand_ins=parser.parse_args().hand_ins)) else 1)
