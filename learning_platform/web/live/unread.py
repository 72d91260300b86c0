"""Send how much is unread to the sockets that asked for it, when it changes on another device.

A client asks with `?unread=1`. It gets `{"type": "unread", "count": 3, "up_to": 17}` when everything unread has been
sent, and whenever something is marked as read or unread: so many of the notifications up to this id are unread. Marking
is frequent, and NOTIFY serialises commits, so each process reports the users of a short time together.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence

import orjson

from learning_platform.core.database import Database, DatabaseUnavailable
from learning_platform.core.notifier import notify
from learning_platform.notifications.queries import UnreadCount, unread_counts
from learning_platform.web.live.delivery import Socket, Sockets, empty_outboxes

PAUSE_SECONDS, RETRY_PAUSE_SECONDS = 0.1, 1.0
# A notification of PostgreSQL has less than 8,000 bytes.
USERS_PER_REPORT = 300
USERS_PER_QUERY = 250


class UnreadCounts:
    """Reports changes to all processes, and sends counts to the sockets of this one."""

    def __init__(self, database: Database, sockets: Sockets) -> None:
        self._database = database
        self._sockets = sockets
        self._changed: set[int] = set()
        self._asked: set[int] = set()
        self._wake = asyncio.Event()

    def note_change(self, user_id: int) -> None:
        """Note that a user has marked notifications here; call it after the commit."""
        self._changed.add(user_id)
        self._wake.set()

    def ask(self, user_ids: Iterable[int]) -> None:
        """Send the counts of these users soon."""
        self._asked.update(user_ids)
        self._wake.set()

    def reported(self, payload: str) -> None:
        """Note the users of a report by any process."""
        self.ask(map(int, payload.split(",")))

    def catch_up(self) -> None:
        """Send every count: reports may have been missed."""
        self.ask(self._asking())

    async def run(self) -> None:
        """Report and send until cancelled; a database that is away for a while is waited for."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            changed, self._changed = self._changed, set()
            asked, self._asked = self._asked, set()
            try:
                await self._report(sorted(changed))
                await self._send(asked)
            except DatabaseUnavailable:
                self._changed |= changed
                self.ask(asked)
                await asyncio.sleep(RETRY_PAUSE_SECONDS)
            await asyncio.sleep(PAUSE_SECONDS)

    async def _report(self, user_ids: Sequence[int]) -> None:
        for start in range(0, len(user_ids), USERS_PER_REPORT):
            part = user_ids[start : start + USERS_PER_REPORT]
            async with self._database.transaction() as db:
                await notify(db, "read", ",".join(map(str, part)))

    async def _send(self, user_ids: set[int]) -> None:
        asking = self._asking()
        present = sorted(user_ids.intersection(asking))
        for start in range(0, len(present), USERS_PER_QUERY):
            async with self._database.connection() as db:
                counts = await unread_counts(db, user_ids=present[start : start + USERS_PER_QUERY])
            sent = [(socket, _message(each)) for each in counts for socket in asking[each.user_id]]
            await empty_outboxes([socket for socket, message in sent if socket.push_count(message)])

    def _asking(self) -> dict[int, list[Socket]]:
        """Return the sockets that asked, by user."""
        found: defaultdict[int, list[Socket]] = defaultdict(list)
        for socket in self._sockets:
            if socket.on_live is not None:
                found[socket.identity.user_id].append(socket)
        return found


def _message(unread: UnreadCount) -> str:
    return orjson.dumps({"type": "unread", "count": unread.count, "up_to": unread.up_to}).decode()
