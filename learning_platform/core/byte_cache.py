"""A cache bounded in bytes: what was not asked for longest goes first."""

import sys
from collections import OrderedDict
from typing import Generic, TypeVar

Key = TypeVar("Key")


class ByteCache(Generic[Key]):
    """Texts by key, of at most so many bytes in memory, each until a time."""

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.size = 0
        self._kept: OrderedDict[Key, tuple[str, float]] = OrderedDict()

    def get(self, key: Key, *, now: float) -> str | None:
        """Return a text that is kept."""
        text, ends_at = self._kept.get(key, (None, 0.0))
        if text is None or now >= ends_at:
            return None
        self._kept.move_to_end(key)
        return text

    def put(self, key: Key, text: str, *, ends_at: float = float("inf")) -> None:
        """Keep a text; forget others where there is no room."""
        self._forget(key)
        self._kept[key] = text, ends_at
        self.size += sys.getsizeof(text)
        while self.size > self.max_bytes:
            self._forget(next(iter(self._kept)))

    def _forget(self, key: Key) -> None:
        forgotten, _ = self._kept.pop(key, (None, 0.0))
        if forgotten is not None:
            self.size -= sys.getsizeof(forgotten)
