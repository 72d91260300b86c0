"""The PostgreSQL processes of one data folder: found by what they run and where, never by a number in a file alone.

`postmaster.pid` outlives its process: after a crash the number may belong to any process of this machine. It counts
only if that process runs the program `postgres` inside this very data folder.
"""

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from socket import AF_UNIX, socket

import psutil

from learning_platform.core.postgres_account import Account, run_program

PID_FILE, SOCKET_FILE = "postmaster.pid", ".s.PGSQL.5432"
# The lines of postmaster.pid that are read here.
PID_LINE, SOCKET_FOLDER_LINE, STATUS_LINE = 0, 4, 7
MAX_PID_LENGTH = 9
# A client may ask first whether TLS is offered; a server that works answers with one letter.
SSL_REQUEST = bytes.fromhex("0000000804d2162f")
ANSWER_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Postmaster:
    """A running server, and what its pid file says of it."""

    process: psutil.Process
    socket_folder: Path
    is_ready: bool


def find_postmaster(pgdata: Path, account: Account | None) -> Postmaster | None:
    """Return the server that runs in `pgdata`; None if its pid file is missing, unreadable, stale, or of another."""
    lines = read_pid_file(pgdata)
    pid = pid_in(lines)
    if pid is None or len(lines) <= SOCKET_FOLDER_LINE:
        return None
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        if serves(process, pgdata, account):
            is_ready = len(lines) > STATUS_LINE and lines[STATUS_LINE].strip() == "ready"
            return Postmaster(process, Path(lines[SOCKET_FOLDER_LINE]), is_ready)
    return None


def serves(process: psutil.Process, pgdata: Path, account: Account | None) -> bool:
    """Say whether this process runs the program `postgres` inside `pgdata`."""
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        program, folder = _program_and_folder(process, account)
        return Path(program).name == "postgres" and os.path.samefile(folder, pgdata)
    except (psutil.Error, OSError, ValueError):
        return False


def processes_of(pgdata: Path, account: Account | None) -> list[psutil.Process]:
    """Return every process that serves `pgdata`: also those left behind by a killed server."""
    named = [process for process in psutil.process_iter(["name"]) if process.info["name"] == "postgres"]
    return [process for process in named if serves(process, pgdata, account)]


def answers(socket_folder: Path) -> bool:
    """Say whether a server answers on the socket in this folder."""
    try:
        with socket(AF_UNIX) as client:
            client.settimeout(ANSWER_SECONDS)
            client.connect(str(socket_folder / SOCKET_FILE))
            client.sendall(SSL_REQUEST)
            return client.recv(1) in {b"N", b"S"}
    except OSError:
        return False


def read_pid_file(pgdata: Path) -> list[str]:
    """Return the lines of postmaster.pid; none if it is not there or is no file."""
    try:
        return (pgdata / PID_FILE).read_text(errors="replace").splitlines()
    except OSError:
        return []


def pid_in(lines: Sequence[str]) -> int | None:
    """Return the process id that a pid file names; a server in single-user mode writes it with a minus sign."""
    number = lines[PID_LINE].strip().removeprefix("-") if lines else ""
    if not (number.isascii() and number.isdigit() and len(number) <= MAX_PID_LENGTH) or int(number) == 0:
        return None
    return int(number)


def _program_and_folder(process: psutil.Process, account: Account | None) -> tuple[str, str]:
    try:
        return process.exe(), process.cwd()
    except psutil.AccessDenied:
        if account is None:
            raise
    # In a container even root may not look into the processes of other users; the server's own user may.
    _, said = run_program(["readlink", f"/proc/{process.pid}/exe", f"/proc/{process.pid}/cwd"], account)
    program, folder = said.splitlines()
    return program.removesuffix(" (deleted)"), folder
