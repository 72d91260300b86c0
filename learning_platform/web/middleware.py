"""Around every request: its metrics, and headers that keep browsers from guessing. Pure ASGI, so it costs nothing."""

import time
from typing import Any
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from learning_platform.web.http.metrics import METHODS, count_request

SECURITY_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    # Many addresses answer programs with JSON and people with a page.
    (b"vary", b"Accept"),
)
# What is answered to one person must not be kept for another.
NO_STORE = (b"cache-control", b"no-store")


class Surroundings:
    """Counts requests and adds headers, where the API's own door (web/routes.py) does not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 500

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = with_security([_without_host(*each) for each in message["headers"]])
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        finally:
            method = scope["method"] if scope["method"] in METHODS else "other"
            seconds = time.perf_counter() - began
            count_request(method=method, route=_route(scope), status=status, seconds=seconds)


def with_security(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return the headers of an answer with those that every answer has."""
    if any(name == b"cache-control" for name, _ in headers):
        return [*headers, *SECURITY_HEADERS]
    return [*headers, *SECURITY_HEADERS, NO_STORE]


def _without_host(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    """Return a header; a redirect of the framework, which believes `Host`, stays where the client is."""
    if name == b"location" and not value.startswith(b"/"):
        parts = urlsplit(value)
        return name, b"/" + parts.path.lstrip(b"/") + (b"?" + parts.query if parts.query else b"")
    return name, value


def _route(scope: Scope) -> str:
    """Return the template of the path, never the path itself: it may hold a token."""
    route: Any = scope.get("route")
    return getattr(route, "path", "unknown")
