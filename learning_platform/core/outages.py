"""Decide which errors mean that the database is unavailable, and log them.

`Database.connection()` and `.transaction()` raise `DatabaseUnavailable` for them: the web responds with 503, and
background tasks try again. All other errors of the driver are defects of a statement or a row.
"""

import asyncio
import logging

import asyncpg

from learning_platform.core.metrics import DATABASE_ERRORS

log = logging.getLogger(__name__)

# All errors of the driver; OSError includes TimeoutError.
DRIVER_ERRORS = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
# Classes of SQLSTATE that are about the server and not about a statement: connection, resources (a full disk, too many
# connections), intervention of an operator (a shutdown), the system (a disk that fails).
AWAY_CLASSES = frozenset({"08", "53", "57", "58"})
# Further codes: a read-only server, sessions ended by a time limit, a database that accepts no connections.
AWAY_CODES = frozenset({"25006", "25P03", "25P04", "55000"})
# A single statement was cancelled (by a time limit or a lock timeout); others may succeed.
STATEMENT_GIVEN_UP = frozenset({"57014", "55P03"})
SECONDS_BETWEEN_LINES = 1.0


class DatabaseUnavailable(Exception):
    """The database did not execute the request, which may be repeated."""


class DatabaseAway(DatabaseUnavailable):
    """The database cannot be reached or used at present."""


class StatementGivenUp(DatabaseUnavailable):
    """A statement took too long; the database itself may be available."""


def unavailable(error: BaseException) -> DatabaseAway:
    """Log an error of connecting, and return the exception to raise."""
    _note(error)
    return DatabaseAway(type(error).__name__)


def outage_of(error: BaseException, *, connection_is_lost: bool) -> DatabaseUnavailable | None:
    """Log an error of a statement and return the exception to raise, or None if the database is available.

    `connection_is_lost`: the connection of the statement can no longer be used.
    """
    if not isinstance(error, DRIVER_ERRORS):
        return None
    code = str(getattr(error, "sqlstate", None) or "")
    if code in STATEMENT_GIVEN_UP and not connection_is_lost:
        _note(error)
        return StatementGivenUp(type(error).__name__)
    if connection_is_lost or isinstance(error, OSError) or code in AWAY_CODES or code[:2] in AWAY_CLASSES:
        return unavailable(error)
    return None


def _note(error: BaseException) -> None:
    DATABASE_ERRORS.inc()
    _lines.note(type(error).__name__)


class _OneLineASecond:
    """Logs that the database is unavailable, at most once a second and with a count."""

    def __init__(self) -> None:
        self._count = 0
        self._reason = ""
        self._timer: asyncio.TimerHandle | None = None

    def note(self, reason: str) -> None:
        """Count one error, and log it unless a line was logged within the last second."""
        self._count += 1
        self._reason = reason
        loop = asyncio.get_running_loop()
        # The timer of a loop that was closed in the meantime never fires.
        if self._timer is None or self._timer.when() + SECONDS_BETWEEN_LINES < loop.time():
            self._write(loop)

    def _write(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        if self._count:
            log.error("the database is unavailable: %s (failed requests: %d)", self._reason, self._count)
            self._count = 0
            self._timer = loop.call_later(SECONDS_BETWEEN_LINES, self._write, loop)


_lines = _OneLineASecond()
