"""What holds for the answers of every route, of both kinds."""

import pytest
from httpx import ASGITransport, AsyncClient

from learning_platform.core.database import Database
from tests.people import School
from tests.routes import Route, routes_of
from tests.web.pages.browsing import signed_in

NO_SUCH_ID = "999999"


def path_of(route: Route) -> str:
    """Return an address of the route, of something that does not exist."""
    path = route.path
    for field in route.parameters("path"):
        path = path.replace(f"{{{field.alias}}}", NO_SUCH_ID)
    return path


async def test_what_can_be_read_can_be_asked_about(school: School) -> None:
    alice = await school.person(role="admin")
    browser = signed_in(school, alice)
    browser.follow_redirects = False
    for route in routes_of(school.app):
        if route.method != "GET":
            continue
        asking, path = browser if route.is_page else alice, path_of(route)
        read = await asking.get(path, headers={"Accept": route.accept})
        asked = await asking.head(path, headers={"Accept": route.accept})
        assert asked.status_code == read.status_code != 405, route
        assert asked.content == b"", route
        assert asked.headers.get("content-type") == read.headers.get("content-type"), route


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("is_page", [False, True])
async def test_after_an_internal_error_the_connection_ends(
    method: str, is_page: bool, school: School, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    alice = await school.person()
    known = signed_in(school, alice) if is_page else alice
    asking = AsyncClient(
        transport=ASGITransport(school.app, raise_app_exceptions=False),
        base_url=known.base_url,
        headers=known.headers,
        cookies=known.cookies,
        auth=known.auth,
    )

    def fail(_database: Database) -> None:
        raise LookupError

    monkeypatch.setattr(Database, "connection", fail)
    answer = await asking.request(method, "/tracks")
    assert answer.status_code == 500
    assert answer.headers["connection"] == "close"
