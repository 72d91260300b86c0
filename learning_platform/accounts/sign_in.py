"""Check a sign-in, against guessing.

Only failures count. Attempts are checked one after another (hashing is serial anyway), so a hundred simultaneous
guesses get no more than the limit allows. Counters are kept by each process: with several, the limit is that many times
as high.
"""

import asyncio
import math
import time

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from learning_platform.accounts.passwords import Passwords
from learning_platform.accounts.queries import Credentials, credentials
from learning_platform.accounts.rules import TooManyAttempts, WrongCredentials
from learning_platform.core.database import Database

# Per (user, address): a person who mistypes. Per address: a machine that tries many names. Per user: many machines.
PER_USER_AND_ADDRESS = RateLimitItemPerMinute(5)
PER_ADDRESS = RateLimitItemPerMinute(30)
PER_USER = RateLimitItemPerHour(100)


class SignIn:
    """The check of credentials, with its counters of failures."""

    def __init__(self, database: Database, passwords: Passwords) -> None:
        self._database = database
        self._passwords = passwords
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._one_at_a_time = asyncio.Lock()

    async def check(self, *, login: str, password: str, address: str) -> Credentials:
        """Return who signed in. Raises WrongCredentials, TooManyAttempts."""
        counters = _counters(login.casefold(), address)
        async with self._one_at_a_time:
            self._ensure_allowed(counters)
            async with self._database.connection() as db:
                found = await credentials(db, login=login)
            is_correct = await self._passwords.is_correct(password, found.password_hash if found else None)
            if found is None or not is_correct or found.is_blocked:
                for limit, key in counters:
                    self._limiter.hit(limit, key)
                raise WrongCredentials
            return found

    def _ensure_allowed(self, counters: list[tuple[RateLimitItem, str]]) -> None:
        for limit, key in counters:
            if not self._limiter.test(limit, key):
                free_again_at = self._limiter.get_window_stats(limit, key).reset_time
                raise TooManyAttempts(retry_after=max(1, math.ceil(free_again_at - time.time())))


def _counters(login: str, address: str) -> list[tuple[RateLimitItem, str]]:
    return [
        (PER_USER_AND_ADDRESS, f"{login} {address}"),
        (PER_ADDRESS, address),
        (PER_USER, login),
    ]
