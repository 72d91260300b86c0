"""Which statements a page runs, and how many."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import pytest

from learning_platform.core.database import Connection, Database

# Set in the task of the test, which runs its requests. Background tasks of the application began before it is set.
_is_counting = ContextVar("_is_counting", default=False)


@contextmanager
def counted_statements(*, also_in_background: bool = False) -> Iterator[list[str]]:
    """Yield a list that fills with the statements of the test's requests, or also with those of background tasks."""
    seen: list[str] = []
    with _observed(lambda record: seen.append(record.query), also_in_background=also_in_background):
        yield seen


@contextmanager
def recorded_statements() -> Iterator[list[tuple[str, str]]]:
    """Yield a list that fills with the statements of the test's requests, each with its arguments."""
    seen: list[tuple[str, str]] = []
    with _observed(lambda record: seen.append((record.query, repr(record.args)))):
        yield seen


@contextmanager
def _observed(note: Callable[[Any], None], *, also_in_background: bool = False) -> Iterator[None]:
    acquire, release = Database.acquire, Database.release

    async def acquire_observed(database: Database) -> Connection:
        connection = await acquire(database)
        if also_in_background or _is_counting.get():
            connection.add_query_logger(note)
        return connection

    async def release_observed(database: Database, connection: Connection) -> None:
        connection.remove_query_logger(note)
        await release(database, connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "acquire", acquire_observed)
        patch.setattr(Database, "release", release_observed)
        token = _is_counting.set(True)
        try:
            yield
        finally:
            _is_counting.reset(token)
