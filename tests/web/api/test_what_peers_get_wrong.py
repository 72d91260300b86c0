"""What hurt people elsewhere, one test each. (What concerns the draw itself: tests/domain/reviews.)"""

import asyncio
import json

import pytest

from tests.people import Json, Person, School

FAIL = """
create function fail() returns trigger language plpgsql as $$ begin raise exception 'full disk'; end $$;
create trigger fail before insert on notifications for each row execute function fail();
"""


async def stage(school: School, people: int) -> tuple[list[Person], Json, int, int]:
    """Return people whose first review stage has just begun; all have submitted."""
    participants = await school.people(people)
    track = await school.running_track(await school.person(), participants)
    first, second = await school.assignment_ids(participants[0], track)
    for number, person in enumerate(participants):
        await person.submit(first, f"https://git.example/work/{number}")
    await school.advance(hours=10)
    return participants, track, first, second


async def states(person: Person, track: Json) -> list[str]:
    return [one["state"] for one in await person.ok("GET", f"/tracks/{track['id']}/assignments")]


async def test_no_state_is_written_before_the_work_has_succeeded(
    school: School, caplog: pytest.LogCaptureFixture
) -> None:
    alice, bob = await school.people(2)
    track = await school.running_track(alice, [alice, bob])
    first, _ = await school.assignment_ids(alice, track)
    async with school.services.database.transaction() as db:
        await db.execute(FAIL)
    await school.advance(hours=10)
    async with school.services.database.transaction() as db:
        assert not await db.fetchval("select review_started_at from assignments where id = $1", first)
        await db.execute("drop trigger fail on notifications")
    await school.advance(seconds=1)
    assert (await alice.notification_types())[-3:] == ["deadline_warning", "review_started", "assignment_opened"]


async def test_reviews_of_one_assignment_count_for_no_other(school: School) -> None:
    people, track, first, second = await stage(school, 3)
    for person in people:
        await person.review_all(first)
        await person.submit(second)
    await school.advance(hours=20)
    here = await people[0].ok("GET", f"/tracks/{track['id']}/assignments/current")
    assert (here["id"], here["reviews_done"], here["reviews_required"]) == (second, 0, 2)
    await people[0].refused("GET", f"/assignments/{second}/reviews", 409, "own_reviews_first")


async def test_what_a_page_would_prevent_the_server_prevents(school: School) -> None:
    people, _, first, _ = await stage(school, 4)
    works = [(await person.claim(first)).json() for person in people]
    ids = {criterion["id"] for criterion in works[0]["criteria"]}
    perfect = {"scores": [{"criterion_id": id, "score": 5} for id in ids], "comment": "a favour"}
    for person, work in zip(people, works, strict=True):
        others = {other["submission_id"] for other in works} - {work["submission_id"]}
        for submission_id in others:
            await person.refused(
                "POST", f"/submissions/{submission_id}/review", 403, "not_yours_to_review", json=perfect
            )


async def test_others_links_are_not_readable_before_the_deadline(school: School) -> None:
    alice, bob = await school.people(2)
    first, _ = await school.assignment_ids(alice, await school.running_track(alice, [alice, bob]))
    await bob.submit(first, "https://git.example/precious/work")
    school.clock.advance(hours=9)
    for path in (
        f"/assignments/{first}/review/submission",
        f"/assignments/{first}/submission",
        f"/assignments/{first}",
    ):
        assert "precious" not in (await alice.get(path)).text


async def test_editing_a_review_resets_no_score_and_a_refused_edit_changes_nothing(school: School) -> None:
    (alice, bob), _, first, _ = await stage(school, 2)
    work = (await alice.claim(first)).json()
    path, ids = f"/submissions/{work['submission_id']}/review", [one["id"] for one in work["criteria"]]
    given = {"scores": [{"criterion_id": ids[0], "score": 7}, {"criterion_id": ids[1], "score": 5}], "comment": "ok"}
    await alice.ok("POST", path, 201, json=given)
    await alice.refused("PUT", path, 422, "score_missing", json={"scores": given["scores"][:1], "comment": "ok"})
    await alice.refused("PUT", path, 422, "invalid_input", json={"comment": "better words"})
    await alice.ok("PUT", path, json={**given, "comment": "better words"})
    await bob.review_all(first)
    (received,) = (await bob.ok("GET", f"/assignments/{first}/reviews"))["reviews"]
    assert ([score["score"] for score in received["scores"]], received["comment"]) == ([7, 5], "better words")


async def test_no_message_carries_other_peoples_data(school: School) -> None:
    people, _, first, _ = await stage(school, 3)
    for person in people:
        await person.review_all(first)
    await school.advance(hours=30)
    for person in people:
        inbox = json.dumps(await person.ok("GET", "/notifications", params={"limit": 200}))
        assert "git.example" not in inbox
        for other in people:
            assert other.username not in inbox


async def test_assigned_is_not_done(school: School) -> None:
    (alice, *_), track, first, _ = await stage(school, 4)
    for _ in range(3):
        assert (await alice.claim(first)).json()["reviews_done"] == 0
    assert await states(alice, track) == ["review", "locked"]
    await alice.refused("GET", f"/assignments/{first}/reviews", 409, "own_reviews_first")


async def test_picking_and_leasing_are_one_step(school: School) -> None:
    people, _, first, _ = await stage(school, 6)
    claims = await asyncio.gather(*(person.claim(first) for person in people for _ in range(3)))
    work = [(await_index // 3, claim.json()["submission_id"]) for await_index, claim in enumerate(claims)]
    assert len(set(work)) == 6, "asked for at the same time, each got one and the same"
    async with school.services.database.connection() as db:
        counts = await db.fetch("select review_count from submissions where assignment_id = $1", first)
    assert sum(row[0] for row in counts) == 6
    assert max(row[0] for row in counts) <= 2


async def test_a_result_does_not_depend_on_the_order_of_the_reviews(school: School) -> None:
    totals = set()
    for order in ([10, 4, 1], [1, 10, 4], [4, 1, 10]):
        (alice, *others), _, first, _ = await stage(school, 4)
        own = (await alice.ok("GET", f"/assignments/{first}/submission"))["id"]
        for person, score in zip(others, order, strict=True):
            for _ in range(3):
                work = (await person.claim(first)).json()
                await person.review(work, min(score, 5) if work["submission_id"] == own else None)
        await school.advance(hours=10)
        totals.add((await alice.ok("GET", f"/assignments/{first}/reviews"))["result"]["total"])
    assert len(totals) == 1


async def test_nothing_that_happens_later_destroys_reviews_already_started(school: School) -> None:
    people, _, first, _ = await stage(school, 4)
    alice = people[0]
    done = await alice.review((await alice.claim(first)).json())
    assert done.status_code == 201
    in_hand = (await alice.claim(first)).json()
    for person in people[1:]:
        await person.review_all(first)
    await school.advance(hours=9)
    assert (await alice.claim(first)).json()["submission_id"] == in_hand["submission_id"]
    assert (await alice.review(in_hand)).status_code == 201
