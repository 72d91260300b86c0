"""What does not fit is refused with what was typed, on every page; what slips through is no failure."""

import logging

import asyncpg
import pytest
from fastapi import Request
from pydantic import BaseModel, TypeAdapter, ValidationError

from learning_platform.core.database import Connection
from learning_platform.web.http.error_answers import UNFORESEEN_INPUT, handler_of
from learning_platform.web.pages.kit.forms import Form
from learning_platform.web.schemas.common import UtcDatetime
from tests.people import School
from tests.routes import JSON, PAGE, routes_of
from tests.web.pages.browsing import Browser, signed_in

FAR_TIMES = ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1969-12-31T23:59:59Z", "9001-01-01T00:00:00Z"]
UNREADABLE = ["http://[::1", "//", "http://te\xa0st", "http://\u2100"]


class Number(BaseModel):
    """Something that a text is not."""

    number: int


def test_a_form_cannot_be_read_where_nothing_catches_what_is_wrong() -> None:
    form = Form("en", {"number": "x"})
    assert not hasattr(form, "read")
    with form.refusing() as fields:
        fields.read(Number)
    assert form.status == 422
    with pytest.raises(AssertionError):
        fields.read(Number)


async def test_a_refused_change_of_an_entry_keeps_what_was_typed(school: School) -> None:
    alice, bob = await school.people(2)
    await school.running_track(alice, [alice, bob])
    entry = await alice.ok("POST", "/assignments/1/diary", 201, json={"text": "Short"})
    browser = signed_in(school, alice)
    page = await browser.fill_in(f"/diary/{entry['id']}/edit", 422, text="long" * 6000, visibility="track")
    assert "Use at most 20000 characters" in page
    assert "long" * 6000 in page
    await browser.fill_in(f"/diary/{entry['id']}/edit", 422, text="", visibility="track")
    await browser.fill_in(f"/diary/{entry['id']}/edit", 422, text="x", visibility="all")
    await browser.fill_in("/diary/999/edit", 404, text="x", visibility="track")


async def test_a_refused_return_and_a_refused_answer_keep_what_was_typed(school: School) -> None:
    people = await school.people(4)
    await school.running_track(people[0], people)
    for person in people:
        await person.submit(1)
    await school.advance(hours=10)
    work = (await people[0].claim(1)).json()
    browser = signed_in(school, people[0])
    page = await browser.fill_in(f"/submissions/{work['submission_id']}/review/return", 422, comment="I know him")
    assert "This field is required." in page
    assert "I know him" in page
    for person in people:
        await person.review_all(1)
    received = await people[0].ok("GET", "/assignments/1/reviews")
    path = f"/reviews/{received['reviews'][0]['id']}/answer"
    refused = await browser.post(
        path, data={"assignment_id": "1", "comment": "Thanks"}, headers={"Origin": "http://test"}
    )
    assert refused.status_code == 422
    assert "Thanks" in refused.text
    await browser.fill_in(path, 422, assignment_id="x", helpful="true")
    await browser.fill_in(path, 200, assignment_id="1", helpful="true")


@pytest.mark.parametrize("time", FAR_TIMES)
def test_times_far_from_ours_are_refused(time: str) -> None:
    with pytest.raises(ValidationError, match="out of range"):
        TypeAdapter(UtcDatetime).validate_python(time)


@pytest.mark.parametrize("header", ["Origin", "Referer"])
@pytest.mark.parametrize("value", UNREADABLE)
async def test_headers_that_cannot_be_read_are_not_believed(school: School, header: str, value: str) -> None:
    async with Browser(school) as browser:
        encoded = {header.encode(): value.encode()}
        response = await browser.post("/tracks/1/enroll", headers=encoded, follow_redirects=False)
        expected = 403 if header == "Origin" else 303
        assert response.status_code == expected


async def test_the_error_page_leads_nowhere_else(school: School) -> None:
    alice = await school.person("alice")
    browser = signed_in(school, alice)
    headers = {"Referer": "http://test//evil.example/", "Sec-Fetch-Site": "same-origin"}
    response = await browser.post("/tracks/1/enroll", headers=headers)
    assert response.status_code == 404
    assert "evil.example" not in response.text


async def test_no_answer_names_the_host_that_a_client_claims(school: School) -> None:
    people = await school.people(5)
    for person in people[1:4]:
        await school.running_track(people[0], [people[0], person])
    admin = await school.person("admin", role="admin")
    browser = signed_in(school, admin)
    for route in routes_of(school.app):
        if route.method != "GET" or "{token}" in route.path:
            continue
        path = route.path
        for parameter in route.parameters("path"):
            path = path.replace(f"{{{parameter.alias}}}", "csv" if parameter.alias == "format" else "1")
        for ending in ("", "/", "?limit=1"):
            headers = {"Host": "evil.example", "Accept": route.accept}
            reader = browser if route.is_page else people[0]
            response = await reader.get(path + ending, headers=headers, follow_redirects=False)
            answer = response.text + str(response.headers)
            assert "evil.example" not in answer, f"{route}{ending}"
    linked = await people[0].get("/tracks?limit=1", headers={"Host": "evil.example"})
    assert linked.headers["link"].startswith("</tracks?")


async def test_what_slips_through_is_invalid_input_and_a_line_in_the_log(
    school: School, db: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    errors: list[Exception] = []
    try:
        Number.model_validate({"number": "a secret"})
    except ValidationError as error:
        errors.append(error)
    for statement, value in (("select $1::text", "\x00"), ("select $1::bigint", 2**70)):
        with pytest.raises(asyncpg.DataError) as caught:
            async with db.transaction():
                await db.fetchval(statement, value)
        errors.append(caught.value)
    caplog.set_level(logging.INFO, "learning_platform")
    for unforeseen in errors:
        assert isinstance(unforeseen, UNFORESEEN_INPUT)
        for accept in (PAGE, JSON):
            assert await answered(school, unforeseen, accept) == 422
    assert "refused by the last error handler" in caplog.text
    assert "a secret" not in caplog.text


async def answered(school: School, error: Exception, accept: str) -> int:
    """Return the status with which an exception is answered."""
    headers = [(b"accept", accept.encode())]
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": headers, "app": school.app}
    response = await handler_of(school.app, error)(Request(scope), error)
    return response.status_code
