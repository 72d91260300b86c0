"""Ten thousand WebSockets in one process, beside a bare protocol server with as many: `python -m benchmarks.sockets`.

An announcement counts from its commit (or from the request to the bare server) to the time when the last client has
read its message. The turns of the two alternate.
"""

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from statistics import median

from benchmarks import servers
from benchmarks.data import SESSIONS, USERS, empty_database, postgres
from benchmarks.load import Measured, Request, send
from benchmarks.report import Verdict, show
from learning_platform.core.clock import system_clock
from learning_platform.core.database import Connection, connect, prepare_connection
from learning_platform.core.settings import PROJECT
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.notifications.queries import unread
from learning_platform.web.live.messages import encoded

SOCKETS, DEAF, TURNS = 10_000, 100, 5
# The deaf are sent this much, more than the kernel keeps for them.
LONG_MESSAGES, LONG_TITLE = 60, "A very long title. " * 5000
SECONDS_OF_REQUESTS = 4
MAX_SECONDS_TO_DROP = 90
KIB = 1024
events = count(1)


class Crowd:
    """Listeners in a process of their own."""

    def __init__(self, process: "subprocess.Popen[str]", size: int) -> None:
        self._process = process
        self._size = size
        self._expected = 0

    def expect(self) -> None:
        """Note that one more message will be sent to every client."""
        self._expected += 1

    def received_at(self) -> float:
        """Return the time when every client had received every message."""
        received_at = self._ask(f"wait {self._expected}")
        if not received_at:
            raise TimeoutError("a client did not receive every message")
        return received_at

    @property
    def lost(self) -> int:
        """Return how many connections the server has ended."""
        return int(self._ask("lost"))

    def _ask(self, command: str) -> float:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        return float(json.loads(self._process.stdout.readline()) or 0)


@contextmanager
def crowd(port: int, paths: Sequence[str], *arguments: str) -> Iterator[Crowd]:
    """Connect to all these paths; hang up at the end."""
    command = [sys.executable, "-m", "benchmarks.listeners", str(port), *arguments]
    process = subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write("\n".join([*paths, "", ""]))
        process.stdin.flush()
        if not process.stdout.readline():
            raise ConnectionError("the crowd could not connect")
        yield Crowd(process, len(paths))
    finally:
        process.stdin.close()
        process.wait(30)


