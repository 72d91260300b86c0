"""Notify all processes of committed changes by PostgreSQL's NOTIFY, and listen to these notifications.

A notification carries at most an id; the tables are authoritative. After a lost connection every subscriber learns
that it may have missed notifications. Notify once per announcement and not once per user, because NOTIFY serialises
commits across the database.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Literal

from learning_platform.core.database import Connection, connect
from learning_platform.core.outages import DRIVER_ERRORS
from learning_platform.core.waiting import happens_within

log = logging.getLogger(__name__)

Channel = Literal["announced", "scheduled", "revoked", "mail", "hand_ins", "read"]
NOTIFY = "select pg_notify($1, $2)"
FIRST_PAUSE_SECONDS = 0.1
MAX_PAUSE_SECONDS = 5.0
# A connection that was lost silently (a pulled cable) is detected by a query.
KEEPALIVE_SECONDS = 20.0


async def notify(db: Connection, channel: Channel, payload: str = "") -> None:
    """Notify at commit; a rollback discards the notification."""
    await db.execute(NOTIFY, channel, payload)


class Notifier:
    """Listens on a connection of its own, and reconnects when it is lost."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._listeners: list[tuple[Channel, Callable[[str], None]]] = []
        self._reconnected: list[Callable[[], None]] = []
        self.is_connected = asyncio.Event()

    def on(self, channel: Channel, handle: Callable[[str], None]) -> None:
        """Call `heard` with the payload of each notification on `channel`."""
        self._listeners.append((channel, handle))

    def on_reconnect(self, resume: Callable[[], None]) -> None:
        """Call `resume` after each connect, because notifications may have been missed before it."""
        self._reconnected.append(resume)

    async def listen(self) -> None:
        """Listen until cancelled."""
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                await self._listen_once()
            except DRIVER_ERRORS as error:
                log.warning("the connection for notifications is lost (%s); reconnecting", type(error).__name__)
            pause = FIRST_PAUSE_SECONDS if self.is_connected.is_set() else min(pause * 2, MAX_PAUSE_SECONDS)
            self.is_connected.clear()
            await asyncio.sleep(pause)

    async def _listen_once(self) -> None:
        db = await connect(self._url)
        lost = asyncio.Event()
        db.add_termination_listener(lambda _: lost.set())
        try:
            for channel, handle in self._listeners:
                await db.add_listener(channel, _hand_over(handle))
            self.is_connected.set()
            _call_all(self._reconnected)
            while not await happens_within(lost, KEEPALIVE_SECONDS):
                await db.execute("select 1", timeout=KEEPALIVE_SECONDS)
        finally:
            db.terminate()


def _hand_over(handle: Callable[[str], None]) -> Callable[..., None]:
    def callback(_connection: object, _pid: int, _channel: str, payload: object) -> None:
        handle(str(payload))

    return callback


def _call_all(callbacks: Sequence[Callable[[], None]]) -> None:
    for callback in callbacks:
        callback()
