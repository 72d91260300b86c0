"""Every route that writes has a limit, or a reason to have none."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant

import learning_platform.web
from learning_platform.core.settings import PROJECT, Settings
from learning_platform.web.app import create_app
from learning_platform.web.http.rate_limit_dependencies import count_api_call, count_form
from learning_platform.web.http.rate_limits import NOT_LIMITED, RULES, rule_of
from tests.architecture.test_contract import asks_for, routes
from tests.conftest import test_settings

WEB = Path(learning_platform.web.__file__).parent
WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
# A mail program's one click comes without a cookie, so it is not among the pages' forms.
BY_THEMSELVES = {"POST /unsubscribe/{token}"}
TRANSACTION = re.compile(r"\.transaction\(")
# Where the transaction that counts is made; and sockets, which are no requests and have a limit of their own.
OPEN_TRANSACTIONS = {"http/dependencies.py", "live/routes.py"}


@pytest.fixture(scope="module")
def app() -> FastAPI:
    """Return the application, not running."""
    return create_app(test_settings("postgresql:///none"))


def writing_routes(app: FastAPI) -> Iterator[tuple[str, str, Dependant | None]]:
    return (route for route in routes(app) if route[0] in WRITING)


def test_every_route_that_writes_notes_what_it_counts_for(app: FastAPI) -> None:
    found = list(writing_routes(app))
    assert len(found) > 50
    without = {
        f"{method} {path}"
        for method, path, dependant in found
        if not (dependant and asks_for(dependant, {count_api_call, count_form}))
    }
    assert without - BY_THEMSELVES == set()


def test_every_route_that_writes_has_a_rule_or_a_reason(app: FastAPI) -> None:
    without = {f"{method} {path}" for method, path, _ in writing_routes(app) if rule_of(method, path) is None}
    assert without - set(NOT_LIMITED) == set()
    assert all(len(reason) > 10 for reason in NOT_LIMITED.values())


def test_every_line_of_the_table_is_a_route(app: FastAPI) -> None:
    there = {f"{method} {path}" for method, path, _ in routes(app)}
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
