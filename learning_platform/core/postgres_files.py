"""The files of the embedded server: made whole or not at all, and cleared of what a killed server left."""

import os
import re
import shutil
import signal
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil

from learning_platform.core.postgres_account import VERSION, Account, run_program, visible_to
from learning_platform.core.postmaster import PID_FILE, SOCKET_FILE, pid_in, processes_of, read_pid_file
from learning_platform.core.start import CannotStart

DRAFT = "postgres-draft-"
SERVER_SETTINGS = """
# Learning Platform: for one machine that does other things too.
max_connections = 300
shared_buffers = 256MB
max_wal_size = 2GB
random_page_cost = 1.1
effective_io_concurrency = 16
"""
INITDB = ("--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-instructions")
# The server also uses FATAL for clients that connect before it is ready.
REASON = re.compile(r"(?:FATAL|PANIC|error): +(?!the database system is )(.*)")
CURE = "Set DATA_DIR to a writable folder with free disk space, or set DATABASE_URL"
# What a killed server leaves behind ends by itself within this time, or is ended.
LEFTOVER_SECONDS = 5.0


def make_files(pgdata: Path, account: Account | None, programs: Path) -> None:
    """Make the files of a fresh server: a start that is killed half-way leaves a draft, not a ruin."""
    for abandoned in pgdata.parent.glob(f"{DRAFT}*"):
        shutil.rmtree(abandoned, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(prefix=DRAFT, dir=pgdata.parent))
    if account is not None:
        os.chown(draft, account.uid, account.gid)
    with visible_to(account, draft) as (path, descriptors):
        command = [str(programs / "initdb"), "--pgdata", path, *INITDB]
        code, said = run_program(command, account, descriptors=descriptors)
    if code != 0:
        shutil.rmtree(draft, ignore_errors=True)
        raise CannotStart(f"The embedded PostgreSQL cannot be set up in {pgdata}: {reason_in(said)}. {CURE}.")
    with (draft / "postgresql.conf").open("a") as configuration:
        configuration.write(SERVER_SETTINGS)
    draft.rename(pgdata)


def ensure_version_fits(pgdata: Path) -> None:
    """Raise CannotStart if the files were made by another major version of PostgreSQL."""
    version = (pgdata / "PG_VERSION").read_text().strip()
    if version != VERSION:
        raise CannotStart(
            f"The files in {pgdata} belong to PostgreSQL {version}, but PostgreSQL {VERSION} is installed."
            " Dump them with the former version and restore them into a new DATA_DIR (docs/operations.md)."
        )


def reason_in(output: str) -> str:
    """Return the first error in the output of a program of PostgreSQL, without a full stop: others follow from it."""
    found = REASON.findall(output) or output.splitlines()[-1:] or ["it gave no reason"]
    return str(found[0]).strip().rstrip(".")


def end_leftovers(pgdata: Path, account: Account | None, *, is_free: Callable[[], bool]) -> None:
    """Wait until nothing serves `pgdata` any more; end what stays. Raises CannotStart if that does not help."""
    for number in (None, signal.SIGQUIT, signal.SIGKILL):
        if number is not None:
            for process in processes_of(pgdata, account):
                with suppress(psutil.NoSuchProcess):
                    process.send_signal(number)
        deadline = time.monotonic() + LEFTOVER_SECONDS
        while time.monotonic() < deadline:
            if not processes_of(pgdata, account) and is_free():
                return
            time.sleep(0.05)
    raise CannotStart(
        f"Another PostgreSQL uses {pgdata}, probably in another container or on another machine that shares DATA_DIR."
        " Stop it, or use another DATA_DIR."
    )


def clear_pid_file(pgdata: Path) -> None:
    """Remove a pid file that would block the start, when nothing serves `pgdata`.

    One that names a process that has ended is left to PostgreSQL, which also looks for shared memory still in use.
    """
    path = pgdata / PID_FILE
    lines = read_pid_file(pgdata)
    pid = pid_in(lines)
    if path.is_dir() and not path.is_symlink():
        path.rmdir()
    elif pid is None or psutil.pid_exists(pid):
        path.unlink(missing_ok=True)


def clear_socket(folder: Path) -> None:
    """Remove the socket of a server that has ended, and its lock."""
    for name in (SOCKET_FILE, f"{SOCKET_FILE}.lock"):
        (folder / name).unlink(missing_ok=True)
