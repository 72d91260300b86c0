"""Around every request: metrics, security headers, HEAD, and an answer to what nothing else answers."""

import time
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from learning_platform.web.http.error_answers import handler_of
from learning_platform.web.http.metrics import METHODS, count_request
from learning_platform.web.http.rate_limits import note_limit_use

SECURITY_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    # Many addresses answer programs with JSON and people with a page.
    (b"vary", b"Accept"),
)
# What is answered to one person must not be kept for another.
NO_STORE = (b"cache-control", b"no-store")
CLOSE = (b"connection", b"close")
Headers = list[tuple[bytes, bytes]]


class MetricsAndHeaders:
    """Counts requests, completes the headers of answers, answers HEAD like GET, and every exception at all."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        method = scope["method"]
        inner = {**scope, "method": "GET"} if method == "HEAD" else scope
        status = 0

        async def send_completed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _completed(message["headers"], status)
            elif method == "HEAD":
                message = {**message, "body": b""}
            await send(message)

        note_limit_use(None)
        try:
            await self.app(inner, receive, send_completed)
        except Exception as error:
            if status == 0:
                # The framework would answer outside of everything here: without metrics and headers.
                response = await handler_of(scope["app"], error)(Request(inner), error)
                await response(inner, receive, send_completed)
            raise  # The server logs it, with its traceback.
        finally:
            counted = method if method in METHODS else "other"
            seconds = time.perf_counter() - began
            count_request(method=counted, route=_route(inner), status=status or 500, seconds=seconds)


def _completed(headers: Headers, status: int) -> Headers:
    """Return the headers of an answer with those that every answer has."""
    names = {name for name, _ in headers}
    if b"location" in names:
        headers = [_without_host(*each) for each in headers]
    if b"cache-control" not in names:
        headers = [*headers, NO_STORE]
    if status == 500:
        # The server cuts the connection when it logs the defect: a client that does not know would use it again.
        headers = [*(header for header in headers if header[0] != CLOSE[0]), CLOSE]
    return [*headers, *SECURITY_HEADERS]


def _without_host(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    """Return a header; a redirect of the framework, which believes `Host`, stays where the client is."""
    if name == b"location" and not value.startswith(b"/"):
        parts = urlsplit(value)
        return name, b"/" + parts.path.lstrip(b"/") + (b"?" + parts.query if parts.query else b"")
    return name, value


def _route(scope: MutableMapping[str, Any]) -> str:
    """Return the template of the path, never the path itself: it may hold a token."""
    return getattr(scope.get("route"), "path", "unknown")
