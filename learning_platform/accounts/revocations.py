"""What ends before an access token does: revoked sessions and blocked users, few enough to keep in memory.

Every process loads them at start, whenever the doorbell rings `revoked`, and now and then in case a ring was lost. A
process that could not load them for a minute trusts no access token: it answers 503 until it can. So a token outlives
its revocation by a minute at most, whatever is broken.
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
    """The set in memory. `on_change` is called after it was loaded anew (to close the sockets concerned)."""

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
        """Return whose access token this is.

        Raises BadToken when it is not valid, or valid no more; DatabaseAway when nobody can know that.
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
        """Revoke at once in this process; the others hear of it at commit."""
        self._sessions.add(session_id)

    def refresh(self, _payload: str = "") -> None:
        """Ask for the set to be loaded again."""
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
        """Load the set whenever asked to and now and then, until cancelled; a database that is away is waited for."""
        while True:
            await happens_within(self._stale, RELOAD_SECONDS)
            self._stale.clear()
            try:
                await self.load()
            except DatabaseUnavailable:
                await asyncio.sleep(RETRY_PAUSE_SECONDS)
                self.refresh()
