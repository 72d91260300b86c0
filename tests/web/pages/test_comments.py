"""Comments on code, by forms that work without JavaScript, and with what scripts send while they are typed."""

import re
from typing import Any

import pytest

from learning_platform.web.pages.kit.rendering import STATIC
from tests.domain.reviews.code_scene import Claimed, claimed
from tests.domain.reviews.scene import come
from tests.people import School
from tests.web.pages.browsing import Browser, signed_in

pytestmark = pytest.mark.anyio
MAX_SCRIPT_BYTES = 5 * 1024
RUBRIC = re.compile(r'<form[^>]*class="rubric".*?</form>', re.DOTALL)
WRITE_NOTE = """
with noted as (update submissions set comment = $2 where id = $1 returning id)
update submission_versions set comment = $2 where submission_id = (select id from noted)
"""
COMMENT: dict[str, Any] = {"kind": "problem", "text": "Why *this*?", "path": "main.py", "side": "new", "first_line": 2}


async def reviewers_browser(school: School) -> tuple[Claimed, Browser]:
    here = await claimed(school)
    return here, signed_in(school, here.reviewer)


async def sent(school: School) -> tuple[Claimed, int]:
    """Return a work whose author sees a comment, and the comment."""
    here = await claimed(school)
    await here.comment(**COMMENT)
    await here.send()
    for person in here.scene.people:
        await person.review_all(here.scene.assignment_id)
    return here, (await here.threads(here.author))[0]["id"]


def test_the_script_is_small() -> None:
    assert len((STATIC / "threads.js").read_bytes()) <= MAX_SCRIPT_BYTES


async def test_a_comment_is_saved_as_a_draft_edited_and_deleted(school: School) -> None:
    here, browser = await reviewers_browser(school)
    said = await browser.fill_in(here.path, **COMMENT, draft_key="general:1")
    assert "Draft saved. It is sent with your review." in said
    assert "main.py 1 comment line 2 Problem Draft, not sent yet You Why this ?" in said
    [thread] = await here.threads(here.reviewer)
    said = await browser.fill_in(f"/threads/{thread['id']}/edit", kind="praise", text="Good!", version="1")
    assert "Praise Draft, not sent yet You Good!" in said
    said = await browser.fill_in(f"/threads/{thread['id']}/delete")
    assert "No comments yet." in said


async def test_forms_lead_back_to_where_they_were(school: School) -> None:
    here, browser = await reviewers_browser(school)
    browser.follow_redirects = False
    back = f"/assignments/{here.scene.assignment_id}/review?x=1#somewhere"
    response = await browser.post(here.path, data={**COMMENT, "back": back})
    assert re.fullmatch(r"/assignments/\d+/review\?x=1#thread-\d+", response.headers["location"])
    for elsewhere in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        response = await browser.post(here.path, data={**COMMENT, "back": elsewhere})
        assert response.headers["location"].startswith("/#thread-")


async def test_a_refused_comment_keeps_what_was_typed(school: School) -> None:
    here, browser = await reviewers_browser(school)
    said = await browser.fill_in(here.path, 422, **{**COMMENT, "first_line": "99"})
    assert "This file does not have these lines." in said
    assert "Why *this*?" in said
    said = await browser.fill_in(here.path, 422, **{**COMMENT, "text": "long" * 6000})
    assert "long" * 6000 in said
    said = await browser.fill_in(here.path, 422, **{**COMMENT, "kind": "shout", "text": "Still here"})
    assert "Still here" in said


async def test_a_second_tab_is_shown_what_the_first_has_saved(school: School) -> None:
    here, browser = await reviewers_browser(school)
    await browser.fill_in(here.path, **COMMENT, draft_key="line:1")
    said = await browser.fill_in(here.path, 409, **{**COMMENT, "text": "Or that?"}, draft_key="line:1")
    assert "Why *this*?" in said
    assert "Or that?" in said
    said = await browser.fill_in(here.path, **{**COMMENT, "text": "Both"}, draft_key="line:1", version="1")
    assert "You Both" in said
    [thread] = await here.threads(here.reviewer)
    for text, version, status in (("One", "2", 200), ("Other", "2", 409)):
        said = await browser.fill_in(f"/threads/{thread['id']}/edit", status, kind="note", text=text, version=version)
    assert "One" in said
    assert "Other" in said


async def test_pages_that_show_the_same_have_the_same_key(school: School) -> None:
    here, browser = await reviewers_browser(school)
    keys = [re.findall(r'name="draft_key" value="([^"]+)"', (await browser.get(here.path)).text) for _ in range(2)]
    assert keys == [["general:1"], ["general:1"]]
    await browser.fill_in(here.path, text="In general", kind="note", draft_key="general:1")
    assert 'value="general:2"' in (await browser.get(here.path)).text


