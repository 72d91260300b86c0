"""Behind PgBouncer: its session mode works as documented, its other modes are refused at start."""

import asyncio
import os
import pwd
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from learning_platform.core.pooler import ensure_session_pooling
from learning_platform.core.start import CannotStart
from tests.conftest import opened_school, test_settings
from tests.people import HandClock
from tests.processes import free_port

PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
CONFIGURATION = """
[databases]
{database} = host={folder} port={server_port} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
server_round_robin = {round_robin}
"""

# Where CI runs, a test that is silently left out would be worse than none.
needs_pgbouncer = pytest.mark.skipif(PGBOUNCER is None and "CI" not in os.environ, reason="PgBouncer is not installed")


@asynccontextmanager
async def pooler(url: str, folder: Path, *, mode: str, round_robin: int = 0) -> AsyncIterator[str]:
    """Run PgBouncer in front of a database; yield the address of the database behind it."""
    assert PGBOUNCER is not None
    parts = urlsplit(url)
    query, database, port = parse_qs(parts.query), parts.path.lstrip("/"), free_port()
    socket = Path(query["host"][0]) / f".s.PGSQL.{query.get('port', ['5432'])[0]}"
    configuration = folder / "pgbouncer.ini"
    configuration.write_text(
        CONFIGURATION.format(
            database=database,
            folder=socket.parent,
            server_port=query.get("port", ["5432"])[0],
            port=port,
            mode=mode,
            round_robin=round_robin,
        )
    )
    for readable in (configuration, *configuration.parents[:3]):
        readable.chmod(0o755)
    # It refuses to run as root; the owner of the socket may use it.
    user = ["-u", pwd.getpwuid(socket.stat().st_uid).pw_name] if os.geteuid() == 0 else []
    process = await asyncio.create_subprocess_exec(PGBOUNCER, *user, str(configuration), stderr=asyncio.subprocess.PIPE)
    try:
        assert process.stderr is not None
        async with asyncio.timeout(30):
            while b"process up" not in (line := await process.stderr.readline()):
                assert line, "PgBouncer ended"
        yield f"postgresql://postgres@127.0.0.1:{port}/{database}"
    finally:
        process.kill()
        await process.wait()


@needs_pgbouncer
async def test_in_session_mode_everything_works(
    app: FastAPI, database_url: str, clock: HandClock, tmp_path: Path
) -> None:
    async with pooler(database_url, tmp_path, mode="session") as url:
        await ensure_session_pooling(url)
        async with (
            opened_school(app, test_settings(url), clock) as school,
            AsyncClient(transport=ASGITransport(app), base_url="http://test") as client,
        ):
            alice = await school.person()
            assert (await client.get("/health")).json()["status"] == "ok"
            await school.track(alice)
            async with school.services.database.connection() as db:
                assert await db.fetchval("select current_setting('statement_timeout')") == "15s"
            async with asyncio.timeout(30):
                await school.services.notifier.is_connected.wait()


@needs_pgbouncer
@pytest.mark.parametrize(("mode", "round_robin"), [("transaction", 0), ("transaction", 1), ("statement", 0)])
async def test_another_mode_is_refused_in_one_sentence(
    mode: str, round_robin: int, database_url: str, tmp_path: Path
) -> None:
    async with pooler(database_url, tmp_path, mode=mode, round_robin=round_robin) as url:
        with pytest.raises(CannotStart, match="pool_mode = session"):
            await ensure_session_pooling(url)


async def test_postgresql_itself_is_no_pooler(database_url: str) -> None:
    await ensure_session_pooling(database_url)
