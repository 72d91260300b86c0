"""A link to the database over TCP that can go dead without a word, as when a cable is pulled."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import parse_qs, urlsplit

CHUNK_BYTES = 64 * 1024


class Link:
    """Forwards connections to PostgreSQL; while `is_dead` nothing gets through and neither side is informed."""

    def __init__(self, socket_path: str, database: str) -> None:
        self.is_dead = False
        self._socket_path = socket_path
        self._database = database
        self._writers: list[asyncio.StreamWriter] = []
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """Return the address of the database at the near end."""
        assert self._server is not None
        port = self._server.sockets[0].getsockname()[1]
        return f"postgresql://postgres@127.0.0.1:{port}/{self._database}?sslmode=disable"

    async def open(self) -> None:
        """Begin to listen."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)

    def close(self) -> None:
        """Cut everything."""
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_unix_connection(self._socket_path)
        self._writers += [writer, far_writer]
        with suppress(OSError, asyncio.CancelledError):
            await asyncio.gather(self._forward(reader, far_writer), self._forward(far_reader, writer))

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # What comes while the link is dead is lost, and so is the connection: nothing gets through on it any more.
        is_broken = False
        while chunk := await reader.read(CHUNK_BYTES):
            is_broken = is_broken or self.is_dead
            if not is_broken:
                writer.write(chunk)
                await writer.drain()
        if not is_broken and not self.is_dead:
            writer.close()


@asynccontextmanager
async def link_to(url: str) -> AsyncIterator[Link]:
    """Open a link to a database that is reached over a socket in the file system."""
    parts = urlsplit(url)
    folder = parse_qs(parts.query)["host"][0]
    link = Link(f"{folder}/.s.PGSQL.5432", parts.path.lstrip("/"))
    await link.open()
    try:
        yield link
    finally:
        link.close()