async def test_scripts_save_while_a_comment_is_typed(school: School) -> None:
    here, browser = await reviewers_browser(school)
    path, said = f"{here.path}/draft", {**COMMENT, "draft_key": "line:1"}
    made = (await browser.post(path, data=said)).json()
    assert (await browser.post(path, data=said)).json() == made
    edit = f"/threads/{made['id']}/draft"
    saved = (await browser.post(edit, data={"kind": "note", "text": "Typed on", "version": made["version"]})).json()
    assert saved == {"id": made["id"], "version": made["version"] + 1}
    stale = await browser.post(edit, data={"kind": "note", "text": "Elsewhere", "version": made["version"]})
    assert (stale.status_code, bool(stale.json()["problem"])) == (409, True)
    assert (await browser.post(path, data={**said, "text": ""})).status_code == 422
    await here.send()
    late = await browser.post(edit, data={"kind": "note", "text": "Late", "version": saved["version"]})
    assert late.status_code == 409
    assert [each["messages"][0]["text"] for each in await here.threads(here.reviewer)] == ["Typed on"]


async def test_the_review_shows_what_it_sends(school: School) -> None:
    here, browser = await reviewers_browser(school)
    criterion = here.work["criteria"][0]
    page = f"/assignments/{here.scene.assignment_id}/review"
    assert "not sent yet" not in await browser.see(page)
    await here.comment(**COMMENT, criterion_id=criterion["id"])
    await here.comment(text="In general")
    said = await browser.see(page)
    assert "Send review 2 comments, not sent yet" in said
    assert f"{criterion['name']} It does what was asked for" in said
    assert "Problem main.py , line 2 Why this?" in said
    assert "Comments on the code, not sent yet Note The whole submission In general" in said
    await here.send()
    revision = await browser.see(f"/submissions/{here.submission_id}/review")
    assert "not sent yet" not in revision
    assert "Comments on the code (2)" in revision


async def test_the_form_of_the_review_stands_beside_the_code_until_it_is_sent(school: School) -> None:
    here, browser = await reviewers_browser(school)
    code, page = f"/submissions/{here.submission_id}/code", f"/assignments/{here.scene.assignment_id}/review"
    await here.comment(**COMMENT)

    beside = (await browser.get(code)).text
    (form,) = RUBRIC.findall(beside)
    assert form == RUBRIC.findall((await browser.get(page)).text)[0]
    assert "1 comment, not sent yet" in form
    assert f'href="/submissions/{here.submission_id}/code?file=main.py&amp;line=R2#' in form
    assert 'href="#review"' in beside

    refused = await browser.fill_in(f"/submissions/{here.submission_id}/review", 422, comment="Typed beside the code")
    assert "Typed beside the code" in refused
    await here.send()
    after = (await browser.get(code)).text
    assert not RUBRIC.search(after)
    assert f'href="/submissions/{here.submission_id}/review"' in after
    assert not RUBRIC.search((await signed_in(school, here.author).get(code)).text)


async def test_the_note_of_the_author_stands_where_the_review_is_written(school: School) -> None:
    here, browser = await reviewers_browser(school)
    async with school.services.database.transaction() as db:
        await db.execute(WRITE_NOTE, here.submission_id, f"I am {here.author.username}. Start with *main*.")
    review = f"/assignments/{here.scene.assignment_id}/review"
    for path in (f"/submissions/{here.submission_id}/code", review):
        assert "Note from the author I am _hidden_. Start with main ." in await browser.see(path)
    own = await signed_in(school, here.author).see(f"/assignments/{here.scene.assignment_id}")
    assert f"Note for reviewers I am {here.author.username}. Start with main ." in own


async def test_feedback_shows_comments_by_file_and_takes_answers(school: School) -> None:
    here, thread_id = await sent(school)
    browser, page = signed_in(school, here.author), f"/assignments/{here.scene.assignment_id}/reviews"
    said = await browser.see(page)
    number = (await here.threads(here.author))[0]["reviewer"]
    # The reviewer may have returned the work of others before this one was drawn: the author then has a fourth review.
    received = (await here.author.ok("GET", page))["reviews"]
    assert f"What to do next Resolve 1 comment Rate {len(received)} reviews" in said
    assert f"main.py 1 comment, 1 unresolved line 2 Problem print('new') Reviewer {number} " in said
    said = await browser.fill_in(f"/threads/{thread_id}/messages", text="Because", back=page)
    assert "Answer sent." in said
    assert "You" in said
    said = await browser.fill_in(f"/threads/{thread_id}/messages", 422, text="", back=page)
    assert "Reply" in said
    reader = signed_in(school, here.reviewer)
    assert "Because" not in await reader.see(here.path)
    await come(here.scene, "reviews_due_at")
    assert "Author" in await reader.see(here.path)
    assert "Because" in await reader.see(here.path)

    await reader.fill_in(f"/threads/{thread_id}/messages", text="I see", back=here.path)
    answered = (await browser.get(page)).text
    assert f'<a href="#thread-{thread_id}">Reviewer {number} replied</a>' in answered
    assert f'<details class="thread in-brief" id="thread-{thread_id}">' not in answered
    await reader.fill_in(f"/threads/{thread_id}/state", state="settled", version="1")
    settled = (await browser.get(page)).text
    assert f'<details class="thread in-brief" id="thread-{thread_id}">' in settled
    assert "replied" not in settled


