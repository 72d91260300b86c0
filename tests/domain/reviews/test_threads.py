"""Comments on code: drafts of a review, sent with it, answered, settled, reported."""

from typing import Any

import pytest

from learning_platform.personal_data.deletion import delete_account_data
from learning_platform.reviews.threads import rules
from tests.domain.reviews.code_scene import claimed, sent
from tests.domain.reviews.scene import come
from tests.people import Person, School

pytestmark = pytest.mark.anyio
PLACES: dict[str, tuple[dict[str, Any], str | None]] = {
    "an unchanged line": ({"path": "main.py", "first_line": 1}, "import sys"),
    "a changed line": ({"path": "main.py", "first_line": 2, "last_line": 2}, "print('new')"),
    "the last line": ({"path": "main.py", "last_line": 3}, "sys.exit()"),
    "several lines": ({"path": "main.py", "first_line": 1, "last_line": 3}, "import sys\nprint('new')\nsys.exit()"),
    "a removed line": ({"path": "main.py", "side": "old", "first_line": 2}, "print('old')"),
    "a line of a removed file": ({"path": "gone.py", "side": "old", "first_line": 1}, "never = True"),
    "a line of a new file": ({"path": "README.md", "first_line": 3}, "Read me"),
    "an empty line": ({"path": "README.md", "first_line": 2}, ""),
    "a line of a file in UTF-16": ({"path": "wide.txt", "first_line": 2}, "second"),
    "a line with a zero character": ({"path": "damaged.txt", "first_line": 2}, "zero \ufffd and half"),
    "a line with half a character": ({"path": "half.txt", "first_line": 1}, "\ufffdA"),
    "a picture": ({"path": "logo.png"}, None),
    "an empty file": ({"path": "empty.txt"}, None),
    "a file": ({"path": "main.py"}, None),
    "the whole submission": ({}, None),
}
NOWHERE: dict[str, tuple[dict[str, Any], str]] = {
    "a line after the last": ({"path": "main.py", "first_line": 4}, "no_such_line"),
    "a range that ends after the last": ({"path": "main.py", "first_line": 1, "last_line": 4}, "no_such_line"),
    "a range backwards": ({"path": "main.py", "first_line": 2, "last_line": 1}, "no_such_line"),
    "a line of a picture": ({"path": "logo.png", "first_line": 1}, "no_such_line"),
    "no file": ({"path": "nothing.py"}, "no_such_file"),
    "a file outside": ({"path": "../main.py"}, "no_such_file"),
    "a removed file, on the new side": ({"path": "gone.py"}, "no_such_file"),
    "a new file, on the old side": ({"path": "README.md", "side": "old"}, "no_such_file"),
    "a line without a file": ({"first_line": 1}, "file_missing"),
    "a criterion of another track": ({"criterion_id": 2**40}, "unknown_criterion"),
}


@pytest.mark.parametrize("name", PLACES)
async def test_every_kind_of_place_can_be_commented_on(school: School, name: str) -> None:
    here = await claimed(school)
    place, excerpt = PLACES[name]
    made = await here.comment(**place)
    assert await here.threads(here.reviewer) == [made]
    await here.send()
    assert [thread["excerpt"] for thread in await here.threads(here.scene.author)] == [excerpt]
    # Its names are not hidden.
    assert made["excerpt"] is None
    assert {field: made[field] for field in place} == place
    if excerpt is not None:
        assert made["first_line"] <= made["last_line"]


@pytest.mark.parametrize("name", NOWHERE)
async def test_a_place_has_to_exist(school: School, name: str) -> None:
    here = await claimed(school)
    place, code = NOWHERE[name]
    await here.reviewer.refused("POST", here.path, 422, code, json={"text": "Why?", **place})
    assert await here.threads(here.reviewer) == []


async def test_a_submission_without_code_can_be_commented_on_as_a_whole(school: School) -> None:
    here = await claimed(school)
    async with school.services.database.transaction() as db:
        await db.execute("update submissions set snapshot_id = null where id = $1", here.submission_id)
    await here.comment()
    await here.reviewer.refused("POST", here.path, 422, "no_such_file", json={"text": "Why?", "path": "main.py"})


async def test_strangers_find_neither_submission_nor_comment(school: School) -> None:
    here, thread = await sent(school)
    stranger = await school.person()
    for reader in (stranger, here.scene.people[-1]):
        if reader is not stranger:
            async with school.services.database.transaction() as db:
                await db.execute(
                    "update claims set state = 'released', counts = false where reviewer_id = $1", reader.id
                )
                await db.execute("delete from reviews where reviewer_id = $1", reader.id)
        await reader.refused("GET", here.path, 404, "submission_not_found")
        await reader.refused("POST", here.path, 404, "submission_not_found", json={"text": "x"})
        answer = f"/threads/{thread['id']}/messages"
        await reader.refused("POST", answer, 404, "thread_not_found", json={"text": "x"})


