"""Drafts of comments on code: kept while a review is written, sent with it."""

import pytest

from tests.domain.reviews.code_scene import claimed, sent
from tests.domain.reviews.scene import come, full_marks, return_path
from tests.people import School

pytestmark = pytest.mark.anyio


async def test_only_its_writer_sees_a_draft(school: School) -> None:
    here = await claimed(school)
    other = await here.given_to(here.scene.people[2])
    made = await here.comment(path="main.py", first_line=1)
    assert made["is_draft"]
    for reader in (here.author, here.scene.author, other.reviewer):
        assert await here.threads(reader) == []
        for method, path in (
            ("PATCH", f"/threads/{made['id']}"),
            ("POST", f"/threads/{made['id']}/messages"),
            ("POST", f"/threads/{made['id']}/state"),
        ):
            await reader.refused(method, path, 404, "thread_not_found", json={"text": "x", "state": "open"})
        message = f"/messages/{made['messages'][0]['id']}/report"
        await reader.refused("POST", message, 404, "message_not_found", json={})
    hidden = f"/messages/{made['messages'][0]['id']}/visibility"
    await here.scene.author.refused("POST", hidden, 404, "message_not_found", json={"hidden": True})


async def test_the_review_sends_its_drafts(school: School) -> None:
    here = await claimed(school)
    await here.comment(text="On a line", path="main.py", first_line=1)
    await here.comment(text="In general")
    await here.send()
    assert [thread["is_draft"] for thread in await here.threads(here.reviewer)] == [False, False]
    # Its author has reviews of others to do first.
    assert await here.threads(here.author) == []
    await here.author.review_all(here.scene.assignment_id)
    found = await here.threads(here.author)
    assert [thread["messages"][0]["text"] for thread in found] == ["In general", "On a line"]
    assert {(thread["role"], thread["reviewer"], thread["is_own"]) for thread in found} == {("reviewer", 1, False)}
    assert (await here.author.notification_types()).count("review_received") == 1
    assert "comment_received" not in await here.author.notification_types()


async def test_a_change_of_the_review_sends_what_was_added(school: School) -> None:
    here, _ = await sent(school)
    added = await here.comment(text="Later")
    assert added["is_draft"]
    assert len(await here.threads(here.author)) == 1
    await here.reviewer.ok("PUT", f"/submissions/{here.submission_id}/review", json=full_marks(here.work["criteria"]))
    assert len(await here.threads(here.author)) == 2


async def test_nothing_can_be_added_to_a_review_that_cannot_be_changed(school: School) -> None:
    here, _ = await sent(school)
    draft = await here.comment(text="Too late")
    await come(here.scene, "reviews_due_at")
    await here.reviewer.refused("POST", here.path, 409, "review_closed", json={"text": "x"})
    assert draft["id"] not in [thread["id"] for thread in await here.threads(here.author)]
    # It is still theirs to copy.
    assert draft["id"] in [thread["id"] for thread in await here.threads(here.reviewer)]


async def test_returning_and_leaving_drop_drafts(school: School) -> None:
    here = await claimed(school)
    other = await here.given_to(here.scene.people[2])
    await here.comment()
    await other.comment()
    await here.reviewer.ok("POST", return_path(here.work), 204, json={"reason": "other"})
    await here.reviewer.refused("GET", here.path, 404, "submission_not_found")
    assert len(await here.threads(other.reviewer)) == 1
    await other.reviewer.ok("POST", f"/tracks/{here.scene.track_id}/leave", 204)
    async with school.services.database.connection() as db:
        assert await db.fetchval("select count(*) from threads") == 0


async def test_drafts_survive_the_lease(school: School) -> None:
    here = await claimed(school)
    made = await here.comment()
    await school.advance(hours=8)
    assert await here.threads(here.reviewer) == [made]
    changed = await here.reviewer.ok("PATCH", f"/threads/{made['id']}", json={"text": "Still here"})
    await here.send()
    assert (await here.threads(here.reviewer))[0]["messages"][0]["text"] == changed["messages"][0]["text"]


async def test_a_draft_is_changed_in_parts_and_deleted(school: School) -> None:
    here = await claimed(school)
    criterion = here.work["criteria"][0]["id"]
    made = await here.comment(path="main.py", first_line=1, criterion_id=criterion)
    path = f"/threads/{made['id']}"
    changed = await here.reviewer.ok("PATCH", path, json={"kind": "problem"})
    assert changed == {**made, "kind": "problem"}
    changed = await here.reviewer.ok("PATCH", path, json={"criterion_id": None, "text": "Because"})
    assert (changed["criterion_id"], changed["messages"][0]["text"], changed["kind"]) == (None, "Because", "problem")
    await here.reviewer.refused("PATCH", path, 422, "unknown_criterion", json={"criterion_id": 2**40})
    await here.reviewer.refused("PATCH", path, 422, "invalid_input", json={"text": ""})
    await here.reviewer.ok("DELETE", path, 204)
    assert await here.threads(here.reviewer) == []
    await here.reviewer.refused("DELETE", path, 404, "thread_not_found")


async def test_a_request_that_is_repeated_makes_one_draft(school: School) -> None:
    here = await claimed(school)
    said = {"text": "Why?", "path": "main.py", "first_line": 1, "draft_key": "tab"}
    first = await here.reviewer.post(here.path, json=said)
    again = await here.reviewer.post(here.path, json=said)
    assert (again.status_code, again.json(), again.headers["etag"]) == (201, first.json(), first.headers["etag"])
    # Another tab with the same key overwrites nothing that it has not seen.
    problem = await here.reviewer.refused(
        "POST", here.path, 412, "changed_meanwhile", json={**said, "text": "Why not?"}
    )
    assert problem["current"] == {"text": "Why?", "kind": "note", "criterion_id": None}
    seen = {"If-Match": first.headers["etag"]}
    changed = await here.reviewer.ok("POST", here.path, 201, json={**said, "text": "Why not?"}, headers=seen)
    assert (changed["id"], changed["messages"][0]["text"]) == (first.json()["id"], "Why not?")
    await here.reviewer.refused(
        "POST", here.path, 412, "changed_meanwhile", json={**said, "text": "Or so?"}, headers=seen
    )
    await here.send()
    # The first tab saves once more: it is refused, and makes no second comment.
    await here.reviewer.refused("POST", here.path, 409, "comment_sent", json={**said, "text": "Typed on"})
    assert len(await here.threads(here.reviewer)) == 1


async def test_a_key_is_one_for_each_writer_and_submission(school: School) -> None:
    here = await claimed(school)
    other = await here.given_to(here.scene.people[2])
    one, two = await here.comment(draft_key="tab"), await other.comment(draft_key="tab")
    assert one["id"] != two["id"]


async def test_a_draft_is_not_answered(school: School) -> None:
    here = await claimed(school)
    made = await here.comment()
    for path, body in (("messages", {"text": "x"}), ("state", {"state": "settled"})):
        await here.reviewer.refused("POST", f"/threads/{made['id']}/{path}", 409, "comment_not_sent", json=body)
