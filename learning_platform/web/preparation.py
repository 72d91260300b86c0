"""What the first request would wait for otherwise: routes are put together, and templates compiled, when first used.

A process does it in a thread once it serves; what is asked for meanwhile is answered as it would be without.
"""

from fastapi import FastAPI

from learning_platform.core.languages import LANGUAGE_NAMES
from learning_platform.web.pages.kit.rendering import environment

# It and what it is made of, which other pages have in common, take 200 ms; others a few milliseconds.
LARGEST_TEMPLATE = "code.html"
ANYWHERE = {"type": "http", "method": "GET", "path": "/", "headers": []}


def prepare(*apps: FastAPI) -> None:
    """Have everything ready that does not depend on what is asked for. It takes half a second."""
    for app in apps:
        for route in app.routes:
            route.matches(dict(ANYWHERE))
    for language in LANGUAGE_NAMES:
        environment(language).get_template(LARGEST_TEMPLATE)
