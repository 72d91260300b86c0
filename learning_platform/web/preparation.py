"""What the first request would wait for otherwise: routes are put together, and templates compiled, when first used.

A process does it in a thread once it serves; what is asked for meanwhile is answered as it would be without.
"""

from fastapi import FastAPI

from learning_platform.core.languages import LANGUAGE_NAMES
from learning_platform.web.pages.kit.rendering import environment

# These and what they are made of: the largest. Others compile in a few milliseconds.
TEMPLATES = ("code.html", "review.html", "assignment.html", "track.html", "home.html")
ANYWHERE = {"type": "http", "method": "GET", "path": "/", "headers": []}


def prepare(*apps: FastAPI) -> None:
    """Have everything ready that does not depend on what is asked for. It takes about a second."""
    for app in apps:
        for route in app.routes:
            route.matches(dict(ANYWHERE))
    for language in LANGUAGE_NAMES:
        for template in TEMPLATES:
            environment(language).get_template(template)
