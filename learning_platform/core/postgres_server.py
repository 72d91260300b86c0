"""The embedded server of one data folder: started, found again, stopped. Call it with the start lock held."""

import fcntl
import logging
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from learning_platform.core.postgres_account import (
    Account,
    runnable_programs,
    server_account,
    start_program,
    visible_to,
)
from learning_platform.core.postgres_files import (
    clear_pid_file,
    clear_socket,
    end_leftovers,
    ensure_version_fits,
    make_files,
    reason_in,
)
from learning_platform.core.postmaster import (
    Postmaster,
    answers,
    find_postmaster,
    processes_of,
)
from learning_platform.core.run_folder import RunFolder, can_hold_socket
from learning_platform.core.start import CannotStart

log = logging.getLogger(__name__)

# Recovery after a crash may take a while; a server that neither ends nor answers is not waited for longer.
START_SECONDS, STOP_SECONDS, PAUSE_SECONDS = 60.0, 30.0, 0.02
# Children that outlive the object that started them: the server goes on for other processes.
_outliving: "list[subprocess.Popen[bytes]]" = []


class PostgresServer:
    """The server of `data_dir`/postgres, whether this process or another has started it."""

    def __init__(self, data_dir: Path) -> None:
        self._pgdata = data_dir / "postgres"
        self._run_folder = RunFolder(data_dir)
        # The server's processes hold it: it is free when the last of them has ended, whatever the pid file says.
        self._lock_path = data_dir / "server.lock"
        self._postmaster: Postmaster | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self.socket_folder = self._pgdata

    def ensure_running(self) -> None:
        """Find the server or start it; return when it answers. Raises CannotStart."""
        account = server_account(self._pgdata)
        self.let_go()
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            postmaster = find_postmaster(self._pgdata, account)
            if postmaster is not None and postmaster.is_ready and answers(postmaster.socket_folder):
                self._postmaster, self.socket_folder = postmaster, postmaster.socket_folder
                return
            # What was started and has ended would end again.
            self._ensure_child_runs()
            if postmaster is None and self._child is None:
                if self._answers_unseen(account):
                    return
                self._start(account)
            time.sleep(PAUSE_SECONDS)
        raise CannotStart(
            f"The embedded PostgreSQL in {self._pgdata} does not respond. See its log ({self._pgdata / 'log'})."
        )

    def is_gone(self) -> bool:
        """Say whether the server has ended since it was found; one that merely does not answer is not gone."""
        if self._child is not None:
            self._child.poll()  # A child that has ended is a zombie until it is asked for.
        if self._postmaster is None:
            return not answers(self.socket_folder)
        try:
            process = self._postmaster.process
            return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    def stop(self) -> None:
        """Stop the server of this folder, whichever process started it last, if it answers."""
        postmaster = find_postmaster(self._pgdata, server_account(self._pgdata))
        if postmaster is None or not answers(postmaster.socket_folder):
            return
        postmaster.process.send_signal(signal.SIGINT)
        try:
            postmaster.process.wait(STOP_SECONDS)
        except psutil.TimeoutExpired:
            log.warning("the embedded PostgreSQL has not stopped within %d seconds and is still stopping", STOP_SECONDS)
        else:
            self._run_folder.remove()

    def let_go(self) -> None:
        """Leave a server that this process has started to the others that use it."""
        if self._child is not None and self._child.poll() is None:
            _outliving.append(self._child)
        self._child = None

    def _answers_unseen(self, account: Account | None) -> bool:
        """Attach to a server whose processes cannot be seen, as in another container, but whose socket lies here."""
        if processes_of(self._pgdata, account) or not answers(self._pgdata):
            return False
        self._postmaster, self.socket_folder = None, self._pgdata
        return True

    def _start(self, account: Account | None) -> None:
        programs = runnable_programs(account, lambda: self._run_folder.path(account))
        if not (self._pgdata / "PG_VERSION").exists():
            make_files(self._pgdata, account, programs)
        ensure_version_fits(self._pgdata)
        with self._server_lock(account) as lock:
            clear_pid_file(self._pgdata)
            fits = can_hold_socket(self._pgdata, account)
            self.socket_folder = self._pgdata if fits else self._run_folder.path(account)
            clear_socket(self.socket_folder)
            self._child = self._spawn(account, programs, lock)

    @contextmanager
    def _server_lock(self, account: Account | None) -> Iterator[int]:
        lock = os.open(self._lock_path, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            end_leftovers(self._pgdata, account, is_free=lambda: _is_locked(lock))
            yield lock
        finally:
            os.close(lock)

    def _spawn(self, account: Account | None, programs: Path, lock: int) -> "subprocess.Popen[bytes]":
        log_file = os.open(self._pgdata / "log", os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        self._log_size = os.fstat(log_file).st_size
        try:
            with visible_to(account, self._pgdata) as (path, descriptors):
                return start_program(
                    [str(programs / "postgres"), "-D", path, *self._options()],
                    account,
                    output=log_file,
                    descriptors=(*descriptors, lock),
                    in_new_session=True,  # Ctrl+C in the terminal is not meant for it.
                )
        finally:
            os.close(log_file)

    def _options(self) -> list[str]:
        sockets = f'unix_socket_directories="{self.socket_folder}"'
        return ["-c", "listen_addresses=", "-p", "5432", "-c", sockets, "-c", "unix_socket_permissions=0700"]

    def _ensure_child_runs(self) -> None:
        if self._child is None or self._child.poll() is None:
            return
        with (self._pgdata / "log").open(errors="replace") as log_file:
            log_file.seek(self._log_size)
            reason = reason_in(log_file.read())
        raise CannotStart(
            f"The embedded PostgreSQL in {self._pgdata} does not start: {reason}. See its log ({self._pgdata / 'log'})."
        )


def _is_locked(lock: int) -> bool:
    """Take the lock if it is free; return whether this process has it now."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
