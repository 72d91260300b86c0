"""Errors of connecting and migrating, as one sentence: which database, where, what is wrong, what to do."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from socket import gaierror

import asyncpg

from learning_platform.core.database_url import Address, address_of
from learning_platform.core.outages import DRIVER_ERRORS, DatabaseUnavailable
from learning_platform.core.settings import Settings
from learning_platform.core.start import CannotStart

UNREACHABLE = "start PostgreSQL there, or correct host and port in DATABASE_URL"
NOT_POSTGRESQL = ("what listens there ends the connection", "if it is not PostgreSQL, correct DATABASE_URL")
# What is wrong and what to do, by SQLSTATE. `reason` is the server's own sentence.
BY_CODE = {
    "08003": NOT_POSTGRESQL,
    "08P01": ("{reason}", "name PostgreSQL itself in DATABASE_URL, or a pooler in session mode"),
    "28P01": ('the password of user "{user}" is wrong', "correct DATABASE_URL"),
    "28000": ('user "{user}" is not let in ({reason})', "correct DATABASE_URL, or pg_hba.conf of the server"),
    "3D000": ("there is no such database", "create it, or correct DATABASE_URL"),
    "42501": ('user "{user}" lacks rights ({reason})', 'make "{user}" the owner of the database'),
    "42704": ("the server does not know an option ({reason})", "remove it from DATABASE_URL"),
    "42P07": ("it holds tables of another program ({reason})", "use a database of its own"),
    "42710": ("it holds objects of another program ({reason})", "use a database of its own"),
    "25006": ("it is read-only", "name the primary server in DATABASE_URL"),
    "53100": ("the disk of the server is full", "make room there"),
    "53300": ("the server has no free connection", "raise max_connections there or lower DATABASE_POOL_SIZE"),
    "57P03": ("the server is starting or stopping ({reason})", "start again when it is ready"),
}
OTHERWISE = ("{reason}", "correct DATABASE_URL or the server")
NO_TLS = ("no connection with TLS can be made ({reason})", "correct sslmode in DATABASE_URL, or the server")
# The first that fits: a subclass stands before its base.
BY_TYPE: tuple[tuple[type[BaseException], tuple[str, str]], ...] = (
    (ssl.SSLCertVerificationError, ("its certificate is not trusted ({reason})", "name its authority in sslrootcert")),
    (ssl.SSLError, NO_TLS),
    (gaierror, ("the name of the host is not known", "correct the host in DATABASE_URL")),
    (TimeoutError, ("the server does not answer", UNREACHABLE)),
    (ConnectionRefusedError, ("the connection is refused", UNREACHABLE)),
    (FileNotFoundError, ("there is no such socket or certificate", UNREACHABLE)),
    (PermissionError, ("its socket or certificate may not be opened", "start as another user")),
    (ConnectionError, NOT_POSTGRESQL),
    (asyncpg.InternalClientError, NOT_POSTGRESQL),
    (OSError, ("it cannot be reached ({reason})", UNREACHABLE)),
)
PROBLEMS = (*DRIVER_ERRORS, DatabaseUnavailable)


@contextmanager
def explained(settings: Settings) -> Iterator[None]:
    """Turn every error of the database inside the block into CannotStart."""
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
    return f'Database "{address.database}" on {address.host} cannot be used: {problem}; {cure}.'


def _embedded_sentence(error: BaseException, settings: Settings) -> str:
    return (
        f"The embedded database in DATA_DIR ({settings.data_dir}) cannot be used: {_reason(_origin(error))};"
        " set DATA_DIR to a folder that can be written and has room, or set DATABASE_URL."
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
    """Return the error of the driver behind one of our own."""
    return error.__cause__ if isinstance(error, DatabaseUnavailable) and error.__cause__ else error


def _reason(error: BaseException) -> str:
    """Return the first line of what the error says, without its full stop."""
    said = getattr(error, "verify_message", None) or getattr(error, "strerror", None) or str(error)
    return (said.splitlines() or [type(error).__name__])[0].strip().rstrip(".")
