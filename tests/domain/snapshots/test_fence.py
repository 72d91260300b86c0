"""No connection is made to an address that is not allowed, whatever a name server answers and wherever a link leads."""

import asyncio
import base64
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from ipaddress import ip_address

import pytest

from learning_platform.snapshots.git.addresses import Address, AllowedHosts
from learning_platform.snapshots.git.fence import Fence, Limits
from learning_platform.snapshots.git.fetching import Fetching, fetch_link
from learning_platform.snapshots.rules import FreezeFailed
from tests.domain.snapshots.link_worlds import fetching, to_loopback
from tests.git_hosts import Answer, GitHost
from tests.processes import free_port

pytestmark = pytest.mark.anyio
FILES = {"main.py": "print('hello')\n"}
PUBLIC = "140.82.121.4"
REFUSED = (
    ("127.0.0.1",),
    ("10.0.0.1",),
    ("169.254.169.254",),
    ("::1",),
    ("::ffff:127.0.0.1",),
    ("64:ff9b::7f00:1",),
    ("2002:7f00:1::",),
    # All answers count, in any order.
    (PUBLIC, "127.0.0.1"),
    ("127.0.0.1", PUBLIC),
    (PUBLIC, "::ffff:127.0.0.1"),
)


class Listening:
    """A port on the loopback on which no connection should arrive; `connections` counts them."""

    def __init__(self) -> None:
        self.connections = 0
        self.port = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Count a connection, and send back what arrives."""
        self.connections += 1
        try:
            while chunk := await reader.read(1000):
                writer.write(chunk)
        except ConnectionError:
            pass  # The proxy ends what is left.
        finally:
            writer.transport.abort()


@asynccontextmanager
async def listening(host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[Listening]:
    listener = Listening()
    server = await asyncio.start_server(listener, host, port)
    listener.port = server.sockets[0].getsockname()[1]
    yield listener
    server.close()


class Names:
    """A name server of a test: the answers to one question after another, and how many were asked."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = answers
        self.asked = 0

    async def __call__(self, host: str, port: int) -> list[Address]:
        """Return the next answer, the last one again and again."""
        answer = self._answers[min(self.asked, len(self._answers) - 1)]
        self.asked += 1
        return [ip_address(text) for text in answer]


@asynccontextmanager
async def connected(
    fence: Fence, target: str, *, password: bool = True
) -> AsyncIterator[tuple[bytes, asyncio.StreamReader]]:
    """Ask a proxy for a connection; yield the first line of its answer and what follows."""
    address = fence.url.removeprefix("http://")
    secret, _, place = address.rpartition("@")
    host, port = place.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    header = f"Proxy-Authorization: Basic {base64.b64encode(secret.encode()).decode()}\r\n" if password else ""
    writer.write(f"CONNECT {target} HTTP/1.1\r\n{header}\r\nping".encode())
    try:
        yield await reader.readline(), reader
    finally:
        writer.transport.abort()


@pytest.mark.parametrize("answer", REFUSED)
async def test_a_name_with_one_address_that_is_not_public_is_refused(answer: Sequence[str]) -> None:
    async with listening() as listener:
        allowed = AllowedHosts.parse(f"evil.test:{listener.port}")
        async with (
            Fence(allowed, resolve=Names(answer)) as fence,
            connected(fence, f"evil.test:{listener.port}") as (line, _),
        ):
            assert b"403" in line
            assert fence.failure == "host_refused"
        assert listener.connections == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1"])
async def test_an_address_in_a_link_is_refused_however_it_is_written(host: str) -> None:
    async with listening() as listener:
        async with (
            Fence(AllowedHosts.parse(f"{host}:{listener.port}")) as fence,
            connected(fence, f"{host}:{listener.port}") as (line, _),
        ):
            assert b"200" not in line
            assert fence.failure in {"host_refused", "host_unreachable"}
        assert listener.connections == 0


async def test_a_port_that_is_not_allowed_is_refused_without_asking_for_its_name() -> None:
    names = Names(["127.0.0.1"])
    async with (
        listening() as listener,
        Fence(AllowedHosts(), resolve=names) as fence,
        connected(fence, f"git.test:{listener.port}") as (line, _),
    ):
        assert b"403" in line
        assert (names.asked, listener.connections) == (0, 0)


