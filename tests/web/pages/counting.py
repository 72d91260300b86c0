"""Which statements a page runs, and how many."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest

from learning_platform.core.database import Connection, Database


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    """Yield a list that fills with the statements run on acquired connections."""
    seen: list[str] = []
    with _observed(lambda record: seen.append(record.query)):
        yield seen


@contextmanager
def recorded_statements() -> Iterator[list[tuple[str, str]]]:
    """Yield a list that fills with the statements run on acquired connections, each with its arguments."""
    seen: list[tuple[str, str]] = []
    with _observed(lambda record: seen.append((record.query, repr(record.args)))):
        yield seen


@contextmanager
def _observed(note: Callable[[Any], None]) -> Iterator[None]:
    acquire = Database.connection

    @asynccontextmanager
    async def acquire_observed(database: Database) -> AsyncIterator[Connection]:
        async with acquire(database) as db:
            with db.query_logger(note):
                yield db

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "connection", acquire_observed)
        yield
