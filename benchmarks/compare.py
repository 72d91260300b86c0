"""Compare checkouts of the project, and plain FastAPI: `python -m benchmarks.compare --old COMMIT`.

One run, by turns: each has a database of its own with the same rows in the same PostgreSQL, one worker, 32 connections
that are kept. A ratio is taken within each round, in which all have their turn, and the median of the rounds is shown.
"""

import argparse
import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import asyncpg
import psutil

from benchmarks.checkouts import Checkout, checkout
from benchmarks.data import postgres
from benchmarks.load import Measured, Request, send
from benchmarks.report import Verdict, show
from benchmarks.requests import PAUSE, Endpoint, ask
from benchmarks.servers import Server
from learning_platform.core.settings import PROJECT

ROUNDS, SECONDS, CONNECTIONS = 9, 1, 32
VACUUM = "vacuum analyze submissions, claims, diary_entries, submission_versions"
BACKENDS = "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
# New to old, which had a request dispatcher of its own in the place of FastAPI's.
TARGETS = {
    "GET /me": 0.40,
    "GET /tracks": 0.80,
    "GET …/assignments/current": 0.55,
    "POST …/diary": 0.70,
    "POST …/submit": 0.70,
    "GET …/review/submission": 0.80,
}


@dataclass(frozen=True, slots=True)
class Contestant:
    """A running server, its own database, and the requests it understands."""

    name: str
    label: str
    server: Server
    db: "asyncpg.Connection[asyncpg.Record]"
    endpoints: dict[str, Endpoint]

    async def measure(self, endpoint: Endpoint, *, seconds: float) -> Measured:
        """Send requests for a time, and undo what they did."""
        cpu, database_cpu = self.server.cpu_seconds, await self._database_cpu()
        found = await asyncio.to_thread(
            send, self.server.port, endpoint.requests, seconds=seconds, connections=CONNECTIONS
        )
        # What was under way comes to its end before it is undone.
        await asyncio.sleep(PAUSE)
        found = replace(
            found, cpu=self.server.cpu_seconds - cpu, database_cpu=await self._database_cpu() - database_cpu
        )
        await self.undo(endpoint)
        return found

    async def undo(self, endpoint: Endpoint) -> None:
        """Undo what the requests of an endpoint did."""
        for statement in endpoint.undo:
            await self.db.execute(statement)
        if endpoint.undo:
            await self.db.execute(VACUUM)

    async def _database_cpu(self) -> float:
        """Return the seconds of processor time that the connections of its server have used in PostgreSQL."""
        return sum(_processor_seconds(row[0]) for row in await self.db.fetch(BACKENDS))


def _processor_seconds(pid: int) -> float:
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


@dataclass(frozen=True, slots=True)
class Rounds:
    """What was measured of one endpoint: for each name a result of each round."""

    endpoint: str
    results: dict[str, list[Measured]]

    def ratios(self, one: str, other: str) -> list[float]:
        """Return the throughput of one as a multiple of the other's, round by round."""
        pairs = zip(self.results[one], self.results[other], strict=True)
        return [mine.rate / theirs.rate for mine, theirs in pairs]

    def rate(self, name: str) -> float:
        """Return the answers per second."""
        return median(one.rate for one in self.results[name])

    def cost(self, name: str) -> str:
        """Return the microseconds of processor time for a request, in the server and in PostgreSQL."""
        results = self.results[name]
        return " + ".join(
            f"{median(cpu / one.requests for cpu, one in zip(times, results, strict=True)) * 1e6:.0f}"
            for times in ([one.cpu for one in results], [one.database_cpu for one in results])
        )

    @property
    def failures(self) -> int:
        """Return how many requests were refused or broken off."""
        return sum(one.refused + one.broken for results in self.results.values() for one in results)


async def compare(contestants: Sequence[Contestant], name: str, *, rounds: int, seconds: float) -> Rounds:
    """Measure one endpoint of all; each round begins with another of them."""
    results: dict[str, list[Measured]] = {one.name: [] for one in contestants}
    for one in contestants:
        await one.measure(one.endpoints[name], seconds=1)
    for turn in range(rounds):
        start = turn % len(contestants)
        for one in (*contestants[start:], *contestants[:start]):
            results[one.name].append(await one.measure(one.endpoints[name], seconds=seconds))
    return Rounds(name, results)


