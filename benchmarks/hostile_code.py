"""Pages of hostile code, and what others notice of them: `python -m benchmarks.hostile_code`.

A file of 1 MiB with 500,000 lines that all changed; texts known to keep lexers busy; and, for lexer after lexer, a
hand-in with a file of every kind of hostile text, read by its author and, masked, as reviewers read it. A file with
lines longer than people write is folded unless it is asked for, so these keep within that. `--all` takes every lexer
that the name of a file can choose, which lasts about half an hour.
"""

import argparse
import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from statistics import median

import httpx
from pydantic import SecretStr
from pygments.lexers import get_all_lexers

from benchmarks import servers
from benchmarks.code_page import fill
from benchmarks.data import empty_database, postgres
from benchmarks.hostile_texts import BLOCKED_MS, EVERY_HOW_MANY_LEXERS, PAGE_SECONDS, Ticks
from benchmarks.report import Verdict, show
from learning_platform.accounts.tokens import SessionTokens
from learning_platform.core.settings import Settings
from learning_platform.snapshots.kinds import MAX_WRITTEN_LINE, language_of
from learning_platform.snapshots.rules import MAX_FILE_BYTES
from learning_platform.snapshots.trees import File, Tree, tree_of
from learning_platform.web.app import create_app
from learning_platform.web.preparation import prepare
from tests.hostile.texts import UNITS, repeated

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
READERS = {"its author": "base=none", "reviewers": "base=none&as=reviewer"}
# A page reads files of 1.5 MB and 9,000 lines together; these 59 stay below both.
MAX_CHARACTERS, MAX_LINES = 24_000, 700


class Pages:
    """Asks for pages of one submission, with a task beside that ticks, and notes how long both took."""

    def __init__(self, client: httpx.AsyncClient, path: str) -> None:
        self._client, self._path = client, path
        self._took: list[tuple[float, str]] = []
        self._blocked: list[tuple[float, str]] = []

    async def ask(self, query: str, name: str) -> None:
        """Ask for one page."""
        ticks = Ticks()
        ticking = asyncio.create_task(ticks.run())
        began_at = time.perf_counter()
        answer = await self._client.get(f"{self._path}?{query}", headers={"Accept": "text/html"}, timeout=60)
        self._took.append((time.perf_counter() - began_at, name))
        assert answer.status_code == 200, answer.text[:500]
        ticking.cancel()
        with suppress(asyncio.CancelledError):
            await ticking
        self._blocked.append((ticks.longest * 1000, name))

    def verdicts(self, kind: str) -> list[Verdict]:
        """Return the longest page and the longest wait."""
        longest, blocked = max(self._took), max(self._blocked)
        typical = f"median {median(seconds for seconds, _ in self._took):.2g} s of {len(self._took)}; {longest[1]}"
        return [
            Verdict(kind, longest[0], PAGE_SECONDS, "less", " s", note=typical),
            Verdict("  others wait at most", blocked[0], BLOCKED_MS, "less", " ms", blocked[1]),
        ]


async def main(*, everything: bool = False) -> bool:
    """Measure; return whether every target is reached."""
    async with postgres() as server, empty_database(server, "hostile_code") as url:
        code = await fill(url, _slow_tree("a"), _slow_tree("b"))
        async with _in_process(url, code.session_id) as client:
            slow = Pages(client, code.path)
            for query in HOSTILE_PAGES:
                await slow.ask(query, query)
            lexers = {reader: Pages(client, code.path) for reader in READERS}
            for language, name in _names()[:: 1 if everything else EVERY_HOW_MANY_LEXERS]:
                await code.replace(_tree_of(name))
                for reader, query in READERS.items():
                    await lexers[reader].ask(query, language)
    by_lexer = [verdict for reader, pages in lexers.items() for verdict in pages.verdicts(f"lexers, for {reader}")]
    return show("Pages of hostile code", [*slow.verdicts("long files and slow lexers"), *by_lexer])


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


def _names() -> list[tuple[str, str]]:
    """Return the languages that the name of a file can choose, and for each a name that does."""
    names = {
        language_of(name): name
        for *_, patterns, _ in get_all_lexers(plugins=False)
        for pattern in patterns
        for name in [pattern.replace("*", "file")]
    }
    names.pop("", None)
    return sorted(names.items())


def _tree_of(name: str) -> Tree:
    """Return a tree with a file of this name for every kind of hostile text."""
    return tree_of(_file(f"{number}/{name}", _text(unit)) for number, unit in enumerate(UNITS))


def _text(unit: str) -> str:
    line = repeated(unit, MAX_WRITTEN_LINE - 1) + "\n"
    return "\n".join(repeated(line, MAX_CHARACTERS).split("\n")[:MAX_LINES])


def _slow_tree(unit: str) -> Tree:
    """Return a tree with as many lines as a file can have, and with texts that keep lexers busy."""
    slow = [
        _file(f"slow{number}{name}", unit + repeated(text, length))
        for name, text in SLOW.items()
        for number, length in enumerate((40_000, 300_000))
    ]
    return tree_of([_file("lines.py", f"{unit}\n" * (MAX_FILE_BYTES // (len(unit) + 1))), *slow])


def _file(path: str, text: str) -> File:
    content = text.encode()
    return File(path, "100644", content, len(content))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="every lexer")
    raise SystemExit(0 if asyncio.run(main(everything=parser.parse_args().all)) else 1)
