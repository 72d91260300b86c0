"""Excel workbooks that are written to a temporary file while they are read from the database, and then sent."""

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import aclosing
from tempfile import TemporaryFile
from typing import BinaryIO

from fastapi.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from learning_platform.core.database import Database
from learning_platform.core.languages import translate
from learning_platform.web.exports.results_table import TITLE, ResultsExport
from learning_platform.web.exports.spreadsheets import MEDIA_TYPES, Workbook
from learning_platform.web.exports.streamed_csv import reading_at_one_time

PART_BYTES = 256 * 1024


class SentWorkbook(Response):
    """The results as they are at one time, as a file called `name`. Rows are written in a thread.

    Nothing is written before the handler has given its connection back: writers wait for their turn.
    """

    media_type = MEDIA_TYPES["xlsx"]

    def __init__(self, database: Database, export: ResultsExport, *, name: str) -> None:
        headers = {"Content-Disposition": f'attachment; filename="{name}.xlsx"', "Content-Language": export.language}
        super().__init__(headers=headers)
        self._database = database
        self._export = export

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Write the file, and send it."""
        with TemporaryFile() as file:
            await _write(self._database, self._export, file)
            self.headers["Content-Length"] = str(file.seek(0, os.SEEK_END))
            file.seek(0)
            await StreamingResponse(_parts(file), headers=dict(self.headers))(scope, receive, send)


async def _write(database: Database, export: ResultsExport, file: BinaryIO) -> None:
    book = Workbook(file, title=translate(TITLE, export.language))
    async with reading_at_one_time(database) as db, aclosing(export.results(db)) as parts:
        async for rows in parts:
            await asyncio.to_thread(book.write, rows)
    await asyncio.to_thread(book.close)


async def _parts(file: BinaryIO) -> AsyncGenerator[bytes, None]:
    while part := await asyncio.to_thread(file.read, PART_BYTES):
        yield part
