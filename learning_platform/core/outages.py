"""What "the database is away" means: the one place that decides it, and that logs it.

Whatever leaves `Database.connection()` or `.transaction()` for this reason is a `DatabaseUnavailable`: the web answers
it with 503, background work tries again. Every other error of the driver is a defect of a statement or of a row.
"""

import asyncio
import logging

import asyncpg

from learning_platform.core.metrics import DATABASE_ERRORS

log = logging.getLogger(__name__)

# All that the driver raises; OSError includes TimeoutError.
DRIVER_ERRORS = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
# Classes of SQLSTATE that are about the server and not about a statement: connection, resources (a full disk, too many
# connections), intervention of an operator (a shutdown), the system (a disk that fails).
AWAY_CLASSES = frozenset({"08", "53", "57", "58"})
# Single codes: a read-only server, sessions ended by a time limit, a database that takes no connections.
AWAY_CODES = frozenset({"25006", "25P03", "25P04", "55000"})
# One statement was given up (its time limit, a lock); others may well succeed.
STATEMENT_GIVEN_UP = frozenset({"57014", "55P03"})
SECONDS_BETWEEN_LINES = 1.0


class DatabaseUnavailable(Exception):
    """The database did not do what it was asked for. It may be asked again."""


class DatabaseAway(DatabaseUnavailable):
    """It cannot be reached, or can do nothing at present."""


class StatementGivenUp(DatabaseUnavailable):
    """One statement took too long; the database itself may be well."""


def unavailable(error: BaseException) -> DatabaseAway:
    """Return what to raise for an error of connecting, whatever it is; it is logged."""
    _note(error)
    return DatabaseAway(type(error).__name__)


def outage_of(error: BaseException, *, connection_is_lost: bool) -> DatabaseUnavailable | None:
    """Return what to raise for an error of a statement, having logged it; None if the database is not away.

    `connection_is_lost`: the connection it came from cannot be used any more.
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
    """Logs that the database is away: at once, then at most once a second, with a count."""

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
