"""What the first request would wait for otherwise: routes are put together, and templates compiled, when first used.

A process does it once it serves, in short steps; what is asked for meanwhile is answered as it would be without.
"""

import asyncio

from fastapi import FastAPI

from learning_platform.core.languages import LANGUAGE_NAMES
from learning_platform.web.pages.kit.rendering import environment

# It and what it is made of, which other pages have in common, take 200 ms; others a few milliseconds.
LARGEST_TEMPLATE = "code.html"
ANYWHERE = {"type": "http", "method": "GET", "path": "/", "headers": []}


async def prepare(*apps: FastAPI) -> None:
    """Have everything ready that does not depend on what is asked for. It takes half a second.

    Routes are put together in the thread that serves requests: FastAPI turns warnings off meanwhile, for all threads,
    and two threads would turn them on for each other.
    """
    for app in apps:
        for route in app.routes:
            route.matches(dict(ANYWHERE))
            await asyncio.sleep(0)
    for language in LANGUAGE_NAMES:
        await asyncio.to_thread(environment(language).get_template, LARGEST_TEMPLATE)
