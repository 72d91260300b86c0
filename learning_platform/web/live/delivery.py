"""Open WebSockets, and getting notifications to them.

One reader of the database serves all sockets of the process: one query answers notifications that come together.
One task sends to one socket after the other. When a client does not take its message, the task stays with it, and
another goes on with the rest; a socket is closed when its outbox is full or nothing is taken for a time, and resumes
with `?after=`. Ids grow in the order of commits, so each socket only needs to know the last id it has queued.
"""

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import suppress
from typing import Any

from learning_platform.accounts.revocations import Revocations
from learning_platform.accounts.tokens import Identity
from learning_platform.core.database import Database, DatabaseUnavailable
from learning_platform.core.metrics import NOTIFICATIONS_SENT
from learning_platform.notifications.queries import (
    Announcement,
    announcements,
    recipients,
    unread,
    unread_of_many,
)
from learning_platform.web.live.messages import encoded, with_id, without_id

BAD_TOKEN, POLICY_VIOLATION, TRY_AGAIN_LATER = 4401, 1008, 1013
MAX_SOCKETS_PER_USER = 10
MAX_OUTBOX_LENGTH = 1000
REPLAY_PAGE = 200
# Of each user, after a time in which nothing was heard.
MISSED_PER_QUERY = 20
SEND_TIMEOUT_SECONDS = 20.0
RETRY_PAUSE_SECONDS = 1.0
# What is raised when the client has gone.
GONE = (RuntimeError, OSError)
# So many users are sent to without a pause; this takes a few milliseconds.
USERS_PER_PART = 250
# Of ASGI.
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Socket:
    """One open connection; what it cannot take immediately waits in its outbox, for a task of its own."""

    __slots__ = (
        "_closing",
        "_delivery",
        "_is_replaying",
        "_outbox",
        "_replay",
        "_send",
        "_was_pushed_meanwhile",
        "identity",
        "last_id",
        "on_live",
    )

    def __init__(
        self, identity: Identity, *, after: int, send: Send, on_live: Callable[[], None] | None = None
    ) -> None:
        self.identity = identity
        # Called when everything unread was sent, if the client asked how much is unread.
        self.on_live = on_live
        self.last_id = after
        self._send = send
        self._outbox: list[str] = []
        self._delivery: asyncio.Task[None] | None = None
        self._is_replaying = True
        self._was_pushed_meanwhile = False
        self._replay: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None

    def push(self, id: int, message: str) -> bool:
        """Put a message into the outbox unless it was sent before; say whether there is something to send."""
        if self._is_replaying:
            self._was_pushed_meanwhile = True  # The replay has to look once more.
            return False
        if id <= self.last_id or self._closing is not None:
            return False
        self.last_id = id
        if len(self._outbox) >= MAX_OUTBOX_LENGTH:
            self.close(TRY_AGAIN_LATER, "too slow")
            return False
        self._outbox.append(message)
        return self._delivery is None

    def push_count(self, message: str) -> bool:
        """Put how much is unread into the outbox; say whether there is something to send."""
        if self.on_live is None or self._is_replaying or self._closing is not None:
            return False
        self._outbox.append(message)
        return self._delivery is None

    async def empty_outbox(self, limit: asyncio.Timeout) -> None:
        """Send what is in the outbox, unless another task is at it; where a limit runs, each message has the whole."""
        if self._delivery is not None:
            return
        self._delivery = asyncio.current_task()
        try:
            while self._outbox:
                await self._send({"type": "websocket.send", "text": self._outbox.pop(0)})
                if limit.when() is not None:
                    limit.reschedule(asyncio.get_running_loop().time() + SEND_TIMEOUT_SECONDS)
        except GONE:
            pass  # The receiving side is about to find out.
        finally:
            self._delivery = None

    def begin(self, database: Database) -> asyncio.Task[None]:
        """Begin with everything unread after the last id, page by page, and go live without a gap; return the task."""
        replay = self._replay = asyncio.create_task(self._replay_unread(database))
        return replay

    def close(self, code: int, reason: str) -> None:
        """Close soon; nothing more is sent."""
        if self._closing is None:
            self._outbox.clear()
            self._closing = asyncio.create_task(self.close_now(code, reason))

    async def close_now(self, code: int, reason: str) -> None:
        """Close, unless the client has gone or does not even take that."""
        with suppress(*GONE, TimeoutError):
            async with asyncio.timeout(SEND_TIMEOUT_SECONDS):
                await self._send({"type": "websocket.close", "code": code, "reason": reason})

    async def end(self) -> None:
        """Stop delivering: the connection is gone."""
        tasks = [task for task in (self._replay, self._delivery, self._closing) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _replay_unread(self, database: Database) -> None:
        try:
            await self._send_unread(database)
        except (*GONE, DatabaseUnavailable):
            self.close(TRY_AGAIN_LATER, "try again")
        finally:
            self._replay = None

    async def _send_unread(self, database: Database) -> None:
        while True:
            self._was_pushed_meanwhile = False
            async with database.connection() as db:
                page = await unread(db, user_id=self.identity.user_id, after=self.last_id, limit=REPLAY_PAGE)
            if not page and not self._was_pushed_meanwhile:
                self._is_replaying = False
                if self.on_live is not None:
                    self.on_live()
                return
            for notification in page:
                async with asyncio.timeout(SEND_TIMEOUT_SECONDS):
                    await self._send({"type": "websocket.send", "text": encoded(notification)})
                self.last_id = notification.id
            NOTIFICATIONS_SENT.inc(len(page))


async def empty_outboxes(sockets: Iterable[Socket]) -> None:
    """Let each socket send what it has; a client that does not take it immediately holds up no other."""
    left = deque(sockets)
    while left:
        limit = asyncio.timeout(None)
        # The task goes on until everything is sent, or until it has to wait for a client: then it stays with that one.
        sending = asyncio.create_task(_empty_in_turn(left, limit))
        await asyncio.sleep(0)
        if not sending.done():
            limit.reschedule(asyncio.get_running_loop().time() + SEND_TIMEOUT_SECONDS)
            left, waiting = deque(left), left
            waiting.clear()


async def _empty_in_turn(sockets: deque[Socket], limit: asyncio.Timeout) -> None:
    socket: Socket | None = None
    try:
        async with limit:
            while sockets:
                socket = sockets.popleft()
                await socket.empty_outbox(limit)
    except TimeoutError:
        if socket is not None:
            socket.close(TRY_AGAIN_LATER, "too slow")


class Sockets:
    """All open sockets of this process, by user."""

    def __init__(self, database: Database, revocations: Revocations) -> None:
        self._database = database
        self._revocations = revocations
        self._by_user: defaultdict[int, list[Socket]] = defaultdict(list)
        self._rung: set[int] = set()
        self._may_have_missed_notifications = False
        self._wake = asyncio.Event()

    def __len__(self) -> int:
        return sum(map(len, self._by_user.values()))

    def __iter__(self) -> Iterator[Socket]:
        return iter([socket for mine in self._by_user.values() for socket in mine])

    def add(self, socket: Socket) -> None:
        """Take a socket in; a user with too many loses the oldest, which is likely dead."""
        mine = self._by_user[socket.identity.user_id]
        mine.append(socket)
        if len(mine) > MAX_SOCKETS_PER_USER:
            mine.pop(0).close(POLICY_VIOLATION, "too many connections")

    def remove(self, socket: Socket) -> None:
        """Forget a socket."""
        user_id = socket.identity.user_id
        with suppress(ValueError):
            self._by_user[user_id].remove(socket)
        if not self._by_user[user_id]:
            del self._by_user[user_id]

    def announced(self, payload: str) -> None:
        """Note that an announcement was committed."""
        self._rung.add(int(payload))
        self._wake.set()

    def catch_up(self) -> None:
        """Look for anything unread: notifications may have been missed."""
        self._may_have_missed_notifications = True
        self._wake.set()

    def close_revoked(self) -> None:
        """Close the sockets of sessions that were ended and of users who were blocked."""
        for socket in self:
            if self._revocations.is_revoked(socket.identity):
                socket.close(BAD_TOKEN, "the session has ended")

    async def deliver_announcements(self) -> None:
        """Handle notifications until cancelled; a database that is away for a while is waited for."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            announcement_ids, self._rung = list(self._rung), set()
            missed, self._may_have_missed_notifications = self._may_have_missed_notifications, False
            try:
                # What was missed comes before what is announced now, or it would never be looked for again.
                await (self._deliver_missed() if missed else self._deliver(announcement_ids))
            except DatabaseUnavailable:
                await asyncio.sleep(RETRY_PAUSE_SECONDS)
                self.catch_up()

    async def _deliver(self, announcement_ids: Sequence[int]) -> None:
        if not announcement_ids or not self._by_user:
            return
        async with self._database.connection() as db:
            made = await announcements(db, announcement_ids=announcement_ids)
        user_ids = list(self._by_user)
        parts = iter([user_ids[start : start + USERS_PER_PART] for start in range(0, len(user_ids), USERS_PER_PART)])
        # Two take turns: while one sends, the database looks for what the other is to send next.
        work = (self._send_to(parts, made), self._send_to(parts, made))
        for failure in await asyncio.gather(*work, return_exceptions=True):
            if failure is not None:
                raise failure

    async def _send_to(self, parts: Iterable[Sequence[int]], made: Mapping[int, Announcement]) -> None:
        """Send to the users of one part after another; between parts others have their turn."""
        said: dict[tuple[object, ...], str] = {}
        for user_ids in parts:
            async with self._database.connection() as db:
                to_notification = await recipients(db, announcement_ids=list(made), user_ids=user_ids)
            ready: list[Socket] = []
            for recipient in to_notification:
                message = said.get(recipient.wording_key)
                if message is None:
                    message = said[recipient.wording_key] = without_id(
                        recipient.to_notification(made[recipient.announcement_id])
                    )
                ready += self._push(recipient.user_id, recipient.id, with_id(recipient.id, message))
            await empty_outboxes(ready)
            NOTIFICATIONS_SENT.inc(len(to_notification))

    async def _deliver_missed(self) -> None:
        user_ids = list(self._by_user)
        for start in range(0, len(user_ids), USERS_PER_PART):
            part = {id: self._by_user[id] for id in user_ids[start : start + USERS_PER_PART] if id in self._by_user}
            await self._deliver_after({id: min(socket.last_id for socket in mine) for id, mine in part.items()})

    async def _deliver_after(self, last_ids: dict[int, int]) -> None:
        """Send what these users have not read above an id for each; who missed much is asked for again."""
        while last_ids:
            async with self._database.connection() as db:
                missed = await unread_of_many(db, after=last_ids, limit=MISSED_PER_QUERY)
            ready: list[Socket] = []
            for notification in missed:
                ready += self._push(notification.user_id, notification.id, encoded(notification))
            await empty_outboxes(ready)
            NOTIFICATIONS_SENT.inc(len(missed))
            found = Counter(notification.user_id for notification in missed)
            newest = {notification.user_id: notification.id for notification in missed}
            last_ids = {user_id: newest[user_id] for user_id, count in found.items() if count == MISSED_PER_QUERY}

    def _push(self, user_id: int, id: int, message: str) -> list[Socket]:
        """Return the sockets of a user that have something to send now."""
        return [socket for socket in self._by_user.get(user_id, ()) if socket.push(id, message)]