async def main(*, turns: int = TURNS, sockets: int = SOCKETS) -> bool:
    """Measure everything; return whether every target is reached."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    async with postgres() as server, empty_database(server, "sockets") as url:
        db = await connect(url)
        try:
            await prepare_connection(db)
            await db.execute(USERS, sockets + DEAF)
            await db.execute(SESSIONS)
            await db.execute("vacuum analyze")
            with servers.ours(url) as ours, servers.process("-m", "benchmarks.bare_sockets") as bare:
                return await _measure(db, ours, bare, sockets=sockets, turns=turns)
        finally:
            await db.close()


async def _measure(db: Connection, ours: servers.Server, bare: servers.Server, *, sockets: int, turns: int) -> bool:
    people = range(1, sockets + 1)
    paths = [f"/ws/{servers.token(user_id)}" for user_id in people]
    send(ours.port, [Request("GET", "/me", servers.token(1))], seconds=1, connections=8)
    ours_before, bare_before = ours.memory, bare.memory
    with crowd(ours.port, paths) as listeners, crowd(bare.port, paths) as bare_listeners:
        await asyncio.sleep(2)
        each, each_bare = (ours.memory - ours_before) / sockets, (bare.memory - bare_before) / sockets
        await _seconds_to_all(db, listeners, people)  # What is done only once is done before the first turn.
        message = encoded((await unread(db, user_id=1, after=0, limit=1))[0])
        mine, theirs, cpu_before = [], [], (ours.cpu_seconds, bare.cpu_seconds)
        for _ in range(turns):
            mine.append(await _seconds_to_all(db, listeners, people))
            theirs.append(await asyncio.to_thread(_seconds_of_bare_server, bare.port, bare_listeners, message))
        cpu = (ours.cpu_seconds - cpu_before[0]) / (bare.cpu_seconds - cpu_before[1])
        meanwhile = await _requests_meanwhile(db, ours, listeners, people)
        deaf = await _with_the_deaf(db, ours, listeners, sockets=sockets)
    ratios = sorted(one / other for one, other in zip(mine, theirs, strict=True))
    return show(
        f"Sockets: {sockets:,} in one process",
        [
            Verdict("memory of each", each / KIB, 30, "less", " KiB", note=f"bare: {each_bare / KIB:.1f} KiB"),
            Verdict(
                "an announcement to all, as a multiple of the bare server's",
                median(mine) / median(theirs),
                1.5,
                "less",
                note=f"turns {ratios[0]:.2f} to {ratios[-1]:.2f}; cpu {cpu:.2f}; "
                f"{median(mine):.2f} and {median(theirs):.2f} s here",
            ),
            Verdict(
                "p99 of GET /me meanwhile", meanwhile.p99, 100, "less", " ms", note=f"{meanwhile.requests} requests"
            ),
            Verdict("requests refused or broken meanwhile", meanwhile.refused + meanwhile.broken, 0, "less"),
            Verdict(f"an announcement while {DEAF} read nothing, as a multiple", deaf[0] / median(mine), 1.25, "less"),
            Verdict("the deaf are dropped after", deaf[1], MAX_SECONDS_TO_DROP, "less", " s"),
            Verdict("others dropped", deaf[2], 0, "less"),
        ],
    )


async def _seconds_to_all(db: Connection, listeners: Crowd, people: Sequence[int]) -> float:
    """Notify every user; return the seconds from the commit to the last reader."""
    listeners.expect()
    began_at = await _announce(db, people)
    return await asyncio.to_thread(listeners.received_at) - began_at


def _seconds_of_bare_server(port: int, listeners: Crowd, message: str) -> float:
    listeners.expect()
    began_at = time.monotonic()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", message.encode(), timeout=60):
        return listeners.received_at() - began_at


async def _announce(db: Connection, people: Sequence[int], title: str = "Python from zero") -> float:
    now = system_clock()
    announcement = Announcement(
        event=f"benchmark:{next(events)}",
        type="review_started",
        track_id=1,
        assignment_id=1,
        due_at=now,
        parameters={"track": title, "assignment": "A program that greets"},
    )
    transaction = db.transaction()
    await transaction.start()
    await announce(db, announcement, to=people, now=now)
    await transaction.commit()
    return time.monotonic()


async def _requests_meanwhile(
    db: Connection, ours: servers.Server, listeners: Crowd, people: Sequence[int]
) -> Measured:
    """Send requests, a few at a time, while announcements to every user follow one another."""
    asked = [Request("GET", "/me", servers.token(user_id)) for user_id in people[:100]]
    requests = asyncio.create_task(
        asyncio.to_thread(send, ours.port, asked, seconds=SECONDS_OF_REQUESTS, connections=4)
    )
    while not requests.done():
        await _seconds_to_all(db, listeners, people)
    return await requests


async def _with_the_deaf(
    db: Connection, ours: servers.Server, listeners: Crowd, *, sockets: int
) -> tuple[float, float, int]:
    """Return the seconds of an announcement while some read nothing, those until they are dropped, and who else was."""
    deaf = range(sockets + 1, sockets + DEAF + 1)
    with crowd(ours.port, [f"/ws/{servers.token(user_id)}" for user_id in deaf], "deaf"):
        for _ in range(LONG_MESSAGES):
            await _announce(db, deaf, LONG_TITLE)
        await _settled(ours)
        began_at, open_before = time.monotonic(), _open_sockets(ours.port)
        user_ids = range(1, sockets + DEAF + 1)
        seconds = median([await _seconds_to_all(db, listeners, user_ids) for _ in range(3)])
        dropped_at = await asyncio.to_thread(_dropped_at, ours.port, sockets, began_at + MAX_SECONDS_TO_DROP)
    if open_before < sockets + DEAF:
        raise RuntimeError("the deaf were dropped before anything could be measured")
    return seconds, dropped_at - began_at, listeners.lost


def _dropped_at(port: int, others: int, give_up_at: float) -> float:
    while _open_sockets(port) > others:
        if time.monotonic() > give_up_at:
            return float("inf")
        time.sleep(0.5)
    return time.monotonic()


async def _settled(server: servers.Server) -> None:
    """Wait until a server has nothing to do."""
    before = -1.0
    while server.cpu_seconds - before > 0.1:
        before = server.cpu_seconds
        await asyncio.sleep(1)


def _open_sockets(port: int) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60) as answer:
        lines = answer.read().decode().splitlines()
    return int(float(next(line for line in lines if line.startswith("websockets_open ")).split()[1]))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=TURNS)
    parser.add_argument("--sockets", type=int, default=SOCKETS)
    asked = parser.parse_args()
    raise SystemExit(0 if asyncio.run(main(turns=asked.turns, sockets=asked.sockets)) else 1)
