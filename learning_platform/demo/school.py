"""Fill a database with the demo school, in one transaction: all of it is there, or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from random import Random

from learning_platform.accounts.actions import edit_profile, register, set_role
from learning_platform.accounts.actor import Actor
from learning_platform.accounts.passwords import Passwords
from learning_platform.certificates.actions import set_rule
from learning_platform.certificates.rules import CertificateRule
from learning_platform.core.database import Connection, Database, fetch_values
from learning_platform.demo.cohorts import COHORTS, FAST, Cohort
from learning_platform.demo.hand_ins import give_starters
from learning_platform.demo.invitations import invite_by_list
from learning_platform.demo.life import Seat, plan_life
from learning_platform.demo.people import PEOPLE, Person
from learning_platform.demo.timeline import Timeline
from learning_platform.demo.world import Course, Task, World
from learning_platform.enrollment.actions import enroll
from learning_platform.tracks.actions import create_track
from learning_platform.tracks.filters import TrackFilter
from learning_platform.tracks.queries import tracks

PASSWORD = "learn-together"
FOUNDED, GATHERING = timedelta(days=60), timedelta(days=4)
SEED = 2030
RULE = CertificateRule(submissions=70, reviews=70)
PEOPLE_BY_EMAIL = "select username, id from users where email = any($1::text[])"
TASKS = """
select a.id, a.position, a.title, a.opens_at, a.due_at, a.reviews_due_at, t.iteration_hours
from assignments a join tracks t on t.id = a.track_id where a.track_id = $1 order by a.position
"""
# All users have read everything but the last one, two or three.
READ_ALMOST_EVERYTHING = """
insert into inboxes (user_id, read_up_to)
select user_id, id from (
    select user_id, id, row_number() over (partition by user_id order by id desc) as number
    from notifications where user_id = any($1::bigint[])
) newest_first
where number = 2 + user_id % 3
"""


@dataclass(frozen=True, slots=True)
class Filled:
    """What a run has added."""

    school: bool
    fast_track: bool


async def fill(database: Database, *, fast: bool, now: datetime) -> Filled:
    """Add the school, and with `fast` a track to watch, unless they are there.

    Raises UsernameTaken if another user has the name of one of its people.
    """
    password_hash = await _hash_once()
    async with database.transaction() as db:
        rows = await db.fetch(PEOPLE_BY_EMAIL, [person.email for person in PEOPLE])
        user_ids = {row["username"]: row["id"] for row in rows}
        adds_school = not user_ids
        if adds_school:
            user_ids = {person.username: await _register(db, person, password_hash, now=now) for person in PEOPLE}
            await _send_notifications(db, user_ids, now=now)
        adds_track = fast and not await _gathers_for_fast_track(db, user_ids, now=now)
        if adds_track:
            await _plan_and_play(db, user_ids, [FAST], now=now)
    return Filled(adds_school, adds_track)


async def _hash_once() -> str:
    passwords = Passwords()
    try:
        return await passwords.hash(PASSWORD)
    finally:
        passwords.close()


async def _register(db: Connection, person: Person, password_hash: str, *, now: datetime) -> int:
    user = await register(
        db,
        email=person.email,
        username=person.username,
        password_hash=password_hash,
        locale=person.locale,
        now=now - FOUNDED,
    )
    await edit_profile(db, user_id=user.id, locale=None, time_zone=person.time_zone)
    if person.role != "user":
        await set_role(db, username=person.username, role=person.role, now=now - FOUNDED)
    return user.id


async def _send_notifications(db: Connection, user_ids: Mapping[str, int], *, now: datetime) -> None:
    await _plan_and_play(db, user_ids, COHORTS, now=now)
    await db.execute(READ_ALMOST_EVERYTHING, list(user_ids.values()))


async def _gathers_for_fast_track(db: Connection, user_ids: Mapping[str, int], *, now: datetime) -> bool:
    gathering = TrackFilter(Actor(user_ids[FAST.author]), "enrolling", FAST.draft.title)
    found = await tracks(db, gathering, after=0, limit=200, now=now)
    return any(track.staff_role == "author" and track.title == FAST.draft.title for track in found)


async def _plan_and_play(
    db: Connection, user_ids: Mapping[str, int], cohorts: Sequence[Cohort], *, now: datetime
) -> None:
    world = World(db, Timeline(db, until=now), user_ids, Random(SEED))  # noqa: S311 - no secret
    for cohort in cohorts:
        # On the hour, as people arrange it.
        full_at = (now - cohort.age).replace(minute=0, second=0, microsecond=0)
        gathering = min(GATHERING, cohort.age)
        world.timeline.plan(full_at - gathering, partial(_create, world, cohort, full_at))
    await world.timeline.play()


async def _create(world: World, cohort: Cohort, full_at: datetime, now: datetime) -> None:
    author_id = world.user_ids[cohort.author]
    track_id = await create_track(world.db, author_id=author_id, draft=cohort.draft, now=now)
    await set_rule(world.db, track_id=track_id, actor=Actor(author_id), rule=RULE, now=now)
    await give_starters(world, track_id=track_id, author_id=author_id, programs=cohort.programs, now=now)
    if cohort.queue is not None:
        await cohort.queue.plan(world, track_id=track_id, author_id=author_id, full_at=full_at, now=now)
    for number, username in enumerate(cohort.people, start=1):
        at = now + number / len(cohort.people) * (full_at - now)
        world.timeline.plan(at, partial(_enroll, world, cohort, track_id, username))
    if len(cohort.people) < cohort.draft.required_participants:
        invite = partial(invite_by_list, world, track_id=track_id, author_id=author_id)
        world.timeline.plan(full_at, lambda at: invite(now=at))


async def _enroll(world: World, cohort: Cohort, track_id: int, username: str, now: datetime) -> None:
    enrollment = await enroll(world.db, track_id=track_id, user_id=world.user_ids[username], now=now)
    if not enrollment.track_started:
        return
    author_id = world.user_ids[cohort.author]
    tasks = await fetch_values(world.db, Task, TASKS, track_id)
    copies = {copy: (name, cohort.people.index(name)) for copy, name in cohort.copies.items()}
    course = Course(track_id, author_id, cohort.language, tasks, cohort.programs, cohort.ways, copies)
    for incident in cohort.incidents:
        incident.plan(world, course)
    for number, person in enumerate(cohort.people):
        rhythm = cohort.rhythm_of(person, world.chance)
        for task in tasks[: rhythm.assignments]:
            plan_life(Seat(world, course, task, person, number, rhythm))
