"""Two tabs in which one thing is edited: the second loses nothing, and overwrites nothing without a word."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from html import unescape

import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from learning_platform.core.settings import Settings
from learning_platform.reviews.rules import AppealWithdrawn
from tests.conftest import test_settings
from tests.domain.reviews.code_scene import claimed
from tests.domain.reviews.scene import reviewing, running
from tests.people import Person, School
from tests.routes import routes_of
from tests.web.pages.browsing import signed_in

pytestmark = pytest.mark.anyio
# Sent by mail programs, not from a page.
ONE_CLICK = "/unsubscribe/{token}"
FORM = re.compile(r"<form.*?</form>", re.DOTALL)
VERSION = re.compile(r'name="version" value="(\d+)"')
# Nothing that was written before can be overwritten by these.
CREATE_OR_END = {
    "/register", "/sign-in", "/logout", "/language", "/password/forgotten", "/password/{token}", "/confirm/{token}",
    "/tracks/new", "/tracks/{track_id}/copy", "/tracks/{track_id}/next-cohort",
    "/tracks/{track_id}/publish",
    "/tracks/{track_id}/unpublish", "/tracks/{track_id}/delete", "/tracks/{track_id}/cancel",
    "/tracks/{track_id}/enroll", "/tracks/{track_id}/leave", "/tracks/{track_id}/leave-for-good",
    "/tracks/import", "/tracks/{track_id}/start", "/tracks/{track_id}/wait", "/tracks/{track_id}/wait/end",
    "/tracks/{track_id}/waiting-list/{user_id}/admit",
    "/assignments/{assignment_id}/review", "/assignments/{assignment_id}/diary", "/assignments/{assignment_id}/appeal",
    "/submissions/{submission_id}/review/return", "/diary/{entry_id}/delete", "/notifications/read",
    "/notifications/{notification_id}/read",
    "/settings/email", "/settings/email/cancel", "/email/confirm/{token}", "/email/undo/{token}",
    "/settings/password", "/settings/sessions", "/settings/sessions/{session_id}/end",
    "/settings/delete", "/settings/calendar",
    "/settings/mail/confirmation", "/admin/users/{user_id}/reset-link",
    "/submissions/{submission_id}/threads", "/threads/{thread_id}/delete", "/threads/{thread_id}/messages",
    "/reviews/{review_id}/messages", "/appeals/{appeal_id}/withdraw", "/messages/{message_id}/report",
    "/submissions/{submission_id}/reviews", "/assignments/{assignment_id}/starter/delete",
    "/settings/tokens", "/settings/tokens/{token_id}/end", "/sign-in/new/{flow}", "/sign-in/new/{flow}/link",
    "/settings/identities/{provider}", "/settings/identities/{identity_id}/unlink",
    "/assignments/{assignment_id}/questions", "/questions/{question_id}/answers",
    "/posts/{post_id}/delete", "/posts/{post_id}/report", "/tracks/{track_id}/questions/read",
    "/tracks/{track_id}/board/extend", "/tracks/{track_id}/board/remind",
    "/certificates/{code}/revoke", "/certificates/{code}/restore",
    "/tracks/{track_id}/invitations", "/invitations/{invitation_id}/withdraw",
    "/invitations/{invitation_id}/send", "/invitations/{token}/accept",
    "/invitations/{token}/decline", "/tracks/{track_id}/staff/{username}/remove", "/tracks/{track_id}/hand-over",
    "/tracks/{track_id}/roster", "/tracks/{track_id}/hand-over/accept", "/tracks/{track_id}/hand-over/end",
    "/tracks/{track_id}/decline", "/tracks/{track_id}/participants/{username}/replace",
    "/tracks/{track_id}/participants/{username}/remove", "/tracks/{track_id}/removals/{username}/allow",
}  # fmt: skip
# What is settled once is refused the second time, with the text kept (test_board.py).
ONCE = {"/appeals/{appeal_id}/settle"}
# A form with a file, which cannot be filled in again: its version is checked in test_hand_in.py.
WITH_A_FILE = {"/assignments/{assignment_id}/submit/archive"}
# Scripts save here what is being typed, with versions (test_comments.py).
BY_SCRIPTS = {"/submissions/{submission_id}/threads/draft", "/threads/{thread_id}/draft"}
# A choice among what the page shows, with nothing typed: the last one counts.
CHOICES = {
    "/submissions/{submission_id}/code/viewed",
    "/messages/{message_id}/visibility",
    "/threads/{thread_id}/state",
    "/questions/{question_id}/state",
    "/questions/{question_id}/pin",
    "/questions/{question_id}/mute",
    "/tracks/{track_id}/questions/mute",
    "/posts/{post_id}/visibility",
    # What is given replaces what was given before, as a whole.
    "/assignments/{assignment_id}/starter",
    "/assignments/{assignment_id}/starter/link",
    "/submissions/{submission_id}/code/hidden-terms",
    "/tracks/{track_id}/staff",
    "/admin/users/{user_id}/role",
    "/admin/users/{user_id}/block",
    "/admin/users/{user_id}/unblock",
}


@pytest.fixture
def settings(database_url: str) -> Settings:
    """Return settings by which mail goes out, so that it can be chosen; it is not delivered here."""
    return test_settings(database_url, smtp_url=SecretStr("smtp://127.0.0.1:1"))


@dataclass(frozen=True, slots=True)
class Edited:
    """A form: its page, where it is sent, and what the two tabs send; `shown` is what each is recognised by."""

    person: Person
    page: str
    action: str
    first: Mapping[str, str]
    second: Mapping[str, str]
    shown: tuple[str, str]


async def _track(school: School) -> Edited:
    author = await school.person()
    path = f"/tracks/{(await school.track(author))['id']}/edit"
    rows = {"assignments-0-title": "Hello", "assignments-0-duration_hours-hours": "10", "review_hours-hours": "10"}
    first, second = ({"title": title, "required_participants": "5", **rows} for title in ("One title", "Another title"))
    return Edited(author, path, path, first, second, ("One title", "Another title"))


async def _deadline(school: School) -> Edited:
    scene = await running(school, 2)
    path = f"/assignments/{scene.assignment_id}/extend"
    first, second = ({"due_at": f"2030-01-03T{hour}"} for hour in ("10:00", "20:00"))
    return Edited(scene.author, f"{path}?due_at=2030-01-03T09:00", path, first, second, ("10:00", "20:00"))


async def _submission(school: School) -> Edited:
    scene = await running(school, 2)
    path = f"/assignments/{scene.assignment_id}"
    first, second = ({"repo_url": f"https://git.example/people/{name}"} for name in ("one", "other"))
    return Edited(scene.people[0], path, f"{path}/submit", first, second, ("people/one", "people/other"))


async def _review(school: School) -> Edited:
    scene = await reviewing(school, 3)
    work = (await scene.people[0].claim(scene.assignment_id)).json()
    await scene.people[0].review(work)
    path = f"/submissions/{work['submission_id']}/review"
    scores = {
        f"scores-{index}-{part}": str(value)
        for index, one in enumerate(work["criteria"])
        for part, value in (("criterion_id", one["id"]), ("score", one["max_score"]))
    }
    first, second = (scores | {"revise": "yes", "comment": comment} for comment in ("One word", "Another word"))
    return Edited(scene.people[0], path, path, first, second, ("One word", "Another word"))


async def _diary(school: School) -> Edited:
    scene = await running(school, 2)
    page = f"/assignments/{scene.assignment_id}"
    written = await scene.people[0].ok("POST", f"{page}/diary", 201, json={"text": "A day"})
    first, second = ({"text": text, "visibility": "private"} for text in ("One day", "Another day"))
    return Edited(scene.people[0], page, f"/diary/{written['id']}/edit", first, second, ("One day", "Another day"))


async def _draft(school: School) -> Edited:
    here = await claimed(school)
    made = await here.comment()
    first, second = ({"kind": "note", "text": text} for text in ("One word", "Another word"))
    return Edited(here.reviewer, here.path, f"/threads/{made['id']}/edit", first, second, ("One word", "Another word"))


async def _appeal(school: School) -> Edited:
    scene = await reviewing(school, 3)
    author = scene.people[0]
    for person in scene.people:
        await person.review_all(scene.assignment_id)
    made = await author.ok("POST", f"/assignments/{scene.assignment_id}/appeal", 201, json={"text": "Unfair"})
    page, path = f"/assignments/{scene.assignment_id}/reviews", f"/appeals/{made['id']}/edit"
    here = str(scene.assignment_id)
    first, second = ({"text": text, "assignment_id": here} for text in ("One word", "Another word"))
    return Edited(author, page, path, first, second, ("One word", "Another word"))


async def _profile(school: School) -> Edited:
    first, second = ({"locale": "en", "time_zone": zone} for zone in ("Asia/Omsk", "Asia/Tomsk"))
    return Edited(await school.person(), "/settings", "/settings", first, second, ("Asia/Omsk", "Asia/Tomsk"))


async def _public_profile(school: School) -> Edited:
    first, second = [{"display_name": name, "visibility": "private"} for name in ("Anna", "Annette")]
    return Edited(await school.person(), "/settings/profile", "/settings/profile", first, second, ("Anna", "Annette"))


async def _certificate_rule(school: School) -> Edited:
    author = await school.person()
    path = f"/tracks/{(await school.track(author))['id']}/certificates"
    first, second = [{"issues": "yes", "submissions": share, "reviews": "50"} for share in ("61", "72")]
    return Edited(author, path, path, first, second, ("61", "72"))


async def _question(school: School) -> Edited:
    scene = await running(school, 2)
    asked = {"title": "Hyphens", "text": "One word or two?"}
    path = f"/assignments/{scene.assignment_id}/questions"
    question = await scene.people[0].ok("POST", path, 201, json=asked)
    first, second = [asked | {"text": text} for text in ("first text", "second text")]
    action = f"/posts/{question['question']['id']}/edit"
    return Edited(scene.people[0], f"/questions/{question['id']}", action, first, second, ("first text", "second text"))


async def _extension(school: School) -> Edited:
    scene = await running(school, 2)
    path = f"/tracks/{scene.track_id}/extensions"
    given = {"username": scene.people[0].username, "due_at": "2030-01-02T02:00", "reason": "Ill"}
    await scene.author.ok(
        "POST",
        f"/assignments/{scene.assignment_id}/extensions",
        201,
        json=given | {"due_at": "2030-01-02T01:00:00Z"},
    )
    form = given | {"assignment_id": str(scene.assignment_id)}
    first, second = (form | {"reason": reason} for reason in ("One reason", "Another reason"))
    return Edited(scene.author, path, path, first, second, ("One reason", "Another reason"))


async def _answer(school: School) -> Edited:
    scene = await reviewing(school, 3)
    for person in scene.people:
        await person.review_all(scene.assignment_id)
    page = f"/assignments/{scene.assignment_id}/reviews"
    review = (await scene.people[0].ok("GET", page))["reviews"][0]
    form = {"assignment_id": str(scene.assignment_id), "helpful": "true"}
    first, second = (form | {"comment": comment} for comment in ("One word", "Another word"))
    return Edited(scene.people[0], page, f"/reviews/{review['id']}/answer", first, second, ("One word", "Another word"))


async def _mail(school: School) -> Edited:
    first, second = {"track_finished": "yes"}, {"review_received": "yes"}
    return Edited(await school.person(), "/settings/mail", "/settings/mail", first, second, ("<dd>Yes</dd>", "checked"))


EDITED: dict[str, Callable[[School], Awaitable[Edited]]] = {
    "/tracks/{track_id}/edit": _track,
    "/assignments/{assignment_id}/extend": _deadline,
    "/assignments/{assignment_id}/submit": _submission,
    "/submissions/{submission_id}/review": _review,
    "/diary/{entry_id}/edit": _diary,
    "/threads/{thread_id}/edit": _draft,
    "/settings": _profile,
    "/settings/profile": _public_profile,
    "/tracks/{track_id}/certificates": _certificate_rule,
    "/posts/{post_id}/edit": _question,
    "/settings/mail": _mail,
    "/reviews/{review_id}/answer": _answer,
    "/appeals/{appeal_id}/edit": _appeal,
    "/tracks/{track_id}/extensions": _extension,
}


def test_every_form_says_whether_it_can_overwrite_something(app: FastAPI) -> None:
    found = {route.path for route in routes_of(app) if route.is_page and route.method == "POST"}
    assert found - {ONE_CLICK} == {*EDITED, *CREATE_OR_END, *ONCE, *CHOICES, *BY_SCRIPTS, *WITH_A_FILE}


def versions_in(page: str, action: str) -> list[str]:
    """Return the versions named in the forms of a page that are sent to an address; if none does, on the page."""
    forms = [form.partition("</form>")[0] for form in page.split("<form")[1:]]
    sent_there = [form for form in forms if f'action="{action}"' in form]
    return VERSION.findall(" ".join(sent_there)) or VERSION.findall(page)


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 12])
async def test_a_version_that_is_no_number_matches_none(school: School, version: str) -> None:
    browser = signed_in(school, await school.person())
    form = {"locale": "en", "time_zone": "Asia/Omsk", "version": version}
    assert "This was changed after you opened it" in await browser.fill_in("/settings", 409, **form)


@pytest.mark.parametrize("name", EDITED)
async def test_the_second_tab_is_shown_what_the_first_has_saved_and_keeps_what_was_typed(
    school: School, name: str
) -> None:
    edited = await EDITED[name](school)
    browser = signed_in(school, edited.person)
    page = (await browser.get(edited.page)).text
    opened = versions_in(page, edited.action)
    assert opened, f"{edited.page} has no version in its form"
    assert not VERSION.search(FORM.sub("", page))
    version = opened[0]

    await browser.fill_in(edited.action, **edited.first, version=version)
    refused = await browser.post(
        edited.action, data={**edited.second, "version": version}, headers={"Sec-Fetch-Site": "same-origin"}
    )

    assert refused.status_code == 409
    assert not VERSION.search(FORM.sub("", refused.text)), "a version outside the forms is not sent"
    text = unescape(refused.text)
    saved, typed = edited.shown
    assert "This was changed after you opened it" in text
    assert saved in text
    assert typed in text
    # Sent again, now knowingly, it is saved.
    renewed = next(one for one in versions_in(refused.text, edited.action) if one != version)
    await browser.fill_in(edited.action, **edited.second, version=renewed)
    again = await browser.post(
        edited.action, data={**edited.first, "version": renewed}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert again.status_code == 409


async def test_a_deadline_moved_in_another_tab_is_confirmed_again_with_what_moves_by_then(school: School) -> None:
    edited = await _deadline(school)
    browser = signed_in(school, edited.person)
    (version,) = versions_in((await browser.get(edited.page)).text, edited.action)
    await browser.fill_in(edited.action, **edited.first, version=version)
    refused = await browser.post(
        edited.action, data={**edited.second, "version": version}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    confirmation = next(form for form in FORM.findall(refused.text) if 'method="post"' in form and "due_at" in form)
    assert "2030-01-03T20:00" in confirmation
    assert VERSION.findall(confirmation) != [version]


@pytest.mark.parametrize("is_over", [False, True])
async def test_an_appeal_withdrawn_in_another_tab_leads_to_the_feedback_with_what_was_typed(
    school: School, *, is_over: bool
) -> None:
    edited = await _appeal(school)
    browser = signed_in(school, edited.person)
    withdraw, feedback = edited.action.replace("edit", "withdraw"), edited.page
    here = edited.first["assignment_id"]
    forms = [each for each in FORM.findall((await browser.get(feedback)).text) if 'action="/appeals/' in each]
    assert len(forms) == 2
    assert all(f'name="assignment_id" value="{here}"' in each for each in forms)
    for _ in range(2):
        answer = await browser.post(withdraw, data={"assignment_id": here}, headers={"Sec-Fetch-Site": "same-origin"})
        assert (answer.status_code, answer.url.path) == (200, feedback)
        assert "Appeal withdrawn." in answer.text
    if is_over:
        await school.advance(days=8)
    refused = await browser.post(
        edited.action, data={**edited.first, "version": "1"}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert refused.status_code == 409
    for text in ("Your feedback", AppealWithdrawn.message, "One word"):
        assert text in refused.text
    assert (f'action="/assignments/{here}/appeal"' in refused.text) is not is_over


async def test_a_review_of_a_submission_returned_in_another_tab_is_refused_with_its_text(school: School) -> None:
    scene = await reviewing(school, 3)
    work = (await scene.people[0].claim(scene.assignment_id)).json()
    browser = signed_in(school, scene.people[0])
    path = f"/submissions/{work['submission_id']}/review"
    await browser.fill_in(f"{path}/return", reason="broken")
    typed = {"scores-0-comment": "Reads <well>", "comment": "A long text", "scores-0-score": "1"}
    for index, criterion in enumerate(work["criteria"]):
        typed |= {f"scores-{index}-criterion_id": str(criterion["id"])}
        typed.setdefault(f"scores-{index}-score", str(criterion["max_score"]))
    seen = unescape(await browser.fill_in(path, 403, **typed))
    for text in ("This submission is not assigned to you for review.", "Reads <well>", "A long text"):
        assert text in seen
    # A stranger learns no more than before.
    stranger = signed_in(school, await school.person())
    await stranger.fill_in(path, 403, **typed)
