"""A request is read whole, up to a size and within a time, before any handler sees it.

So no handler holds a database connection, or anything else that others need, while a client is slow. Code that is
handed in is the exception: its handler gets it piece by piece, under limits of its own, and writes it to a file.
"""

import asyncio
import re
from collections.abc import Mapping
from urllib.parse import quote_from_bytes

from fastapi import Request
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from learning_platform.snapshots.rules import MAX_WIRE_BYTES
from learning_platform.web.http.error_answers import BodyTooLarge, BodyTooSlow, handler_of
from learning_platform.web.http.middleware import CLOSE

MAX_BODY_BYTES = 1024 * 1024
# A page with a review or a track fits many times over, also on a slow telephone.
MAX_BODY_SECONDS = 30.0
# A form has fields and boundaries beside its file.
MAX_FORM_BYTES = MAX_WIRE_BYTES + MAX_BODY_BYTES
MAX_CODE_SECONDS = 300.0
# By path: the limits of what the handler reads itself. A push is counted again where it is read, and what is over the
# limit there is thrown away: git reads no answer before it has sent everything.
STREAMED: Mapping[re.Pattern[str], tuple[int, float]] = {
    re.compile(r"/hand-in/.*"): (4 * MAX_WIRE_BYTES, MAX_CODE_SECONDS),
    re.compile(r"/assignments/[0-9]+/(submit/archive|starter)"): (MAX_FORM_BYTES, MAX_CODE_SECONDS),
}
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# What RFC 3986 allows in a query as it is, and the sign of what is encoded already.
QUERY_CHARACTERS = "%!$&'()*+,;=:@/?-._~"


class WholeBodyMiddleware:
    """Passes a request on when its body is there; refuses one that is too large or too slow."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        max_bytes: int = MAX_BODY_BYTES,
        max_seconds: float = MAX_BODY_SECONDS,
        streamed: Mapping[re.Pattern[str], tuple[int, float]] = STREAMED,
    ) -> None:
        self.app = app
        self._streamed = streamed
        self._max_bytes = max_bytes
        self._max_seconds = max_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        _encode_query(scope)
        if scope["type"] != "http" or _has_no_body(scope):
            await self.app(scope, receive, send)
            return
        if (limits := self._streaming_limits(scope)) is not None:
            await self._stream(scope, receive, send, *limits)
            return
        try:
            async with asyncio.timeout(self._max_seconds):
                body = await self._read(scope, receive)
        except ClientDisconnect:
            return
        except BodyTooLarge as error:
            await _refuse(error, scope, receive, send)
        except TimeoutError:
            await _refuse(BodyTooSlow(), scope, receive, send)
        else:
            await self.app(scope, _replayed(body, receive), send)

    def _streaming_limits(self, scope: Scope) -> tuple[int, float] | None:
        path: str = scope["path"]
        return next((limits for pattern, limits in self._streamed.items() if pattern.fullmatch(path)), None)

    async def _stream(self, scope: Scope, receive: Receive, send: Send, max_bytes: int, max_seconds: float) -> None:
        """Pass on a request whose body the handler reads within limits."""
        if _announced_length(scope) > max_bytes:
            await _refuse(BodyTooLarge(), scope, receive, send)
            return
        body = _LimitedBody(receive, max_bytes=max_bytes, max_seconds=max_seconds)

        async def send_and_close(message: Message) -> None:
            if message["type"] == "http.response.start" and not body.is_read:
                # The rest of the body is not waited for.
                message["headers"] = [*message["headers"], CLOSE]
            await send(message)

        await self.app(scope, body.receive, send_and_close)

    async def _read(self, scope: Scope, receive: Receive) -> bytes:
        """Return the body. Raises BodyTooLarge as soon as that is known, ClientDisconnect."""
        if _announced_length(scope) > self._max_bytes:
            raise BodyTooLarge
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            body += message.get("body", b"")
            if len(body) > self._max_bytes:
                raise BodyTooLarge
            if not message.get("more_body", False):
                return bytes(body)


class _LimitedBody:
    """A `receive` that raises BodyTooLarge or BodyTooSlow as soon as a body is too long or takes too long."""

    def __init__(self, receive: Receive, *, max_bytes: int, max_seconds: float) -> None:
        self.is_read = False
        self._receive = receive
        self._left = max_bytes
        self._ends_at = asyncio.get_running_loop().time() + max_seconds

    async def receive(self) -> Message:
        """Receive the next piece; when the body is read, whatever the server says next."""
        if self.is_read:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._ends_at):
                message = await self._receive()
        except TimeoutError:
            raise BodyTooSlow from None
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise BodyTooLarge
        self.is_read = not message.get("more_body", False)
        return message


async def _refuse(error: BodyTooLarge | BodyTooSlow, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer as every refusal is answered; the rest of the body is not waited for, so the connection ends."""
    response = await handler_of(scope["app"], error)(Request(scope), error)
    response.raw_headers.append(CLOSE)
    await response(scope, receive, send)


def _has_no_body(scope: Scope) -> bool:
    """Say whether a request comes without a body (RFC 9112, section 6.3)."""
    if scope["method"] not in SAFE_METHODS:
        return False
    return all(name not in {b"content-length", b"transfer-encoding"} for name, _ in scope["headers"])


def _announced_length(scope: Scope) -> int:
    value = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(value) if value.isdigit() else 0


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives the body in one piece, and then whatever the server says next."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return messages.pop() if messages else await receive()

    return replay


def _encode_query(scope: Scope) -> None:
    """Encode bytes that no address may hold as they are: the framework takes a query for UTF-8, and fails."""
    query: bytes = scope.get("query_string", b"")
    if not query.isascii():
        scope["query_string"] = quote_from_bytes(query, safe=QUERY_CHARACTERS).encode("ascii")
