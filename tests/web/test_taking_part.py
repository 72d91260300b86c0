"""An author or an administrator who takes part in a track sees of it what every participant sees."""

import re
from itertools import product
from string import Formatter
from typing import Any

import pytest
from fastapi import FastAPI

from tests.people import Person, School
from tests.routes import addresses_of
from tests.web.pages.browsing import signed_in

pytestmark = pytest.mark.anyio
# These concern all participants alike, and show nothing of others.
STAYS_WITH_THE_AUTHOR = {
    "PATCH /tracks/{track_id}",
    "DELETE /tracks/{track_id}",
    "POST /tracks/{track_id}/cancel",
    "POST /tracks/{track_id}/copy",
    "GET /tracks/{track_id}/export",
    "POST /tracks/{track_id}/next-cohort",
    "POST /tracks/{track_id}/start",
    "POST /tracks/{track_id}/waiting-list/{user_id}/admit",
    # Of a track that is over.
    "GET /tracks/{track_id}/certificates",
    "PUT /tracks/{track_id}/certificate-rule",
    "DELETE /tracks/{track_id}/certificate-rule",
    "POST /certificates/{code}/revoke",
    "POST /certificates/{code}/restore",
    "POST /tracks/{track_id}/publish",
    "POST /tracks/{track_id}/unpublish",
    "PATCH /assignments/{assignment_id}",
    "PUT /assignments/{assignment_id}/starter",
    "DELETE /assignments/{assignment_id}/starter",
    "PUT /tracks/{track_id}/staff/{username}",
    "DELETE /tracks/{track_id}/staff/{username}",
    "GET /tracks/{track_id}/invitations",
    "POST /tracks/{track_id}/invitations",
    "POST /tracks/{track_id}/roster",
    "DELETE /invitations/{invitation_id}",
    "POST /invitations/{invitation_id}/send",
    "GET /tracks/{track_id}/hand-over",
    "POST /tracks/{track_id}/hand-over",
    "DELETE /tracks/{track_id}/hand-over",
}
PAGES_OF_THE_AUTHOR = {
    "/tracks/{track_id}/edit",
    "/tracks/{track_id}/export",
    "/tracks/{track_id}/preview",
    "/tracks/{track_id}/publish",
    "/tracks/{track_id}/certificates",
    "/assignments/{assignment_id}/extend",
    "/assignments/{assignment_id}/starter",
    "/assignments/{assignment_id}/starter.zip",
    "/assignments/{assignment_id}/starter/delete",
    "/assignments/{assignment_id}/starter/link",
    # The staff only; participants are listed for those who take no part.
    "/tracks/{track_id}/people",
    "/tracks/{track_id}/invitations",
    "/tracks/{track_id}/roster",
    "/tracks/{track_id}/hand-over",
}
NOT_ASKED = {
    "/assignments/{assignment_id}/review/submission",
    "/metrics",
    "/health",
    "/docs",
    "/static",
    "/docs/assets",
}
SECRET = "precious"


async def track_with(school: School, author: Person, people: list[Person]) -> dict[str, list[Any]]:
    """Return what can be named in an address, of a track on which all have handed in."""
    track = await school.running_track(author, people)
    ids = await school.assignment_ids(author, track)
    submissions = []
    for person in people:
        response = await person.submit(ids[0], f"https://git.example/{SECRET}-{person.id}")
        submissions.append(response.json()["id"])
    return {
        "track_id": [track["id"]],
        "assignment_id": ids,
        # Of the last two, who look at nothing: of no user who compares.
        "submission_id": submissions[-2:],
        "user_id": [people[-1].id],
        "username": [people[-1].username],
        "format": ["csv"],
        "token": ["none"],
        "thread_id": [1],
        "message_id": [1],
        "appeal_id": [1],
        "review_id": [1],
    }


def addresses(app: FastAPI, values: dict[str, list[Any]]) -> dict[str, str]:
    """Return every address that can be read, with its route's path."""
    found = {}
    for route in addresses_of(app):
        path = route.path
        if route.method == "GET" and path not in NOT_ASKED and not path.startswith("/admin"):
            names = [name for _, name, _, _ in Formatter().parse(path) if name]
            # Of other things there are none here.
            for chosen in product(*(values.get(name, [1]) for name in names)):
                found[path.format(**dict(zip(names, chosen, strict=True)))] = path
    return found


