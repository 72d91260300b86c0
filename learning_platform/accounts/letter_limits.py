"""How many letters one may ask for: so that nobody's inbox is flooded by a form that anybody can send.

Counters are kept by each process: with several, the limits are that many times as high.
"""

import math
import time

from limits import RateLimitItem, RateLimitItemPerHour
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from learning_platform.accounts.rules import TooManyLetters

# Per network address: who tries many names. Per e-mail address: what one inbox has to bear.
PER_ADDRESS = RateLimitItemPerHour(10)
PER_INBOX = RateLimitItemPerHour(3)


class LetterLimits:
    """Counts the letters that were asked for."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def ensure_patient(self, address: str) -> None:
        """Count one request from a network address. Raises TooManyLetters."""
        self._ensure(PER_ADDRESS, f"address {address}")

    def ensure_bearable(self, email: str) -> None:
        """Count one letter to an inbox. Raises TooManyLetters."""
        self._ensure(PER_INBOX, f"inbox {email.casefold()}")

    def _ensure(self, limit: RateLimitItem, key: str) -> None:
        if not self._limiter.hit(limit, key):
            free_again_at = self._limiter.get_window_stats(limit, key).reset_time
            raise TooManyLetters(retry_after=max(1, math.ceil(free_again_at - time.time())))