async def test_what_was_sent_is_not_changed(school: School) -> None:
    here, thread = await sent(school)
    path = f"/threads/{thread['id']}"
    await here.reviewer.refused("PATCH", path, 409, "comment_sent", json={"text": "x"})
    await here.reviewer.refused("DELETE", path, 409, "comment_sent")
    await here.author.refused("DELETE", path, 403, "not_your_comment")
    await here.scene.author.refused("PATCH", path, 403, "not_your_comment", json={"text": "x"})


async def test_authors_only_answer(school: School) -> None:
    here, thread = await sent(school)
    await here.author.refused("POST", here.path, 403, "authors_only_answer", json={"text": "x"})
    answered = await here.author.ok("POST", f"/threads/{thread['id']}/messages", 201, json={"text": "So"})
    assert [(each["role"], each["is_own"], each["text"]) for each in answered["messages"]] == [
        ("reviewer", False, "Why?"),
        ("author", True, "So"),
    ]


async def test_reviewers_see_answers_when_all_authors_see_their_reviews(school: School) -> None:
    here, thread = await sent(school)
    answer = f"/threads/{thread['id']}/messages"
    await here.author.ok("POST", answer, 201, json={"text": "Early"})
    assert [each["text"] for each in (await here.threads(here.reviewer))[0]["messages"]] == ["Why?"]
    assert "comment_answered" not in await here.reviewer.notification_types()
    await come(here.scene, "reviews_due_at")
    assert [each["text"] for each in (await here.threads(here.reviewer))[0]["messages"]] == ["Why?", "Early"]
    assert (await here.reviewer.notification_types()).count("comment_answered") == 1
    await here.author.ok("POST", answer, 201, json={"text": "And"})
    await here.author.ok("POST", answer, 201, json={"text": "more"})
    assert (await here.reviewer.notification_types()).count("comment_answered") == 2
    newest = (await here.reviewer.ok("GET", "/notifications", params={"limit": 200}))[-1]["id"]
    await here.reviewer.ok("POST", "/notifications/read", 204, json={"up_to": newest})
    await here.author.ok("POST", answer, 201, json={"text": "Again"})
    assert (await here.reviewer.notification_types()).count("comment_answered") == 3
    assert "comment_received" not in await here.author.notification_types()
    await here.reviewer.ok("POST", answer, 201, json={"text": "I see"})
    assert (await here.author.notification_types()).count("comment_received") == 1


async def test_the_writer_settles(school: School) -> None:
    here, thread = await sent(school)
    path = f"/threads/{thread['id']}/state"
    await here.author.refused("POST", path, 403, "not_your_comment", json={"state": "settled"})
    response = await here.reviewer.post(path, json={"state": "settled"}, headers={"If-Match": '"1"'})
    assert response.json()["state"] == "settled"
    await here.reviewer.refused(
        "POST", path, 412, "changed_meanwhile", json={"state": "open"}, headers={"If-Match": '"1"'}
    )
    assert (await here.threads(here.author))[0]["state"] == "settled"
    assert (await here.scene.author.ok("POST", path, json={"state": "open"}))["state"] == "open"


async def test_other_reviewers_see_comments_after_their_own_review_and_its_time(school: School) -> None:
    here = await claimed(school)
    other = await here.given_to(here.scene.people[2])
    await here.comment(path="main.py", first_line=1)
    await here.send()
    assert await here.threads(other.reviewer) == []
    await other.send()
    assert await here.threads(other.reviewer) == []
    await here.author.review_all(here.scene.assignment_id)
    thread = (await here.threads(here.author))[0]
    answer = f"/threads/{thread['id']}/messages"
    await here.author.ok("POST", answer, 201, json={"text": "In time"})
    await come(here.scene, "reviews_due_at")
    await here.author.ok("POST", answer, 201, json={"text": "Afterwards"})
    await here.reviewer.ok("POST", f"/threads/{thread['id']}/state", json={"state": "settled"})
    [seen] = await here.threads(other.reviewer)
    assert [each["text"] for each in seen["messages"]] == ["Why?", "In time"]
    assert (seen["reviewer"], seen["state"], seen["is_own"]) == (1, None, False)
    await other.reviewer.refused("POST", answer, 403, "not_your_comment", json={"text": "Me too"})
    late = await here.given_to(here.scene.people[3])
    assert await here.threads(late.reviewer) == []
    await come(here.scene, "reviews_due_at", at=1)
    assert len((await here.threads(other.reviewer))[0]["messages"]) == 3


