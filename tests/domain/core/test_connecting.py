"""Every connection has time limits, and nothing connects past them."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from learning_platform.core import connecting
from learning_platform.core.connecting import Connection
from learning_platform.core.settings import PROJECT


@pytest.mark.parametrize("open_one", [connecting.connect, connecting.connect_for_pool])
async def test_every_connection_has_limits(
    open_one: Callable[[str], Awaitable[Connection]], database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connecting, "COMMAND_SECONDS", 0.1)
    db = await open_one(database_url)
    with pytest.raises(TimeoutError):
        await db.execute("select pg_sleep(60)")
    db.terminate()


def test_nothing_connects_past_these_limits() -> None:
    past = {
        path.name
        for path in Path(PROJECT / "learning_platform").rglob("*.py")
        if "asyncpg.connect(" in path.read_text() or "create_pool(" in path.read_text()
    }
    assert past == {"connecting.py", "database.py"}
