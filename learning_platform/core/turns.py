"""Turns for what a user may do once at a time, and a process a limited number of times."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, TypeAlias

Turn: TypeAlias = Literal["taken", "under_way", "busy"]


class Turns:
    """At most `size` turns at a time, one for each user."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._users: set[int] = set()

    @contextmanager
    def turn(self, user_id: int) -> Iterator[Turn]:
        """Take a turn for a `with` block; or say that the user has one already, or that all are taken."""
        if user_id in self._users or len(self._users) >= self._size:
            yield "under_way" if user_id in self._users else "busy"
            return
        self._users.add(user_id)
        try:
            yield "taken"
        finally:
            self._users.discard(user_id)
