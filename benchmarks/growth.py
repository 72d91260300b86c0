"""What a request costs PostgreSQL with a thousand, 100,000 and a million users: `python -m benchmarks.growth`.

A served process for each size, asked by one client, one request after another: what its connections' backends in
PostgreSQL use of the processor, warm. The sizes take turns. Every size is the same school many times over: 20 people on
a track. Linux only: the processor time is read from `/proc`.
"""

import argparse
import asyncio
import json
import random
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from statistics import median

import asyncpg

from benchmarks import servers
from benchmarks.data import Size, database, postgres
from benchmarks.report import Verdict, show

USERS, TURNS, REQUESTS = (1_000, 100_000, 1_000_000), 9, 100
PARTICIPANTS, TARGET = 20, 1.3
BACKENDS = "select pid from pg_stat_activity where datname = $1 and application_name = 'learning_platform'"
FORGET = (
    "truncate diary_entries, submission_versions, inboxes",
    "truncate claims cascade",
    "update submissions set review_count = 0, author_owes = true where review_count > 0 or not author_owes",
)
ENTRY = json.dumps({"text": "Today I learnt about generators, and what a loop really is. " * 3})
LINK = json.dumps({"repo_url": "https://git.example/user/hello", "comment": "My first one"})


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A request of a user on a track at its first assignment (odd tracks) or in its review stage (even ones)."""

    method: str
    path: str
    in_review: bool = False
    body: str = ""

    @property
    def name(self) -> str:
        """Return what is asked."""
        return f"{self.method} {self.path}"


ENDPOINTS = (
    Endpoint("GET", "/me"),
    Endpoint("GET", "/tracks"),
    Endpoint("GET", "/tracks?q=python"),
    # A word that is nowhere: the search has to find out that it is.
    Endpoint("GET", "/tracks?q=rarely"),
    Endpoint("GET", "/tracks/my"),
    Endpoint("GET", "/tracks/{track}"),
    Endpoint("GET", "/tracks/{track}/assignments"),
    Endpoint("GET", "/tracks/{track}/assignments/current"),
    Endpoint("GET", "/tracks/{track}/assignments/current", in_review=True),
    Endpoint("GET", "/assignments/{assignment}/submission", in_review=True),
    Endpoint("GET", "/assignments/{assignment}/diary"),
    Endpoint("GET", "/notifications"),
    Endpoint("POST", "/assignments/{assignment}/diary", body=ENTRY),
    Endpoint("POST", "/assignments/{assignment}/submit", body=LINK),
    Endpoint("GET", "/assignments/{assignment}/review/submission", in_review=True),
    Endpoint("POST", "/notifications/read", body='{"up_to": 1}'),
)


class School:
    """A school of one size, and the server that serves it."""

    def __init__(self, size: Size, server: servers.Server, db: "asyncpg.Connection[asyncpg.Record]") -> None:
        self.size = size
        self.db = db
        self._server = server
        self._backends: list[Path] = []

    async def find_backends(self) -> None:
        """Look up the connections of the server, which opens more when it needs them."""
        pids = await self.db.fetch(BACKENDS, await self.db.fetchval("select current_database()"))
        self._backends = [Path(f"/proc/{pid}/schedstat") for (pid,) in pids]

    def cost(self, endpoint: Endpoint) -> float:
        """Return the milliseconds of processor time in PostgreSQL for a request, the median of many people's."""
        connection = HTTPConnection("127.0.0.1", self._server.port, timeout=60)
        # The same people at every turn, from all over the school: the first turn brings their pages into memory.
        chosen = random.Random(self.size.users)
        costs = [self._cost_of_one(connection, endpoint, chosen) for _ in range(REQUESTS)]
        connection.close()
        return median(costs)

    def _cost_of_one(self, connection: HTTPConnection, endpoint: Endpoint, chosen: random.Random) -> float:
        track_id = 2 * chosen.randrange(self.size.tracks // 2) + (2 if endpoint.in_review else 1)
        user_id = (track_id - 1) * PARTICIPANTS + chosen.randint(1, PARTICIPANTS)
        path = endpoint.path.format(track=track_id, assignment=(track_id - 1) * self.size.assignments + 1)
        headers = {"Authorization": f"Bearer {servers.token(user_id)}", "Content-Type": "application/json"}
        before = self._cpu_nanoseconds
        connection.request(endpoint.method, path, endpoint.body or None, headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{endpoint.name} was answered with {answer.status}")
        return (self._cpu_nanoseconds - before) / 1e6

    @property
    def _cpu_nanoseconds(self) -> int:
        return sum(int(backend.read_text().split()[0]) for backend in self._backends)


async def main(*, users: Sequence[int] = USERS, turns: int = TURNS) -> bool:
    """Measure by turns; return whether every target is reached."""
    sizes = [Size(f"growth_{count}", count, count // PARTICIPANTS, PARTICIPANTS) for count in users]
    costs: dict[tuple[Endpoint, int], list[float]] = {}
    async with postgres() as server:
        with ExitStack() as stack:
            schools = [await _open(stack, await database(server, size), size) for size in sizes]
            try:
                for _ in range(turns + 1):  # The first warms up.
                    for endpoint in ENDPOINTS:
                        for school in schools:
                            await school.find_backends()
                            cost = await asyncio.to_thread(school.cost, endpoint)
                            costs.setdefault((endpoint, school.size.users), []).append(cost)
            finally:
                for school in schools:
                    await _forget(school)
    smallest = {endpoint: median(costs[endpoint, users[0]][1:]) for endpoint in ENDPOINTS}
    verdicts = [
        Verdict(
            f"{endpoint.name}{' (reviewing)' if endpoint.in_review else ''}, {count:,}",
            median(costs[endpoint, count][1:]) / smallest[endpoint],
            TARGET,
            "less",
            note=f"{smallest[endpoint]:.2f} ms here with {users[0]:,}",
        )
        for endpoint in ENDPOINTS
        for count in users[1:]
    ]
    return show(f"Growth: processor time in PostgreSQL, as a multiple of that with {users[0]:,} users", verdicts)


async def _open(stack: ExitStack, url: str, size: Size) -> School:
    server = stack.enter_context(servers.ours(url, DATABASE_POOL_SIZE="2", SCHEDULER="off"))
    return School(size, server, await asyncpg.connect(url))


async def _forget(school: School) -> None:
    for statement in FORGET:
        await school.db.execute(statement)
    await school.db.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, nargs="+", default=USERS)
    parser.add_argument("--turns", type=int, default=TURNS)
    asked = parser.parse_args()
    raise SystemExit(0 if asyncio.run(main(users=asked.users, turns=asked.turns)) else 1)