async def test_comments_are_settled_and_opened_again(school: School) -> None:
    here, thread_id = await sent(school)
    browser = signed_in(school, here.reviewer)
    path = f"/threads/{thread_id}/state"
    assert "settled" in await browser.fill_in(path, state="settled", version="1")
    assert "This was changed after you opened it." in await browser.fill_in(path, 409, state="open", version="1")
    assert "Mark as settled" in await browser.fill_in(path, state="open", version="2")
    assert "Mark as settled" not in await signed_in(school, here.author).see(here.path)


async def test_a_message_is_reported_and_hidden(school: School) -> None:
    here, _ = await sent(school)
    message = (await here.threads(here.author))[0]["messages"][0]["id"]
    reader, teacher = signed_in(school, here.author), signed_in(school, here.scene.author)
    assert "Reported." in await reader.fill_in(f"/messages/{message}/report", reason="Rude", back=here.path)
    assert "You reported this." in await reader.see(here.path)
    assert "You reported this." not in await teacher.see(here.path)
    assert "Reported." in await reader.fill_in(f"/messages/{message}/report", back=here.path)
    board = f"/tracks/{here.scene.track_id}/reported-messages"
    said = await teacher.see(board)
    assert here.reviewer.username in said
    assert f"{here.author.username}" in said
    assert "Rude" in said
    await teacher.fill_in(f"/messages/{message}/visibility", hidden="true", back=board)
    assert "hidden" in await teacher.see(f"{board}?show=settled")
    said = await reader.see(here.path)
    assert "The track's author has hidden this message." in said
    assert "Why this" not in said
    await teacher.fill_in(f"/messages/{message}/visibility", hidden="false", back=board)
    assert "kept" in await teacher.see(f"{board}?show=settled")
    await reader.fill_in(f"/messages/{message}/visibility", 403, hidden="true", back=here.path)
    await reader.see(board, 403)


async def test_staff_comment_directly(school: School) -> None:
    here = await claimed(school)
    teacher = signed_in(school, here.scene.author)
    said = await teacher.fill_in(here.path, **COMMENT)
    assert "Comment sent." in said
    said = await signed_in(school, here.author).see(f"/assignments/{here.scene.assignment_id}/reviews")
    assert "Comments on the code main.py 1 comment, 1 unresolved line 2" in said
    assert here.scene.author.username not in said


async def test_nothing_says_who_wrote_to_whom(school: School) -> None:
    """Search everything that either side can open for what would show who the other is."""
    here, thread_id = await sent(school)
    other = await here.given_to(here.scene.people[2]) if False else None
    assert other is None
    await come(here.scene, "reviews_due_at")
    await here.author.ok("POST", f"/threads/{thread_id}/messages", 201, json={"text": "So"})
    await here.reviewer.ok("POST", f"/threads/{thread_id}/messages", 201, json={"text": "I see"})
    pages = [here.path, f"/assignments/{here.scene.assignment_id}/reviews", "/notifications"]
    for reader, hidden in ((here.author, here.reviewer), (here.reviewer, here.author)):
        browser = signed_in(school, reader)
        for path in pages:
            for response in (await browser.get(path), await reader.get(path)):
                if response.status_code == 200:
                    assert not says(response.text, hidden.username, str(hidden.id)), path
        answered = await reader.post(f"/threads/{thread_id}/messages", json={"text": "x"})
        for response in (await reader.get(here.path), answered):
            assert set(re.findall(r"T\d\d:\d\d:\d\d[^\"]*", response.text)) == {"T00:00:00Z"}


def says(text: str, name: str, id: str) -> bool:
    """Say whether a name or an id (of a user, in a field that could be one) stands in a response."""
    return name in text or re.search(rf'"(?:\w*user_id|writer_id|author_id|reviewer_id)":\s*{id}\b', text) is not None
