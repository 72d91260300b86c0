"""Every endpoint of the contract exists, and asks for a user unless it is public."""

import re

import pytest
from fastapi import FastAPI

from learning_platform.web.app import PUBLIC_ROUTES, create_app
from learning_platform.web.http.dependencies import signed_in_user
from learning_platform.web.pages.kit.viewer import catalogue_viewer, signed_in
from tests.conftest import test_settings
from tests.routes import addresses_of

# product.md, section 4, as it stands there.
CONTRACT = """
POST /register
POST /token
POST /token/refresh
POST /logout
GET /me
PATCH /me
POST /tracks
GET /tracks
GET /tracks/my
GET /tracks/{}
PATCH /tracks/{}
DELETE /tracks/{}
POST /tracks/{}/cancel
POST /tracks/{}/copy
POST /tracks/{}/enroll
DELETE /tracks/{}/enroll
GET /tracks/{}/assignments
GET /tracks/{}/assignments/current
GET /assignments/{}
PATCH /assignments/{}
POST /assignments/{}/submit
POST /assignments/{}/submit/archive
PUT /assignments/{}/starter
GET /assignments/{}/submission
GET /assignments/{}/review/submission
POST /submissions/{}/review
PUT /submissions/{}/review
POST /submissions/{}/review/return
GET /assignments/{}/reviews
POST /reviews/{}/answer
POST /assignments/{}/appeal
POST /appeals/{}/settle
GET /tracks/{}/results
GET /tracks/{}/calendar.ics
POST /assignments/{}/diary
GET /assignments/{}/diary
PATCH /diary/{}
DELETE /diary/{}
POST /me/hand-in-tokens
GET /me/hand-in-tokens
DELETE /me/hand-in-tokens/{}
GET /notifications
POST /notifications/read
GET /health
GET /metrics
WS /ws/{}
"""
# What people see before they sign in, and what a page needs.
PUBLIC_PREFIXES = ("/docs", "/static", "/openapi.json")
# These find out by themselves who asks: a secret link, a cookie; and a page to leave by is harmless.
BY_THEMSELVES = {"GET /calendar.ics", "GET /tracks/{track_id}/calendar.ics", "WS /live", "POST /logout"}
# git sends a token by HTTP Basic.
BY_THEMSELVES |= {
    "GET /hand-in/{assignment_id}.git/info/refs",
    "POST /hand-in/{assignment_id}.git/git-receive-pack",
    "GET /hand-in/{assignment_id}/starter.git/info/refs",
    "POST /hand-in/{assignment_id}/starter.git/git-receive-pack",
    "GET /submissions/{submission_id}/code.git/info/refs",
    "POST /submissions/{submission_id}/code.git/git-upload-pack",
}
PARAMETER = re.compile(r"\{[^}]*\}")


@pytest.fixture(scope="module")
def app() -> FastAPI:
    """Return the application, not running."""
    return create_app(test_settings("postgresql:///none"))


def test_every_endpoint_of_the_contract_exists(app: FastAPI) -> None:
    there = {f"{route.method} {PARAMETER.sub('{}', route.path)}" for route in addresses_of(app)}
    assert set(CONTRACT.split("\n")) - {""} - there == set()


def test_every_route_asks_for_a_user_unless_it_is_public(app: FastAPI) -> None:
    open_to_all = {
        f"{route.method} {route.path}"
        for route in addresses_of(app)
        if route.path not in PUBLIC_ROUTES
        and not route.path.startswith(PUBLIC_PREFIXES)
        and not route.asks_for(signed_in_user, signed_in, catalogue_viewer)
    }
    assert open_to_all - BY_THEMSELVES == set()


def test_only_the_catalogue_is_shown_to_visitors_where_a_setting_says_so(app: FastAPI) -> None:
    shown = {(route.path, route.is_page) for route in addresses_of(app) if route.asks_for(catalogue_viewer)}
    assert shown == {("/tracks", True), ("/tracks/{track_id}", True), ("/tracks/{track_id}/cohorts", True)}


def test_every_public_route_is_one(app: FastAPI) -> None:
    assert {route.path for route in addresses_of(app)} >= PUBLIC_ROUTES


def test_every_operation_of_the_document_has_a_name_of_its_own_a_tag_and_a_summary(app: FastAPI) -> None:
    operations = [operation for path in app.openapi()["paths"].values() for operation in path.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names))
    assert all(operation["tags"] and operation["summary"] and operation["description"] for operation in operations)