async def check(contestants: Sequence[Contestant], name: str) -> None:
    """Raise unless each answers the first request, and all of this checkout with the same fields."""
    answers: dict[str, object] = {}
    for one in contestants:
        endpoint = one.endpoints[name]
        answer = await asyncio.to_thread(ask, one.server.port, endpoint.requests[0])
        await one.undo(endpoint)
        answers[one.name] = sorted(answer)
    if answers["new"] != answers["plain"]:
        raise AssertionError(f"{name} answers differently: {answers}")


@asynccontextmanager
async def contestant(server: str, name: str, source: Checkout) -> AsyncIterator[Contestant]:
    """Run a server of a checkout."""
    process = source.start(server, name)
    try:
        assert process.stdout is not None
        line = await asyncio.to_thread(process.stdout.readline)
        if not line:
            raise RuntimeError(f"{name} did not start in {source.folder}")
        started = json.loads(line)
        running = Server(started["port"], psutil.Process(started["process"]))
        endpoints = {one["name"]: _endpoint(one) for one in started["endpoints"]}
        db = await asyncpg.connect(started["url"])
        label = "plain FastAPI" if name == "plain" else f"{name} ({source.commit})"
        try:
            yield Contestant(name, label, running, db, endpoints)
        finally:
            await db.close()
    finally:
        process.communicate()


def _endpoint(printed: dict[str, Any]) -> Endpoint:
    requests = [Request(**request) for request in printed["requests"]]
    return Endpoint(printed["name"], printed["target"], requests, tuple(printed["undo"]))


async def main(
    *, old: str | None = None, new: str = str(PROJECT), only: str = "", rounds: int = ROUNDS, seconds: float = SECONDS
) -> bool:
    """Compare, and return whether every target is reached; without `old` only with plain FastAPI."""
    sources = {"new": checkout(new), "plain": checkout(str(PROJECT))}
    if old is not None:
        sources["old"] = checkout(old)
    async with postgres() as server, AsyncExitStack() as stack:
        running = [
            await stack.enter_async_context(contestant(server, name, source)) for name, source in sources.items()
        ]
        chosen, found = [name for name in TARGETS if only in name], []
        for name in chosen:
            await check(running, name)
        for name in chosen:
            found.append(await compare(running, name, rounds=rounds, seconds=seconds))
            print(_line(found[-1], running), flush=True)
    verdicts = [verdict for rounds_of_one in found for verdict in _verdicts(rounds_of_one)]
    verdicts.append(Verdict("refused or broken requests", sum(one.failures for one in found), 0, better="less"))
    return show(f"Throughput, one worker each, {CONNECTIONS} connections: {_labels(running)}", verdicts)


def _verdicts(found: Rounds) -> list[Verdict]:
    pairs = [("new", "old", TARGETS[found.endpoint])] if "old" in found.results else []
    verdicts = []
    for one, other, target in [*pairs, ("new", "plain", None)]:
        ratios = sorted(found.ratios(one, other))
        spread = f"half of the rounds {ratios[len(ratios) // 4]:.2f} to {ratios[-1 - len(ratios) // 4]:.2f}"
        cpu = f"server + PostgreSQL {found.cost(one)} µs a request, {found.cost(other)} µs"
        verdicts.append(Verdict(f"{found.endpoint}, {one} / {other}", median(ratios), target, note=f"{spread}; {cpu}"))
    return verdicts


def _line(found: Rounds, running: Sequence[Contestant]) -> str:
    rates = ", ".join(f"{one.name} {found.rate(one.name):,.0f}/s" for one in running)
    return f"  {found.endpoint}: {rates}"


def _labels(running: Sequence[Contestant]) -> str:
    return ", ".join(one.label for one in running)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--old", help="a commit, or the folder of a checkout")
    parser.add_argument("--new", default=str(PROJECT), help="the same (default: this checkout)")
    parser.add_argument("--only", default="", help="endpoints with this in their name")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    raise SystemExit(0 if asyncio.run(main(**vars(parser.parse_args()))) else 1)
