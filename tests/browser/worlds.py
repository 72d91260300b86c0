"""What has happened before somebody looks: tracks whose time has come, made by the rooms' own actions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from learning_platform.core.database import Connection
from learning_platform.enrollment.actions import enroll
from learning_platform.tracks.actions import cancel_track
from tests import make
from tests.browser.people import Person

TASK_HOURS = 10
SHIFT = """
with first as (select due_at - clock_timestamp() + interval '1 second' as by from assignments
               where track_id = $1 order by position limit 1)
update assignments set opens_at = opens_at - by, warn_at = warn_at - by, due_at = due_at - by,
       reviews_due_at = reviews_due_at - by
from first where track_id = $1
"""
USER_ID = "select id from users where username = $1"


@dataclass(frozen=True, slots=True)
class Scene:
    """A track that runs, and its first assignment."""

    track_id: int
    assignment_id: int

    @property
    def review(self) -> str:
        """Return the address of the desk."""
        return f"/assignments/{self.assignment_id}/review"


async def reviewing(db: Connection, people: Sequence[Person], *, strangers: int = 3) -> Scene:
    """Let these people and some strangers hand in; the deadline passed a minute ago."""
    async with db.transaction():
        scene, user_ids = await _running(db, people, strangers=strangers, left=timedelta(minutes=-1))
        return await _with_work_handed_in(db, scene, user_ids)


async def under_way(
    db: Connection, people: Sequence[Person], *, strangers: int = 3, left: timedelta = timedelta(hours=9)
) -> Scene:
    """Let a track of these people and some strangers have started; the strangers have handed in, so much is left."""
    async with db.transaction():
        scene, user_ids = await _running(db, people, strangers=strangers, left=left)
        return await _with_work_handed_in(db, scene, user_ids[:strangers])


async def gathering(db: Connection, *, places: int, taken: int = 0, title: str = "Python basics") -> int:
    """Create a track of a stranger's, on which some places are taken; return its id."""
    now = datetime.now(UTC)
    async with db.transaction():
        strangers = await make.users(db, taken + 1)
        track_id = await make.track(db, author_id=strangers[0], places=places, title=title, now=now)
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


async def let_deadline_pass(db: Connection, scene: Scene) -> None:
    """Set the calendar of the first assignment so that its deadline was a moment ago."""
    await db.execute(SHIFT, scene.track_id)


async def cancel(db: Connection, scene: Scene) -> None:
    """Let the author cancel the track."""
    async with db.transaction():
        author_id = await db.fetchval("select author_id from tracks where id = $1", scene.track_id)
        await cancel_track(db, track_id=scene.track_id, user_id=author_id, is_admin=False, now=datetime.now(UTC))
