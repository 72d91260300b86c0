"""Every message that names a deadline names the one that holds for its reader, and each is warned once of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from tests.people import Json, Person, School

pytestmark = pytest.mark.anyio
# Messages that name the deadline for handing in; the others name the end of the review window, or nothing.
HAND_IN = {"assignment_opened", "deadline_warning", "deadline_moved"}
# Events of several kinds may send a message of the same type.
NOTIFIED_OF = """
select n.id from notifications n join announcements a on a.id = n.announcement_id
where n.user_id = $1 and split_part(a.event, ':', 1) = $2
"""


class Class:
    """A running track of two assignments, ten hours and ten of review each, for three people."""

    def __init__(
        self, school: School, author: Person, track: Json, people: Sequence[Person], ids: Sequence[int]
    ) -> None:
        self.school = school
        self.author = author
        self.track = track
        self.people = people
        self.first, self.second = ids
        self.starts_at = school.clock.now

    async def extend(self, person: Person, assignment_id: int, *, hours: float) -> None:
        """Give one person until so many hours after the start."""
        due_at = (self.starts_at + timedelta(hours=hours)).isoformat()
        path = f"/assignments/{assignment_id}/extensions"
        extension = {"username": person.username, "due_at": due_at, "reason": "Was ill"}
        await self.author.ok("POST", path, 201, json=extension)

    async def move(self, assignment_id: int, *, hours: float) -> None:
        """Move the common deadline to so many hours after the start."""
        due_at = (self.starts_at + timedelta(hours=hours)).isoformat()
        await self.author.ok("PATCH", f"/assignments/{assignment_id}", json={"due_at": due_at})

    async def until(self, *, hours: float) -> None:
        """Let time pass until so many hours after the start, twelve minutes at a time, and one more second."""
        end = self.starts_at + timedelta(hours=hours, seconds=1)
        while self.school.clock.now < end:
            await self.school.advance(seconds=min(720, (end - self.school.clock.now).total_seconds()))

    async def notified(self, person: Person, event: str) -> list[tuple[float, float]]:
        """Return when a person was notified of an event, and of which time, in hours after the start."""
        async with self.school.services.database.connection() as db:
            ids = {id for (id,) in await db.fetch(NOTIFIED_OF, person.id, event)}
        found = [each for each in await person.ok("GET", "/notifications") if each["id"] in ids]
        return [(self.hours(each["created_at"]), self.hours(each["due_at"])) for each in found]

    def hours(self, at: str) -> float:
        """Return how many hours after the start a time is."""
        return round((datetime.fromisoformat(at) - self.starts_at).total_seconds() / 3600, 1)


@pytest.fixture
async def group(school: School) -> Class:
    author, people = await school.person(), await school.people(3)
    track = await school.running_track(author, people)
    return Class(school, author, track, people, await school.assignment_ids(author, track))


async def test_each_is_warned_once_at_four_fifths_of_their_own_time(group: Class) -> None:
    _, ill, other = group.people
    await group.extend(ill, group.first, hours=15)
    await group.until(hours=19)
    assert await group.notified(other, "deadline_warning") == [(8.0, 10.0)]
    assert await group.notified(ill, "deadline_warning") == [(12.0, 15.0)]


async def test_a_warning_says_of_a_later_deadline_whether_its_reader_has_handed_in(group: Class) -> None:
    _, ill, _ = group.people
    await group.extend(ill, group.first, hours=15)
    await group.until(hours=11)
    await ill.submit(group.first)
    await group.until(hours=13)
    (warning,) = [each for each in await ill.ok("GET", "/notifications") if each["type"] == "deadline_warning"]
    assert warning["submitted"] is True


async def test_a_user_who_is_given_more_time_after_the_warning_is_warned_of_the_new_deadline(group: Class) -> None:
    _, ill, _ = group.people
    await group.until(hours=9)
    await group.extend(ill, group.first, hours=15)
    await group.until(hours=16)
    assert await group.notified(ill, "deadline_warning") == [(8.0, 10.0), (12.0, 15.0)]


async def test_a_short_extension_is_announced_and_not_warned_of_as_well(group: Class) -> None:
    _, ill, _ = group.people
    await group.until(hours=9)
    await group.extend(ill, group.first, hours=11)
    await group.until(hours=12)
    assert await group.notified(ill, "deadline_warning") == [(8.0, 10.0)]
    assert await group.notified(ill, "deadline_moved") == [(9.0, 11.0)]


async def test_a_common_deadline_moved_beyond_ones_own_is_warned_of_with_that_of_the_group(group: Class) -> None:
    _, ill, _ = group.people
    await group.extend(ill, group.first, hours=12)
    await group.move(group.first, hours=20)
    await group.until(hours=21)
    assert await group.notified(ill, "deadline_warning") == [(16.0, 20.0)]
    assert await group.notified(ill, "deadline_moved") == [(0.0, 12.0), (0.0, 20.0)]


async def test_a_common_deadline_moved_up_to_ones_own_leaves_ones_own(group: Class) -> None:
    _, ill, other = group.people
    await group.extend(ill, group.first, hours=15)
    await group.move(group.first, hours=12)
    assert await group.notified(other, "deadline_moved") == [(0.0, 12.0)]
    assert await group.notified(ill, "deadline_moved") == [(0.0, 15.0), (0.0, 15.0)]
    texts = [each["text"] for each in await ill.ok("GET", "/notifications") if each["type"] == "deadline_moved"]
    assert "Your own deadline is still" in texts[-1]
    await group.until(hours=16)
    assert await group.notified(ill, "deadline_warning") == [(12.0, 15.0)]


async def test_an_assignment_opens_with_the_deadline_that_was_granted_before(group: Class) -> None:
    _, ill, other = group.people
    await group.extend(ill, group.second, hours=35)
    for person in group.people:
        await person.submit(group.first)
    await group.until(hours=10)
    for person in group.people:
        assert await person.review_all(group.first) == 2
    assert (await group.notified(other, "assignment_opened"))[-1][1] == 30.0
    assert (await group.notified(ill, "assignment_opened"))[-1][1] == 35.0


async def test_a_user_who_comes_to_reviews_after_the_common_reminder_has_one_of_their_own(group: Class) -> None:
    _, ill, other = group.people
    await group.extend(ill, group.first, hours=19)
    for person in group.people:
        await person.submit(group.first)
    await group.until(hours=20)
    assert await group.notified(other, "reviews_overdue") == [(18.0, 20.0)]
    assert await group.notified(ill, "review_started") == [(19.0, 20.0)]
    assert await group.notified(ill, "reviews_overdue") == [(19.8, 20.0)]


async def test_a_user_who_comes_to_reviews_before_the_common_reminder_has_only_that(group: Class) -> None:
    _, ill, _ = group.people
    await group.extend(ill, group.first, hours=12)
    for person in group.people:
        await person.submit(group.first)
    await group.until(hours=20)
    assert await group.notified(ill, "reviews_overdue") == [(18.0, 20.0)]


async def test_no_participant_who_has_left_or_whose_track_is_cancelled_is_warned(group: Class) -> None:
    _, leaver, ill = group.people
    await group.extend(leaver, group.first, hours=15)
    await group.extend(ill, group.first, hours=15)
    await leaver.ok("POST", f"/tracks/{group.track['id']}/leave", 204)
    await group.until(hours=11)
    await group.author.ok("POST", f"/tracks/{group.track['id']}/cancel")
    await group.until(hours=20)
    for person in (leaver, ill):
        assert await group.notified(person, "deadline_warning") == []


async def test_every_message_in_the_life_of_a_track_names_the_deadline_of_its_reader(group: Class) -> None:
    _, ill, _ = group.people
    await group.until(hours=1)
    await group.extend(ill, group.first, hours=14)
    await group.extend(ill, group.second, hours=36)
    await group.until(hours=5)
    await group.move(group.first, hours=11)
    for person in group.people:
        await person.submit(group.first)
    await group.until(hours=45)
    own = {group.first: {14.0}, group.second: {36.0}}
    common = {group.first: {10.0, 11.0}, group.second: {30.0, 31.0}}
    for person in group.people:
        for each in await person.ok("GET", "/notifications"):
            if each["type"] in HAND_IN:
                has_own = person is ill and group.hours(each["created_at"]) >= 1
                allowed = (own if has_own else common)[each["assignment_id"]]
                assert group.hours(each["due_at"]) in allowed, each
