"""The embedded server: in any folder, whatever a crash left there, shared by all who use it, stopped by the last."""

import asyncio
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import psutil
import pytest

from learning_platform.core.embedded import EmbeddedPostgres
from learning_platform.core.migrate import create_database
from learning_platform.core.postgres_account import Account, installation
from learning_platform.core.start import CannotStart
from tests.open_programs import programs_for
from tests.waiting import until

pytestmark = pytest.mark.anyio
ODD_NAMES = [
    "My Projects",
    'it\'s "quoted"',
    "a+b",
    "a%20b",
    "a#b",
    "a,b;c",
    "$(touch here)`touch here`$HOME",
    "Мои проекты",
    "0123456789" * 15,
    "-D",
    "a\\b",
    "a:b@c?d=e&f",
]
GARBLED = {
    "empty": b"",
    "blank lines": b"\n\n\n\n\n\n\n\n",
    "words": b"this is no pid file\n",
    "bytes": bytes(range(256)),
    "cut off": b"12",
    "a number too large": b"9" * 40 + b"\n/nowhere\n0\n5432\n/tmp\n\n0\nready\n",
    "zero": b"0\n/nowhere\n0\n5432\n/tmp\n\n0\nready\n",
}
ANOTHER_USER = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can change to other users")


def pid_file(folder: Path, pid: int) -> str:
    return f"{pid}\n{folder / 'postgres'}\n1700000000\n5432\n{folder / 'postgres'}\n\n 12345 1\nready   \n"


def postmaster(folder: Path) -> psutil.Process:
    return psutil.Process(int((folder / "postgres" / "postmaster.pid").read_text().splitlines()[0]))


async def is_there(url: str) -> bool:
    try:
        db = await asyncpg.connect(url)
    except (OSError, asyncpg.CannotConnectNowError):
        return False
    await db.close()
    return True


async def ask(url: str, question: str) -> object:
    db = await asyncpg.connect(url)
    try:
        return await db.fetchval(question)
    finally:
        await db.close()


def permissions_above(path: Path) -> dict[str, int]:
    return {str(folder): stat.S_IMODE(folder.stat().st_mode) for folder in path.parents}


