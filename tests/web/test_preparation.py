"""A process has put its routes and its largest template together before they are asked for."""

import pytest
from fastapi import FastAPI

from learning_platform.core.languages import LANGUAGE_NAMES
from learning_platform.web.pages.kit.rendering import environment
from learning_platform.web.preparation import LARGEST_TEMPLATE, prepare

pytestmark = pytest.mark.anyio


async def test_the_largest_template_is_compiled_in_every_language() -> None:
    environment.cache_clear()
    await prepare(FastAPI())
    for language in LANGUAGE_NAMES:
        cache = environment(language).cache
        assert cache is not None
        assert LARGEST_TEMPLATE in {name for _, name in cache}
