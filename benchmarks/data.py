"""Data to measure on: a school of any size, filled by set-based SQL, kept between runs.

The tracks with odd ids are at their first assignment, open for a year; half of their participants have handed in.
Those with even ids are in the review stage of it, and all have submitted.
"""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg

from learning_platform.core.embedded import EmbeddedPostgres
from learning_platform.core.migrate import MIGRATIONS, migrate
from learning_platform.core.settings import PROJECT

FOLDER = PROJECT / ".data" / "benchmarks"
CREATE = "create database {} template template0 locale_provider builtin builtin_locale 'C.UTF-8'"


@dataclass(frozen=True, slots=True)
class Size:
    """How large the school is. A participant is on one track."""

    name: str
    users: int
    tracks: int
    participants: int
    assignments: int = 5
    criteria: int = 4


STANDARD = Size("standard", users=20_000, tracks=200, participants=100)

USERS = """
insert into users (id, email, username, password_hash, locale, time_zone, created_at) overriding system value
select n, 'person' || n || '@example.com', 'person' || n, 'no hash', case when n % 2 = 0 then 'ru' else 'en' end,
    case when n % 3 = 0 then 'Europe/Moscow' else 'UTC' end, now()
from generate_series(1, $1::bigint) n
"""
SESSIONS = """
insert into sessions (user_id, created_at, expires_at) select id, now(), now() + interval '1 year' from users
"""
TRACKS = """
insert into tracks (id, author_id, title, description, status, required_participants, participants_count,
    review_hours, created_at, started_at, finishes_at) overriding system value
select n, n, 'Track ' || n || ' of Python', repeat('From zero to a command-line program. ', 5), 'running', $2::bigint,
    $2::bigint, 9000, now() - interval '200 days', now() - interval '100 days', now() + interval '2000 days'
from generate_series(1, $1::bigint) n
"""
CRITERIA = """
insert into criteria (track_id, position, name, description, max_score)
select t.id, n, 'Criterion ' || n, 'What a reviewer looks at here, in a sentence or two.', 10
from tracks t cross join generate_series(0, $1::int - 1) n order by t.id, n
"""
# The calendar of an even track began 100 days ago, with a first assignment of 50 days.
ASSIGNMENTS = """
insert into assignments (track_id, position, title, description, duration_hours, opens_at, due_at, reviews_due_at,
    review_started_at)
select track_id, position, title, description, hours, opens_at, opens_at + length,
    opens_at + length + interval '365 days', case when not is_ahead then opens_at + length end
from (
    select t.id as track_id, n as position, 'Assignment ' || n as title,
        repeat('Write a program that does what the heading says, and a test for it. ', 10) as description,
        case when t.id % 2 = 0 then 1200 else 9000 end as hours,
        case when t.id % 2 = 0 then interval '50 days' else interval '375 days' end as length,
        t.started_at + n * interval '800 days' as opens_at, t.id % 2 = 1 or n > 0 as is_ahead
    from tracks t cross join generate_series(0, $1::int - 1) n
) planned order by track_id, position
"""
EVENTS = """
insert into scheduled_events (track_id, assignment_id, kind, due_at)
select a.track_id, a.id, kind, at from assignments a join tracks t on t.id = a.track_id, lateral (values
    ('deadline_warning', a.opens_at + 0.8 * (a.due_at - a.opens_at), a.review_started_at is null),
    ('review_start', a.due_at, a.review_started_at is null),
    ('review_reminder', a.due_at + interval '250 days', true),
    ('track_end', t.finishes_at, a.position = $1::int - 1)
) as events (kind, at, pending) where pending order by at
"""
PARTICIPANTS = """
insert into participants (track_id, user_id, enrolled_at)
select t.id, (t.id - 1) * $1::bigint + n, now() from tracks t cross join generate_series(1, $1::bigint) n
"""
ATTEMPTS = """
insert into attempts (track_id, assignment_id, user_id, opened_at, reviews_required)
select p.track_id, a.id, p.user_id, a.opens_at, case when a.review_started_at is not null then 3 end
from participants p join assignments a on a.track_id = p.track_id and a.position = 0
"""
SUBMISSIONS = """
insert into submissions (attempt_id, assignment_id, user_id, repo_url, comment, submitted_at)
select m.id, m.assignment_id, m.user_id, 'https://git.example/person' || m.user_id || '/hello', 'Done', now()
from attempts m where m.track_id % 2 = 0 or m.user_id % 2 = 0
"""
ANNOUNCEMENTS = """
insert into announcements (event, type, track_id, assignment_id, due_at, parameters, created_at)
select kind || ':' || t.id, kind, t.id, case when kind = 'assignment_opened' then a.id end,
    case when kind = 'assignment_opened' then a.due_at end,
    jsonb_build_object('track', t.title, 'assignment', a.title), now()
from tracks t join assignments a on a.track_id = t.id and a.position = 0,
    unnest(array['track_started', 'assignment_opened']) kind
"""
NOTIFICATIONS = """
insert into notifications (user_id, announcement_id)
select p.user_id, n.id from announcements n join participants p on p.track_id = n.track_id order by n.id
"""