@pytest.mark.parametrize("role", ["author", "admin"])
async def test_every_view_is_that_of_a_participant(school: School, role: str) -> None:
    staff, ordinary = await school.person(role="admin" if role == "admin" else "user"), await school.person()
    others = await school.people(2)
    author = staff if role == "author" else others[0]
    values = await track_with(school, author, [staff, ordinary, *others])
    for _ in range(2):
        for address, path in addresses(school.app, values).items():
            if path in PAGES_OF_THE_AUTHOR:
                continue
            for one, other in ((staff, ordinary), (signed_in(school, staff), signed_in(school, ordinary))):
                mine, theirs = await one.get(address), await other.get(address)
                assert mine.status_code == theirs.status_code, address
                for person in others:
                    assert f"{SECRET}-{person.id}" not in mine.text, address
        # The same when reviewing has begun.
        await school.advance(hours=10)


async def test_everything_only_staff_may_do_is_refused_to_those_who_take_part(school: School) -> None:
    admin, author, *others = await school.person(role="admin"), *await school.people(3)
    values = await track_with(school, author, [admin, author, *others])
    await school.advance(hours=10)
    work = (await others[0].claim(values["assignment_id"][0])).json()
    thread = {"kind": "note", "text": "Why?"}
    await others[0].ok("POST", f"/submissions/{work['submission_id']}/threads", 201, json=thread)
    for person in others:
        await person.review_all(values["assignment_id"][0])
    async with school.services.database.connection() as db:
        message_id = await db.fetchval("select id from thread_messages")
    appeal = await others[0].ok("POST", f"/assignments/{values['assignment_id'][0]}/appeal", 201, json={"text": "Why?"})
    later = (school.clock.now.replace(microsecond=0)).isoformat()
    asked = await others[0].ok(
        "POST", f"/assignments/{values['assignment_id'][0]}/questions", 201, json={"title": "Why?", "text": "I wonder"}
    )
    bodies: dict[str, Any] = {
        "/questions/{question_id}/pin": {"pinned": True},
        "/posts/{post_id}/visibility": {"hidden": True},
        "/appeals/{appeal_id}/settle": {"text": "So"},
        "/submissions/{submission_id}/corrections": {"reason": "So"},
        "/messages/{message_id}/visibility": {"hidden": True},
        "/tracks/{track_id}/participants/{username}": {"reason": "spam"},
        "/assignments/{assignment_id}/group-extensions": {
            "user_ids": [others[0].id],
            "due_at": later,
            "reason": "ill",
        },
        "/tracks/{track_id}/participants/{username}/replace": {"admitted_id": 1, "reason": "away"},
        "/assignments/{assignment_id}/reminders": {"user_ids": [others[0].id]},
        "/assignments/{assignment_id}/extensions": {"username": others[0].username, "due_at": later, "reason": "ill"},
    }
    named = {name: found[0] for name, found in values.items()} | {"appeal_id": appeal["id"], "message_id": message_id}
    named |= {"question_id": asked["id"], "post_id": asked["question"]["id"]}
    operations = [
        (method.upper(), path)
        for path, found in school.app.openapi()["paths"].items()
        for method, operation in found.items()
        if "takes_part" in str(operation["responses"].get("403", ""))
    ]
    assert len(operations) >= 6
    for method, path in operations:
        for staff in (admin, author):
            body = {"json": bodies[path]} if path in bodies and method != "GET" else {}
            await staff.refused(method, path.format(**named), 403, "takes_part", **body)
    settled = await (await school.person(role="admin")).ok(
        "POST", f"/appeals/{appeal['id']}/settle", json={"text": "So"}
    )
    assert settled["settlement"] == "So"


def test_every_operation_of_staff_says_whether_it_is_open_to_those_who_take_part(app: FastAPI) -> None:
    of_staff = {
        f"{method.upper()} {path}": str(operation["responses"].get("403", ""))
        for path, found in app.openapi()["paths"].items()
        for method, operation in found.items()
        if re.search(r"\bnot_the_author\b", str(operation["responses"].get("403", "")))
    }
    assert {name for name, refusals in of_staff.items() if "takes_part" not in refusals} == STAYS_WITH_THE_AUTHOR