async def test_a_client_without_the_password_is_refused_and_spoils_nothing() -> None:
    async with listening() as listener:
        allowed = AllowedHosts.parse(f"git.test:{listener.port},127.0.0.0/8")
        async with (
            Fence(allowed, resolve=to_loopback) as fence,
            connected(fence, f"git.test:{listener.port}", password=False) as (line, _),
        ):
            assert b"407" in line
            assert (fence.failure, listener.connections) == (None, 0)


async def test_the_address_that_was_checked_is_the_one_that_is_connected_to() -> None:
    names = Names(["127.0.0.1"], ["127.0.0.2"])
    port = free_port()
    async with listening(port=port) as good, listening("127.0.0.2", port) as bad:
        allowed = AllowedHosts.parse(f"git.test:{port},127.0.0.1/32")
        async with (
            Fence(allowed, resolve=names) as fence,
            connected(fence, f"git.test:{port}") as (line, reader),
        ):
            assert b"200" in line
            await reader.readline()
            assert await reader.readexactly(4) == b"ping"
            assert names.asked == 1
            # The name leads elsewhere now.
            async with connected(fence, f"git.test:{port}") as (line, _):
                assert b"403" in line
        assert (good.connections, bad.connections) == (1, 0)


async def test_a_fetch_ends_when_the_name_of_its_host_leads_inside(git_host: GitHost) -> None:
    link = git_host.repository("task", FILES)
    async with listening("127.0.0.2", git_host.port) as bad:
        allowed = AllowedHosts.parse(f"git.test:{git_host.port},127.0.0.1/32")
        how = Fetching(allowed, ca_file=git_host.certificate, resolve=Names(["127.0.0.1"], ["127.0.0.2"]))
        assert await code_of(link, how) == "host_refused"
        assert bad.connections == 0


@pytest.mark.parametrize("answer", REFUSED)
async def test_a_redirect_to_an_address_that_is_not_public_is_refused(answer: Sequence[str], git_host: GitHost) -> None:
    # The host itself is allowed at 127.0.0.1; its own port and name do not lead any further.
    inside = [text.replace("127.0.0.1", "127.0.0.2").replace("7f00:1", "7f00:2") for text in answer]
    async with listening("127.0.0.2") as listener:
        git_host.answers["/"] = Answer(302, {"Location": f"https://evil.test:{listener.port}/task.git{{rest}}"})
        allowed = AllowedHosts.parse(f"git.test:{git_host.port},evil.test:{listener.port},127.0.0.1/32")

        async def names(host: str, _port: int) -> list[Address]:
            return [ip_address(text) for text in (inside if host == "evil.test" else ["127.0.0.1"])]

        how = Fetching(allowed, ca_file=git_host.certificate, resolve=names)
        assert await code_of(git_host.url("task.git"), how) == "host_refused"
        assert listener.connections == 0
    assert git_host.requests


@pytest.mark.parametrize("scheme", ["http", "git", "ftp", "file"])
async def test_a_redirect_to_another_protocol_is_not_followed(scheme: str, git_host: GitHost) -> None:
    async with listening() as listener:
        git_host.answers["/"] = Answer(302, {"Location": f"{scheme}://git.test:{listener.port}/task.git{{rest}}"})
        with pytest.raises(FreezeFailed):
            await fetch_link(git_host.url("task.git"), fetching=fetching(git_host))
        assert listener.connections == 0


async def test_a_redirect_to_an_allowed_host_is_followed(git_host: GitHost) -> None:
    link = git_host.repository("task", FILES)
    git_host.answers["/old"] = Answer(301, {"Location": f"{link}{{rest}}"})
    extracted = await fetch_link(git_host.url("old"), fetching=fetching(git_host))
    assert [entry.path for entry in extracted.tree.entries] == ["main.py"]


async def test_a_connection_ends_with_its_limit_of_bytes() -> None:
    async with listening() as listener:
        allowed = AllowedHosts.parse(f"git.test:{listener.port},127.0.0.0/8")
        async with (
            Fence(allowed, resolve=to_loopback, limits=Limits(wire_bytes=7)) as fence,
            connected(fence, f"git.test:{listener.port}") as (_, reader),
        ):
            await reader.read()
            # Four bytes there and four back.
            assert (fence.failure, fence.bytes) == ("too_large", 8)


async def code_of(link: str, how: Fetching) -> str:
    with pytest.raises(FreezeFailed) as failed:
        await fetch_link(link, fetching=how)
    return failed.value.code
