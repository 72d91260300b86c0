"""The vocabulary of handlers: who asks, when, in which language, and over which connection."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Annotated, TypeVar

from fastapi import Depends, Header, Path, Query, Request
from fastapi.security import OAuth2PasswordBearer

from learning_platform.accounts.rules import NotSignedIn
from learning_platform.accounts.tokens import Identity
from learning_platform.attempts.rules import Overdue
from learning_platform.attempts.sweeps import catch_up
from learning_platform.core.database import Connection
from learning_platform.core.errors import Refusal
from learning_platform.core.languages import Language, preferred_language
from learning_platform.core.versions import Seen
from learning_platform.web.http.rate_limit_dependencies import note_rate_limit
from learning_platform.web.http.rate_limits import limit_use_of_request
from learning_platform.web.schemas.common import MAX_ID, NO_NUL
from learning_platform.web.schemas.texts import IDENTIFIER, MACHINE
from learning_platform.web.services import Services

Answer = TypeVar("Answer")
# Weak tags never match here.
VERSION_TAG = re.compile(r'(?<!W/)"(\d{1,9})"')
Id = Annotated[int, Path(ge=1, le=MAX_ID)]
Username = Annotated[str, Path(max_length=64, pattern=NO_NUL), IDENTIFIER]
Token = Annotated[str, Path(max_length=1000, pattern=NO_NUL), MACHINE]


async def services_of(request: Request) -> Services:
    """Return what the process holds."""
    services: Services = request.app.state.services
    return services


Running = Annotated[Services, Depends(services_of)]


async def current_time(request: Request) -> datetime:
    """Return the present time."""
    services: Services = request.app.state.services
    return services.clock()


class SignedInUser(OAuth2PasswordBearer):
    """The dependency that finds out who is asking; one, and not a chain of three, as nearly every route has it."""

    async def __call__(self, request: Request) -> Identity:  # type: ignore[override]  # Who, and not their token.
        """Return who is asking, and note what the request counts for. Raises NotSignedIn, BadToken."""
        token = await super().__call__(request)
        if token is None:
            raise NotSignedIn
        services: Services = request.app.state.services
        identity = services.revocations.identify(token)
        note_rate_limit(request, identity.user_id)
        return identity


Scheme = TypeVar("Scheme", bound=OAuth2PasswordBearer)


def _scheme(kind: type[Scheme]) -> Scheme:
    return kind(
        tokenUrl="token",
        refreshUrl="token/refresh",
        scheme_name="OAuth2PasswordBearer",
        description="An access token from `POST /token`.",
        auto_error=False,
    )


bearer, signed_in_user = _scheme(OAuth2PasswordBearer), _scheme(SignedInUser)


def begin(services: Services) -> "RequestTransaction":
    """Acquire a connection in a transaction; a refusal that keeps its changes commits, everything else rolls back.

    The first that commits in a request counts it, where its route has a limit. Raises TooManyActions.
    """
    return RequestTransaction(services)


class RequestTransaction:
    """The transaction of a request for an `async with` block; see `begin`."""

    __slots__ = ("_limit_use", "_services", "_transaction")

    def __init__(self, services: Services) -> None:
        self._services = services
        self._limit_use = limit_use_of_request()
        self._transaction = services.database.transaction()

    async def __aenter__(self) -> Connection:
        """Begin, and count the request."""
        services, use = self._services, self._limit_use
        db = await self._transaction.__aenter__()
        if use is None:
            return db
        try:
            await services.limits.use(db, use.rule, use.whose, now=services.clock())
        except BaseException as error:
            await self._transaction.__aexit__(type(error), error, error.__traceback__)
            raise
        return db

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Commit or roll back."""
        keeps_changes = isinstance(error, Refusal) and error.keeps_changes
        await self._transaction.__aexit__(*((None, None, None) if keeps_changes else (kind, error, trace)))
        if self._limit_use is not None and (error is None or keeps_changes):
            self._limit_use.is_counted = True


async def open_transaction(request: Request) -> AsyncIterator[Connection]:
    """Acquire a connection in a transaction, as `begin` does."""
    async with begin(request.app.state.services) as db:
        yield db


async def run_after_catch_up(
    services: Services, now: datetime, act: Callable[[Connection], Awaitable[Answer]]
) -> Answer:
    """Act in a transaction; an event that is due and not yet handled, and that the action needs, is handled first."""
    try:
        async with begin(services) as db:
            return await act(db)
    except Overdue as overdue:
        await catch_up(services.database, track_id=overdue.track_id, now=now)
    async with begin(services) as db:
        return await act(db)


async def open_reader(request: Request) -> AsyncIterator[Connection]:
    """Acquire a connection for reads, each a statement of its own."""
    services: Services = request.app.state.services
    async with services.database.connection() as db:
        yield db


async def language_of(request: Request) -> Language:
    """Return the language the client prefers."""
    return preferred_language(request.headers.get("accept-language", ""))


@dataclass(frozen=True, slots=True)
class Page:
    """The part of a list that was asked for: ids above `after`, at most `limit`."""

    after: int
    limit: int


async def page_params(
    after: Annotated[int, Query(ge=0, le=MAX_ID, description="Items with a higher id only.")] = 0,
    limit: Annotated[int, Query(ge=1, le=200, description="At most this many items.")] = 50,
) -> Page:
    """Return the asked-for part of a list."""
    return Page(after, limit)


async def seen_versions(
    if_match: Annotated[
        str | None,
        Header(max_length=1000, description="The `ETag` that the change is based on; 412 if it is another by now."),
        MACHINE,
    ] = None,
) -> Seen:
    """Return the versions that a change is based on (RFC 9110, section 13.1.1); other tags match none."""
    if if_match is None or if_match.strip() == "*":
        return None
    return [int(tag) for tag in VERSION_TAG.findall(if_match)]


IfMatch = Annotated[Seen, Depends(seen_versions)]
Now = Annotated[datetime, Depends(current_time)]
CurrentUser = Annotated[Identity, Depends(signed_in_user)]
# The scope commits before the answer goes out: the default would report to a client "done" of what may still fail.
Transaction = Annotated[Connection, Depends(open_transaction, scope="function")]
Reader = Annotated[Connection, Depends(open_reader, scope="function")]
PreferredLanguage = Annotated[Language, Depends(language_of)]
PageParams = Annotated[Page, Depends(page_params)]