@asynccontextmanager
async def postgres() -> AsyncIterator[str]:
    """Run the embedded PostgreSQL of the benchmarks; yield the address of its maintenance database."""
    embedded = EmbeddedPostgres(FOLDER)
    embedded.start()
    try:
        yield embedded.maintenance_url
    finally:
        embedded.stop()


async def database(server: str, size: Size) -> str:
    """Return the address of a filled database; it is filled once, and again when the tables change."""
    name = _name(size)
    db = await asyncpg.connect(server)
    try:
        if not await db.fetchval("select exists (select from pg_database where datname = $1)", name):
            await _build(db, server, name, size)
    finally:
        await db.close()
    return address(server, name)


@asynccontextmanager
async def empty_database(server: str, name: str) -> AsyncIterator[str]:
    """Yield a new database with tables and no rows; drop it afterwards."""
    db = await asyncpg.connect(server)
    try:
        await db.execute(f"drop database if exists {name} with (force)")
        await db.execute(CREATE.format(name))
        await migrate(address(server, name))
        yield address(server, name)
    finally:
        await db.execute(f"drop database if exists {name} with (force)")
        await db.close()


@asynccontextmanager
async def copy(server: str, size: Size) -> AsyncIterator[str]:
    """Yield a copy of a filled database, for what cannot be undone; drop it afterwards."""
    await database(server, size)
    db = await asyncpg.connect(server)
    original, name = _name(size), f"{size.name}_copy"
    try:
        await db.execute(f"drop database if exists {name} with (force)")
        await db.execute(f"create database {name} template {original} strategy file_copy")
        yield address(server, name)
    finally:
        await db.execute(f"drop database if exists {name} with (force)")
        await db.close()


async def fill(db: "asyncpg.Connection[asyncpg.Record]", size: Size) -> None:
    """Fill empty tables."""
    async with db.transaction():
        await db.execute(USERS, size.users)
        await db.execute(SESSIONS)
        await db.execute(TRACKS, size.tracks, size.participants)
        await db.execute(CRITERIA, size.criteria)
        await db.execute(ASSIGNMENTS, size.assignments)
        await db.execute(EVENTS, size.assignments)
        await db.execute(PARTICIPANTS, size.participants)
        for statement in (ATTEMPTS, SUBMISSIONS, ANNOUNCEMENTS, NOTIFICATIONS):
            await db.execute(statement)
        for table in ("users", "tracks"):
            await db.execute(f"select setval(pg_get_serial_sequence('{table}', 'id'), (select max(id) from {table}))")
    await db.execute("vacuum analyze")


def address(server: str, name: str) -> str:
    """Return the address of another database of the same server."""
    return server.replace("/postgres?", f"/{name}?", 1)


async def _build(db: "asyncpg.Connection[asyncpg.Record]", server: str, name: str, size: Size) -> None:
    print(f"filling the database “{size.name}”: {size.users:,} users …", flush=True)
    await db.execute(f"drop database if exists {name}_draft with (force)")
    await db.execute(CREATE.format(f"{name}_draft"))
    draft = address(server, f"{name}_draft")
    await migrate(draft)
    school = await asyncpg.connect(draft)
    try:
        await fill(school, size)
    finally:
        await school.close()
    await db.execute(f"alter database {name}_draft rename to {name}")


def _name(size: Size) -> str:
    """Return a name that says which tables, statements and size a database was filled with."""
    contents = [path.read_bytes() for path in sorted((MIGRATIONS / "versions").glob("*.py"))]
    statements = [value for key, value in sorted(globals().items()) if key.isupper() and isinstance(value, str)]
    text = b"".join(contents) + "".join(statements).encode() + repr(size).encode()
    return f"{size.name}_{hashlib.sha256(text).hexdigest()[:12]}"
