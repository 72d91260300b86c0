"""Every route of the application, of both kinds, as the application itself lists them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from learning_platform.web.page_route import PageRoute

WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
PAGE = "text/html,application/xhtml+xml,*/*;q=0.8"
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one route, for browsers or for programs."""

    method: str
    path: str
    is_page: bool
    dependant: Dependant = field(compare=False)

    def __str__(self) -> str:
        return f"{self.method} {self.path} {'page' if self.is_page else 'api'}"

    @property
    def accept(self) -> str:
        """Return the `Accept` of who asks for it."""
        return PAGE if self.is_page else JSON

    def parameters(self, place: str) -> list[Any]:
        """Return the fields of a place (`path`, `query`, `header`, `cookie`, `body`), those of dependencies too."""
        return list(_parameters(self.dependant, f"{place}_params"))


def routes_of(app: FastAPI) -> list[Route]:
    """Return every route, those of pages first."""
    found: list[Route] = []
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, APIRoute):
            is_page = isinstance(route, PageRoute) or not route.include_in_schema
            path = context.path_format or route.path
            found += [Route(method, path, is_page, context.dependant) for method in sorted(route.methods or ())]
    return sorted(found, key=lambda route: not route.is_page)


def _parameters(dependant: Dependant, kind: str) -> Iterator[Any]:
    yield from getattr(dependant, kind)
    for below in dependant.dependencies:
        yield from _parameters(below, kind)
