"""What has happened before a browser looks: tracks whose time has come, made by the packages' own actions."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from learning_platform.accounts.actor import Actor
from learning_platform.attempts.extensions import extend_deadline
from learning_platform.attempts.review_stage import begin_review_stage
from learning_platform.core.database import Connection
from learning_platform.core.notifier import notify
from learning_platform.enrollment.actions import enroll
from learning_platform.reviews.claims import claim
from learning_platform.reviews.results import Score
from learning_platform.reviews.reviewing import review
from learning_platform.reviews.rules import ReviewsDone
from learning_platform.tracks.actions import cancel_track
from tests import make
from tests.browser.people import Person

TASK_HOURS = 10
SHIFT_TRACK = "update tracks set started_at = started_at - $2::interval, finishes_at = finishes_at - $2 where id = $1"
SHIFT_CALENDAR = """
update assignments set opens_at = opens_at - $2::interval, due_at = due_at - $2, reviews_due_at = reviews_due_at - $2
where track_id = $1
"""
SHIFT_SCHEDULE = "update scheduled_events set due_at = due_at - $2::interval where track_id = $1"
FIRST_DEADLINE = "select min(due_at) from assignments where track_id = $1"
END_OF_REVIEWS = "select min(reviews_due_at) from assignments where track_id = $1"
END = "select finishes_at from tracks where id = $1"
AUTHOR = "select author_id from tracks where id = $1"
HAND_OVER = "update tracks set author_id = (select id from users where username = $2) where id = $1"
USER_ID = "select id from users where username = $1"


@dataclass(frozen=True, slots=True)
class Scene:
    """A track that runs, and its first assignment."""

    track_id: int
    assignment_id: int

    @property
    def track(self) -> str:
        """Return the address of the track."""
        return f"/tracks/{self.track_id}"

    @property
    def assignment(self) -> str:
        """Return the address of the assignment."""
        return f"/assignments/{self.assignment_id}"

    @property
    def review(self) -> str:
        """Return the address of the assigned reviews."""
        return f"/assignments/{self.assignment_id}/review"

    @property
    def feedback(self) -> str:
        """Return the address of the reviews received."""
        return f"/assignments/{self.assignment_id}/reviews"


async def reviewing(db: Connection, people: Sequence[Person], *, strangers: int = 3) -> Scene:
    """Let these people and some strangers hand in; the deadline passed a minute ago."""
    async with db.transaction():
        scene, user_ids = await _running(db, people, strangers=strangers, left=timedelta(minutes=-1))
        return await _with_work_handed_in(db, scene, user_ids)


async def reviewed(db: Connection, people: Sequence[Person]) -> Scene:
    """Let these people have handed in and reviewed each other; the time for reviews is not over."""
    async with db.transaction():
        scene, user_ids = await _running(db, people, strangers=0, left=timedelta(hours=-2))
        await _with_work_handed_in(db, scene, user_ids)
        an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
        await begin_review_stage(db, assignment_id=scene.assignment_id, now=an_hour_ago)
        for user_id in user_ids:
            await _review_others(db, scene, user_id, now=an_hour_ago)
    return scene


async def under_way(
    db: Connection, people: Sequence[Person], *, strangers: int = 3, left: timedelta = timedelta(hours=9)
) -> Scene:
    """Let a track of these people and some strangers have started; the strangers have handed in, so much is left."""
    async with db.transaction():
        scene, user_ids = await _running(db, people, strangers=strangers, left=left)
        return await _with_work_handed_in(db, scene, user_ids[:strangers])


async def hand_over(db: Connection, scene: Scene, author: Person) -> None:
    """Make a user who takes no part the author of the track: a participant cannot be its author."""
    await db.execute(HAND_OVER, scene.track_id, author.name)


async def gathering(
    db: Connection, *, places: int, taken: int = 0, title: str = "Python basics", author: Person | None = None
) -> int:
    """Create a track, a stranger's unless an author is given, on which some places are taken; return its id."""
    now = datetime.now(UTC)
    async with db.transaction():
        strangers = await make.users(db, taken + 1)
        author_id = await db.fetchval(USER_ID, author.name) if author else strangers[0]
        track_id = await make.track(db, author_id=author_id, places=places, title=title, now=now)
        for user_id in strangers[1:]:
            await enroll(db, track_id=track_id, user_id=user_id, now=now)
    return track_id


async def _running(
    db: Connection, people: Sequence[Person], *, strangers: int, left: timedelta
) -> tuple[Scene, list[int]]:
    user_ids = [*await make.users(db, strangers), *[await db.fetchval(USER_ID, person.name) for person in people]]
    started_at = datetime.now(UTC) + left - timedelta(hours=TASK_HOURS)
    track_id = await make.running_track(db, user_ids, durations=(TASK_HOURS, TASK_HOURS), now=started_at)
    return Scene(track_id, (await make.assignment_ids(db, track_id))[0]), user_ids


async def _with_work_handed_in(db: Connection, scene: Scene, user_ids: Sequence[int]) -> Scene:
    opens_at = await db.fetchval("select opens_at from assignments where id = $1", scene.assignment_id)
    for user_id in user_ids:
        await make.hand_in(db, scene.assignment_id, user_id, now=opens_at + timedelta(minutes=1))
    return scene


async def _review_others(db: Connection, scene: Scene, user_id: int, *, now: datetime) -> None:
    with suppress(ReviewsDone):
        while True:
            work = await claim(db, assignment_id=scene.assignment_id, user_id=user_id, volunteers=False, now=now)
            await review(
                db,
                submission_id=work.submission_id,
                actor=Actor(user_id),
                scores=[Score(each.id, each.max_score, None) for each in work.criteria],
                comment=None,
                now=now,
            )


async def let_deadline_pass(db: Connection, track_id: int) -> None:
    """Move the calendar of a track so that its first deadline has just passed."""
    await _let_pass(db, track_id, await db.fetchval(FIRST_DEADLINE, track_id))


async def let_reviews_end(db: Connection, track_id: int) -> None:
    """Move the calendar of a track so that the time for its first reviews has just ended."""
    await _let_pass(db, track_id, await db.fetchval(END_OF_REVIEWS, track_id))


async def let_track_end(db: Connection, track_id: int) -> None:
    """Move the calendar of a track so that it has just ended."""
    await _let_pass(db, track_id, await db.fetchval(END, track_id))


async def _let_pass(db: Connection, track_id: int, at: datetime) -> None:
    by = at - datetime.now(UTC) + timedelta(seconds=1)
    async with db.transaction():
        await db.execute(SHIFT_TRACK, track_id, by)
        await db.execute(SHIFT_CALENDAR, track_id, by)
        await db.execute(SHIFT_SCHEDULE, track_id, by)
        await notify(db, "scheduled")


async def move_deadline(db: Connection, scene: Scene) -> None:
    """Let the author move the first deadline by an hour."""
    author_id = await db.fetchval(AUTHOR, scene.track_id)
    due_at = await db.fetchval(FIRST_DEADLINE, scene.track_id)
    async with db.transaction():
        await extend_deadline(
            db,
            assignment_id=scene.assignment_id,
            due_at=due_at + timedelta(hours=1),
            actor=Actor(author_id),
            now=datetime.now(UTC),
        )


async def cancel(db: Connection, scene: Scene) -> None:
    """Let the author cancel the track."""
    author_id = await db.fetchval(AUTHOR, scene.track_id)
    async with db.transaction():
        await cancel_track(db, track_id=scene.track_id, actor=Actor(author_id), now=datetime.now(UTC))
