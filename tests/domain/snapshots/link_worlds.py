"""A running track whose participants hand in links, and a fetcher that fetches them from a host of the tests."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from typing import Any

from learning_platform.attempts.actions import submit
from learning_platform.attempts.link_outcomes import OUTCOMES
from learning_platform.core.database import Database
from learning_platform.snapshots.fetcher import Fetcher
from learning_platform.snapshots.git.addresses import Address
from learning_platform.snapshots.git.fence import Limits, Resolve
from learning_platform.snapshots.git.fetching import Fetching
from tests import make
from tests.git_hosts import GitHost
from tests.people import HandClock

SNAPSHOT = """
select n.state, n.error, n.commit, n.tries, n.try_at, n.frozen_at, n.warnings, n.tree_id, n.changed_at
from snapshots n where n.id = $1
"""


async def to_loopback(_host: str, _port: int) -> list[Address]:
    """Resolve every name to the host of the tests."""
    return [ip_address("127.0.0.1")]


def fetching(host: GitHost, *, resolve: Resolve = to_loopback, **limits: Any) -> Fetching:
    """Return how a fetch reaches the host of a test."""
    return Fetching(host.allowed, ca_file=host.certificate, resolve=resolve, limits=Limits(**limits))


@dataclass(frozen=True, slots=True)
class LinkWorld:
    """People on a track with one open assignment, until `now` and ten hours more."""

    database: Database
    clock: HandClock
    fetcher: Fetcher
    track_id: int
    assignment_id: int
    people: Sequence[int]

    async def hand_in(self, link: str, *, by: int = 1) -> int:
        """Hand in a link; return the id of its snapshot."""
        async with self.database.transaction() as db:
            await submit(
                db,
                assignment_id=self.assignment_id,
                user_id=self.people[by],
                repo_url=link,
                comment=None,
                now=self.clock.now,
            )
            id: int = await db.fetchval("select max(id) from snapshots where user_id = $1", self.people[by])
        return id

    async def snapshot(self, id: int) -> dict[str, Any]:
        """Return what is stored of a snapshot."""
        async with self.database.connection() as db:
            return dict(await db.fetchrow(SNAPSHOT, id) or {})

    async def inbox(self, *, of: int = 1) -> list[str]:
        """Return the types of the notifications of a participant since the track started."""
        async with self.database.connection() as db:
            return (await make.inbox(db, self.people[of]))[2:]


@asynccontextmanager
async def link_world(url: str, how: Fetching, *, now: datetime, people: int = 3) -> AsyncIterator[LinkWorld]:
    """Open a database with this track."""
    database, clock = await Database.open(url, size=4), HandClock(now)
    try:
        async with database.transaction() as db:
            members = await make.users(db, people)
            track_id = await make.running_track(db, members, now=now)
            assignment_id = (await make.assignment_ids(db, track_id))[0]
        fetcher = Fetcher(database, clock, how, OUTCOMES)
        yield LinkWorld(database, clock, fetcher, track_id, assignment_id, members)
    finally:
        await database.close()
