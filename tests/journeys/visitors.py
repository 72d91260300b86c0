"""People who use a running server as programs do: over HTTP and a WebSocket."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import count
from typing import Any

from httpx import AsyncClient
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.processes import Server

Json = Any
PASSWORD = "correct horse battery"
PATIENCE_SECONDS = 30
numbers = count(1)


class Visitor(AsyncClient):
    """A user signed in at a server."""

    def __init__(self, server: Server, username: str, token: str) -> None:
        super().__init__(base_url=server.url, headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE_SECONDS)
        self.username = username
        self.token = token

    async def ok(self, method: str, path: str, **arguments: Any) -> Json:
        """Send a request that must succeed; return its JSON."""
        response = await self.request(method, path, **arguments)
        assert response.is_success, f"{method} {path}: {response.status_code} {response.text}"
        return response.json() if response.content else None

    async def submit(self, assignment_id: int) -> None:
        """Hand in a link."""
        await self.ok("POST", f"/assignments/{assignment_id}/submit", json={"repo_url": "https://git.example/a/b"})

    async def review_all(self, assignment_id: int) -> int:
        """Do every review owed; return how many that were."""
        for done in count():
            work = await self.get(f"/assignments/{assignment_id}/review/submission")
            if work.status_code == 404:
                return done
            assert work.is_success, work.text
            claimed = work.json()
            scores = [{"criterion_id": one["id"], "score": one["max_score"]} for one in claimed["criteria"]]
            await self.ok("POST", f"/submissions/{claimed['submission_id']}/review", json={"scores": scores})
        raise AssertionError

    async def inbox(self) -> list[Json]:
        """Return everything in the inbox, oldest first."""
        inbox: list[Json] = await self.ok("GET", "/notifications", params={"limit": 200})
        return inbox


class Listener:
    """An open WebSocket; everything that comes is kept with its time."""

    def __init__(self, connection: ClientConnection) -> None:
        self.messages: list[Json] = []
        self.came_at: list[datetime] = []
        self._connection = connection
        self._came = asyncio.Condition()
        self._listening = asyncio.create_task(self._listen())

    @property
    def types(self) -> list[str]:
        """Return the types of what has come, in order."""
        return [message["type"] for message in self.messages]

    async def until(self, type: str, *, times: int = 1, assignment_id: int | None = None) -> Json:
        """Return the last message of this type once it has come so many times."""

        def those() -> list[Json]:
            return [
                message
                for message in self.messages
                if message["type"] == type and assignment_id in {None, message["assignment_id"]}
            ]

        async with self._came, asyncio.timeout(PATIENCE_SECONDS):
            await self._came.wait_for(lambda: len(those()) >= times)
        return those()[times - 1]

    async def closed(self) -> int:
        """Wait for the server to close the connection; return the code."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._listening
        assert self._connection.close_code is not None
        return self._connection.close_code

    async def _listen(self) -> None:
        try:
            async for text in self._connection:
                async with self._came:
                    self.messages.append(json.loads(text))
                    self.came_at.append(datetime.now(UTC))
                    self._came.notify_all()
        except ConnectionClosed:
            pass  # A server that was killed says no goodbye.


@asynccontextmanager
async def visitor(server: Server, username: str = "") -> AsyncIterator[Visitor]:
    """Register and sign in, as the API has it."""
    username = username or f"visitor_{next(numbers)}"
    account = {"email": f"{username}@example.com", "username": username, "password": PASSWORD}
    async with AsyncClient(base_url=server.url, timeout=PATIENCE_SECONDS) as client:
        registered = await client.post("/register", json=account)
        assert registered.status_code == 201, registered.text
        token = await sign_in(client, username)
    async with Visitor(server, username, token) as signed_in:
        yield signed_in


async def sign_in(client: AsyncClient, username: str) -> str:
    """Return an access token for an account made by `visitor`."""
    response = await client.post("/token", data={"username": username, "password": PASSWORD})
    assert response.status_code == 200, response.text
    token: str = response.json()["access_token"]
    return token


@asynccontextmanager
async def listening(server: Server, token: str, *, after: int = 0) -> AsyncIterator[Listener]:
    """Open a WebSocket for the time of the block."""
    async with connect(f"{server.sockets_url}{token}?after={after}", open_timeout=PATIENCE_SECONDS) as connection:
        yield Listener(connection)