async def test_staff_comment_directly_and_see_all_names(school: School) -> None:
    here, _ = await sent(school)
    teacher = here.scene.author
    made = await here.comment(by=teacher, text="Look here", path="main.py", first_line=2)
    assert (made["is_draft"], made["role"]) == (False, "staff")
    found = await here.threads(teacher)
    assert {message["username"] for thread in found for message in thread["messages"]} == {
        teacher.username,
        here.reviewer.username,
    }
    assert (await here.author.notification_types()).count("comment_received") == 1
    [mine] = [thread for thread in await here.threads(here.author) if thread["role"] == "staff"]
    assert (mine["reviewer"], mine["messages"][0]["username"]) == (None, None)
    await here.author.ok("POST", f"/threads/{mine['id']}/messages", 201, json={"text": "I looked"})
    assert (await teacher.notification_types()).count("comment_answered") == 1


async def test_staff_who_repeat_a_request_comment_once(school: School) -> None:
    here, _ = await sent(school)
    for _ in range(2):
        await here.comment(by=here.scene.author, text="Look here", draft_key="once")
    assert [thread["role"] for thread in await here.threads(here.author)].count("staff") == 1


async def test_a_message_is_reported_once_and_hidden_by_staff(school: School) -> None:
    here, thread = await sent(school, text="You fool")
    teacher, message = here.scene.author, thread["messages"][0]["id"]
    listed = f"/tracks/{here.scene.track_id}/reported-messages"
    assert await teacher.ok("GET", listed) == []
    await here.author.ok("POST", f"/messages/{message}/report", 204, json={"reason": "Rude"})
    await here.author.refused("POST", f"/messages/{message}/report", 409, "already_reported", json={})
    await here.reviewer.refused("POST", f"/messages/{message}/report", 409, "own_message", json={})
    [found] = await teacher.ok("GET", listed)
    assert (found["writer"], found["text"], found["is_hidden"]) == (here.reviewer.username, "You fool", False)
    assert [(each["reporter"], each["reason"]) for each in found["reports"]] == [(here.author.username, "Rude")]
    assert await teacher.ok("GET", listed, params={"after": message}) == []
    for person in (here.author, here.reviewer):
        await person.refused("GET", listed, 403, "not_the_author")
        await person.refused("POST", f"/messages/{message}/visibility", 403, "not_the_author", json={"hidden": True})
    for hidden in (True, True, False, True):
        await teacher.ok("POST", f"/messages/{message}/visibility", 204, json={"hidden": hidden})
    read = {
        person.username: (await here.threads(person))[0]["messages"][0]
        for person in (teacher, here.author, here.reviewer)
    }
    assert {name: (each["text"], each["is_hidden"]) for name, each in read.items()} == {
        teacher.username: ("You fool", True),
        here.author.username: (None, True),
        here.reviewer.username: ("You fool", True),
    }


async def test_there_are_limits(school: School, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MAX_THREADS", 2)
    monkeypatch.setattr(rules, "MAX_MESSAGES", 2)
    here, thread = await sent(school)
    await here.comment()
    problem = await here.reviewer.refused("POST", here.path, 409, "too_many_threads", json={"text": "x"})
    assert "2" in problem["detail"]
    answer = f"/threads/{thread['id']}/messages"
    await here.author.ok("POST", answer, 201, json={"text": "x"})
    await here.author.refused("POST", answer, 409, "too_many_messages", json={"text": "x"})


async def test_after_the_track_threads_are_read_only(school: School) -> None:
    here, thread = await sent(school)
    draft = await here.comment(text="Never sent")
    await come(here.scene, "reviews_due_at", at=1)
    over = "track_over"
    path = f"/threads/{thread['id']}"
    await here.reviewer.refused("POST", here.path, 409, over, json={"text": "x"})
    await here.reviewer.refused("PATCH", f"/threads/{draft['id']}", 409, over, json={"text": "x"})
    await here.scene.author.refused("POST", here.path, 409, over, json={"text": "x"})
    assert len(await here.threads(here.author)) == 1
    await school.advance(hours=72)
    await here.author.refused("POST", f"{path}/messages", 409, over, json={"text": "x"})
    await here.reviewer.refused("POST", f"{path}/state", 409, over, json={"state": "settled"})
    await here.author.ok("POST", f"/messages/{thread['messages'][0]['id']}/report", 204, json={})


async def test_a_deleted_account_takes_comments_on_its_work_along(school: School) -> None:
    here, _ = await sent(school)
    await delete(school, here.author)
    async with school.services.database.connection() as db:
        left = await db.fetchval("select count(*) from threads where submission_id = $1", here.submission_id)
    assert left == 0


async def test_comments_of_a_deleted_account_stay_without_a_name(school: School) -> None:
    here, thread = await sent(school)
    await here.comment(text="Unfinished")
    await delete(school, here.reviewer)
    assert await here.threads(here.author) == [thread]
    [seen] = await here.threads(here.scene.author)
    assert seen["messages"][0]["username"] != here.reviewer.username


async def delete(school: School, person: Person) -> None:
    async with school.services.database.transaction() as db:
        await delete_account_data(db, user_id=person.id, password_hash="none", now=school.clock.now)
