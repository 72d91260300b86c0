"""From the embedded database to an older server, by the commands of docs/operations.md as they stand there."""

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from learning_platform.core.embedded import EmbeddedPostgres
from learning_platform.core.postgres_account import Account, run_program, server_account, start_program
from learning_platform.core.postmaster import answers
from learning_platform.core.settings import PROJECT
from tests.open_programs import programs_for
from tests.processes import command
from tests.waiting import until

pytestmark = pytest.mark.anyio
COMMANDS = re.compile(r"^## From the embedded database to a server$.*?^```sh$(.*?)^```$", re.MULTILINE | re.DOTALL)
TABLES = """
select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by relname
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a folder that the user of the server may enter."""
    made = Path(tempfile.mkdtemp())
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture
async def older_server(folder: Path) -> AsyncIterator[str]:
    """Start the PostgreSQL 16 that comes with the same package; return the address of an empty database."""
    pgdata = folder / "older"
    pgdata.mkdir(mode=0o700)
    account: Account | None = server_account(pgdata)
    if account is not None:
        os.chown(pgdata, account.uid, account.gid)
    programs = programs_for(account, folder, name="pginstall") / "bin"
    code, said = run_program(
        [str(programs / "initdb"), "-D", str(pgdata), "--username=postgres", "--locale=C", "--encoding=UTF8"], account
    )
    assert code == 0, said
    options = ["-D", str(pgdata), "-c", "listen_addresses=", "-k", str(pgdata), "-p", "5432"]
    server = start_program([str(programs / "postgres"), *options], account, output=subprocess.DEVNULL)
    try:
        await until(lambda: answers(pgdata))
        await _create(f"postgresql://postgres@/postgres?host={pgdata}")
        yield f"postgresql://postgres@/school?host={pgdata}"
    finally:
        server.send_signal(signal.SIGINT)
        server.wait()


async def _create(url: str) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                db = await asyncpg.connect(url)
                break
            except asyncpg.CannotConnectNowError:
                await asyncio.sleep(0.1)
    assert db.get_server_version().major == 16
    await db.execute("create database school template template0 lc_collate 'C.UTF-8' lc_ctype 'C.UTF-8'")
    await db.close()


async def _counts(url: str) -> dict[str, int]:
    db = await asyncpg.connect(url)
    try:
        names = [row[0] for row in await db.fetch(TABLES)]
        return {name: await db.fetchval(f"select count(*) from {name}") for name in names}
    finally:
        await db.close()


async def test_the_documented_move_takes_everything_to_an_older_server(folder: Path, older_server: str) -> None:
    (folder / ".venv").symlink_to(sys.prefix)
    embedded = EmbeddedPostgres(folder / ".data")
    url = embedded.start()
    try:
        async with command("learning_platform", "demo", cwd=folder, data_dir=str(folder / ".data")) as demo:
            assert await demo.ends() == 0, demo.output
        found = COMMANDS.search((PROJECT / "docs" / "operations.md").read_text())
        assert found is not None
        shell = await asyncio.create_subprocess_exec(
            *("bash", "-euo", "pipefail", "-c", found[1]),
            cwd=folder,
            env={"PATH": os.environ["PATH"], "DATABASE_URL": older_server},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await shell.communicate()
        assert (shell.returncode, said) == (0, b"")

        moved = await _counts(older_server)
        assert moved == await _counts(url)
        assert moved["reviews"] > 0
    finally:
        embedded.stop()

    async with command("learning_platform", "migrate", cwd=folder, database_url=older_server) as process:
        assert await process.ends() == 0, process.output
