"""A client that does not take its messages holds up nobody, and is told to come back."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from learning_platform.accounts.tokens import Identity
from learning_platform.web.sockets import LONGEST_OUTBOX, Socket
from tests.people import School
from tests.waiting import until


class Client:
    """The far end of a socket, with a hand on its tap."""

    def __init__(self, identity: Identity) -> None:
        self.taken: list[str] = []
        self.closed_with: int | None = None
        self.tap = asyncio.Event()
        self.socket = Socket(identity, after=0, send=self._take, close=self._hang_up)

    async def _take(self, message: str) -> None:
        await self.tap.wait()
        self.taken.append(message)

    async def _hang_up(self, code: int, _reason: str) -> None:
        self.closed_with = code


@pytest.fixture
async def clients(school: School) -> AsyncIterator[tuple[Client, Client]]:
    """Yield a slow client and a quick one of the same user, both connected."""
    alice = await school.person()
    identity = school.services.tokens.read(alice.token, school.clock.now)
    slow, quick = Client(identity), Client(identity)
    quick.tap.set()
    for client in (slow, quick):
        client.socket.begin(school.services.database)
    # Until then everything pushed is left to the replay.
    await until(lambda: not any(client.socket._is_replaying for client in (slow, quick)))
    yield slow, quick
    for client in (slow, quick):
        await client.socket.end()


async def test_one_who_takes_nothing_is_told_to_try_again_and_the_other_gets_everything(
    clients: tuple[Client, Client],
) -> None:
    slow, quick = clients
    for id in range(1, LONGEST_OUTBOX + 10):
        for client in clients:
            client.socket.push(id, f"message {id}")
        await asyncio.sleep(0)
    await until(lambda: slow.closed_with == 1013)
    await until(lambda: len(quick.taken) == LONGEST_OUTBOX + 9)
    assert quick.closed_with is None
    assert slow.taken == []


async def test_messages_come_once_and_in_order(clients: tuple[Client, Client]) -> None:
    slow, _ = clients
    for id in (1, 2, 2, 1, 3):
        slow.socket.push(id, f"message {id}")
    slow.tap.set()
    await until(lambda: slow.taken == ["message 1", "message 2", "message 3"])
