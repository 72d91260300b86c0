"""The OpenAPI document is true: what is asked for, what is answered, what is refused, and by whom."""

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from httpx import AsyncClient

from tests.people import Json, School, track_json

METHODS = ("get", "post", "put", "patch", "delete")
PUBLIC = {
    "/register",
    "/token",
    "/token/refresh",
    "/health",
    "/metrics",
    "/certificates/{code}",
    "/track-file.schema.json",
}


@pytest.fixture
async def document(stranger: AsyncClient) -> Json:
    response = await stranger.get("/openapi.json")
    assert response.status_code == 200
    return response.json()


def operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                yield method.upper(), path, methods[method]


def validator(document: Json, schema: Json) -> Any:
    return jsonschema_rs.Draft202012Validator({**schema, "components": document["components"]})


def contents(operation: Json) -> Iterator[tuple[str, str, Json]]:
    """Yield status, media type and content of every answer that has one."""
    for status, answer in operation["responses"].items():
        for media_type, content in answer.get("content", {}).items():
            yield status, media_type, content


async def test_every_operation_says_what_it_answers(document: Json) -> None:
    for method, path, operation in operations(document):
        successes = [status for status in operation["responses"] if status.startswith("2")]
        assert successes, f"{method} {path}"
        for status, media_type, content in contents(operation):
            if media_type == "application/json":
                assert content.get("schema"), f"{method} {path} {status}"


async def test_every_refusal_is_a_problem_and_described_as_one(document: Json) -> None:
    for method, path, operation in operations(document):
        for status, media_type, content in contents(operation):
            if status[0] in "45" and (path, status) != ("/health", "503"):
                assert media_type == "application/problem+json", f"{method} {path} {status}"
                assert content["schema"]["$ref"].endswith(("/Problem", "/ChangedProblem", "/InvalidInput")), (
                    f"{method} {path} {status}"
                )


async def test_every_example_fits_its_schema(document: Json) -> None:
    seen = 0
    for method, path, operation in operations(document):
        bodies = [("body", *each) for each in operation.get("requestBody", {}).get("content", {}).items()]
        for where, media_type, content in [*bodies, *contents(operation)]:
            examples = [each["value"] for each in content.get("examples", {}).values()]
            examples += [content["example"]] if "example" in content else []
            for example in examples:
                seen += 1
                errors = list(validator(document, content["schema"]).iter_errors(example))
                assert errors == [], f"{method} {path} {where} {media_type}"
    for name, schema in document["components"]["schemas"].items():
        for property_name, described in schema.get("properties", {}).items():
            for example in described.get("examples", []):
                seen += 1
                assert validator(document, described).is_valid(example), f"{name}.{property_name}"
    assert seen > 100


async def test_every_operation_but_the_public_ones_asks_for_a_token_and_says_so(
    document: Json, stranger: AsyncClient
) -> None:
    (scheme,) = document["components"]["securitySchemes"]
    for method, path, operation in operations(document):
        is_open = path in PUBLIC or "calendar.ics" in path
        if is_open:
            continue
        assert operation.get("security") == [{scheme: []}], f"{method} {path}"
        assert "401" in operation["responses"], f"{method} {path}"
        address = path.replace("{", "").replace("}", "")
        for name in ("track_id", "assignment_id", "submission_id", "review_id", "appeal_id", "entry_id", "user_id"):
            address = address.replace(name, "1")
        response = await stranger.request(method, address, json={})
        assert (response.status_code, response.json()["code"]) == (401, "not_signed_in"), f"{method} {path}"


async def test_every_operation_with_an_input_may_refuse_it(document: Json) -> None:
    for method, path, operation in operations(document):
        if operation.get("parameters") or operation.get("requestBody"):
            assert "422" in operation["responses"], f"{method} {path}"


async def test_every_list_describes_its_link(document: Json) -> None:
    for _method, path, operation in operations(document):
        if any(parameter["name"] == "after" for parameter in operation.get("parameters", [])):
            assert "Link" in operation["responses"]["200"]["headers"], path


async def test_answers_are_as_the_document_says(document: Json, campus: School) -> None:
    alice, bob = await campus.people(2)
    track = await campus.running_track(alice, [alice, bob])
    first, _ = await campus.assignment_ids(alice, track)
    entry = await alice.ok("POST", f"/assignments/{first}/diary", 201, json={"text": "x"})
    submit = {"repo_url": "https://git.example/a/b"}
    exchanges: list[tuple[str, str, str, Json]] = [
        ("GET", "/me", "/me", None),
        ("GET", "/tracks", "/tracks", None),
        ("GET", "/tracks/my", "/tracks/my", None),
        ("POST", "/tracks", "/tracks", track_json()),
        ("GET", "/tracks/{track_id}", f"/tracks/{track['id']}", None),
        ("GET", "/tracks/{track_id}", "/tracks/999999999", None),
        ("POST", "/tracks/{track_id}/enroll", f"/tracks/{track['id']}/enroll", None),
        ("GET", "/tracks/{track_id}/assignments", f"/tracks/{track['id']}/assignments", None),
        ("GET", "/tracks/{track_id}/assignments/current", f"/tracks/{track['id']}/assignments/current", None),
        ("GET", "/assignments/{assignment_id}", f"/assignments/{first}", None),
        ("POST", "/assignments/{assignment_id}/submit", f"/assignments/{first}/submit", submit),
        ("POST", "/assignments/{assignment_id}/submit", f"/assignments/{first}/submit", submit),
        ("POST", "/assignments/{assignment_id}/submit", f"/assignments/{first}/submit", {"repo_url": "x"}),
        ("GET", "/assignments/{assignment_id}/submission", f"/assignments/{first}/submission", None),
        ("GET", "/assignments/{assignment_id}/review/submission", f"/assignments/{first}/review/submission", None),
        ("GET", "/assignments/{assignment_id}/diary", f"/assignments/{first}/diary", None),
        ("PATCH", "/diary/{entry_id}", f"/diary/{entry['id']}", {"text": "y"}),
        ("GET", "/notifications", "/notifications", None),
        ("POST", "/notifications/read", "/notifications/read", {}),
        ("DELETE", "/diary/{entry_id}", f"/diary/{entry['id']}", None),
    ]
    for method, template, path, body in exchanges:
        response = await alice.request(method, path, json=body)
        answers = document["paths"][template][method.lower()]["responses"]
        assert str(response.status_code) in answers, f"{method} {path}: {response.text}"
        described = answers[str(response.status_code)].get("content", {})
        if not response.content:
            assert described == {}
            continue
        schema = described[response.headers["content-type"]]["schema"]
        assert list(validator(document, schema).iter_errors(response.json())) == [], f"{method} {path}"


async def test_swagger_ui_is_served_from_here(stranger: AsyncClient) -> None:
    page = await stranger.get("/docs")
    assert page.status_code == 200
    assert "http://" not in page.text
    assert "https://" not in page.text
    assert (await stranger.get("/docs/assets/swagger-ui-bundle.js")).status_code == 200
