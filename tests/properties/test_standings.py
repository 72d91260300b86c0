"""Each filter and each order of the board and the results finds what a plain reckoning in Python finds."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import get_args

import pytest

from learning_platform.accounts.actor import Actor
from learning_platform.core.database import Connection
from learning_platform.reviews.author.standings import Choice, Filter, SortKey, standings
from learning_platform.reviews.results import track_total
from learning_platform.reviews.rules import is_short
from learning_platform.tracks.access import access_to_track
from tests import make

pytestmark = pytest.mark.anyio
HOUR = timedelta(hours=1)
NOW = make.NOON + 100 * HOUR
PEOPLE, OVER, SEEDS = 9, 2, (1, 2, 3)
# Two assignments are over, the third is in review.
TIMES = """
update assignments set opens_at = $2, due_at = $2, review_started_at = $2,
    reviews_due_at = case when position < 2 then $3::timestamptz else $4 end where track_id = $1
"""
INSERT_ATTEMPT = """
insert into attempts (track_id, assignment_id, user_id, opened_at, finished_at, reviews_required, reviews_done)
values ($1, $2, $3, $4, $5, $6, $7) returning id
"""
INSERT_SUBMISSION = """
insert into submissions (attempt_id, assignment_id, user_id, repo_url, submitted_at, is_disputed, is_withdrawn)
values ($1, $2, $3, 'https://git.example/hello', $4, $5, $6) returning id
"""
INSERT_REVIEW = "insert into reviews (assignment_id, submission_id, reviewer_id, created_at) values ($1, $2, $3, $4)"
STORE = "update submissions set result = $2, window_result = $3 where id = $1"
INSERT_EXTENSION = """
insert into extensions (assignment_id, user_id, due_at, reason, granted_by, granted_at) values ($1, $2, $3, '', $2, $4)
"""


@dataclass
class Work:
    """What one participant handed in, and what became of it."""

    result: float | None
    window_result: float | None
    is_disputed: bool
    is_withdrawn: bool
    reviews_count: int


@dataclass
class Member:
    """One participant: where they are (an assignment's place), what they owe there, and their work by place."""

    id: int
    name: str
    has_left: bool
    current: int | None
    required: int
    done: int
    is_extended: bool
    work: dict[int, Work] = field(default_factory=dict)

    @property
    def owed(self) -> int:
        """Return how many reviews are left to do."""
        return max(self.required - self.done, 0) if self.current is not None and not self.has_left else 0


@dataclass
class Group:
    """A track's participants, and its assignments in order."""

    track_id: int
    author_id: int
    assignment_ids: list[int]
    members: list[Member]


def drawn(chance: random.Random, user_id: int, name: str) -> Member:
    current = chance.choice([0, 1, 2, 2, None])
    member = Member(
        user_id,
        name,
        chance.random() < 0.25,
        current,
        chance.randint(0, 3),
        chance.randint(0, 3),
        chance.random() < 0.3,
    )
    for place in range(3):
        if chance.random() < 0.7:
            now, then = (chance.choice([None, 0.0, 20.0, 40.0, 60.0, 100.0]) for _ in range(2))
            member.work[place] = Work(now, then, chance.random() < 0.3, chance.random() < 0.2, chance.randint(0, 3))
    return member


async def stored(db: Connection, chance: random.Random) -> Group:
    author_id, *people = await make.users(db, PEOPLE + 1)
    track_id = await make.running_track(db, people, durations=(10, 10, 10), author_id=author_id)
    ids = await make.assignment_ids(db, track_id)
    await db.execute("delete from attempts where track_id = $1", track_id)
    await db.execute("update tracks set finishes_at = $2 where id = $1", track_id, NOW + HOUR)
    await db.execute(TIMES, track_id, make.NOON, NOW - HOUR, NOW + HOUR)
    rows = await db.fetch("select id, username from users where id = any($1::bigint[])", people)
    names: dict[int, str] = {row[0]: row[1] for row in rows}
    group = Group(track_id, author_id, ids, [drawn(chance, each, names[each]) for each in people])
    for member in group.members:
        await store(db, group, member)
    return group


async def store(db: Connection, group: Group, member: Member) -> None:
    if member.has_left:
        left = "update participants set left_at = $2 where user_id = $1"
        await db.execute(left, member.id, NOW - HOUR)
    if member.is_extended:
        await db.execute(INSERT_EXTENSION, group.assignment_ids[2], member.id, NOW + HOUR, make.NOON)
    for place, assignment_id in enumerate(group.assignment_ids):
        finished = None if place == member.current else NOW - HOUR
        facts = (make.NOON, finished, member.required, member.done)
        attempt_id = await db.fetchval(INSERT_ATTEMPT, group.track_id, assignment_id, member.id, *facts)
        work = member.work.get(place)
        if work is not None:
            flags = (make.NOON, work.is_disputed, work.is_withdrawn)
            submission_id = await db.fetchval(INSERT_SUBMISSION, attempt_id, assignment_id, member.id, *flags)
            reviewers = [each.id for each in group.members if each is not member][: work.reviews_count]
            for reviewer_id in reviewers:
                await db.execute(INSERT_REVIEW, assignment_id, submission_id, reviewer_id, make.NOON)
            await db.execute(STORE, submission_id, work.result, work.window_result)


def result_for(reader_id: int, member: Member, place: int, *, oversees: bool) -> float | None:
    work = member.work.get(place)
    if work is None or (not oversees and place >= OVER):
        return None
    return work.result if oversees or member.id == reader_id else work.window_result


def sorted_by(choice: Choice, group: Group, reader_id: int, *, oversees: bool) -> Callable[[Member], float | None]:
    if choice.sort == "total":
        return lambda member: track_total(
            [(place in member.work, result_for(reader_id, member, place, oversees=oversees)) for place in range(OVER)]
        )
    if choice.sort == "assignment":
        assert choice.sorted_assignment_id is not None
        place = group.assignment_ids.index(choice.sorted_assignment_id)
        return lambda member: result_for(reader_id, member, place, oversees=oversees)
    return lambda member: None if member.has_left else float(member.owed)


def in_python(choice: Choice, group: Group, reader_id: int, *, oversees: bool = True) -> list[int]:
    found = [each for each in group.members if choice.name in each.name and fits(choice, group, each)]
    if choice.sort == "id":
        return sorted(each.id for each in found)
    found.sort(key=lambda each: each.name, reverse=choice.sort == "name" and choice.is_descending)
    if choice.sort != "name":
        value = sorted_by(choice, group, reader_id, oversees=oversees)
        sign = -1 if choice.is_descending else 1
        found.sort(key=lambda each: (value(each) is None, sign * (value(each) or 0)))
    return [each.id for each in found]


def fits(choice: Choice, group: Group, member: Member) -> bool:
    place = group.assignment_ids.index(choice.assignment_id) if choice.assignment_id else 0
    work, is_active = member.work.get(place), not member.has_left
    submissions_count = sum(place in each.work for each in group.members)
    return {
        "": True,
        "left": member.has_left,
        "behind": is_active and member.current is not None and member.current < OVER,
        "owes_reviews": member.owed > 0,
        "disputed": any(each.is_disputed for each in member.work.values()),
        "not_submitted": is_active and work is None and not (member.is_extended and place == 2),
        "needs_reviews": work is not None
        and is_short(
            review_pending=False,
            is_withdrawn=work.is_withdrawn,
            reviews_count=work.reviews_count,
            submissions_count=submissions_count,
        ),
    }[choice.filter]


def all_orders(assignment_ids: Sequence[int]) -> list[tuple[SortKey, int | None]]:
    plain = [key for key in get_args(SortKey) if key != "assignment"]
    return [*((key, None) for key in plain), *(("assignment", each) for each in assignment_ids)]


@pytest.mark.parametrize("seed", SEEDS)
async def test_staff_find_in_every_order_who_fits_each_filter(db: Connection, seed: int) -> None:
    group = await stored(db, random.Random(seed))
    access = await access_to_track(db, track_id=group.track_id, actor=Actor(group.author_id))
    for filter in get_args(Filter):
        for about in group.assignment_ids:
            for sort, sorted_id in all_orders(group.assignment_ids):
                for is_descending in (False, True):
                    choice = Choice("", filter, about, sort, sorted_id, is_descending)
                    found = await standings(db, access, choice, now=NOW)
                    assert list(found) == in_python(choice, group, group.author_id), choice


@pytest.mark.parametrize("seed", SEEDS)
async def test_participants_get_the_order_of_what_stood_when_each_window_was_over(db: Connection, seed: int) -> None:
    group = await stored(db, random.Random(seed))
    for reader in group.members[:3]:
        access = await access_to_track(db, track_id=group.track_id, actor=Actor(reader.id))
        for sort, sorted_id in all_orders(group.assignment_ids):
            if sort == "owed":
                continue
            for is_descending in (False, True):
                choice = Choice("", "", None, sort, sorted_id, is_descending)
                found = await standings(db, access, choice, now=NOW)
                assert list(found) == in_python(choice, group, reader.id, oversees=False), choice


async def test_a_part_of_a_name_is_no_pattern(db: Connection) -> None:
    group = await stored(db, random.Random(4))
    access = await access_to_track(db, track_id=group.track_id, actor=Actor(group.author_id))
    for part in (group.members[0].name[2:], "user_", "_", "%", "\\"):
        choice = Choice(part)
        assert list(await standings(db, access, choice, now=NOW)) == in_python(choice, group, group.author_id)
