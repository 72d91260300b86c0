"""Requests per second, as a share of what the reference server does with the same SQL: `python -m benchmarks.requests`.

One worker each; 32 connections; the turns of the two alternate, so that whatever else the machine does hits both.
"""

import argparse
import asyncio
import json
import random
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

import asyncpg

from benchmarks import servers
from benchmarks.data import STANDARD, Size, database, postgres
from benchmarks.load import Measured, Request, send
from benchmarks.report import Verdict, show

TURNS, SECONDS = 5, 2
# What was under way when a turn ended comes to its end before the next.
PAUSE = 0.3
# So that a turn meets the data that the turn before it met.
FORGET_ENTRIES = "truncate diary_entries"
FORGET_SUBMISSIONS = """
delete from submissions s using assignments a
where a.id = s.assignment_id and a.position = 0 and a.track_id % 2 = 1 and s.user_id % 2 = 1
"""
FORGET_SNAPSHOTS = "delete from snapshots"
FORGET_CLAIMS = "truncate claims cascade"
RESET_COUNTS = "update submissions set review_count = 0, author_owes = true where review_count > 0 or not author_owes"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What is measured, the share of the reference it has to reach, and how to undo what it did."""

    name: str
    target: float
    requests: list[Request]
    undo: tuple[str, ...] = ()


def endpoints(size: Size = STANDARD) -> list[Endpoint]:
    """Return the requests of many different people of a filled database."""
    rng = random.Random(7)
    people = list(range(1, size.users + 1))
    rng.shuffle(people)
    track = {user: (user - 1) // size.participants + 1 for user in people}
    first_assignment = {user: (track[user] - 1) * size.assignments + 1 for user in people}
    ahead = [user for user in people if track[user] % 2 == 1]
    handed_in = [user for user in ahead if user % 2 == 0]
    not_handed_in = [user for user in ahead if user % 2 == 1]
    reviewing = [user for user in people if track[user] % 2 == 0]
    entry = json.dumps({"text": "Today I learnt about generators, and what a loop really is. " * 3})
    link = json.dumps({"repo_url": "https://git.example/user/hello", "comment": "My first one"})
    return [
        Endpoint("GET /me", 0.60, [_get(user, "/me") for user in people[:1000]]),
        Endpoint("GET /tracks", 0.65, [_get(user, "/tracks") for user in people[:1000]]),
        Endpoint(
            "GET …/assignments/current",
            0.60,
            [_get(user, f"/tracks/{track[user]}/assignments/current") for user in handed_in[:1000]],
        ),
        Endpoint(
            "POST …/diary",
            0.80,
            [_post(user, f"/assignments/{first_assignment[user]}/diary", entry) for user in ahead[:1000]],
            (FORGET_ENTRIES,),
        ),
        Endpoint(
            "POST …/submit",
            0.80,
            [_post(user, f"/assignments/{first_assignment[user]}/submit", link) for user in not_handed_in],
            (FORGET_SUBMISSIONS, FORGET_SNAPSHOTS),
        ),
        Endpoint(
            "GET …/review/submission",
            0.80,
            [_get(user, f"/assignments/{first_assignment[user]}/review/submission") for user in reviewing],
            (FORGET_CLAIMS, RESET_COUNTS),
        ),
    ]


def _get(user_id: int, path: str) -> Request:
    return Request("GET", path, servers.token(user_id))


def _post(user_id: int, path: str, body: str) -> Request:
    return Request("POST", path, servers.token(user_id), body)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The turns of two servers at one endpoint."""

    endpoint: Endpoint
    ours: list[Measured]
    theirs: list[Measured]

    @property
    def share(self) -> float:
        """Return the median of our throughput as a share of the median of theirs."""
        return median(one.rate for one in self.ours) / median(one.rate for one in self.theirs)

    @property
    def cpu(self) -> float:
        """Return the processor time the reference's process needs for a request as a share of what ours needs."""
        ours, theirs = (median(one.cpu / one.requests for one in side) for side in (self.ours, self.theirs))
        return theirs / ours

    @property
    def failures(self) -> int:
        """Return how many requests were refused or broken off."""
        return sum(one.refused + one.broken for one in (*self.ours, *self.theirs))


async def compare(
    db: "asyncpg.Connection[asyncpg.Record]",
    endpoint: Endpoint,
    ours: tuple[servers.Server, int],
    theirs: tuple[servers.Server, int],
    *,
    turns: int,
    seconds: float,
) -> Comparison:
    """Measure two servers by turns, each with its number of connections."""
    results: dict[tuple[servers.Server, int], list[Measured]] = {ours: [], theirs: []}
    for turn in range(turns):
        for server, connections in (ours, theirs) if turn % 2 else (theirs, ours):
            await _undo(db, endpoint)
            before = server.cpu_seconds
            measured = await asyncio.to_thread(
                send, server.port, endpoint.requests, seconds=seconds, connections=connections
            )
            await asyncio.sleep(PAUSE)
            results[server, connections].append(replace(measured, cpu=server.cpu_seconds - before))
    await _undo(db, endpoint)
    return Comparison(endpoint, results[ours], results[theirs])


