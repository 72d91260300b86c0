"""Checks of a database server: version, encoding, locale and clock."""

import logging
from datetime import timedelta

from learning_platform.core.clock import system_clock
from learning_platform.core.connecting import Connection
from learning_platform.core.start import CannotStart

log = logging.getLogger(__name__)

MIN_VERSION = 14
SERVER = """
select current_setting('server_version_num')::int / 10000 as version, current_setting('server_encoding') as encoding,
    current_database() as name
"""
# This query comes after the check of the encoding, because other encodings may lack the letter.
LOWERS_CYRILLIC = "select lower('Ж') = 'ж'"
SERVER_TIME = "select clock_timestamp()"
# Deadlines are decided by the clocks of the processes, so clocks that differ make deadlines differ.
MAX_SKEW = timedelta(seconds=2)
CREATE = "create database NAME template template0 encoding 'UTF8'"
CURE = (
    f"Create one with `{CREATE} locale_provider builtin builtin_locale 'C.UTF-8'` (before version 17: `{CREATE}"
    " lc_collate 'C.UTF-8' lc_ctype 'C.UTF-8'`)"
)


async def ensure_usable(db: Connection) -> None:
    """Raise CannotStart if the server is too old or the database cannot hold Russian texts."""
    server = await db.fetchrow(SERVER)
    assert server is not None
    if server["version"] < MIN_VERSION:
        raise CannotStart(
            f'The server of database "{server["name"]}" is PostgreSQL {server["version"]}.'
            f" Version {MIN_VERSION} or later is required."
        )
    if server["encoding"] != "UTF8":
        raise CannotStart(f'Database "{server["name"]}" has the encoding {server["encoding"]}, not UTF8. {CURE}.')
    if not await db.fetchval(LOWERS_CYRILLIC):
        raise CannotStart(
            f"Database \"{server['name']}\" has a locale without Cyrillic (lower('Ж') is not 'ж'). {CURE}."
        )


async def clock_skew(db: Connection) -> timedelta:
    """Return how far the clock of the server is ahead of the clock of this process."""
    before = system_clock()
    server_time = await db.fetchval(SERVER_TIME)
    after = system_clock()
    skew: timedelta = server_time - before - (after - before) / 2
    return skew


def warn_of_skew(skew: timedelta) -> None:
    """Log a warning if the clocks differ by more than MAX_SKEW."""
    if abs(skew) > MAX_SKEW:
        log.warning(
            "the clocks of this machine and of the database differ by %.1f seconds; synchronise both with NTP",
            abs(skew.total_seconds()),
        )
