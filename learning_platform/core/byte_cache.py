"""A cache bounded in bytes, which removes the least recently used entries."""

import sys
from collections import OrderedDict
from typing import Generic, TypeVar

Key = TypeVar("Key")


class ByteCache(Generic[Key]):
    """Texts by key, limited in memory, each with a time of expiry."""

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.size = 0
        self._kept: OrderedDict[Key, tuple[str, float]] = OrderedDict()

    def get(self, key: Key, *, now: float) -> str | None:
        """Return a cached text, or None."""
        text, ends_at = self._kept.get(key, (None, 0.0))
        if text is None or now >= ends_at:
            return None
        self._kept.move_to_end(key)
        return text

    def put(self, key: Key, text: str, *, ends_at: float = float("inf")) -> None:
        """Store a text, and remove others if there is not enough space."""
        self._forget(key)
        self._kept[key] = text, ends_at
        self.size += sys.getsizeof(text)
        while self.size > self.max_bytes:
            self._forget(next(iter(self._kept)))

    def _forget(self, key: Key) -> None:
        forgotten, _ = self._kept.pop(key, (None, 0.0))
        if forgotten is not None:
            self.size -= sys.getsizeof(forgotten)
