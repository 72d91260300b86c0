"""Explanations of errors of connecting and migrating: which database, what is wrong, what to do."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from socket import gaierror

import asyncpg

from learning_platform.core.database_url import Address, address_of
from learning_platform.core.outages import DRIVER_ERRORS, DatabaseUnavailable
from learning_platform.core.settings import Settings
from learning_platform.core.start import CannotStart

UNREACHABLE = "Start PostgreSQL there, or correct the host and port in DATABASE_URL"
NOT_POSTGRESQL = ("the server closed the connection", "If it is not PostgreSQL, correct DATABASE_URL")
# The problem and the remedy by SQLSTATE; `reason` is the message of the server.
BY_CODE = {
    "08003": NOT_POSTGRESQL,
    "08P01": ("{reason}", "Use the address of PostgreSQL in DATABASE_URL, or of a pooler in session mode"),
    "28P01": ('the password of user "{user}" is wrong', "Correct DATABASE_URL"),
    "28000": ('access for user "{user}" is denied ({reason})', "Correct DATABASE_URL, or pg_hba.conf on the server"),
    "3D000": ("the database does not exist", "Create it, or correct DATABASE_URL"),
    "42501": ('user "{user}" lacks permissions ({reason})', 'Make "{user}" the owner of the database'),
    "42704": ("the server does not support an option ({reason})", "Remove it from DATABASE_URL"),
    "42P07": ("it contains tables of another program ({reason})", "Use an empty database"),
    "42710": ("it contains objects of another program ({reason})", "Use an empty database"),
    "25006": ("it is read-only", "Use the address of the primary server in DATABASE_URL"),
    "53100": ("the disk of the server is full", "Free disk space there"),
    "53300": ("the server has no free connections", "Raise max_connections there or lower DATABASE_POOL_SIZE"),
    "57P03": ("the server is starting or stopping ({reason})", "Try again when it is ready"),
}
OTHERWISE = ("{reason}", "Correct DATABASE_URL or the server")
NO_TLS = ("a TLS connection cannot be made ({reason})", "Correct sslmode in DATABASE_URL, or the server")
# The first match is used, so a subclass comes before its base.
BY_TYPE: tuple[tuple[type[BaseException], tuple[str, str]], ...] = (
    (ssl.SSLCertVerificationError, ("its certificate is not trusted ({reason})", "Set sslrootcert to its authority")),
    (ssl.SSLError, NO_TLS),
    (gaierror, ("the host name is unknown", "Correct the host in DATABASE_URL")),
    (TimeoutError, ("the server does not respond", UNREACHABLE)),
    (ConnectionRefusedError, ("the connection was refused", UNREACHABLE)),
    (FileNotFoundError, ("the socket or certificate does not exist", UNREACHABLE)),
    (PermissionError, ("access to its socket or certificate is denied", "Start as another user")),
    (ConnectionError, NOT_POSTGRESQL),
    (asyncpg.InternalClientError, NOT_POSTGRESQL),
    (OSError, ("it cannot be reached ({reason})", UNREACHABLE)),
)
PROBLEMS = (*DRIVER_ERRORS, DatabaseUnavailable)


@contextmanager
def explained(settings: Settings) -> Iterator[None]:
    """Convert every database error inside the block to CannotStart."""
    try:
        yield
    except PROBLEMS as error:
        if settings.database_url is None:
            raise CannotStart(_embedded_sentence(error, settings)) from error
        raise CannotStart(_sentence(error, address_of(settings.database_url.get_secret_value()))) from error


def _sentence(error: BaseException, address: Address) -> str:
    error = _origin(error)
    values = {"user": address.user, "reason": _reason(error)}
    problem, cure = (text.format(**values) for text in _problem_and_cure(error))
    return f'Database "{address.database}" on {address.host} cannot be used: {problem}. {cure}.'


def _embedded_sentence(error: BaseException, settings: Settings) -> str:
    return (
        f"The embedded database in DATA_DIR ({settings.data_dir}) cannot be used: {_reason(_origin(error))}."
        " Set DATA_DIR to a writable folder with free disk space, or set DATABASE_URL."
    )


def _problem_and_cure(error: BaseException) -> tuple[str, str]:
    if "SSL upgrade" in str(error):
        return NO_TLS
    code = getattr(error, "sqlstate", None)
    for kind, texts in BY_TYPE:
        if isinstance(error, kind) and not code:
            return texts
    return BY_CODE.get(str(code), OTHERWISE)


def _origin(error: BaseException) -> BaseException:
    """Return the error of the driver that caused a DatabaseUnavailable, or else the error itself."""
    return error.__cause__ if isinstance(error, DatabaseUnavailable) and error.__cause__ else error


def _reason(error: BaseException) -> str:
    """Return the first line of the error's message, without its full stop."""
    said = getattr(error, "verify_message", None) or getattr(error, "strerror", None) or str(error)
    return (said.splitlines() or [type(error).__name__])[0].strip().rstrip(".")
