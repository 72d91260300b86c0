"""A client that does not take its messages holds up no other client, and is asked to come back."""

import asyncio
from collections.abc import AsyncIterator, MutableMapping
from itertools import count
from typing import Any

import pytest

from learning_platform.accounts.tokens import Identity
from learning_platform.web.live.delivery import MAX_OUTBOX_LENGTH, Socket, empty_outboxes
from tests.people import School
from tests.waiting import until
from tests.web.api.live import serving

HANDSHAKE = (
    "GET /ws/{} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
# More than the buffers of both ends hold.
MUCH = "x" * 16_000_000


class Client:
    """The far end of a socket, with a hand on its tap."""

    def __init__(self, identity: Identity) -> None:
        self.taken: list[str] = []
        self.closed_with: int | None = None
        self.tap = asyncio.Event()
        self.socket = Socket(identity, after=0, send=self._take)

    async def _take(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "websocket.close":
            self.closed_with = message["code"]
            return
        await self.tap.wait()
        self.taken.append(message["text"])


@pytest.fixture
async def clients(school: School) -> AsyncIterator[tuple[Client, Client]]:
    """Yield a slow client and a quick one of the same user, both connected."""
    alice = await school.person()
    identity = school.services.tokens.read(alice.token, school.clock.now)
    slow, quick = Client(identity), Client(identity)
    quick.tap.set()
    for client in (slow, quick):
        # Until then everything pushed is left to the replay.
        await client.socket.begin(school.services.database)
    yield slow, quick
    for client in (slow, quick):
        await client.socket.end()


async def test_a_client_that_takes_nothing_is_asked_to_try_again_and_the_other_gets_everything(
    clients: tuple[Client, Client],
) -> None:
    slow, quick = clients
    for id in range(1, MAX_OUTBOX_LENGTH + 10):
        ready = [client.socket for client in clients if client.socket.push(id, f"message {id}")]
        await empty_outboxes(ready)
    await until(lambda: slow.closed_with == 1013)
    await until(lambda: len(quick.taken) == MAX_OUTBOX_LENGTH + 9)
    assert quick.closed_with is None
    assert slow.taken == []


async def test_messages_come_once_and_in_order(clients: tuple[Client, Client]) -> None:
    slow, _ = clients
    for id in (1, 2, 2, 1, 3):
        if slow.socket.push(id, f"message {id}"):
            await empty_outboxes([slow.socket])
    slow.tap.set()
    await until(lambda: slow.taken == ["message 1", "message 2", "message 3"])


async def test_one_who_reads_nothing_is_cut_off(school: School) -> None:
    alice, bob = await school.people(2)
    async with serving(school.app, max_unread_seconds=0.3) as server, server.listening(bob.token):
        _reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1)
        writer.write(HANDSHAKE.format(alice.token).encode())
        sockets = school.services.sockets
        await until(lambda: len(sockets) == 2)
        (deaf,) = [socket for socket in sockets if socket.identity.user_id == alice.id]
        for id in count(1):
            # What comes before the replay has ended is left to it.
            if deaf.push(id, MUCH):
                await empty_outboxes([deaf])
            await asyncio.sleep(0.02)
            if len(sockets) == 1:
                break
        assert [socket.identity.user_id for socket in sockets] == [bob.id]
        writer.close()


async def test_a_client_that_takes_nothing_holds_up_no_other_of_the_same_turn(clients: tuple[Client, Client]) -> None:
    slow, quick = clients
    ready = [client.socket for client in (slow, quick) if client.socket.push(1, "message")]
    await empty_outboxes(ready)
    assert quick.taken == ["message"]
    assert slow.taken == []
    slow.tap.set()
    await until(lambda: slow.taken == ["message"])


async def test_a_client_that_leaves_while_it_is_waited_for_takes_no_message_from_others(
    clients: tuple[Client, Client],
) -> None:
    slow, quick = clients
    slow.socket.push(1, "message")
    await empty_outboxes([slow.socket])
    await slow.socket.end()
    quick.socket.push(1, "message")
    await empty_outboxes([slow.socket, quick.socket])
    assert quick.taken == ["message"]
