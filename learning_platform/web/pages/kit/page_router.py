"""The routers of pages, and the application they make up beside the API, at the same addresses."""

from collections.abc import Iterable
from urllib.parse import quote

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import RedirectResponse
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

from learning_platform.web.http.accept import wants_page
from learning_platform.web.http.rate_limit_dependencies import note_rate_limit
from learning_platform.web.pages.kit.csrf import refuse_cross_site
from learning_platform.web.pages.kit.viewer import CurrentViewer, viewer_of


async def count_form(request: Request, viewer: CurrentViewer) -> None:
    """Note what a person's form counts for."""
    note_rate_limit(request, None if viewer.session is None else viewer.session.user_id)


def page_router() -> APIRouter:
    """Return a router for pages: for requests from our own site only, knowing who looks, within limits."""
    return APIRouter(dependencies=[Depends(refuse_cross_site), Depends(viewer_of), Depends(count_form)])


class PagesByAccept:
    """Hands requests for pages to the application of pages; what only the API knows goes on to the API."""

    def __init__(self, app: ASGIApp, pages: FastAPI) -> None:
        self.app = app
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http" or not wants_page(scope):
            await self.app(scope, receive, send)
            return
        api: FastAPI = scope["app"]
        match = _match(self._pages.routes, scope)
        if match is Match.PARTIAL and (page_above := _page_above(self._pages, scope)):
            await RedirectResponse(page_above, status_code=303)(scope, receive, send)
            return
        if match is not Match.FULL and not _is_for(self._pages, scope, rather_than=api):
            await self.app(scope, receive, send)
            return
        self._pages.dependency_overrides = api.dependency_overrides
        await self._pages(scope, receive, send)


def _is_for(pages: FastAPI, scope: Scope, *, rather_than: FastAPI) -> bool:
    """Say whether pages know an address at least as well as the API does, with a slash at its end or without."""
    path: str = scope["path"]
    for known in (path, path.rstrip("/") if path.endswith("/") else f"{path}/"):
        asked = {**scope, "path": known}
        ours, theirs = _match(pages.routes, asked), _match(rather_than.routes, asked)
        if ours is not Match.NONE or theirs is not Match.NONE:
            return ours.value >= theirs.value
    return False


def _page_above(pages: FastAPI, scope: Scope) -> str | None:
    """Return the nearest page above an address that only takes forms, for a reload or another language there."""
    path: str = scope["path"]
    while scope["method"] == "GET" and (path := path.rpartition("/")[0]):
        if _match(pages.routes, {**scope, "path": path}) is Match.FULL:
            return quote(path)
    return None


def _match(routes: Iterable[BaseRoute], scope: Scope) -> Match:
    return max((route.matches(scope)[0] for route in routes), key=lambda match: match.value, default=Match.NONE)
