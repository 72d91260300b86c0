"""The embedded database under real processes: it comes with them, goes with the last of them, and survives kills."""

import asyncio
import itertools
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import pytest
from httpx import AsyncClient, HTTPError

from learning_platform.core.settings import PROJECT
from tests.journeys.visitors import PASSWORD, listening, sign_in, visitor
from tests.processes import command, free_port, served
from tests.waiting import PATIENCE_SECONDS, until

pytestmark = pytest.mark.anyio
MAX_STOP_SECONDS = 5.0
# An answer without a database takes two seconds.
MAX_QUESTIONS = 10


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """Return a folder whose path is short enough for a socket."""
    folder = Path(tempfile.mkdtemp(prefix="lp-"))
    yield folder
    with suppress(FileNotFoundError, ProcessLookupError):
        os.kill(postmaster(folder), signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)


async def test_it_survives_kills_of_the_service_and_of_itself_and_stops_with_the_service(
    data_dir: Path, tmp_path: Path
) -> None:
    async with served(cwd=tmp_path, data_dir=str(data_dir)) as web, visitor(web, "alice"):
        await web.process.kill()
    survivor = postmaster(data_dir)
    assert is_running(survivor)

    async with served(cwd=tmp_path, data_dir=str(data_dir)) as web:
        assert postmaster(data_dir) == survivor
        await _ensure_known(web.url, "alice")
        await web.process.kill()
    os.kill(survivor, signal.SIGKILL)
    await until(lambda: not is_running(survivor))

    async with (
        served(cwd=tmp_path, data_dir=str(data_dir)) as web,
        AsyncClient(base_url=web.url) as client,
        listening(web, await sign_in(client, "alice")),
    ):
        last = postmaster(data_dir)
        assert await web.process.stop() < MAX_STOP_SECONDS
        assert not is_running(last)


async def test_a_first_start_that_was_killed_half_way_leaves_nothing_in_the_way_of_the_next(
    data_dir: Path, tmp_path: Path
) -> None:
    async with command("learning_platform", "migrate", cwd=tmp_path, data_dir=str(data_dir)) as process:
        await until(lambda: any(data_dir.glob("postgres*/PG_VERSION")))
        await process.kill()

    async with command("learning_platform", "migrate", cwd=tmp_path, data_dir=str(data_dir)) as process:
        assert await process.ends() == 0, process.output


async def test_it_comes_back_while_the_service_runs_and_nothing_confirmed_is_lost(
    data_dir: Path, tmp_path: Path
) -> None:
    async with served(cwd=tmp_path, data_dir=str(data_dir)) as web, AsyncClient(base_url=web.url) as client:
        confirmed: list[str] = []
        registering = asyncio.create_task(_register(client, confirmed))
        await until(lambda: len(confirmed) > 1)
        killed = postmaster(data_dir)
        os.kill(killed, signal.SIGKILL)

        before = len(confirmed)
        await until(lambda: len(confirmed) > before + 1)
        assert postmaster(data_dir) != killed
        registering.cancel()
        for username in confirmed:
            assert await sign_in(client, username)


async def _register(client: AsyncClient, confirmed: list[str]) -> None:
    """Register one person after another, whatever the answers are."""
    for number in itertools.count():
        account = {"email": f"p{number}@example.com", "username": f"p{number}", "password": PASSWORD}
        with suppress(HTTPError):
            if (await client.post("/register", json=account)).is_success:
                confirmed.append(f"p{number}")
        await asyncio.sleep(0.3)


async def test_four_processes_that_start_together_share_one_server(data_dir: Path, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        starting = [stack.enter_async_context(served(cwd=tmp_path, data_dir=str(data_dir))) for _ in range(4)]
        webs = await asyncio.gather(*starting)
        assert len(list((data_dir / "postgres").parent.glob("postgres*"))) == 1
        shared = postmaster(data_dir)
        for web in webs:
            await _ensure_answers(web.url)
        for web in webs[:3]:
            assert await web.process.stop() < MAX_STOP_SECONDS
            assert is_running(shared)
        assert await webs[3].process.stop() < MAX_STOP_SECONDS
        assert not is_running(shared)


async def _ensure_answers(url: str) -> None:
    """Ask until the database answers as soon as /health expects: it may be late while other tests run."""
    async with AsyncClient(base_url=url, timeout=PATIENCE_SECONDS) as client:
        for _ in range(MAX_QUESTIONS):
            if (await client.get("/health")).json()["status"] == "ok":
                return
    raise AssertionError(f"{url} has no database")


async def test_the_seeds_way_works_with_nothing_but_a_folder(data_dir: Path, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"DATA_DIR={data_dir}\n")
    port = free_port()
    arguments = ("uvicorn", "app:app", "--app-dir", str(PROJECT), "--port", str(port))
    async with command(*arguments, cwd=tmp_path, secret_key="") as process:
        await process.says("Uvicorn running on")
        async with AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            assert (await client.get("/health")).json()["status"] == "ok"
        assert (data_dir / "secret_key").exists()
        started = postmaster(data_dir)

        assert await process.stop() < MAX_STOP_SECONDS
        assert not is_running(started)


async def _ensure_known(url: str, username: str) -> None:
    async with AsyncClient(base_url=url) as client:
        assert await sign_in(client, username)


def postmaster(data_dir: Path) -> int:
    """Return the process id of the embedded server."""
    return int((data_dir / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def is_running(pid: int) -> bool:
    """Say whether the process exists, and is not only a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
