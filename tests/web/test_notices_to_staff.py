"""What staff may decide is announced to all who may decide it; reports wait until one of them hides or keeps it."""

import pytest

from tests.domain.reviews.code_scene import Claimed, sent
from tests.domain.reviews.scene import Scene, return_path, reviewing, running
from tests.people import Json, Person, School
from tests.web.pages.browsing import signed_in

pytestmark = pytest.mark.anyio
QUESTION = {"title": "Why?", "text": "You all write bad code"}


async def with_mentor(scene: Scene) -> Person:
    """Add a mentor, and let a participant become one: they take part, so nothing is announced to them."""
    mentor = await scene.school.person()
    for each in (mentor, scene.people[-1]):
        path = f"/tracks/{scene.track_id}/staff/{each.username}"
        await scene.author.ok("PUT", path, json={"role": "mentor"})
    return mentor


async def notified(scene: Scene, mentor: Person, type: str) -> list[int]:
    """Return how many messages of a type the author, the mentor and the mentor who takes part have."""
    people = (scene.author, mentor, scene.people[-1])
    return [(await person.notification_types()).count(type) for person in people]


async def test_an_appeal_is_announced_once_to_all_who_may_settle_it(school: School) -> None:
    scene = await reviewing(school, 4)
    mentor, appellant = await with_mentor(scene), scene.people[0]
    for person in scene.people:
        await person.review_all(scene.assignment_id)
    path = f"/assignments/{scene.assignment_id}/appeal"
    made = await appellant.ok("POST", path, 201, json={"text": "Why?"})
    await appellant.ok("DELETE", f"/appeals/{made['id']}", 204)
    await appellant.ok("POST", path, 201, json={"text": "Why, again?"})

    assert await notified(scene, mentor, "appeal_made") == [1, 1, 0]
    assert "appeal_made" not in await appellant.notification_types()


async def test_returned_submissions_are_announced_once_a_day_for_an_assignment(school: School) -> None:
    scene = await reviewing(school, 5)
    mentor = await with_mentor(scene)
    for person in scene.people[:2]:
        work = (await person.claim(scene.assignment_id)).json()
        await person.ok("POST", return_path(work), 204, json={"reason": "know_author"})

    assert await notified(scene, mentor, "review_returned") == [1, 1, 0]


async def test_a_reported_message_waits_until_it_is_kept_and_again_after_another_report(school: School) -> None:
    here, thread = await sent(school, text="You fool")
    mentor, message = await with_mentor(here.scene), thread["messages"][0]["id"]
    await here.author.ok("POST", f"/messages/{message}/report", 204, json={"reason": "Rude"})
    assert await notified(here.scene, mentor, "message_reported") == [1, 1, 0]
    assert [each["decision"] for each in await _messages(here, "open")] == ["open"]

    await mentor.ok("POST", f"/messages/{message}/visibility", 204, json={"hidden": False})
    school.clock.advance(hours=1)
    await here.scene.author.ok("POST", f"/messages/{message}/visibility", 204, json={"hidden": False})

    assert await _messages(here, "open") == []
    (kept,) = await _messages(here, "settled")
    assert (kept["decision"], kept["decided_by"], kept["is_hidden"]) == ("kept", mentor.username, False)
    await here.scene.author.ok("POST", f"/messages/{message}/visibility", 204, json={"hidden": True})
    (hidden,) = await _messages(here, "settled")
    assert (hidden["decision"], hidden["decided_by"]) == ("hidden", here.scene.author.username)


async def test_a_reported_post_is_decided_on_the_page_of_reports(school: School) -> None:
    scene = await running(school, 4)
    mentor, (asker, first, second, _) = await with_mentor(scene), scene.people
    post = (await asker.ok("POST", f"/assignments/{scene.assignment_id}/questions", 201, json=QUESTION))["question"]
    await first.ok("POST", f"/posts/{post['id']}/report", 204, json={"reason": "Rude to all"})
    assert await notified(scene, mentor, "post_reported") == [1, 1, 0]
    path, staff = f"/tracks/{scene.track_id}/reported-posts", signed_in(school, mentor)
    seen = await staff.see(path)
    assert all(text in seen for text in (QUESTION["text"], "Rude to all", "1 report", first.username, "Reported 1"))

    await staff.fill_in(f"/posts/{post['id']}/visibility", hidden="false", back=path)

    assert "No reports wait for a decision." in await staff.see(path)
    assert "kept" in await staff.see(f"{path}?show=settled")
    await second.ok("POST", f"/posts/{post['id']}/report", 204, json={})
    (again,) = await mentor.ok("GET", path, params={"state": "open"})
    assert [each["reporter"] for each in again["reports"]] == [first.username, second.username]
    assert await notified(scene, mentor, "post_reported") == [1, 1, 0]
    await staff.fill_in(f"/posts/{post['id']}/visibility", hidden="true", back=path)
    assert "hidden" in await staff.see(f"{path}?show=settled")
    for person in (asker, scene.people[-1]):
        code = "not_the_author" if person is asker else "takes_part"
        await person.refused("GET", path, 403, code)


async def _messages(here: Claimed, state: str) -> list[Json]:
    path = f"/tracks/{here.scene.track_id}/reported-messages"
    found: list[Json] = await here.scene.author.ok("GET", path, params={"state": state})
    return found
