"""How long the code page takes: `python -m benchmarks.code_page`.

A submission of 200 files with 20,000 lines that all changed, read by its author: the first page of a process (no worker
runs, nothing is highlighted), later ones, and the bytes that go out. Beside it, 3,000 lines compared with 3,000 others,
and pages of hostile code: a file of 1 MiB with 500,000 lines that all changed, and texts that keep lexers busy.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from statistics import median

import httpx
from pydantic import SecretStr

from benchmarks import servers
from benchmarks.data import empty_database, postgres
from benchmarks.hostile_texts import BLOCKED_MS, PAGE_SECONDS, Ticks
from benchmarks.report import Verdict, show
from learning_platform.accounts.actions import register
from learning_platform.accounts.sessions import start_session
from learning_platform.accounts.tokens import SessionTokens
from learning_platform.attempts.actions import hand_in
from learning_platform.core.clock import system_clock
from learning_platform.core.database import connect, prepare_connection
from learning_platform.core.settings import Settings
from learning_platform.snapshots.comparison.lines import line_changes
from learning_platform.snapshots.freezing import Received, insert_snapshot
from learning_platform.snapshots.rules import MAX_FILE_BYTES
from learning_platform.snapshots.trees import File, Tree, tree_of
from learning_platform.web.app import create_app
from learning_platform.web.preparation import prepare
from tests import make
from tests.hostile.texts import repeated

# What lexers take longest for, by the ends of names that choose them.
SLOW = {
    ".rst": " \n",
    ".au3": "a ",
    ".fan": "a",
    ".ezt": "a",
    ".prg": "a ",
    ".c": "a\n",
    ".py": '"\\',
    ".html": "<a ",
    ".md": "[a](b",
}
HOSTILE_PAGES = (
    "file=lines.py",
    "file=lines.py&sides=2",
    "file=lines.py&start=400000",
    "file=lines.py&space=ignore",
    "base=none",
    "view=changes",
    "view=changes&sides=2",
    *(f"file=slow{number}{name}" for name in SLOW for number in range(2)),
)
FILES, LINES, COMPARED, PAGES = 200, 100, 3000, 20
KIB = 1024
INSERT_STARTER = "insert into starters (assignment_id, snapshot_id) values ($1, $2)"
ASSIGNMENT = "select id from assignments where track_id = $1 order by position limit 1"


async def main() -> bool:
    """Measure; return whether every target is reached."""
    async with postgres() as server, empty_database(server, "code_page") as url:
        path, session_id = await _fill(url, _tree(seed=1), _tree(seed=2))
        cookie = SessionTokens(servers.KEY).issue(session_id)
        with servers.ours(url) as ours:
            # What a process prepares when it has started (web/preparation.py).
            await asyncio.sleep(3)
            cold, size = await _page(ours.port, path, cookie)
            # What the first page began is finished.
            await asyncio.sleep(3)
            warm = [(await _page(ours.port, path, cookie))[0] for _ in range(PAGES)]
    async with postgres() as server, empty_database(server, "code_page") as url:
        path, session_id = await _fill(url, _hostile_tree("a"), _hostile_tree("b"))
        hostile = await _hostile(url, path, session_id)
    return show("The code page: 200 files, 20,000 lines", [*_verdicts(cold, warm, size, _compared()), *hostile])


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


async def _fill(url: str, old: Tree, new: Tree) -> tuple[str, int]:
    """Hand in a submission to an assignment with a starter; return where its code is, and the session of its author."""
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
        received = Received("archive", tree=new)
        handed_in = await hand_in(
            db, assignment_id=assignment_id, user_id=author.id, received=received, comment=None, now=now
        )
    await db.close()
    return f"/submissions/{handed_in.submission.id}/code", session.id


@asynccontextmanager
async def _in_process(url: str, session_id: int) -> AsyncIterator[httpx.AsyncClient]:
    """Run the product in this event loop, where others can be measured beside it."""
    settings = Settings(
        database_url=SecretStr(url),
        secret_key=SecretStr(servers.KEY),
        scheduler="off",
        fetcher="off",
        log_level="warning",
    )
    app = create_app(settings)
    cookies = {"session": SessionTokens(servers.KEY).issue(session_id)}
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://localhost", cookies=cookies) as client,
    ):
        await prepare(app, app.state.pages)
        yield client


async def _hostile(url: str, submission: str, session_id: int) -> list[Verdict]:
    """Ask for the pages of hostile code, with a task beside that ticks."""
    took: list[tuple[float, str]] = []
    blocked: list[tuple[float, str]] = []
    async with _in_process(url, session_id) as client:
        for query in HOSTILE_PAGES:
            ticks = Ticks()
            ticking = asyncio.create_task(ticks.run())
            began_at = time.perf_counter()
            answer = await client.get(f"{submission}?{query}", headers={"Accept": "text/html"}, timeout=60)
            took.append((time.perf_counter() - began_at, query))
            assert answer.status_code == 200, answer.text[:500]
            ticking.cancel()
            with suppress(asyncio.CancelledError):
                await ticking
            blocked.append((ticks.longest * 1000, query))
    return [
        Verdict("hostile code", max(took)[0], PAGE_SECONDS, "less", " s", f"of {len(took)}; {max(took)[1]}"),
        Verdict("  others wait at most", max(blocked)[0], BLOCKED_MS, "less", " ms", max(blocked)[1]),
    ]


def _hostile_tree(unit: str) -> Tree:
    """Return a tree with as many lines as a file can have, and with texts that keep lexers busy."""
    lines = f"{unit}\n" * (MAX_FILE_BYTES // (len(unit) + 1))
    slow = [
        File(f"slow{number}{name}", "100644", content, len(content))
        for name, text in SLOW.items()
        for number, length in enumerate((40_000, 300_000))
        for content in [(unit + repeated(text, length)).encode()]
    ]
    return tree_of([File("lines.py", "100644", lines.encode(), len(lines)), *slow])


def _tree(*, seed: int) -> Tree:
    words = random.Random(seed)
    return tree_of(_file(f"package_{number % 12}/module_{number}.py", words) for number in range(FILES))


def _file(path: str, words: random.Random) -> File:
    text = "".join(f"value_{words.randrange(10**6)} = compute({words.randrange(10**6)})\n" for _ in range(LINES))
    return File(path, "100644", text.encode(), len(text))


if __name__ == "__main__":
    raise SystemExit(0 if asyncio.run(main()) else 1)
