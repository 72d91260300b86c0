"""Tracks as files: what is exported can be imported, here or elsewhere, and nothing of people goes along."""

import json
from pathlib import Path
from typing import Any

import pytest
from httpx import Response

from tests.people import Json, School
from tests.web.pages.browsing import Browser, signed_in, words

pytestmark = pytest.mark.anyio
SCHEMA = Path(__file__).parents[2] / "docs" / "track-file.schema.json"
FILE: Json = {
    "format": 1,
    "title": "Python basics",
    "required_participants": 5,
    "start": {"rule": "on_date", "min_participants": 3, "time_zone": "Europe/Moscow", "from_hour": 9, "until_hour": 21},
    "certificate": {"submissions": 80, "reviews": 0},
    "tags": ["python"],
    "criteria": [{"name": "Readability", "max_score": 10}],
    "assignments": [{"title": "Hello", "duration_hours": 48}, {"title": "Bye", "duration_hours": 0.5}],
}
WRONG: list[tuple[Json, list[Any]]] = [
    ({"title": ""}, ["title"]),
    ({"assignments": [{"title": "A", "duration_hours": 1}, {"title": "B", "duration_hours": 0}]}, ["assignments", 1]),
    ({"criteria": []}, ["criteria"]),
    ({"criteria": [{"name": "A", "max_score": 1, "max_scores": 2}]}, ["criteria", 0, "max_scores"]),
    ({"asignments": []}, ["asignments"]),
    ({"start": {"at": "2030-01-01T00:00:00Z"}}, ["start", "at"]),
    ({"start": {"time_zone": "Moon/Crater"}}, ["start", "time_zone"]),
    ({"tags": ["x"] * 9}, ["tags"]),
    ({"format": 2}, []),
    ({"format": "1"}, []),
]


async def paste(browser: Browser, text: str) -> Response:
    """Import what is pasted into the page."""
    headers = {"Sec-Fetch-Site": "same-origin"}
    return await browser.post("/tracks/import", files={"text": (None, text)}, headers=headers)


async def test_an_export_is_imported_as_a_draft_and_exported_the_same(school: School) -> None:
    author = await school.person("the_author")
    imported = await author.ok("POST", "/tracks/import", 201, json=FILE)
    assert (imported["status"], imported["tags"]) == ("draft", ["python"])
    assert imported["start"]["time_zone"] == "Europe/Moscow"
    exported = await author.ok("GET", f"/tracks/{imported['id']}/export")
    assert exported["certificate"] == FILE["certificate"]
    again = await author.ok("POST", "/tracks/import", 201, json={"$schema": "https://learn.example/x", **exported})
    assert await author.ok("GET", f"/tracks/{again['id']}/export") == exported


async def test_a_running_track_is_exported_without_people_and_dates(school: School) -> None:
    author, people = await school.person("the_author"), await school.people(3)
    track = await school.running_track(author, people)
    text = (await author.get(f"/tracks/{track['id']}/export")).text
    assert not any(hidden in text for hidden in ("the_author", people[0].username, "_at", 'id"'))


async def test_only_who_may_copy_a_track_exports_it(school: School) -> None:
    author, other = await school.people(2)
    track = await school.track(author)
    path = f"/tracks/{track['id']}/export"
    await other.refused("GET", path, 403, "not_the_author")
    assert (await signed_in(school, other).get(path)).status_code == 403
    draft = await author.ok("POST", "/tracks/import", 201, json=FILE)
    await other.refused("GET", f"/tracks/{draft['id']}/export", 404, "track_not_found")


@pytest.mark.parametrize(("wrong", "place"), WRONG)
async def test_what_is_wrong_with_a_file_is_named_with_its_place(school: School, wrong: Json, place: list[Any]) -> None:
    author = await school.person()
    answer = await author.post("/tracks/import", json=FILE | wrong)
    assert answer.status_code == 422
    if "errors" in answer.json():
        assert answer.json()["errors"][0]["loc"][: len(place) + 1] == ["body", *place]
    response = await paste(signed_in(school, author), json.dumps(FILE | wrong))
    assert response.status_code == 422
    shown = "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in place).removeprefix(".")
    assert f"{shown}" in words(response)
    assert "Nothing was saved." in words(response)
    assert await author.ok("GET", "/tracks/my") == []


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "nonsense", "[" * 5000, '{"format": 1}', '{"format": NaN}'])
async def test_a_text_that_is_no_track_is_refused_and_kept(school: School, text: str) -> None:
    response = await paste(signed_in(school, await school.person()), text)
    assert response.status_code == 422
    assert text.replace('"', "&#34;") in response.text


@pytest.mark.parametrize(
    ("content", "status", "shown"),
    [
        (json.dumps(FILE).encode(), 200, "Imported as a draft"),
        (b"\xef\xbb\xbf" + json.dumps(FILE, indent=1).replace("\n", "\r\n").encode(), 200, "Imported as a draft"),
        (b"\xff\xfe{}", 422, "This is not a text file in UTF-8."),
        (b" " * 1_000_001, 422, "The file is too large"),
        (b'{\n "format": 1,\n}', 422, "see line 3, column"),
    ],
)
async def test_a_file_is_uploaded(school: School, content: bytes, status: int, shown: str) -> None:
    browser = signed_in(school, await school.person())
    response = await browser.post(
        "/tracks/import", files={"file": ("track.json", content)}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert response.status_code == status
    assert shown in words(response)


async def test_the_page_exports_what_the_api_exports(school: School) -> None:
    author = await school.person()
    track = await school.track(author)
    browser, path = signed_in(school, author), f"/tracks/{track['id']}/export"
    assert f'href="{path}"' in (await browser.get(f"/tracks/{track['id']}")).text
    response = await browser.get(path)
    assert response.json() == await author.ok("GET", path)
    assert response.headers["content-disposition"] == f'attachment; filename="track-{track["id"]}.json"'


async def test_the_documented_schema_is_the_one_that_is_served(school: School) -> None:
    response = await Browser(school).get("/track-file.schema.json")
    assert response.json() == json.loads(SCHEMA.read_text())
