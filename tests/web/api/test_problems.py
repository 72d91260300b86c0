"""Refusals: one shape, a code for programs, a sentence for people in their language."""

from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient, Response

from learning_platform.accounts.rules import TooManyEmails
from learning_platform.core.errors import Refusal
from learning_platform.core.languages import Language
from learning_platform.core.settings import PROJECT
from learning_platform.reviews.rules import LinkNotCorrectable
from learning_platform.tracks.rules import TrackNotFound
from learning_platform.web.http.problems import refusal_response
from learning_platform.web.http.validation import MESSAGES
from tests.people import Person, School, track_json

CYRILLIC = frozenset("абвгдеёжзийклмнопрстуфхцчшщъыьэюя")


def ensure_problem(response: Response, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert set(problem) - {"errors"} == {"type", "title", "status", "detail", "code"}
    assert (problem["type"], problem["status"], problem["code"]) == ("about:blank", status, code)
    assert problem["title"]
    assert problem["detail"]
    return problem


def is_russian(text: str) -> bool:
    return bool(CYRILLIC & set(text.lower()))


async def test_each_kind_of_refusal_has_its_status_and_the_same_shape(campus: School, stranger: AsyncClient) -> None:
    alice, bob = await campus.people(2)
    track = await campus.track(alice)
    ensure_problem(await stranger.get("/me"), 401, "not_signed_in")
    ensure_problem(await bob.patch(f"/tracks/{track['id']}", json={"title": "x"}), 403, "not_the_author")
    ensure_problem(await alice.get("/tracks/999999999"), 404, "track_not_found")
    ensure_problem(await alice.patch(f"/tracks/{track['id']}", json={"criteria": []}), 409, "criteria_fixed")
    ensure_problem(await alice.post("/tracks", json={}), 422, "invalid_input")
    ensure_problem(await alice.get("/no/such/page"), 404, "not_found")
    ensure_problem(await alice.delete("/me"), 405, "method_not_allowed")


RENAMED: list[Refusal] = [LinkNotCorrectable(), TooManyEmails(retry_after=1)]


@pytest.mark.parametrize("refusal", RENAMED, ids=lambda refusal: refusal.code)
def test_a_renamed_code_comes_with_its_former_one(refusal: Refusal) -> None:
    problem = refusal_response(refusal, "en").problem
    assert (problem["code"], problem["former_code"]) == (refusal.code, refusal.former_code)
    assert f"| `{refusal.former_code}` | `{refusal.code}` |" in (PROJECT / "CHANGELOG.md").read_text()


def test_other_codes_come_alone() -> None:
    assert "former_code" not in refusal_response(TrackNotFound(), "en").problem


async def test_a_wrong_method_is_answered_with_the_right_ones(stranger: AsyncClient) -> None:
    response = await stranger.put("/register")
    ensure_problem(response, 405, "method_not_allowed")
    assert "POST" in response.headers["allow"]


@pytest.mark.parametrize("language", ["ru", "en"])
async def test_a_refusal_speaks_the_language_of_the_client(campus: School, language: Language) -> None:
    alice = await campus.person(language=language)
    responses = [
        await alice.get("/tracks/999999999"),
        await alice.get("/no/such/page"),
        await alice.delete("/me"),
        await alice.post("/tracks", json={}),
        await alice.post("/tracks", content=b"{"),
        await alice.post("/token", data={"username": "x", "password": "y"}),
        await alice.post("/token/refresh", json={"refresh_token": "x"}),
        await alice.patch("/me", json={"time_zone": "x"}),
    ]
    for response in responses:
        problem = response.json()
        assert response.headers["content-language"] == language
        assert "accept-language" in response.headers["vary"].lower()
        texts = [problem["title"], problem["detail"], *(error["msg"] for error in problem.get("errors", []))]
        assert [text for text in texts if is_russian(text) != (language == "ru")] == []


async def test_every_mistake_of_an_input_is_reported_with_its_place(campus: School) -> None:
    alice = await campus.person()
    wrong = track_json(
        title=" ",
        required_participants=1,
        review_hours=0,
        criteria=[{"name": "Style", "max_score": 101}, {"max_score": 1}],
        assignments=[],
    )
    problem = ensure_problem(await alice.post("/tracks", json=wrong), 422, "invalid_input")
    assert {tuple(error["loc"]) for error in problem["errors"]} == {
        ("body", "title"),
        ("body", "required_participants"),
        ("body", "review_hours"),
        ("body", "criteria", 0, "max_score"),
        ("body", "criteria", 1, "name"),
        ("body", "assignments"),
    }
    assert all(set(error) == {"loc", "msg"} for error in problem["errors"])


# One input for each kind of mistake a client can make.
MISTAKES: list[tuple[str, dict[str, Any]]] = [
    ("missing", {"criteria": [{"max_score": 1}]}),
    ("string_type", {"title": 1}),
    ("string_empty", {"title": ""}),
    ("string_too_long", {"title": "x" * 201}),
    ("string_pattern_mismatch", {"title": "a\u0000b"}),
    ("int_type", {"required_participants": None}),
    ("int_parsing", {"required_participants": "many"}),
    ("int_from_float", {"required_participants": 2.5}),
    ("float_type", {"review_hours": []}),
    ("float_parsing", {"review_hours": "long"}),
    ("greater_than_equal", {"required_participants": 1}),
    ("less_than_equal", {"required_participants": 10_001}),
    ("list_type", {"criteria": {}}),
    ("too_short", {"criteria": []}),
    ("too_long", {"criteria": [{"name": "x", "max_score": 1}] * 21}),
    ("model_attributes_type", {"criteria": ["x"]}),
]


@pytest.mark.parametrize(("kind", "change"), MISTAKES, ids=[kind for kind, _ in MISTAKES])
async def test_a_mistake_is_explained_in_both_languages(campus: School, kind: str, change: dict[str, Any]) -> None:
    alice = await campus.person()
    said: dict[str, str] = {}
    for language in ("en", "ru"):
        response = await alice.post("/tracks", json=track_json(**change), headers={"Accept-Language": language})
        (error,) = ensure_problem(response, 422, "invalid_input")["errors"]
        said[language] = error["msg"]
    assert said["en"].partition("{")[0].startswith(MESSAGES[kind].partition("{")[0].rstrip())
    assert is_russian(said["ru"])
    assert "{" not in said["en"] + said["ru"]


@pytest.mark.parametrize(
    "path",
    [
        "/tracks?limit=0",
        "/tracks?limit=201",
        "/tracks?limit=x",
        "/tracks?after=-1",
        "/tracks?status=open",
        "/notifications?unread=maybe",
        "/tracks/0",
        "/tracks/abc",
    ],
)
async def test_a_mistake_in_an_address_is_explained_too(campus: School, path: str) -> None:
    alice = await campus.person(language="ru")
    problem = ensure_problem(await alice.get(path), 422, "invalid_input")
    (error,) = problem["errors"]
    assert error["loc"][0] in {"query", "path"}
    assert is_russian(error["msg"])


@pytest.mark.parametrize("due_at", ["tomorrow", "2030-01-03", "2030-01-03T12:00:00", None, [], "9" * 30])
async def test_a_time_needs_a_zone_and_is_explained_by_an_example(campus: School, due_at: object) -> None:
    alice = await campus.person()
    (assignment_id, _) = await campus.assignment_ids(alice, await campus.track(alice))
    response = await alice.patch(f"/assignments/{assignment_id}", json={"due_at": due_at})
    (error,) = ensure_problem(response, 422, "invalid_input")["errors"]
    assert error["loc"] == ["body", "due_at"]


async def test_an_internal_error_is_a_problem_too_and_reveals_nothing(
    school: School, caplog: pytest.LogCaptureFixture
) -> None:
    alice = await school.person()
    async with school.services.database.connection() as db:
        await db.execute("alter table tracks rename column title to name")
    transport = ASGITransport(school.app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://test", auth=_token_of(alice)) as client:
        response = await client.get("/tracks")
        problem = ensure_problem(response, 500, "internal_error")
    assert "title" not in problem["detail"]


def _token_of(person: Person) -> Any:
    def sign(request: Any) -> Any:
        request.headers["Authorization"] = f"Bearer {person.token}"
        return request

    return sign


async def test_problems_come_in_the_order_in_which_a_user_would_ask(campus: School, stranger: AsyncClient) -> None:
    """Identity comes first, then whether it is there, then whether you may, then whether it is possible now."""
    alice, bob = await campus.people(2)
    track = await campus.track(alice)
    path = f"/tracks/{track['id']}"
    for (status, code), response in zip(
        [(401, "not_signed_in"), (422, "invalid_input"), (404, "track_not_found"), (403, "not_the_author")],
        [
            await stranger.patch(path, json={"title": 1}),
            await bob.patch(path, json={"title": 1}),
            await bob.patch("/tracks/999999999", json={"criteria": []}),
            await bob.patch(path, json={"criteria": []}),
        ],
        strict=True,
    ):
        ensure_problem(response, status, code)
