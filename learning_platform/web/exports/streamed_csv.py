"""CSV that is sent while it is read from the database: a table of any size needs the memory of a few rows."""

import asyncio
import csv
import io
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import TypeAlias

from babel.numbers import get_decimal_symbol
from fastapi.responses import StreamingResponse
from starlette.types import Message, Send

from learning_platform.core.database import Connection, Database
from learning_platform.core.languages import Language
from learning_platform.web.exports.spreadsheets import MEDIA_TYPES, Cell, csv_cell

Rows: TypeAlias = AsyncGenerator[Sequence[Sequence[Cell]], None]
# A client that does not read for this long is given up: the table holds a connection to the database.
STALLED_SECONDS = 30.0
# At the same time in a process; further ones wait.
MAX_EXPORTS = 2
_turns = asyncio.Semaphore(MAX_EXPORTS)


class StreamedTable(StreamingResponse):
    """A file called `name`, of which some rows are sent at a time."""

    def __init__(
        self,
        database: Database,
        rows: Callable[[Connection], Rows],
        *,
        language: Language,
        name: str,
        has_byte_order_mark: bool = False,
    ) -> None:
        headers = {"Content-Disposition": f'attachment; filename="{name}.csv"', "Content-Language": language}
        parts = _parts(database, rows, language, has_byte_order_mark=has_byte_order_mark)
        super().__init__(parts, media_type=MEDIA_TYPES["csv"], headers=headers)
        self._parts = parts

    async def stream_response(self, send: Send) -> None:
        """Send it, unless the client stops reading; the connection is released in any case."""

        async def send_in_time(message: Message) -> None:
            async with asyncio.timeout(STALLED_SECONDS):
                await send(message)

        async with aclosing(self._parts):
            await super().stream_response(send_in_time)


@asynccontextmanager
async def reading_at_one_time(database: Database) -> AsyncIterator[Connection]:
    """Wait for a turn, and acquire a connection that sees everything as it is then."""
    async with _turns, database.connection() as db, db.transaction(isolation="repeatable_read", readonly=True):
        yield db


async def _parts(
    database: Database, rows: Callable[[Connection], Rows], language: Language, *, has_byte_order_mark: bool
) -> AsyncGenerator[bytes, None]:
    """Yield the table as it was at one time (repeatable read)."""
    async with reading_at_one_time(database) as db:
        encoding = "utf-8-sig" if has_byte_order_mark else "utf-8"
        async with aclosing(rows(db)) as parts:
            async for part in parts:
                yield csv_text(part, language).encode(encoding)
                encoding = "utf-8"


def csv_text(rows: Sequence[Sequence[Cell]], language: Language) -> str:
    """Return rows as CSV (RFC 4180), as the language writes it."""
    text = io.StringIO()
    point = get_decimal_symbol(language)
    writer = csv.writer(text, delimiter=";" if point == "," else ",")
    writer.writerows([csv_cell(cell, language, point) for cell in row] for row in rows)
    return text.getvalue()
