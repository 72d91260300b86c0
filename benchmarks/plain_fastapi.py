"""The same answers by plain FastAPI and asyncpg, as its documentation shows it.

Dependencies for the user and the connection, Pydantic models for what comes in and what goes out, asyncpg's pool (its
reset query off), the SQL of the reference. No limits, metrics, headers or refusals, and no code of the product between
a request and its SQL.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Annotated, Any

import asyncpg
import orjson
import uvicorn
from fastapi import Depends, FastAPI, Request, Response
from fastapi.security import OAuth2PasswordBearer

from benchmarks import reference
from learning_platform.accounts.tokens import AccessTokens
from learning_platform.core.clock import system_clock
from learning_platform.web.schemas.accounts import User
from learning_platform.web.schemas.attempts import CurrentAssignment, NewSubmission, Submission
from learning_platform.web.schemas.diary import DiaryEntry, NewEntry
from learning_platform.web.schemas.reviews import ClaimedSubmission
from learning_platform.web.schemas.tracks import Track

bearer = OAuth2PasswordBearer(tokenUrl="token")


class Statements(dict[str, reference.Prepared]):
    """The statements of the reference, which asyncpg's own cache prepares."""

    def __init__(self, db: Any) -> None:
        self._db = db

    def __missing__(self, statement: str) -> "Statement":
        """Return a statement of this connection."""
        return Statement(self._db, statement)


class Statement:
    """A statement with the methods of a prepared one."""

    def __init__(self, db: Any, statement: str) -> None:
        self._db = db
        self._statement = statement

    async def fetchrow(self, *arguments: Any) -> Any:
        """Return the first row."""
        return await self._db.fetchrow(self._statement, *arguments)

    async def fetch(self, *arguments: Any) -> Any:
        """Return all rows."""
        return await self._db.fetch(self._statement, *arguments)


async def acquired(request: Request) -> AsyncIterator[Any]:
    """Acquire a connection for the length of a request's handler."""
    async with request.app.state.pool.acquire() as db:
        yield db


async def signed_in(request: Request, token: Annotated[str, Depends(bearer)]) -> int:
    """Return the id of the user whose token this is."""
    tokens: AccessTokens = request.app.state.tokens
    return tokens.read(token, system_clock()).user_id


UserId = Annotated[int, Depends(signed_in)]
Acquired = Annotated[Any, Depends(acquired, scope="function")]


def application(url: str, key: str) -> FastAPI:
    """Return the application."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with asyncpg.create_pool(
            url,
            max_size=reference.CONNECTIONS,
            init=_read_json,
            reset=_keep_session,
            server_settings={"jit": "off", "timezone": "UTC"},
        ) as app.state.pool:
            yield

    app = FastAPI(lifespan=lifespan)
    app.state.tokens = AccessTokens(key, timedelta(days=1))
    app.get("/me", response_model=User)(me)
    app.get("/tracks", response_model=list[Track])(tracks)
    app.get("/tracks/{track_id}/assignments/current", response_model=CurrentAssignment)(current)
    app.post("/assignments/{assignment_id}/diary", status_code=201, response_model=DiaryEntry)(diary)
    app.post("/assignments/{assignment_id}/submit", status_code=201, response_model=Submission)(submit)
    app.get("/assignments/{assignment_id}/review/submission", response_model=ClaimedSubmission)(claim)
    return app


async def _read_json(db: Any) -> None:
    await db.set_type_codec("json", schema="pg_catalog", encoder=str, decoder=orjson.loads, format="text")


async def _keep_session(_db: Any) -> None:
    """Spare the statement that resets a session, as the product does."""


async def me(db: Acquired, user_id: UserId) -> Any:
    return (await reference.me(db, Statements(db), user_id, 0, None))[1]


async def tracks(db: Acquired, user_id: UserId) -> Any:
    return (await reference.tracks(db, Statements(db), user_id, 0, None))[1]


async def current(track_id: int, db: Acquired, user_id: UserId) -> Any:
    return (await reference.current(db, Statements(db), user_id, track_id, None))[1]


async def diary(assignment_id: int, new: NewEntry, db: Acquired, user_id: UserId) -> Any:
    return (await reference.diary(db, Statements(db), user_id, assignment_id, new.model_dump()))[1]


async def submit(assignment_id: int, new: NewSubmission, db: Acquired, user_id: UserId, response: Response) -> Any:
    status, answer = await reference.submit(db, Statements(db), user_id, assignment_id, new.model_dump())
    response.status_code = status
    return answer


async def claim(assignment_id: int, db: Acquired, user_id: UserId, response: Response) -> Any:
    status, answer = await reference.claim(db, Statements(db), user_id, assignment_id, None)
    response.status_code = status
    return answer


def main() -> None:
    url, key, port = sys.argv[1:]
    uvicorn.run(application(url, key), port=int(port), log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
