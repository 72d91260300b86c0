"""Every route of the application, of both kinds, as the routers list them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from learning_platform.web import git_clones, git_http, search_engines
from learning_platform.web.app import API_ROUTERS
from learning_platform.web.pages import code_pictures, live, mail
from learning_platform.web.pages.routers import PAGE_ROUTERS

WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
PAGE = "text/html,application/xhtml+xml,*/*;q=0.8"
JSON = "application/json"
ROUTERS_OF_PROGRAMS = (*API_ROUTERS, git_http.router, git_clones.router, search_engines.router)
# A mail program's one click is no request for a page, but is answered with one; a picture is asked for by a page.
ROUTERS_WITH_PAGES = (*PAGE_ROUTERS, mail.one_click, code_pictures.router)


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one route, for browsers or for programs."""

    method: str
    path: str
    is_page: bool
    dependant: Any = field(compare=False)

    def __str__(self) -> str:
        return f"{self.method} {self.path} {'page' if self.is_page else 'api'}"

    @property
    def accept(self) -> str:
        """Return the `Accept` of who asks for it."""
        return PAGE if self.is_page else JSON

    def parameters(self, place: str) -> list[Any]:
        """Return the fields of a place (`path`, `query`, `header`, `cookie`, `body`), those of dependencies too."""
        return list(_parameters(self.dependant, f"{place}_params"))

    def asks_for(self, *calls: object) -> bool:
        """Say whether one of these is among the dependencies."""
        return self.dependant is not None and _asks_for(self.dependant, calls)


def routes_of(app: FastAPI) -> list[Route]:
    """Return every route that FastAPI calls a path operation, those of pages first."""
    by_itself = [route for route in app.routes if isinstance(route, APIRoute)]
    pages = [found for router in ROUTERS_WITH_PAGES for found in _requests(router.routes, is_page=True)]
    api = [found for router in ROUTERS_OF_PROGRAMS for found in _requests(router.routes, is_page=False)]
    return [*pages, *_requests(by_itself, is_page=True), *api]


def addresses_of(app: FastAPI) -> list[Route]:
    """Return every route at all: WebSockets (`WS`), mounts and documents too."""
    others = (route for router in (*ROUTERS_OF_PROGRAMS, live.router) for route in router.routes)
    rest = (route for route in (*others, *app.routes) if not isinstance(route, APIRoute) and hasattr(route, "path"))
    return routes_of(app) + [
        Route(method, route.path, False, getattr(route, "dependant", None))
        for route in rest
        for method in (getattr(route, "methods", None) or {"WS"}) - {"HEAD", "OPTIONS"}
    ]


def _requests(routes: list[BaseRoute] | list[APIRoute], *, is_page: bool) -> Iterator[Route]:
    for route in routes:
        if isinstance(route, APIRoute):
            for method in sorted(route.methods or ()):
                yield Route(method, route.path, is_page, route.dependant)


def _parameters(dependant: Any, kind: str) -> Iterator[Any]:
    yield from getattr(dependant, kind)
    for below in dependant.dependencies:
        yield from _parameters(below, kind)


def _asks_for(dependant: Any, calls: tuple[object, ...]) -> bool:
    return dependant.call in calls or any(_asks_for(below, calls) for below in dependant.dependencies)
