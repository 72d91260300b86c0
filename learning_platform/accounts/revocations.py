"""Revoked sessions and blocked users, whose access tokens have not expired yet; few enough to keep in memory.

Every process loads them at start, on each notification `revoked`, and periodically in case a notification was lost. A
process that could not load them for a minute accepts no access token and answers 503. So a token works for at most a
minute after its revocation, whatever fails.
"""

import asyncio
import time
from collections.abc import Callable

from learning_platform.accounts.queries import blocked_users, revoked_sessions
from learning_platform.accounts.rules import BadToken
from learning_platform.accounts.tokens import AccessTokens, Identity
from learning_platform.core.clock import Clock
from learning_platform.core.database import Database, DatabaseUnavailable
from learning_platform.core.outages import DatabaseAway
from learning_platform.core.waiting import happens_within

RETRY_PAUSE_SECONDS = 1.0
RELOAD_SECONDS = 20.0
TRUSTED_SECONDS = 60.0


class Revocations:
    """The set in memory. `on_change` is called after each load, to close the WebSockets concerned."""

    def __init__(self, database: Database, tokens: AccessTokens, clock: Clock) -> None:
        self._database = database
        self._tokens = tokens
        self._clock = clock
        self._sessions: set[int] = set()
        self._users: set[int] = set()
        self._stale = asyncio.Event()
        self._loaded_at = time.monotonic()
        self.on_change: Callable[[], None] | None = None

    def identify(self, token: str) -> Identity:
        """Return the identity in an access token.

        Raises BadToken if the token is invalid or revoked; DatabaseAway if revocations are not known.
        """
        identity = self._tokens.read(token, self._clock())
        if time.monotonic() - self._loaded_at > TRUSTED_SECONDS:
            raise DatabaseAway("revocations are not known")
        if self.is_revoked(identity):
            raise BadToken
        return identity

    def is_revoked(self, identity: Identity) -> bool:
        """Say whether the session was ended or the user is blocked."""
        return identity.session_id in self._sessions or identity.user_id in self._users

    def note_session(self, session_id: int) -> None:
        """Revoke a session in this process; the others are notified at commit."""
        self._sessions.add(session_id)

    def refresh(self, _payload: str = "") -> None:
        """Request another load of the set."""
        self._stale.set()

    async def load(self) -> None:
        """Load the set."""
        asked_at = time.monotonic()
        async with self._database.connection() as db:
            lifetime, now = self._tokens.lifetime, self._clock()
            self._sessions = await revoked_sessions(db, lifetime=lifetime, now=now)
            self._users = await blocked_users(db, lifetime=lifetime, now=now)
        self._loaded_at = asked_at
        if self.on_change is not None:
            self.on_change()

    async def keep_fresh(self) -> None:
        """Load the set on request and periodically, until cancelled; wait while the database is unavailable."""
        while True:
            await happens_within(self._stale, RELOAD_SECONDS)
            self._stale.clear()
            try:
                await self.load()
            except DatabaseUnavailable:
                await asyncio.sleep(RETRY_PAUSE_SECONDS)
                self.refresh()
