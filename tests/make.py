"""Plain builders for tests of domain packages: users, tracks and what is handed in, written to an open connection.

What a person could do goes through the package's own actions; what takes many people is set-based SQL.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count

from learning_platform.accounts.actions import register
from learning_platform.accounts.tokens import Role
from learning_platform.attempts.actions import submit
from learning_platform.core.database import Connection, fetch_ids
from learning_platform.core.languages import Language
from learning_platform.enrollment.actions import enroll
from learning_platform.tracks.actions import AssignmentDraft, CriterionDraft, TrackDraft, create_track
from learning_platform.tracks.rules import StaffRole

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
CRITERIA = (CriterionDraft("Correctness", "It does what was asked for", 10), CriterionDraft("Readability", "", 5))
MANY_USERS = """
insert into users (email, username, password_hash, locale, created_at)
select 'crowd_' || n || '@example.com', 'crowd_' || n, 'not a hash', 'en', $2 from generate_series(1, $1) n
returning id
"""
MANY_PARTICIPANTS = """
insert into participants (track_id, user_id, enrolled_at) select $1, user_id, $3 from unnest($2::bigint[]) user_id
"""
COUNT_PARTICIPANTS = """
update tracks set participants_count = (select count(*) from participants where track_id = $1) where id = $1
"""
MANY_SUBMISSIONS = """
insert into submissions (attempt_id, assignment_id, user_id, repo_url, submitted_at)
select id, assignment_id, user_id, 'https://git.example/people/' || id, $3
from attempts where assignment_id = $1 and user_id = any($2::bigint[])
"""
INBOX = """
select a.type from notifications n join announcements a on a.id = n.announcement_id where n.user_id = $1 order by n.id
"""
INSERT_STAFF = "insert into track_staff (track_id, user_id, role, added_at) values ($1, $2, $3, $4)"
numbers = count(1)


async def user(
    db: Connection, username: str = "", *, role: Role = "user", locale: Language = "en", time_zone: str = "UTC"
) -> int:
    """Create a user; return the id."""
    username = username or f"user_{next(numbers)}"
    created = await register(
        db, email=f"{username}@example.com", username=username, password_hash="not a hash", locale=locale, now=NOON
    )
    await db.execute("update users set role = $2, time_zone = $3 where id = $1", created.id, role, time_zone)
    return created.id


async def users(db: Connection, number: int) -> list[int]:
    """Create a handful of users."""
    return [await user(db) for _ in range(number)]


async def crowd(db: Connection, number: int) -> list[int]:
    """Create as many users as you like in one statement, once a database."""
    return list(await fetch_ids(db, MANY_USERS, number, NOON))


async def track(
    db: Connection,
    *,
    author_id: int,
    places: int = 5,
    title: str = "Python basics",
    durations: Sequence[float] = (10, 10),
    review_hours: float = 10,
    iteration_hours: float = 0,
    now: datetime = NOON,
) -> int:
    """Create a track of assignments that last `durations` hours; return its id."""
    draft = TrackDraft(
        title=title,
        description="From zero to a command-line program",
        required_participants=places,
        review_hours=review_hours,
        iteration_hours=iteration_hours,
        criteria=CRITERIA,
        assignments=[AssignmentDraft(f"Task {n}", f"Do {n}", hours) for n, hours in enumerate(durations, start=1)],
    )
    return await create_track(db, author_id=author_id, draft=draft, now=now)


async def staff(db: Connection, track_id: int, user_id: int, *, role: StaffRole) -> None:
    """Put a user on the staff of a track."""
    await db.execute(INSERT_STAFF, track_id, user_id, role, NOON)


async def running_track(
    db: Connection,
    people: Sequence[int],
    *,
    durations: Sequence[float] = (10, 10),
    review_hours: float = 10,
    iteration_hours: float = 0,
    author_id: int | None = None,
    now: datetime = NOON,
) -> int:
    """Create a track on which all of these people take part, by the first of them or another author.

    The last to enroll starts it.
    """
    track_id = await track(
        db,
        author_id=author_id or people[0],
        places=len(people),
        durations=durations,
        review_hours=review_hours,
        iteration_hours=iteration_hours,
        now=now,
    )
    await db.execute(MANY_PARTICIPANTS, track_id, people[:-1], now)
    await db.execute(COUNT_PARTICIPANTS, track_id)
    await enroll(db, track_id=track_id, user_id=people[-1], now=now)
    return track_id


async def assignment_ids(db: Connection, track_id: int) -> list[int]:
    """Return the assignments of a track, in order."""
    return list(await fetch_ids(db, "select id from assignments where track_id = $1 order by position", track_id))


async def hand_in(db: Connection, assignment_id: int, user_id: int, *, now: datetime = NOON) -> int:
    """Submit a link that says nothing about its author; return the id of the submission."""
    handed_in = await submit(
        db,
        assignment_id=assignment_id,
        user_id=user_id,
        repo_url=f"https://git.example/people/{next(numbers)}",
        comment=None,
        now=now,
    )
    return handed_in.submission.id


async def submit_for_all(db: Connection, assignment_id: int, people: Sequence[int], *, now: datetime = NOON) -> None:
    """Hand in for as many people as you like in one statement."""
    await db.execute(MANY_SUBMISSIONS, assignment_id, people, now)


async def inbox(db: Connection, user_id: int) -> list[str]:
    """Return the types of all notifications of a user, oldest first."""
    return [row[0] for row in await db.fetch(INBOX, user_id)]