async def _undo(db: "asyncpg.Connection[asyncpg.Record]", endpoint: Endpoint) -> None:
    for statement in endpoint.undo:
        await db.execute(statement)
    if endpoint.undo:
        await db.execute("vacuum analyze submissions, claims, diary_entries, submission_versions")


def ask(port: int, request: Request) -> dict[str, Any]:
    """Send one request; return its answer, a list by position. Raises if it is refused."""
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}{request.path}",
        data=request.body.encode() or None,
        headers={"Authorization": f"Bearer {request.token}", "Content-Type": "application/json"},
        method=request.method,
    )
    with urllib.request.urlopen(asked, timeout=10) as answered:
        answer = json.loads(answered.read())
    return answer if isinstance(answer, dict) else {str(index): each for index, each in enumerate(answer)}


async def main(*, turns: int = TURNS, seconds: float = SECONDS, only: str = "", extras: bool = True) -> bool:
    """Measure everything; return whether every target is reached."""
    chosen = [endpoint for endpoint in endpoints() if only in endpoint.name]
    async with postgres() as server:
        url = await database(server, STANDARD)
        db = await asyncpg.connect(url)
        try:
            with servers.ours(url) as one, servers.reference(url) as bare:
                await _ensure_comparable(db, one.port, bare.port, chosen)
                reached = await _shares(db, chosen, one, bare, turns=turns, seconds=seconds)
                if extras:
                    reached &= await _crowd(db, chosen, one, turns=turns, seconds=seconds)
            if extras:
                reached &= await _workers(db, url, chosen, turns=turns, seconds=seconds)
        finally:
            await db.close()
    return reached


async def _ensure_comparable(
    db: "asyncpg.Connection[asyncpg.Record]", ours: int, theirs: int, chosen: Sequence[Endpoint]
) -> None:
    for endpoint in chosen:
        await _undo(db, endpoint)
        first = await asyncio.to_thread(ask, ours, endpoint.requests[0])
        await _undo(db, endpoint)
        second = await asyncio.to_thread(ask, theirs, endpoint.requests[0])
        if first.keys() != second.keys() or (not endpoint.undo and first != second):
            raise AssertionError(f"{endpoint.name} answers differently:\n{first}\n{second}")


async def _shares(
    db: "asyncpg.Connection[asyncpg.Record]",
    chosen: Sequence[Endpoint],
    ours: servers.Server,
    theirs: servers.Server,
    *,
    turns: int,
    seconds: float,
) -> bool:
    found = [await compare(db, one, (ours, 32), (theirs, 32), turns=turns, seconds=seconds) for one in chosen]
    verdicts = [Verdict(each.endpoint.name, each.share, each.endpoint.target, note=_note(each)) for each in found]
    verdicts += [
        Verdict(f"p99 of {each.endpoint.name}", median(one.p99 for one in each.ours), 60, better="less", unit=" ms")
        for each in found
    ]
    verdicts.append(Verdict("refused or broken requests", sum(each.failures for each in found), 0, better="less"))
    return show("Requests: share of the reference's throughput, one worker each, 32 connections", verdicts)


def _note(each: Comparison) -> str:
    low, high = (
        choose(mine.rate / other.rate for mine, other in zip(each.ours, each.theirs, strict=True))
        for choose in (min, max)
    )
    rates = (median(one.rate for one in side) for side in (each.ours, each.theirs))
    return f"turns {low:.2f} to {high:.2f}; {' and '.join(f'{rate:,.0f}/s' for rate in rates)} here; cpu {each.cpu:.2f}"


async def _crowd(
    db: "asyncpg.Connection[asyncpg.Record]",
    chosen: Sequence[Endpoint],
    one: servers.Server,
    *,
    turns: int,
    seconds: float,
) -> bool:
    found = [await compare(db, each, (one, 256), (one, 32), turns=turns, seconds=seconds) for each in chosen]
    verdicts = [Verdict(each.endpoint.name, each.share, 0.8) for each in found]
    verdicts.append(Verdict("refused or broken requests", sum(each.failures for each in found), 0, better="less"))
    return show("A crowd: throughput with 256 connections as a share of that with 32", verdicts)


async def _workers(
    db: "asyncpg.Connection[asyncpg.Record]", url: str, chosen: Sequence[Endpoint], *, turns: int, seconds: float
) -> bool:
    with servers.ours(url) as one, servers.ours(url, "--workers", "2") as two:
        found = [await compare(db, each, (two, 32), (one, 32), turns=turns, seconds=seconds) for each in chosen]
    verdicts = [Verdict(each.endpoint.name, each.share, 1.5) for each in found]
    show("Two workers: throughput as a multiple of one worker's (the database and wrk share the processors)", verdicts)
    return True


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=TURNS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--only", default="", help="endpoints with this in their name")
    parser.add_argument("--shares", action="store_true", help="only the comparison with the reference")
    return parser.parse_args()


if __name__ == "__main__":
    asked = _arguments()
    main_run = main(turns=asked.turns, seconds=asked.seconds, only=asked.only, extras=not asked.shares)
    raise SystemExit(0 if asyncio.run(main_run) else 1)
