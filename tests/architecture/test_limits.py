"""Every route that writes has a limit, or a reason to have none."""

import re
from pathlib import Path

import pytest
from fastapi import FastAPI

import learning_platform.web
from learning_platform.core.settings import PROJECT, Settings
from learning_platform.web.app import create_app
from learning_platform.web.git_sign_in import git_user
from learning_platform.web.http.dependencies import signed_in_user
from learning_platform.web.http.rate_limit_dependencies import count_visitor
from learning_platform.web.http.rate_limits import NOT_LIMITED, RULES, rule_of
from learning_platform.web.pages.kit.page_router import count_form
from tests.conftest import test_settings
from tests.routes import WRITING, Route, routes_of

WEB = Path(learning_platform.web.__file__).parent
TRANSACTION = re.compile(r"\.transaction\(")
# Where the transaction that counts is made; and sockets, which are no requests and have a limit of their own.
# `streamed_csv` reads only: a table as it was at one time. `invitations` only counts tokens that are unknown.
OPEN_TRANSACTIONS = {
    "http/dependencies.py",
    "http/invitations.py",
    "live/routes.py",
    "exports/streamed_csv.py",
    # Reports to other processes what was counted when it was marked.
    "live/unread.py",
}


@pytest.fixture(scope="module")
def app() -> FastAPI:
    """Return the application, not running."""
    return create_app(test_settings("postgresql:///none"))


def writing_routes(app: FastAPI) -> list[Route]:
    return [route for route in routes_of(app) if route.method in WRITING]


def counting(app: FastAPI) -> set[str]:
    """Return the routes that count for a limit."""
    noting = (signed_in_user, count_visitor, count_form, git_user)
    return {f"{route.method} {route.path}" for route in routes_of(app) if route.asks_for(*noting)}


def test_every_route_that_has_a_rule_notes_what_it_counts_for(app: FastAPI) -> None:
    found = {f"{route.method} {route.path}": route for route in routes_of(app)}
    assert len(found) > 50
    with_a_rule = {name for name, route in found.items() if rule_of(route.method, route.path) is not None}
    assert with_a_rule - counting(app) == set()


def test_every_route_that_writes_has_a_rule_or_a_reason(app: FastAPI) -> None:
    found = {f"{route.method} {route.path}" for route in writing_routes(app) if not rule_of(route.method, route.path)}
    assert found - set(NOT_LIMITED) == set()
    assert all(len(reason) > 10 for reason in NOT_LIMITED.values())


def test_every_line_of_the_table_is_a_route(app: FastAPI) -> None:
    there = {f"{route.method} {route.path}" for route in routes_of(app)}
    assert (set(RULES) | set(NOT_LIMITED)) - there == set()
    assert set(RULES) & set(NOT_LIMITED) == set()


def test_what_handlers_write_is_written_in_the_transaction_that_counts() -> None:
    elsewhere = {
        str(path.relative_to(WEB)) for path in WEB.rglob("*.py") if TRANSACTION.search(path.read_text())
    } - OPEN_TRANSACTIONS
    assert elsewhere == set()


@pytest.mark.parametrize("name", [name for name in Settings.model_fields if name.startswith("limit_")])
def test_every_limit_is_explained_with_its_default(name: str) -> None:
    default = Settings.model_fields[name].default
    assert f"`{name.upper()}` | `{default}`" in (PROJECT / "docs" / "operations.md").read_text()
