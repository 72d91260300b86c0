"""How long the code page takes: `python -m benchmarks.code_page`.

A submission of 200 files with 20,000 lines that all changed, read by its author: the first page of a process (no worker
runs, nothing is highlighted), later ones, and the bytes that go out. Beside it, 3,000 lines compared with 3,000 others.
"""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from benchmarks import servers
from benchmarks.data import empty_database, postgres
from benchmarks.report import Verdict, show
from learning_platform.accounts.actions import register
from learning_platform.accounts.sessions import start_session
from learning_platform.accounts.tokens import SessionTokens
from learning_platform.attempts.actions import hand_in
from learning_platform.core.clock import system_clock
from learning_platform.core.database import Connection, connect, prepare_connection
from learning_platform.snapshots.comparison.lines import line_changes
from learning_platform.snapshots.freezing import Received, insert_snapshot
from learning_platform.snapshots.trees import File, Tree, tree_of
from tests import make

FILES, LINES, COMPARED, PAGES = 200, 100, 3000, 20
KIB = 1024
INSERT_STARTER = "insert into starters (assignment_id, snapshot_id) values ($1, $2)"
ASSIGNMENT = "select id from assignments where track_id = $1 order by position limit 1"


@dataclass(frozen=True, slots=True)
class HandedInCode:
    """Code that was handed in: the page on which its author reads it, and a session of theirs."""

    url: str
    assignment_id: int
    author_id: int
    session_id: int
    path: str

    async def replace(self, tree: Tree) -> None:
        """Hand in something else instead."""
        db = await connect(self.url)
        await prepare_connection(db)
        async with db.transaction():
            await _hand_in(db, self.assignment_id, self.author_id, tree)
        await db.close()


async def main() -> bool:
    """Measure; return whether every target is reached."""
    async with postgres() as server, empty_database(server, "code_page") as url:
        code = await fill(url, _tree(seed=1), _tree(seed=2))
        cookie = SessionTokens(servers.KEY).issue(code.session_id)
        with servers.ours(url) as ours:
            # What a process prepares when it has started (web/preparation.py).
            await asyncio.sleep(3)
            cold, size = await _page(ours.port, code.path, cookie)
            # What the first page began is finished.
            await asyncio.sleep(3)
            warm = [(await _page(ours.port, code.path, cookie))[0] for _ in range(PAGES)]
    return show("The code page: 200 files, 20,000 lines", _verdicts(cold, warm, size, _compared()))


def _verdicts(cold: float, warm: Sequence[float], size: int, compared: float) -> list[Verdict]:
    return [
        Verdict("first byte, cold", cold * 1000, 1000, "less", " ms"),
        Verdict("first byte, warm, p50", median(warm) * 1000, 300, "less", " ms", f"{max(warm) * 1000:.0f} ms at most"),
        Verdict("compressed", size / KIB, 250, "less", " KiB"),
        Verdict("3,000 lines compared with 3,000", compared * 1000, 50, "less", " ms", "every third changed"),
    ]


async def _page(port: int, path: str, cookie: str) -> tuple[float, int]:
    """Ask for a page; return the seconds until its first byte, and its size."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    headers = f"Host: localhost\r\nAccept: text/html\r\nAccept-Encoding: gzip\r\nCookie: session={cookie}\r\n"
    began = time.perf_counter()
    writer.write(f"GET {path} HTTP/1.1\r\n{headers}Connection: close\r\n\r\n".encode())
    first = await reader.read(1)
    seconds = time.perf_counter() - began
    answer = first + await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 200 "), answer[:500]
    return seconds, len(answer)


def _compared() -> float:
    words = random.Random(1)
    old = [f"value_{words.randrange(500)} = {words.randrange(50)}" for _ in range(COMPARED)]
    new = [line if number % 3 else f"{line} + 1" for number, line in enumerate(old)]
    began = time.perf_counter()
    line_changes(old, new)
    return time.perf_counter() - began


async def fill(url: str, old: Tree, new: Tree) -> HandedInCode:
    """Hand in code to an assignment with a starter."""
    db, now = await connect(url), system_clock()
    await prepare_connection(db)
    async with db.transaction():
        author = await register(
            db, email="a@example.com", username="author", password_hash="none", locale="en", now=now
        )
        session = await start_session(db, user_id=author.id, lifetime=timedelta(days=1), now=now)
        people = [author.id, *await make.users(db, 2)]
        track_id = await make.running_track(db, people, now=now)
        assignment_id = await db.fetchval(ASSIGNMENT, track_id)
        starter = Received("archive", tree=old)
        snapshot_id = await insert_snapshot(
            db, track_id=track_id, assignment_id=assignment_id, user_id=author.id, received=starter, now=now
        )
        await db.execute(INSERT_STARTER, assignment_id, snapshot_id)
        submission_id = await _hand_in(db, assignment_id, author.id, new)
    await db.close()
    return HandedInCode(url, assignment_id, author.id, session.id, f"/submissions/{submission_id}/code")


async def _hand_in(db: Connection, assignment_id: int, user_id: int, tree: Tree) -> int:
    handed_in = await hand_in(
        db,
        assignment_id=assignment_id,
        user_id=user_id,
        received=Received("archive", tree=tree),
        comment=None,
        now=system_clock(),
    )
    return handed_in.submission.id


def _tree(*, seed: int) -> Tree:
    words = random.Random(seed)
    return tree_of(_file(f"package_{number % 12}/module_{number}.py", words) for number in range(FILES))


def _file(path: str, words: random.Random) -> File:
    text = "".join(f"value_{words.randrange(10**6)} = compute({words.randrange(10**6)})\n" for _ in range(LINES))
    return File(path, "100644", text.encode(), len(text))


if __name__ == "__main__":
    raise SystemExit(0 if asyncio.run(main()) else 1)
