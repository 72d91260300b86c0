"""Links that wait to be frozen, and frozen ones that are compared with their repositories: what a fetcher takes next.

A fetcher takes a link for a short time (`LEASE`) by moving the time of its next try. If it is killed, the link is tried
again when the lease has ended. What it finds out is written only while the link still waits, so of two results for one
link the first counts.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from learning_platform.core.database import Connection, fetch_ids, fetch_value
from learning_platform.snapshots.git.extraction import Extracted
from learning_platform.snapshots.rules import FailureCode
from learning_platform.snapshots.store import save_tree

# Longer than a fetch takes and its result is stored.
LEASE: Final = timedelta(minutes=3)
MAX_FETCHES_PER_HOST: Final = 2

# Tracks take turns, so that one of ten thousand does not hold up one of five. Of several links of one participant the
# latest is taken: it counts. Hosts that are busy are left out; two fetchers that look at the same time may start one
# fetch more than they should.
TAKE_LINK = """
with busy as (
    select split_part(repo_url, '/', 3) as host from snapshots where fetch_started_at is not null and try_at > $1
    group by 1 having count(*) >= $4
), first as materialized (
    select assignment_id, user_id from snapshots
    where state = 'waiting' and try_at <= $1 and split_part(repo_url, '/', 3) <> all($3::text[])
        and split_part(repo_url, '/', 3) not in (select host from busy)
    order by track_id <= $2, track_id, try_at, id limit 1 for update skip locked
), chosen as (
    select max(n.id) as id from snapshots n
        join first f on n.assignment_id = f.assignment_id and n.user_id = f.user_id
    where n.state = 'waiting' and n.try_at <= $1
)
update snapshots n set fetch_started_at = $1, try_at = $5, tries = n.tries + 1
from chosen where n.id = chosen.id and n.state = 'waiting' and n.try_at <= $1
returning n.id, n.track_id, n.assignment_id, n.repo_url, n.tries, n.received_at, n.fetch_started_at
"""
# One fetch freezes every version of a participant that waits with the same link and was handed in before the fetch.
LOCK_SAME_LINKS = """
select n.id from snapshots n join snapshots taken on taken.id = $1
where n.assignment_id = taken.assignment_id and n.user_id = taken.user_id and n.repo_url = taken.repo_url
    and n.state = 'waiting' and (n.id = $1 or n.received_at <= $2)
order by n.id for update of n
"""
FREEZE = """
update snapshots set state = 'frozen', tree_id = $2, commit = $3, committed_at = $4, mask_terms = $5, warnings = $6,
    frozen_at = $7, error = null, try_at = null, fetch_started_at = null
where id = any($1::bigint[])
"""
POSTPONE = """
update snapshots set try_at = $3, error = $4, tries = tries - $5::int, fetch_started_at = null
where id = $1 and fetch_started_at = $2
"""
FAIL = """
update snapshots set state = 'failed', error = $3, try_at = null, fetch_started_at = null
where id = $1 and fetch_started_at = $2 returning id
"""
# A lease again, and only one try: what cannot be found out is not said.
TAKE_CHECK = """
with due as (
    select id from snapshots where check_at <= $1 order by check_at, id limit 1 for update skip locked
)
update snapshots n set check_at = $2 from due where n.id = due.id returning n.id, n.repo_url, n.commit
"""
END_CHECK = """
update snapshots set check_at = null, changed_at = case when $2 then $3::timestamptz end
where id = $1 and check_at is not null returning id
"""
NEXT_DUE = """
select least((select min(try_at) from snapshots where state = 'waiting'),
    (select min(check_at) from snapshots where check_at is not null))
"""
WAITING_LINKS = """
select count(*) as count, min(received_at) as since, min(try_at) filter (where try_at <= $1) as overdue_since
from snapshots where state = 'waiting'
"""


@dataclass(frozen=True, slots=True)
class WaitingLinks:
    """How many links wait, since when the earliest does, and since when one should have been fetched."""

    count: int
    since: datetime | None
    overdue_since: datetime | None


@dataclass(frozen=True, slots=True)
class TakenLink:
    """A link that one fetcher fetches. `tries`: with this one. `fetch_started_at` identifies this try."""

    id: int
    track_id: int
    assignment_id: int
    repo_url: str
    tries: int
    received_at: datetime
    fetch_started_at: datetime

    @property
    def host(self) -> str:
        """Return the host of the link, with its port if it names one."""
        return self.repo_url.split("/")[2]


@dataclass(frozen=True, slots=True)
class TakenCheck:
    """A frozen link that one fetcher compares with its repository."""

    id: int
    repo_url: str
    commit: str


async def take_link(
    db: Connection, *, after_track: int, except_hosts: Collection[str], now: datetime
) -> TakenLink | None:
    """Take a link that is due, of the first track with a higher id than `after_track` that has one, or of any."""
    return await fetch_value(
        *(db, TakenLink, TAKE_LINK, now, after_track, list(except_hosts), MAX_FETCHES_PER_HOST, now + LEASE)
    )


async def mark_frozen(
    db: Connection, *, taken: TakenLink, extracted: Extracted, warnings: Collection[str], now: datetime
) -> bool:
    """Freeze what was fetched, in every version it stands for; return False if it does not wait any more."""
    ids = await fetch_ids(db, LOCK_SAME_LINKS, taken.id, taken.fetch_started_at)
    if taken.id not in ids:
        return False
    tree_id = await save_tree(db, track_id=taken.track_id, tree=extracted.tree, now=now)
    about = (extracted.commit, extracted.committed_at, extracted.author_names, list(warnings))
    await db.execute(FREEZE, ids, tree_id, *about, now)
    return True


async def postpone(
    db: Connection, *, taken: TakenLink, error: FailureCode, try_at: datetime, counts: bool = True
) -> None:
    """Try a link again at `try_at`. A try that the host did not allow does not count."""
    await db.execute(POSTPONE, taken.id, taken.fetch_started_at, try_at, error, 0 if counts else 1)


async def mark_failed(db: Connection, *, taken: TakenLink, error: FailureCode) -> bool:
    """Give a link up; return False if it does not wait any more."""
    return await db.fetchval(FAIL, taken.id, taken.fetch_started_at, error) is not None


async def take_check(db: Connection, *, now: datetime) -> TakenCheck | None:
    """Take a frozen link that is to be compared with its repository."""
    return await fetch_value(db, TakenCheck, TAKE_CHECK, now, now + LEASE)


async def end_check(db: Connection, *, snapshot_id: int, has_changed: bool, now: datetime) -> bool:
    """Keep what a comparison has found; return False if another one has ended before."""
    return await db.fetchval(END_CHECK, snapshot_id, has_changed, now) is not None


async def waiting_links(db: Connection, *, now: datetime) -> WaitingLinks:
    """Return what waits to be fetched."""
    waiting = await fetch_value(db, WaitingLinks, WAITING_LINKS, now)
    assert waiting is not None
    return waiting


async def next_due_at(db: Connection) -> datetime | None:
    """Return when the next link is due, which may have passed."""
    due_at: datetime | None = await db.fetchval(NEXT_DUE)
    return due_at
