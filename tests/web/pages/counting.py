"""How many statements a page costs."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest

from learning_platform.core.database import Connection, Database


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    """Yield a list that fills with the statements run on lent connections."""
    seen: list[str] = []
    lend = Database.connection

    @asynccontextmanager
    async def lend_observed(database: Database) -> AsyncIterator[Connection]:
        async with lend(database) as db:
            with db.query_logger(lambda record: seen.append(record.query)):
                yield db

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "connection", lend_observed)
        yield seen
