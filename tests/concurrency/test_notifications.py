"""Many announce at the same time on several servers: every socket gets every notification once, in the order of ids."""

import asyncio
import json
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from httpx import Response

from learning_platform.core.settings import Settings
from learning_platform.web.app import create_app
from learning_platform.web.live.delivery import Socket
from learning_platform.web.services import Services
from tests.concurrency.outcomes import concurrently, outcomes
from tests.people import HandClock, Json, Person, School

pytestmark = pytest.mark.anyio
TRACKS = 24


async def test_a_user_who_resumes_after_the_last_id_misses_nothing_that_is_announced_meanwhile(school: School) -> None:
    reader, author, track_ids = await _about_to_be_cancelled(school)
    announcing = asyncio.gather(*(_cancel(author, track_id) for track_id in track_ids))

    read: list[int] = []
    while not announcing.done():
        read += await _ids(reader, after=read[-1] if read else 0)
    await announcing
    read += await _ids(reader, after=read[-1] if read else 0)

    assert read == await _ids(reader, after=0)
    assert len(read) == TRACKS


async def test_a_socket_opened_while_others_announce_gets_everything_once_and_in_order(school: School) -> None:
    reader, author, track_ids = await _about_to_be_cancelled(school)
    await school.services.notifier.is_connected.wait()
    announcing = [asyncio.create_task(_cancel(author, track_id)) for track_id in track_ids]
    listeners = []
    for task in announcing[:8]:
        await task
        listeners.append(Listener(school.services, reader))
    await asyncio.gather(*announcing)

    expected = await _ids(reader, after=0)
    for listener in listeners:
        await listener.until(expected[-1])
        assert listener.ids == expected
        await listener.leave()


async def test_a_notification_reaches_sockets_on_every_server(
    school: School, settings: Settings, clock: HandClock
) -> None:
    reader, author, track_ids = await _about_to_be_cancelled(school)
    async with _another_server(settings, clock) as services:
        here, there = Listener(school.services, reader), Listener(services, reader)
        await school.services.notifier.is_connected.wait()

        assert outcomes(await concurrently(_cancel(author, track_id) for track_id in track_ids)) == {"200": TRACKS}

        expected = await _ids(reader, after=0)
        for listener in (here, there):
            await listener.until(expected[-1])
            assert listener.ids == expected
            await listener.leave()


class Listener:
    """A socket of one person on one server, as `WS /ws/{token}` opens it, whose messages are kept."""

    def __init__(self, services: Services, person: Person) -> None:
        self.ids: list[int] = []
        self._received = asyncio.Condition()
        self._services = services
        identity = services.revocations.identify(person.token)
        self._socket = Socket(identity, after=0, send=self._receive)
        services.sockets.add(self._socket)
        self._socket.begin(services.database)

    async def until(self, id: int) -> None:
        """Return once a notification with this id has come."""
        async with self._received, asyncio.timeout(10):
            await self._received.wait_for(lambda: id in self.ids)

    async def leave(self) -> None:
        """Close the connection."""
        self._services.sockets.remove(self._socket)
        await self._socket.end()

    async def _receive(self, sent: MutableMapping[str, Any]) -> None:
        assert sent["type"] == "websocket.send", sent
        message: Json = json.loads(sent["text"])
        async with self._received:
            self.ids.append(message["id"])
            self._received.notify_all()


@asynccontextmanager
async def _another_server(settings: Settings, clock: HandClock) -> AsyncIterator[Services]:
    app = create_app(settings, clock)
    async with app.router.lifespan_context(app):
        services: Services = app.state.services
        await services.notifier.is_connected.wait()
        yield services


async def _about_to_be_cancelled(school: School) -> tuple[Person, Person, list[int]]:
    """Return a person with an empty inbox who takes part in many tracks, their author, and the tracks."""
    reader, author = await school.people(2)
    track_ids = [(await school.track(author))["id"] for _ in range(TRACKS)]
    await concurrently(reader.post(f"/tracks/{track_id}/enroll") for track_id in track_ids)
    return reader, author, track_ids


async def _cancel(author: Person, track_id: int) -> Response:
    return await author.post(f"/tracks/{track_id}/cancel")


async def _ids(reader: Person, *, after: int) -> list[int]:
    inbox = await reader.ok("GET", "/notifications", params={"limit": 200, "after": after})
    return [notification["id"] for notification in inbox]
