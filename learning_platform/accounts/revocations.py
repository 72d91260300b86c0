"""What ends before an access token does: revoked sessions and blocked users, few enough to keep in memory.

Every process loads them at start and whenever the doorbell rings `revoked`.
"""

import asyncio
import logging
from collections.abc import Callable

from learning_platform.accounts.queries import blocked_users, revoked_sessions
from learning_platform.accounts.rules import BadToken
from learning_platform.accounts.tokens import AccessTokens, Identity
from learning_platform.core.clock import Clock
from learning_platform.core.database import Database, DatabaseUnavailable

log = logging.getLogger(__name__)

PAUSE_AFTER_TROUBLE_SECONDS = 1.0


class Revocations:
    """The set in memory. `on_change` is called after it was loaded anew (to close the sockets concerned)."""

    def __init__(self, database: Database, tokens: AccessTokens, clock: Clock) -> None:
        self._database = database
        self._tokens = tokens
        self._clock = clock
        self._sessions: set[int] = set()
        self._users: set[int] = set()
        self._stale = asyncio.Event()
        self.on_change: Callable[[], None] | None = None

    def identify(self, token: str) -> Identity:
        """Return whose access token this is. Raises BadToken when it is not valid, or valid no more."""
        identity = self._tokens.read(token, self._clock())
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
        async with self._database.connection() as db:
            self._sessions = await revoked_sessions(db, lifetime=self._tokens.lifetime, now=self._clock())
            self._users = await blocked_users(db)
        if self.on_change is not None:
            self.on_change()

    async def keep_fresh(self) -> None:
        """Load the set whenever asked to, until cancelled; a database that is away for a while is waited for."""
        while True:
            await self._stale.wait()
            self._stale.clear()
            try:
                await self.load()
            except DatabaseUnavailable as error:
                log.warning("revocations wait for the database (%s)", type(error).__name__)
                await asyncio.sleep(PAUSE_AFTER_TROUBLE_SECONDS)
                self.refresh()