@pytest.fixture
def ended() -> int:
    """Return the id of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@pytest.fixture
def foreign(used: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Return a process of the user that the server runs as: PostgreSQL itself takes it for a running server."""
    owner = (used / "postgres").stat().st_uid
    process = subprocess.Popen(["sleep", "600"], user=owner if os.geteuid() == 0 else None)
    yield process
    process.kill()
    process.wait()


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder whose server was started and stopped."""
    folder = tmp_path_factory.mktemp("used")
    server = EmbeddedPostgres(folder)
    server.start()
    server.stop()
    return folder


@asynccontextmanager
async def started(folder: Path) -> AsyncIterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(folder)
    server.start()
    try:
        assert await ask(server.maintenance_url, "select 1") == 1
        yield server
    finally:
        server.stop()


async def test_the_server_is_shared_and_stopped_by_the_last_who_uses_it(tmp_path: Path) -> None:
    first, second = EmbeddedPostgres(tmp_path), EmbeddedPostgres(tmp_path)
    url = first.start()
    assert second.start() == url
    maintenance_url = first.maintenance_url
    await create_database(maintenance_url)
    await create_database(maintenance_url)

    first.stop()
    assert await is_there(url), "it is still in use"
    assert await ask(url, "select lower('ПРИВЕТ')") == "привет"

    second.stop()
    assert not await is_there(url)

    third = EmbeddedPostgres(tmp_path)
    url = third.start()
    assert await is_there(url), "what was kept is there again"
    third.stop()
    assert not await is_there(url)


@pytest.mark.parametrize("name", ODD_NAMES)
async def test_it_starts_in_a_folder_of_any_name_and_opens_no_folder_above(name: str, used: Path) -> None:
    # The name is that of the folder of the clone, which is closed to others.
    folder = (used.parent / "private" / name / ".data").resolve()
    folder.parent.mkdir(mode=0o700, parents=True)
    os.rename(used, folder)
    folders = [folder, installation() / "bin" / "postgres"]
    before = [permissions_above(path) for path in folders]
    try:
        async with started(folder) as server:
            await create_database(server.maintenance_url)
        assert [permissions_above(path) for path in folders] == before
        assert stat.S_IMODE((folder / "postgres").stat().st_mode) == 0o700
        assert {path.name for path in folder.parent.iterdir()} == {".data"}, "a shell has read the name"
    finally:
        folder.rename(used)


async def test_its_files_are_made_in_a_folder_of_any_name(tmp_path: Path) -> None:
    folder = tmp_path / 'It\'s "my" $(projects), `100%20` #1 + Мои' / ".data"
    async with started(folder):
        assert postmaster(folder).is_running()


@as_root
def test_root_starts_it_from_programs_that_the_servers_user_cannot_reach(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    package = installation().parent
    for folder in (package, package.with_name(f"{package.name}.libs")):
        subprocess.run(["cp", "-r", str(folder), str(private)], check=True)
    before = permissions_above(private / package.name / "postgres")
    script = (
        "import pathlib, sys; from learning_platform.core.embedded import EmbeddedPostgres;"
        "server = EmbeddedPostgres(pathlib.Path(sys.argv[1])); server.start(); server.stop()"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(private), *sys.path])}
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "data")], env=environment, check=True)

    assert permissions_above(private / package.name / "postgres") == before
    assert not (tmp_path / "data" / "run_folder").exists(), "what was copied is removed with the last user"


@pytest.fixture
def folder_of_another_user() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    os.chown(folder, ANOTHER_USER, ANOTHER_USER)
    yield folder
    shutil.rmtree(folder)


@as_root
@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
def test_two_users_of_the_system_start_theirs_side_by_side(used: Path, folder_of_another_user: Path) -> None:
    ours = EmbeddedPostgres(used)
    ours.start()
    programs = programs_for(Account(ANOTHER_USER, ANOTHER_USER), folder_of_another_user)
    pid = os.fork()
    if pid == 0:
        sys.path.insert(0, str(programs.parent.parent))
        _start_and_stop_as(ANOTHER_USER, folder_of_another_user / "a folder")
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    ours.stop()


def _start_and_stop_as(uid: int, folder: Path) -> None:
    """Run in a forked child: become another user, start a server, stop it, and end."""
    code = 1
    try:
        os.setgroups([])
        os.setgid(uid)
        os.setuid(uid)
        server = EmbeddedPostgres(folder)
        server.start()
        assert postmaster(folder).uids().real == uid
        server.stop()
        code = 0
    finally:
        os._exit(code)


@pytest.mark.parametrize("content", GARBLED.values(), ids=GARBLED)
async def test_a_garbled_pid_file_does_not_block_the_start(content: bytes, used: Path) -> None:
    (used / "postgres" / "postmaster.pid").write_bytes(content)
    async with started(used):
        assert postmaster(used).is_running()


async def test_a_folder_in_place_of_the_pid_file_does_not_block_the_start(used: Path) -> None:
    (used / "postgres" / "postmaster.pid").mkdir()
    async with started(used):
        assert postmaster(used).is_running()


async def test_a_pid_file_of_a_process_that_has_ended_does_not_block_the_start(used: Path, ended: int) -> None:
    (used / "postgres" / "postmaster.pid").write_text(pid_file(used, ended))
    async with started(used):
        assert postmaster(used).pid != ended


async def test_nothing_happens_to_our_own_process_when_the_pid_file_names_it(used: Path) -> None:
    (used / "postgres" / "postmaster.pid").write_text(pid_file(used, os.getpid()))
    async with started(used):
        assert postmaster(used).pid != os.getpid()


async def test_nothing_happens_to_a_foreign_process_that_the_pid_file_names(
    used: Path, foreign: "subprocess.Popen[bytes]"
) -> None:
    (used / "postgres" / "postmaster.pid").write_text(pid_file(used, foreign.pid))
    async with started(used):
        assert postmaster(used).pid != foreign.pid
    assert foreign.poll() is None


async def test_the_server_of_another_folder_goes_on_when_a_copied_pid_file_names_it(used: Path, tmp_path: Path) -> None:
    async with started(tmp_path) as other:
        foreign = postmaster(tmp_path)
        text = (tmp_path / "postgres" / "postmaster.pid").read_text()
        (used / "postgres" / "postmaster.pid").write_text(text)

        async with started(used) as server:
            assert server.maintenance_url != other.maintenance_url
            assert postmaster(used).pid != foreign.pid

        assert foreign.is_running()
        assert await ask(other.maintenance_url, "select 1") == 1


async def test_a_server_whose_pid_file_was_emptied_is_ended_and_started_again(used: Path) -> None:
    first = EmbeddedPostgres(used)
    first.start()
    old = postmaster(used)
    (used / "postgres" / "postmaster.pid").write_text("")
    async with started(used):
        assert not old.is_running() or old.status() == psutil.STATUS_ZOMBIE
        assert postmaster(used).pid != old.pid
    first.stop()


async def test_what_has_the_number_of_a_server_that_was_killed_is_not_stopped_in_its_place(
    used: Path, foreign: "subprocess.Popen[bytes]"
) -> None:
    server = EmbeddedPostgres(used)
    server.start()
    postmaster(used).kill()
    await until(server.is_gone)
    (used / "postgres" / "postmaster.pid").write_text(pid_file(used, foreign.pid))
    server.stop()
    assert foreign.poll() is None


async def test_a_frozen_server_is_not_taken_for_a_dead_one(used: Path) -> None:
    async with started(used) as server:
        process = postmaster(used)
        process.suspend()
        try:
            assert not server.is_gone()
        finally:
            process.resume()
        assert postmaster(used) == process


async def test_what_was_committed_is_there_after_a_kill_under_load(tmp_path: Path) -> None:
    async with started(tmp_path) as server:
        url = server.maintenance_url
        await _execute(url, "create table written (id int primary key)")
        confirmed: list[int] = []
        writers = [asyncio.create_task(_write(url, range(start, 10**9, 4), confirmed)) for start in range(4)]
        await until(lambda: len(confirmed) > 200)
        # It computes, so that it does not notice the end of its server by itself.
        busy = asyncio.create_task(_execute(url, "select count(*) from generate_series(1, 10000000000)"))
        await asyncio.sleep(0.2)

        postmaster(tmp_path).send_signal(signal.SIGKILL)
        await until(server.is_gone)
        await asyncio.to_thread(server.revive)

        assert server.maintenance_url == url
        await asyncio.gather(*writers, busy, return_exceptions=True)
        kept = await ask(url, "select array_agg(id) from written")
        assert isinstance(kept, list)
        assert set(confirmed) <= set(kept)


async def _execute(url: str, statement: str) -> None:
    db = await asyncpg.connect(url)
    try:
        await db.execute(statement)
    finally:
        db.terminate()


async def _write(url: str, ids: range, confirmed: list[int]) -> None:
    db = await asyncpg.connect(url)
    for number in ids:
        await db.execute("insert into written values ($1)", number)
        confirmed.append(number)


BROKEN = {
    "postgresql.conf": (b"nonsense = 1\n", "configuration file"),
    # Found out after the pid file was written, which is removed again.
    "global/pg_control": (b"", "pg_control"),
}


@pytest.mark.parametrize(("name", "content", "said"), [(name, *rest) for name, rest in BROKEN.items()])
async def test_a_server_that_ends_while_starting_is_not_started_again_and_its_reason_is_logged(
    name: str, content: bytes, said: str, used: Path
) -> None:
    path = used / "postgres" / name
    before = path.read_bytes()
    path.write_bytes(content)
    try:
        with pytest.raises(CannotStart, match=said):
            EmbeddedPostgres(used).start()
    finally:
        path.write_bytes(before)
    assert (used / "postgres" / "log").read_text().count(said) <= 3
    async with started(used):
        pass


UNUSABLE: dict[str, tuple[Callable[[Path], object], str]] = {
    "a file": (lambda folder: folder.write_text("a file"), "File exists"),
    "files of another version": (lambda folder: _write_version(folder, "16"), "belong to PostgreSQL 16"),
    "something else": (lambda folder: _write_other(folder), "postgres"),
}


def _write_version(folder: Path, version: str) -> None:
    (folder / "postgres").mkdir(parents=True)
    (folder / "postgres" / "PG_VERSION").write_text(f"{version}\n")


def _write_other(folder: Path) -> None:
    (folder / "postgres").mkdir(parents=True)
    (folder / "postgres" / "notes.txt").write_text("something else")


@pytest.mark.parametrize(("make", "said"), UNUSABLE.values(), ids=UNUSABLE)
async def test_a_folder_that_cannot_be_used_is_refused(
    make: Callable[[Path], object], said: str, tmp_path: Path
) -> None:
    make(tmp_path / "data")
    with pytest.raises((CannotStart, OSError), match=said):
        EmbeddedPostgres(tmp_path / "data").start()
