"""Reviews are answered, discussed and appealed for some days after the end of a track."""

from datetime import timedelta

import pytest

from learning_platform.core.database import Connection
from learning_platform.tracks.appeal_period import TrackEnd, are_appeals_open
from learning_platform.tracks.rules import TrackStatus
from tests import make
from tests.domain.reviews.scene import Scene, come, hand_in, running
from tests.people import Json, Person, School, track_json
from tests.web.pages.browsing import signed_in

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("status", "days", "is_open"),
    [("running", 3, True), ("finished", 3, True), ("finished", 0, False), ("cancelled", 3, False), ("draft", 3, False)],
)
def test_appeals_are_open_for_some_days_after_the_end(status: TrackStatus, days: float, is_open: bool) -> None:
    assert are_appeals_open(TrackEnd(status, make.NOON, days), now=make.NOON) is is_open


@pytest.mark.parametrize("status", ["running", "finished", "cancelled"])
@pytest.mark.parametrize("hours", [0, 71.9, 72, 100])
async def test_the_database_has_the_same_rule(db: Connection, status: TrackStatus, hours: float) -> None:
    now, end = make.NOON + timedelta(hours=hours), TrackEnd(status, make.NOON, 3)
    is_open = await db.fetchval("select are_corrections_open($1, $2, $3, $4)", status, end.finishes_at, 3.0, now)
    assert is_open is are_appeals_open(end, now=now)


async def test_a_review_sent_in_the_last_second_is_answered_discussed_and_appealed(school: School) -> None:
    scene, person, review_id = await _reviewed_late(school, appeal_days=0.5)
    answer, talk = (f"/reviews/{review_id}/{what}" for what in ("answer", "messages"))
    await school.advance(hours=11.9)
    await person.ok("POST", answer, json={"helpful": True})
    await person.ok("POST", talk, 201, json={"text": "Which branch?"})
    appeal = await person.ok("POST", f"/assignments/{scene.assignment_ids[1]}/appeal", 201, json={"text": "Unfair"})
    path = f"/appeals/{appeal['id']}"
    await person.ok("PATCH", path, json={"text": "Unfair, see line 3"})

    await school.advance(hours=0.1)

    for method, address, body in (
        ("POST", answer, {"helpful": False}),
        ("POST", talk, {"text": "x"}),
        ("PATCH", path, {"text": "x"}),
        ("DELETE", path, {}),
    ):
        await person.refused(method, address, 409, "track_over", json=body)
    await scene.author.ok("POST", f"{path}/settle", json={"text": "It was made in time."})


async def test_pages_say_until_when_reviews_are_answered_and_have_forms_until_then(school: School) -> None:
    scene, person, _ = await _reviewed_late(school)
    browser = signed_in(school, person)
    feedback, forms = f"/assignments/{scene.assignment_ids[1]}/reviews", ("Not helpful", "Write to the reviewer")
    page = await browser.see(feedback)
    assert "you can answer your reviews and appeal" in page
    assert all(each in page for each in (*forms, "Appeal the result"))
    assert "participants can answer reviews and appeal" in await browser.see(f"/tracks/{scene.track_id}")

    await school.advance(hours=72)

    page = await browser.see(feedback)
    assert "Answers and appeals were accepted until" in page
    assert not any(each in page for each in (*forms, "Appeal the result"))
    assert "participants can answer reviews and appeal" not in await browser.see(f"/tracks/{scene.track_id}")


async def test_everything_else_is_read_only_after_the_end(school: School) -> None:
    scene, person, _ = await _reviewed_late(school)
    work = scene.assignment_ids[1]
    await person.refused("GET", f"/assignments/{work}/review/submission", 409, "track_over")
    submission = (await scene.overseen(person, at=1))["id"]
    comment = {"kind": "note", "text": "Too late"}
    await scene.author.refused("POST", f"/submissions/{submission}/threads", 409, "track_over", json=comment)


async def test_others_see_scores_corrected_after_the_end_when_the_days_for_appeals_are_over(school: School) -> None:
    scene, person, _ = await _reviewed_late(school)
    other = scene.people[1]
    before = await _result(scene, person, reader=other)
    appeal = await person.ok("POST", f"/assignments/{scene.assignment_ids[1]}/appeal", 201, json={"text": "Unfair"})
    rubric = (await scene.author.ok("GET", f"/tracks/{scene.track_id}"))["criteria"]
    scores = [{"criterion_id": each["id"], "score": 0} for each in rubric]
    await scene.author.ok("POST", f"/appeals/{appeal['id']}/settle", json={"text": "Worse", "scores": scores})

    assert [await _result(scene, person, reader=each) for each in (person, scene.author, other)] == [0, 0, before]
    assert before != 0
    assert await _last(scene, reader=scene.author) == person.id
    assert await _last(scene, reader=other) == scene.people[-1].id

    await school.advance(hours=72)
    assert await _result(scene, person, reader=other) == 0
    assert await _last(scene, reader=other) == person.id


async def test_the_days_for_appeals_are_a_setting_of_the_track_that_copies_keep(school: School) -> None:
    author = await school.person()
    for wrong in (-1, 31, "x", None):
        assert (await author.post("/tracks", json=track_json(appeal_days=wrong))).status_code == 422
    made = await author.ok("POST", "/tracks", 201, json=track_json())
    assert made["appeal_days"] == 3
    changed = await author.ok("PATCH", f"/tracks/{made['id']}", json={"appeal_days": 0.5})
    copy = await author.ok("POST", f"/tracks/{made['id']}/copy", 201)
    assert (changed["appeal_days"], copy["appeal_days"]) == (0.5, 0.5)


async def _reviewed_late(school: School, **track: float) -> tuple[Scene, Person, int]:
    """Let the track end after the first of its people has got a review at its last assignment."""
    scene = await running(school, 3, **track)
    await come(scene, "reviews_due_at")
    for person in scene.people:
        await person.review_all(scene.assignment_id)
    await hand_in(scene, scene.people, at=1)
    first, *others = scene.people
    for person in others:
        await person.review_all(scene.assignment_ids[1])
    await come(scene, "reviews_due_at", at=1)
    received: Json = await first.ok("GET", f"/assignments/{scene.assignment_ids[1]}/reviews")
    return scene, first, received["reviews"][0]["id"]


async def _result(scene: Scene, person: Person, *, reader: Person) -> float | None:
    outcome: float | None = (await scene.outcome(person, reader=reader))["assignments"][1]["result"]
    return outcome


async def _last(scene: Scene, *, reader: Person) -> int:
    rows = await reader.ok("GET", f"/tracks/{scene.track_id}/results", params={"sort": "-total"})
    last: int = rows[-1]["id"]
    return last
