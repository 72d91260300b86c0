"""What becomes of a link that was handed in: frozen, tried again, given up; and how its author is notified."""

from datetime import datetime, timedelta

import pytest

from learning_platform.snapshots.store import contents_of, entries_of
from tests.domain.snapshots.link_worlds import fetching, link_world
from tests.git_hosts import Answer, GitHost

pytestmark = pytest.mark.anyio
FILES = {"README.md": "# Task\n", "src/main.py": "print('hello')\n"}


async def test_a_link_is_frozen_with_its_files_and_its_commit(
    database_url: str, git_host: GitHost, now: datetime
) -> None:
    async with link_world(database_url, fetching(git_host), now=now) as world:
        id = await world.hand_in(git_host.repository("task", FILES))

        assert await world.fetcher.run_due() == 1

        frozen = await world.snapshot(id)
        assert (frozen["state"], frozen["error"], frozen["frozen_at"], frozen["warnings"]) == ("frozen", None, now, [])
        async with world.database.connection() as db:
            entries = await entries_of(db, tree_id=frozen["tree_id"])
            contents = await contents_of(db, track_id=world.track_id, hashes=[entry.hash or "" for entry in entries])
        assert {entry.path: contents[entry.hash or ""].decode() for entry in entries} == FILES
        assert await world.fetcher.run_due() == 0


async def test_a_missing_repository_fails_without_another_try_and_its_author_is_notified(
    database_url: str, git_host: GitHost, now: datetime
) -> None:
    async with link_world(database_url, fetching(git_host), now=now) as world:
        id = await world.hand_in(git_host.url("missing.git"))
        await world.fetcher.run_due()
        failed = await world.snapshot(id)
        assert (failed["state"], failed["error"]) == ("failed", "private_or_missing")
        assert await world.inbox() == ["hand_in_failed"]


async def test_a_host_that_does_not_answer_is_asked_again_after_1_5_and_15_minutes(
    database_url: str, git_host: GitHost, now: datetime
) -> None:
    git_host.answers["/"] = Answer(500)
    async with link_world(database_url, fetching(git_host), now=now) as world:
        id = await world.hand_in(git_host.url("task.git"))
        for minutes in (1, 5, 15):
            assert await world.fetcher.run_due() == 1
            waiting = await world.snapshot(id)
            assert (waiting["state"], waiting["error"]) == ("waiting", "host_unreachable")
            assert waiting["try_at"] == world.clock.now + timedelta(minutes=minutes)
            assert await world.inbox() == []
            world.clock.advance(minutes=minutes)
        await world.fetcher.run_due()
        assert (await world.snapshot(id))["state"] == "failed"
        assert await world.inbox() == ["hand_in_failed"]
