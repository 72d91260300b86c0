"""A line to the server that can be cut, as a cable that is pulled."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

CHUNK = 65_536


class Line:
    """Passes bytes on between a port of its own and the server; while it is cut, nothing gets through."""

    def __init__(self, site: str) -> None:
        self.url = ""
        self.is_cut = False
        # Set whenever a connection is tried in vain.
        self.tried_in_vain = asyncio.Event()
        self._site = urlsplit(site)
        self._ends: set[asyncio.StreamWriter] = set()

    def cut(self) -> None:
        """Break every connection, and let no new one through."""
        self.is_cut = True
        self.tried_in_vain.clear()
        for end in self._ends:
            end.transport.abort()

    def repair(self) -> None:
        """Let connections through again."""
        self.is_cut = False

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection until either side ends it."""
        if self.is_cut:
            writer.transport.abort()
            self.tried_in_vain.set()
            return
        there_reader, there_writer = await asyncio.open_connection(self._site.hostname, self._site.port)
        ends = {writer, there_writer}
        self._ends |= ends
        await asyncio.gather(_carry(reader, there_writer), _carry(there_reader, writer))
        self._ends -= ends


async def _carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while chunk := await source.read(CHUNK):
            sink.write(chunk)
            await sink.drain()
    sink.close()


@asynccontextmanager
async def line_to(site: str) -> AsyncIterator[Line]:
    """Lay a line to a site; take it away at the end."""
    line = Line(site)
    listening = await asyncio.start_server(line.connect, "127.0.0.1", 0)
    line.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield line
    finally:
        line.cut()
        listening.close()
