"""One address, two doors: a page route matches only who asks for a page.

Browsers name `text/html` in `Accept` whenever they navigate or send a form; programs name JSON, or nothing. Page routes
are registered before the API's, so whatever they let pass goes on to the API.
"""

from collections.abc import Callable, Collection
from functools import lru_cache
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import Scope

from learning_platform.web.http.rate_limit_dependencies import count_form
from learning_platform.web.pages.kit.csrf import refuse_cross_site
from learning_platform.web.pages.kit.viewer import viewer_of

PAGE, JSON = "text/html", "application/json"


class PageRoute(APIRoute):
    """A route for people; for programs it is not there. What can be read can be asked about too (`HEAD`)."""

    def __init__(
        self, path: str, endpoint: Callable[..., Any], *, methods: Collection[str] | None = None, **options: Any
    ) -> None:
        answered = set(methods or ["GET"])
        super().__init__(path, endpoint, methods=answered | {"HEAD"} if "GET" in answered else answered, **options)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match like any route, but only requests that ask for a page."""
        if scope["type"] != "http" or not asks_for_page(_header(scope, b"accept")):
            return Match.NONE, {}
        return super().matches(scope)


def page_router() -> APIRouter:
    """Return a router for pages: for requests from our own site only, knowing who looks, within limits."""
    return APIRouter(
        route_class=PageRoute,
        dependencies=[Depends(refuse_cross_site), Depends(viewer_of), Depends(count_form)],
        include_in_schema=False,
    )


@lru_cache(maxsize=256)
def asks_for_page(accept: str) -> bool:
    """Say whether a page is named, and wanted at least as much as JSON (RFC 9110, section 12.5.1)."""
    wishes = {
        kind.strip().lower(): _quality(rest) for kind, _, rest in (part.partition(";") for part in _parts(accept))
    }
    wanted = wishes.get(PAGE, 0.0)
    return wanted > 0 and wanted >= wishes.get(JSON, 0.0)


def is_page_request(request: Request) -> bool:
    """Say whether an answer, a refusal included, is to be a page."""
    return asks_for_page(request.headers.get("accept", ""))


def _parts(accept: str) -> list[str]:
    return accept[:1000].split(",")


def _quality(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.strip().partition("=")
        if name.lower() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")
