"""Two users change the same object: the second is refused, by every route that changes what exists."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import Response

from tests.domain.reviews.code_scene import claimed
from tests.domain.reviews.scene import full_marks, hand_in, reviewing, running
from tests.people import Json, Person, School
from tests.routes import routes_of

pytestmark = pytest.mark.anyio


@dataclass(frozen=True, slots=True)
class Edited:
    """Something that a person may change: where, by which bodies, and what of it was saved by the first."""

    person: Person
    path: str
    tag: str
    first: Json
    second: Json
    current: Json


async def _track(school: School) -> Edited:
    author = await school.person()
    path = f"/tracks/{(await school.track(author))['id']}"
    first, second = {"title": "One title"}, {"title": "Another title"}
    return Edited(author, path, await _tag(author, path), first, second, first)


async def _assignment(school: School) -> Edited:
    scene = await running(school, 2)
    path = f"/assignments/{scene.assignment_id}"
    first, second = ({"due_at": f"2030-01-03T{hour}:00:00Z"} for hour in ("10", "20"))
    return Edited(scene.author, path, await _tag(scene.author, path), first, second, first)


async def _submission(school: School) -> Edited:
    scene = await running(school, 4)
    await hand_in(scene, scene.people)
    for reviewer in scene.people[1:3]:
        work = await scene.claim_work_of(scene.people[0], by=reviewer)
        await reviewer.post(f"/submissions/{work['submission_id']}/review/return", json={"reason": "broken"})
    path = f"/assignments/{scene.assignment_id}/submission"
    first, second = ({"repo_url": f"https://git.example/people/{name}"} for name in ("one", "other"))
    return Edited(scene.people[0], path, await _tag(scene.people[0], path), first, second, first)


async def _draft(school: School) -> Edited:
    here = await claimed(school)
    made = await here.reviewer.post(here.path, json={"text": "Why?"})
    first, second = {"text": "One"}, {"text": "Other"}
    return Edited(here.reviewer, f"/threads/{made.json()['id']}", made.headers["etag"], first, second, first)


async def _review(school: School) -> Edited:
    scene = await reviewing(school, 3)
    work = (await scene.people[0].claim(scene.assignment_id)).json()
    await scene.people[0].review(work)
    path = f"/submissions/{work['submission_id']}/review"
    first, second = (full_marks(work["criteria"]) | {"comment": comment} for comment in ("One", "Other"))
    return Edited(scene.people[0], path, await _tag(scene.people[0], path), first, second, {"comment": "One"})


async def _diary(school: School) -> Edited:
    scene = await running(school, 2)
    written = await scene.people[0].post(f"/assignments/{scene.assignment_id}/diary", json={"text": "A day"})
    path = f"/diary/{written.json()['id']}"
    first, second = {"text": "One day"}, {"text": "Another day"}
    return Edited(scene.people[0], path, written.headers["etag"], first, second, first)


async def _profile(school: School) -> Edited:
    person = await school.person()
    first, second = {"time_zone": "Europe/Moscow"}, {"time_zone": "Asia/Omsk"}
    return Edited(person, "/me", await _tag(person, "/me"), first, second, first)


async def _public_profile(school: School) -> Edited:
    person = await school.person()
    first, second = ({"display_name": name, "visibility": "private"} for name in ("Anna", "Annette"))
    return Edited(person, "/me/profile", await _tag(person, "/me/profile"), first, second, {"display_name": "Anna"})


async def _appeal(school: School) -> Edited:
    scene = await reviewing(school, 3)
    for person in scene.people:
        await person.review_all(scene.assignment_id)
    made = await scene.people[0].post(f"/assignments/{scene.assignment_id}/appeal", json={"text": "Why?"})
    first, second = {"text": "One"}, {"text": "Other"}
    return Edited(scene.people[0], f"/appeals/{made.json()['id']}", made.headers["etag"], first, second, first)


async def _question(school: School) -> Edited:
    scene = await running(school, 2)
    asked = await scene.people[0].post(
        f"/assignments/{scene.assignment_id}/questions", json={"title": "Why?", "text": "I wonder"}
    )
    first, second = {"title": "One"}, {"title": "Other"}
    return Edited(scene.people[0], f"/questions/{asked.json()['id']}", asked.headers["etag"], first, second, first)


async def _mail(school: School) -> Edited:
    person = await school.person()
    first, second = {"delivery": "daily"}, {"delivery": "none"}
    return Edited(person, "/me/mail", await _tag(person, "/me/mail"), first, second, first)


async def _answer(school: School) -> Edited:
    scene = await reviewing(school, 3)
    for person in scene.people:
        await person.review_all(scene.assignment_id)
    reader = scene.people[0]
    review = (await reader.ok("GET", f"/assignments/{scene.assignment_id}/reviews"))["reviews"][0]
    path = f"/reviews/{review['id']}/answer"
    given = await reader.post(path, json={"helpful": True, "comment": "Thank you"})
    first, second = ({"helpful": False, "comment": comment} for comment in ("One", "Other"))
    return Edited(reader, path, given.headers["etag"], first, second, first)


EDITED: dict[str, Callable[[School], Awaitable[Edited]]] = {
    "PATCH /tracks/{track_id}": _track,
    "PATCH /assignments/{assignment_id}": _assignment,
    "PATCH /assignments/{assignment_id}/submission": _submission,
    "PUT /submissions/{submission_id}/review": _review,
    "PATCH /threads/{thread_id}": _draft,
    "PATCH /diary/{entry_id}": _diary,
    "PATCH /me": _profile,
    "PATCH /me/mail": _mail,
    "PUT /me/profile": _public_profile,
    "PATCH /appeals/{appeal_id}": _appeal,
    "PATCH /questions/{question_id}": _question,
    "POST /reviews/{review_id}/answer": _answer,
}


# What replaces a whole, whatever it was.
WITHOUT_VERSION = {
    "PATCH /notifications/{notification_id}": "one mark, said as a whole",
    "PUT /assignments/{assignment_id}/starter": "the code, which the client does not read before",
    "PATCH /answers/{post_id}": "its version is in the question, which is the answer to the request",
    "PUT /tracks/{track_id}/certificate-rule": "two numbers, said as a whole",
    "PUT /tracks/{track_id}/staff/{username}": "one role, said as a whole",
    "PUT /tracks/{track_id}/hidden-terms": "a list of one's own words, sent complete",
}


def test_every_route_that_changes_what_exists_is_here(app: FastAPI) -> None:
    found = {
        f"{route.method} {route.path}"
        for route in routes_of(app)
        if not route.is_page and (route.method in {"PATCH", "PUT"} or route.path.endswith("/answer"))
    }
    assert found == set(EDITED) | set(WITHOUT_VERSION)


@pytest.mark.parametrize("name", EDITED)
async def test_a_user_who_changes_an_older_version_sees_what_is_saved(school: School, name: str) -> None:
    edited = await EDITED[name](school)
    method = name.split()[0]

    async def change(body: Json, tag: str | None) -> Response:
        headers = {} if tag is None else {"If-Match": tag}
        return await edited.person.request(method, edited.path, json=body, headers=headers)

    saved = await change(edited.first, edited.tag)
    assert saved.status_code == 200, saved.text
    assert saved.headers["etag"] != edited.tag

    refused = await change(edited.second, edited.tag)
    problem: dict[str, Any] = refused.json()
    assert (refused.status_code, problem["code"]) == (412, "changed_meanwhile")
    assert refused.headers["etag"] == saved.headers["etag"]
    assert edited.current.items() <= problem["current"].items()
    for other in ('W/"1"', '"x"', "nonsense", ""):
        assert (await change(edited.second, other)).status_code == 412

    again = await change(edited.second, refused.headers["etag"])
    assert again.status_code == 200, again.text


@pytest.mark.parametrize("name", EDITED)
@pytest.mark.parametrize("tag", [None, "*"])
async def test_a_user_who_names_no_version_changes_what_there_is(school: School, name: str, tag: str | None) -> None:
    edited = await EDITED[name](school)
    headers = {} if tag is None else {"If-Match": tag}
    for body in (edited.first, edited.second):
        changed = await edited.person.request(name.split()[0], edited.path, json=body, headers=headers)
        assert changed.status_code == 200, changed.text


async def _tag(person: Person, path: str) -> str:
    response = await person.get(path)
    assert response.status_code == 200
    tag: str = response.headers["etag"]
    return tag
