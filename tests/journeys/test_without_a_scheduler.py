"""No scheduler runs anywhere, and the clock decides all the same what people see, may do and are notified of."""

from datetime import datetime, timedelta

import pytest

from tests.people import Json, Person, School
from tests.web.pages.browsing import signed_in

pytestmark = pytest.mark.anyio
STARTED = ["track_started", "assignment_opened"]
STAGE = ["deadline_warning", "review_started"]


async def track_of(school: School, people: list[Person], **changes: object) -> tuple[int, list[int]]:
    track = await school.running_track(people[0], people, **changes)
    return track["id"], await school.assignment_ids(people[0], track)


async def seen_by(person: Person, track_id: int) -> list[tuple[str, bool]]:
    """Return the state of every assignment, and whether its description is shown."""
    assignments = await person.ok("GET", f"/tracks/{track_id}/assignments")
    return [(one["state"], one["description"] is not None) for one in assignments]


async def current(person: Person, track_id: int) -> Json:
    return await person.ok("GET", f"/tracks/{track_id}/assignments/current")


async def test_a_user_who_asks_for_a_review_first_sends_what_was_due_before_it(school: School) -> None:
    people = await school.people(3)
    _, (first, _) = await track_of(school, people)
    for person in people:
        await person.submit(first)
    school.clock.advance(hours=10)

    assert (await people[0].claim(first)).status_code == 200

    for person in people:
        assert await person.notification_types() == [*STARTED, *STAGE]
    await school.sweep()
    assert await people[1].notification_types() == [*STARTED, *STAGE]


async def test_without_submissions_the_next_assignment_is_open_at_the_deadline(school: School) -> None:
    alice, bob = people = await school.people(2)
    track_id, (first, second) = await track_of(school, people)
    due_at = (await current(alice, track_id))["due_at"]
    school.clock.advance(hours=10)

    assert await seen_by(alice, track_id) == [("finished", True), ("open", True)]
    here = await current(alice, track_id)
    assert (here["id"], here["state"], here["reviews_required"]) == (second, "open", None)
    assert (await alice.ok("GET", f"/assignments/{first}"))["state"] == "finished"
    assert (await alice.ok("GET", f"/assignments/{second}"))["description"] is not None
    await alice.ok("POST", f"/assignments/{second}/diary", 201, json={"text": "Early"})
    assert (await alice.submit(second)).status_code == 201
    assert (await alice.submit(second)).status_code == 200

    assert (await current(alice, track_id))["state"] == "submitted"
    for person in people:
        assert await person.notification_types() == [*STARTED, *STAGE, "assignment_opened"]
    async with school.services.database.connection() as db:
        opened = await db.fetch("select distinct opened_at from attempts where assignment_id = $1", second)
    assert [row[0].isoformat().replace("+00:00", "Z") for row in opened] == [due_at]
    assert (await bob.submit(second)).status_code == 201


async def test_only_who_owes_nothing_is_taken_on(school: School) -> None:
    author, reader = people = await school.people(2)
    track_id, (first, second) = await track_of(school, people)
    await author.submit(first)
    school.clock.advance(hours=10)

    assert await seen_by(author, track_id) == [("finished", True), ("open", True)]
    assert await seen_by(reader, track_id) == [("review", True), ("locked", False)]
    assert (await current(reader, track_id))["reviews_required"] == 1
    await reader.refused(
        "POST", f"/assignments/{second}/submit", 409, "assignment_locked", json={"repo_url": "https://git.example/a/b"}
    )
    assert (await author.submit(second)).status_code == 201
    # Whose reviews are awaited sees them as they come.
    assert (await author.ok("GET", f"/assignments/{first}/reviews"))["reviews"] == []


async def test_several_deadlines_passed_by_themselves_are_passed_in_order(school: School) -> None:
    tasks = [{"title": title, "duration_hours": 10} for title in "ABC"]
    alice, bob = people = await school.people(2)
    track_id, (_, second, third) = await track_of(school, people, assignments=tasks)
    school.clock.advance(hours=30)

    assert [state for state, _ in await seen_by(alice, track_id)] == ["finished", "finished", "open"]
    assert (await current(alice, track_id))["id"] == third
    await alice.refused("GET", f"/assignments/{second}/review/submission", 404, "reviews_done")
    assert (await alice.submit(third)).status_code == 201
    for person in (alice, bob):
        types = await person.notification_types()
        assert types == [*STARTED, *STAGE, "assignment_opened", *STAGE, "assignment_opened"]


async def test_after_the_last_deadline_without_any_work_one_is_through(school: School) -> None:
    alice, bob = await school.people(2)
    track_id, (_, last) = await track_of(school, [alice, bob])
    school.clock.advance(hours=30)

    await alice.refused("GET", f"/tracks/{track_id}/assignments/current", 404, "track_completed")
    assert [state for state, _ in await seen_by(alice, track_id)] == ["finished", "finished"]
    # They never saw the last assignment, and still are through with it, not locked out of it.
    await alice.refused("GET", f"/assignments/{last}/review/submission", 404, "reviews_done")


async def test_a_deadline_of_ones_own_passes_by_itself_too(school: School) -> None:
    alice, bob = people = await school.people(2)
    track_id, (first, second) = await track_of(school, people)
    author = await school.person()
    await school.hand_over(track_id, author)
    until = school.clock.now + timedelta(hours=12)
    await author.ok(
        "POST",
        f"/assignments/{first}/extensions",
        201,
        json={"username": bob.username, "due_at": until.isoformat(), "reason": "Moving house"},
    )
    school.clock.advance(hours=11)
    assert await seen_by(alice, track_id) == [("finished", True), ("open", True)]
    assert await seen_by(bob, track_id) == [("open", True), ("locked", False)]
    school.clock.advance(hours=1)
    assert await seen_by(bob, track_id) == [("finished", True), ("open", True)]

    assert (await bob.submit(second)).status_code == 201

    assert await bob.notification_types() == [*STARTED, "deadline_moved", *STAGE, "assignment_opened"]


async def test_a_user_who_does_not_take_part_moves_nothing(school: School) -> None:
    people = await school.people(2)
    stranger = await school.person()
    _, (_, second) = await track_of(school, people)
    school.clock.advance(hours=10)

    link = {"repo_url": "https://git.example/a/b"}
    await stranger.refused("POST", f"/assignments/{second}/submit", 403, "not_a_participant", json=link)

    assert await people[0].notification_types() == STARTED


async def test_home_names_the_assignment_that_opened_by_itself(school: School) -> None:
    people = await school.people(2)
    await track_of(school, people)
    school.clock.advance(hours=10)
    page = await signed_in(school, people[0]).see("/")
    assert page.index("Goodbye") < page.index("Hello"), "what is to be done comes before the messages"


async def test_a_track_is_finished_when_its_time_is_over(school: School) -> None:
    alice, bob = await school.people(2)
    track_id, _ = await track_of(school, [alice, bob])
    finishes_at = (await alice.ok("GET", f"/tracks/{track_id}"))["finishes_at"]
    school.clock.now = datetime.fromisoformat(finishes_at) - timedelta(seconds=1)
    assert (await alice.ok("GET", f"/tracks/{track_id}"))["status"] == "running"
    school.clock.advance(seconds=1)

    assert (await alice.ok("GET", f"/tracks/{track_id}"))["status"] == "finished"
    assert [track["status"] for track in await bob.ok("GET", "/tracks/my")] == ["finished"]
    assert "Leave track" not in await signed_in(school, bob).see(f"/tracks/{track_id}")
