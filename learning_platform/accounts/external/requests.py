"""Requests to providers: with time limits, without redirects, and answers of a limited size."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

import httpx2

from learning_platform.accounts.external.providers import Provider
from learning_platform.accounts.rules import BadProviderAnswer, ProviderUnavailable
from learning_platform.core.errors import Refusal

log = logging.getLogger(__name__)
MAX_BYTES = 256 * 1024
MAX_SECONDS = 10.0
LIMITS = httpx2.Limits(max_connections=20, max_keepalive_connections=5)
DOCUMENT_SECONDS = 3600.0
# After a failure, and between two requests for a document that seems outdated.
PAUSE_SECONDS = 10.0
Document = TypeVar("Document")


class AnswerTooLarge(httpx2.TransportError):
    """An answer is longer than any that is needed."""


class LimitedStream(httpx2.AsyncByteStream):
    """The body of an answer; reading more than MAX_BYTES raises AnswerTooLarge."""

    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield the parts of the body."""
        size = 0
        async for part in self._stream:
            size += len(part)
            if size > MAX_BYTES:
                raise AnswerTooLarge("the answer is too large")
            yield part

    async def aclose(self) -> None:
        """Close the connection, or give it back."""
        await self._stream.aclose()


class LimitedTransport(httpx2.AsyncBaseTransport):
    """Sends requests; answers are limited and never compressed, because a few bytes could become gigabytes."""

    def __init__(self) -> None:
        self._transport = httpx2.AsyncHTTPTransport(limits=LIMITS)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request."""
        request.headers["Accept-Encoding"] = "identity"
        response = await self._transport.handle_async_request(request)
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        if response.headers.get("content-encoding", "identity") != "identity":
            await response.stream.aclose()
            raise httpx2.DecodingError("the answer is compressed")
        return httpx2.Response(
            response.status_code,
            headers=response.headers,
            stream=LimitedStream(response.stream),
            extensions=response.extensions,
        )

    async def aclose(self) -> None:
        """Close every connection."""
        await self._transport.aclose()


class ProviderRequests:
    """Requests of this process to providers."""

    def __init__(self) -> None:
        self.transport = LimitedTransport()
        self._client = httpx2.AsyncClient(transport=self.transport, timeout=MAX_SECONDS)

    async def get_json(self, url: str, *, token: str | None = None) -> object:
        """Return a JSON document. Raises what `asking` turns into refusals."""
        headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        response = await self._client.get(url, headers=headers)
        response.raise_for_status()
        if response.status_code != httpx2.codes.OK:
            raise ValueError("a redirect in place of a document")
        document: object = response.json()
        return document

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()


@asynccontextmanager
async def asking(provider: Provider) -> AsyncIterator[None]:
    """Wait for a provider at most MAX_SECONDS. Raises ProviderUnavailable, BadProviderAnswer."""
    try:
        async with asyncio.timeout(MAX_SECONDS):
            yield
    except Refusal:
        raise
    except Exception as error:
        # Whatever a provider answers is its fault, and not an error of this service. The text may hold secrets.
        log.warning("Sign-in with %s failed: %s", provider.key, type(error).__name__)
        raise _refusal(error)(name=provider.name) from error


def _refusal(error: Exception) -> type[Refusal]:
    if isinstance(error, httpx2.HTTPStatusError):
        return ProviderUnavailable if error.response.is_server_error else BadProviderAnswer
    is_away = isinstance(error, httpx2.TransportError | TimeoutError | OSError) and not isinstance(
        error, AnswerTooLarge
    )
    return ProviderUnavailable if is_away else BadProviderAnswer


class Cached(Generic[Document]):
    """A document of a provider, kept for an hour. While it cannot be fetched, the last one is used."""

    def __init__(self, fetch: Callable[[], Awaitable[Document]]) -> None:
        self._fetch = fetch
        self._document: Document | None = None
        self._failure: Refusal | None = None
        self._tried_at = float("-inf")
        self._fetched_at = float("-inf")
        self._lock = asyncio.Lock()

    async def get(self, *, is_outdated: bool = False) -> Document:
        """Return the document; `is_outdated`: something is missing in it. Raises what fetching it raised."""
        async with self._lock:
            time = asyncio.get_running_loop().time()
            is_due = is_outdated or time - self._fetched_at > DOCUMENT_SECONDS
            if is_due and time - self._tried_at > PAUSE_SECONDS:
                await self._renew(time)
            if self._document is not None:
                return self._document
            assert self._failure is not None
            raise self._failure

    async def _renew(self, time: float) -> None:
        try:
            self._document, self._failure = await self._fetch(), None
            self._fetched_at = self._tried_at = time
        except Refusal as failure:
            self._failure, self._tried_at = failure, time
