"""Whatever is sent, nothing breaks: every answer is below 500, and an input that is wrong is 422 (or 413)."""

from collections.abc import AsyncIterator
from json import dumps
from typing import Any

import pytest
from httpx import AsyncClient

from learning_platform.web.http.request_body import MAX_BODY_BYTES
from learning_platform.web.schemas.texts import is_blank
from tests.people import Json, Person, School, track_json

JSON = {"Content-Type": "application/json"}
STRANGE_TEXTS = [
    "\u0000",
    "a\u0000b",
    "\ud800",
    "\udfff\ud800",
    "\u202e\u200b\ufeff",
    "🐍" * 100,
    "%s%n{0}{x}{{",
    "'; drop table tracks; --",
    "<script>alert(1)</script>",
    "\\u0000\\x00",
]
STRANGE_NUMBERS = ["1e400", "-1e400", "NaN", "Infinity", "-0", "1" * 30, "1" * 5000, "0.1e-400", "true", "[[1]]"]
PATHS = ["title", "description"]


@pytest.fixture
async def alice(campus: School) -> Person:
    """Return a user."""
    return await campus.person()


def escaped(json: Json) -> bytes:
    """Return JSON with everything but ASCII escaped, lone surrogates too, as a client may send it."""
    return dumps(json).encode()


@pytest.mark.parametrize("text", STRANGE_TEXTS, ids=repr)
@pytest.mark.parametrize("field", PATHS)
async def test_a_strange_text_is_kept_as_it_is_or_refused_at_its_field(alice: Person, field: str, text: str) -> None:
    response = await alice.post("/tracks", content=escaped(track_json(**{field: text})), headers=JSON)
    if response.status_code == 201:
        # A description in which there is nothing to be seen is none.
        assert response.json()[field] == ("" if is_blank(text) else text)
    else:
        assert response.status_code == 422, response.text
        assert response.json()["errors"][0]["loc"] == ["body", field]


@pytest.mark.parametrize("number", STRANGE_NUMBERS, ids=lambda number: number[:10])
@pytest.mark.parametrize("field", ["required_participants", "review_hours"])
async def test_a_strange_number_is_refused(alice: Person, field: str, number: str) -> None:
    body = escaped(track_json(**{field: "NUMBER"})).replace(b'"NUMBER"', number.encode())
    response = await alice.post("/tracks", content=body, headers=JSON)
    assert response.status_code == 422 or number == "true", response.text
    assert response.status_code < 500


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"1",
        b'"text"',
        b"\xff\xfe\x00",
        b"\x00",
        b'{"title": "\xed\xa0\x80"}',
        b'{"title": "\xff"}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"{} {}",
        "{“title”: 1}".encode(),
    ],
    ids=lambda body: repr(body[:12]),
)
@pytest.mark.parametrize("path", ["/tracks", "/register", "/token/refresh", "/notifications/read"])
async def test_a_body_that_cannot_be_read_is_invalid_input(alice: Person, path: str, body: bytes) -> None:
    for headers in (JSON, {"Content-Type": "text/plain"}, {"Content-Type": "application/json; charset=utf-16"}, {}):
        response = await alice.post(path, content=body, headers=headers)
        assert (response.status_code, response.json()["code"]) == (422, "invalid_input"), response.text
        assert response.json()["errors"]


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", b"username=%ED%A0%80&password=%00%ff"),
        ("application/x-www-form-urlencoded", b"username=%00&password=x"),
        ("application/x-www-form-urlencoded", b"&".join(b"username=a" for _ in range(5000))),
        ("application/x-www-form-urlencoded; charset=nonsense", b"username=a&password=b"),
        ("multipart/form-data", b"username"),
        ("multipart/form-data; boundary=x", b"--y\r\n\r\n"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="username"; filename="a"\r\n\r\na\r\n--x--\r\n',
        ),
        ("multipart/form-data; boundary=" + "x" * 1000, b"--x"),
        ("application/json", b'{"username": "a", "password": "b"}'),
    ],
)
async def test_a_form_that_cannot_be_read_is_invalid_input_or_signs_no_user_in(
    stranger: AsyncClient, content_type: str, body: bytes
) -> None:
    response = await stranger.post("/token", content=body, headers={"Content-Type": content_type})
    assert response.status_code in {401, 422}, response.text
    assert response.headers["content-type"] == "application/problem+json"


async def test_a_body_that_is_too_large_is_refused_whether_or_not_it_says_so(alice: Person) -> None:
    large = escaped(track_json(description="x" * MAX_BODY_BYTES))

    async def in_pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(large), 65_536):
            yield large[start : start + 65_536]

    for content in (large, in_pieces()):
        response = await alice.post("/tracks", content=content, headers=JSON)
        assert (response.status_code, response.json()["code"]) == (413, "body_too_large")
    assert (await alice.get("/me")).status_code == 200


async def test_a_text_that_is_long_but_fits_is_taken(alice: Person) -> None:
    longest = "ы" * 50_000
    track = await alice.ok("POST", "/tracks", 201, json=track_json(description=longest))
    assert track["description"] == longest
    response = await alice.post("/tracks", json=track_json(description=longest + "ы"))
    assert response.status_code == 422


@pytest.mark.parametrize("id", ["0", "-1", "1.5", "9223372036854775808", "9" * 100, "abc", "%00", "1e3", "٣", "null"])
async def test_an_id_is_a_number_that_an_id_can_be(alice: Person, id: str) -> None:
    for path in ("/tracks/{}", "/assignments/{}", "/assignments/{}/submission", "/tracks/{}/assignments"):
        response = await alice.get(path.format(id))
        assert response.status_code in {404, 422}, response.text
    assert (await alice.delete(f"/diary/{id}")).status_code in {404, 422}


@pytest.mark.parametrize("value", ["%00", "%ED%A0%80", "%ff", "a" * 201, "%", "&&&===", "'"])
async def test_a_strange_search_finds_nothing_or_is_refused(alice: Person, value: str) -> None:
    response = await alice.get(f"/tracks?q={value}")
    assert response.status_code in {200, 422}, response.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept-Language": "\xff\xfe"},
        {"Accept-Language": "ru;q=" + "9" * 400},
        {"Accept-Language": "," * 8000},
        {"Accept": "nonsense"},
        {"Accept": "\xff/\x00"},
        {"Authorization": "Bearer \xff"},
        {"Authorization": "Bearer " + "x" * 8000},
        {"Content-Length": "0"},
    ],
    ids=lambda headers: str(headers)[:40],
)
async def test_strange_headers_break_nothing(stranger: AsyncClient, headers: dict[str, str]) -> None:
    raw: Any = {name.encode(): value.encode("latin-1") for name, value in headers.items()}
    assert (await stranger.get("/tracks", headers=raw)).status_code == 401


async def test_an_enormous_extension_is_refused_like_any_other(campus: School, alice: Person) -> None:
    track = await campus.running_track(alice, [alice, await campus.person()])
    (assignment_id, _) = await campus.assignment_ids(alice, track)
    for due_at in (
        "9999-12-31T23:59:59Z",
        "9999-12-31T23:59:59-23:59",
        "0001-01-01T00:00:00+23:59",
        "2040-01-01T00:00:00Z",
    ):
        response = await alice.patch(f"/assignments/{assignment_id}", json={"due_at": due_at})
        assert response.status_code in {200, 422}, response.text
