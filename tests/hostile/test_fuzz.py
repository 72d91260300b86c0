"""No input makes a 5xx: twenty thousand hostile requests to every route, and nothing breaks."""

import pytest

from learning_platform.core.settings import Settings
from learning_platform.web.pages.kit.forms import typed_form
from tests.conftest import test_settings
from tests.hostile.forms import forms_of
from tests.hostile.fuzz import EVERYTHING, fuzz
from tests.hostile.world import new_world
from tests.people import School
from tests.routes import WRITING, routes_of

# One after another in a worker, and spread over the workers there are.
SHARDS, REQUESTS_PER_SHARD = 10, 2000


@pytest.fixture
def settings(database_url: str) -> Settings:
    """Return settings with mail and a provider of accounts."""
    return test_settings(database_url, **EVERYTHING)


@pytest.mark.parametrize("seed", range(SHARDS))
async def test_nothing_breaks(school: School, seed: int) -> None:
    fuzzer = await fuzz(school, seed=seed, requests=REQUESTS_PER_SHARD)
    assert not fuzzer.findings, "\n".join(str(finding) for finding in fuzzer.findings[:20])
    # Many are taken, so the rest was not refused for one reason only.
    assert sum(number for status, number in fuzzer.statuses.items() if status < 400) > REQUESTS_PER_SHARD / 5


async def test_every_form_that_is_read_is_known_from_a_page(school: School) -> None:
    world = await new_world(school, name="w")
    routes = routes_of(school.app)
    forms = await forms_of(world, routes)
    unknown = [
        str(route) for route in routes if route.method in WRITING and route.asks_for(typed_form) and route not in forms
    ]
    assert "\n".join(unknown) == ""
