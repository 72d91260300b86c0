"""What tests of the API share."""

from collections.abc import AsyncIterator

import pytest
from httpx import ASGITransport, AsyncClient

from learning_platform.web.app import create_app
from tests.conftest import NOON, cloned_database, test_settings
from tests.people import HandClock, School


@pytest.fixture(scope="session")
async def campus(server: str, template: str) -> AsyncIterator[School]:
    """Open a school that the tests of a worker share: for those that do not move the clock or depend on others."""
    async with cloned_database(server, template) as url:
        app = create_app(test_settings(url), HandClock(NOON))
        async with app.router.lifespan_context(app):
            yield School(app, app.state.services.clock)


@pytest.fixture
async def stranger(campus: School) -> AsyncIterator[AsyncClient]:
    """Return a client of the shared school that is not signed in."""
    async with AsyncClient(transport=ASGITransport(campus.app), base_url="http://test") as client:
        yield client
