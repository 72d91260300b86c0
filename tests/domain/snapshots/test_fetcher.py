"""What becomes of a link that was handed in: frozen, tried again, given up; and how its author is notified."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from learning_platform.accounts.actor import Actor
from learning_platform.attempts.link_outcomes import COMMITTED_LATE, OUTCOMES
from learning_platform.core.database import Connection
from learning_platform.notifications.message_texts import text
from learning_platform.snapshots import links
from learning_platform.snapshots.fetcher import Fetcher
from learning_platform.snapshots.freezing import Received
from learning_platform.snapshots.git.addresses import Address
from learning_platform.snapshots.starters import set_starter
from learning_platform.snapshots.store import contents_of, entries_of
from tests import events, make
from tests.domain.snapshots.link_worlds import fetching, link_world
from tests.git_hosts import Answer, GitHost

pytestmark = pytest.mark.anyio
LAST_WARNING = """
select a.parameters, a.due_at, n.submitted from notifications n join announcements a on a.id = n.announcement_id
where n.user_id = $1 and a.type = 'deadline_warning' order by n.id desc limit 1
"""
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


async def test_staff_are_notified_of_a_starter_that_cannot_be_fetched(
    database_url: str, git_host: GitHost, now: datetime
) -> None:
    async with link_world(database_url, fetching(git_host), now=now) as world:
        async with world.database.transaction() as db:
            author_id = await db.fetchval("select author_id from tracks where id = $1", world.track_id)
            link = Received("link", repo_url=git_host.url("missing.git"))
            await set_starter(db, assignment_id=world.assignment_id, actor=Actor(author_id), received=link, now=now)
        await world.fetcher.run_due()
        async with world.database.connection() as db:
            assert (await make.inbox(db, author_id))[-1:] == ["starter_failed"]
        assert await world.inbox() == []


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


@pytest.mark.parametrize(
    ("retry_after", "minutes"), [("600", 10), ("Tue, 01 Jan 2030 12:20:00 GMT", 20), ("9999999", 60)]
)
async def test_a_busy_host_is_left_alone_for_as_long_as_it_asks_without_counting_a_try(
    retry_after: str, minutes: float, database_url: str, git_host: GitHost, now: datetime
) -> None:
    link = git_host.repository("task", FILES)
    git_host.answers["/"] = Answer(429, {"Retry-After": retry_after})
    async with link_world(database_url, fetching(git_host), now=now) as world:
        first = await world.hand_in(link)
        assert await world.fetcher.run_due() == 1
        waiting = await world.snapshot(first)
        assert (waiting["state"], waiting["tries"]) == ("waiting", 0)
        assert waiting["try_at"] == now + timedelta(minutes=minutes)
        # Another link to the same host waits too.
        second = await world.hand_in(link, by=2)
        assert await world.fetcher.run_due() == 0
        git_host.answers.clear()
        world.clock.advance(minutes=minutes)
        await world.fetcher.run_due()
        assert [(await world.snapshot(id))["state"] for id in (first, second)] == ["frozen", "frozen"]


async def test_a_host_that_is_busy_for_a_day_is_given_up(database_url: str, git_host: GitHost, now: datetime) -> None:
    git_host.answers["/"] = Answer(503, {"Retry-After": "3600"})
    async with link_world(database_url, fetching(git_host), now=now) as world:
        id = await world.hand_in(git_host.url("task.git"))
        for _ in range(28):
            await world.fetcher.run_due()
            world.clock.advance(hours=1)
        assert (await world.snapshot(id))["state"] == "failed"


async def test_two_fetchers_fetch_each_link_once(database_url: str, git_host: GitHost, now: datetime) -> None:
    async with link_world(database_url, fetching(git_host), now=now, people=6) as world:
        ids = [
            await world.hand_in(git_host.repository(f"task{person}", {"n.txt": str(person)}), by=person)
            for person in range(6)
        ]
        other = Fetcher(world.database, world.clock, fetching(git_host), OUTCOMES)
        while any([(await world.snapshot(id))["state"] == "waiting" for id in ids]):
            await asyncio.gather(world.fetcher.run_due(), other.run_due())
        starts = [path for path in git_host.requests if "info/refs" in path]
        assert len(starts) == len(set(starts)) == 6


async def test_a_link_whose_fetcher_was_killed_is_taken_again_when_its_lease_has_ended(
    database_url: str, git_host: GitHost, now: datetime
) -> None:
    async with link_world(database_url, fetching(git_host), now=now) as world:
        id = await world.hand_in(git_host.repository("task", FILES))
        async with world.database.transaction() as db:
            killed = await links.take_link(db, after_track=0, except_hosts=(), now=now)
        assert killed is not None
        assert await world.fetcher.run_due() == 0
        world.clock.advance(minutes=3)
        assert await world.fetcher.run_due() == 1
        frozen = await world.snapshot(id)
        # What the other finds out after all changes nothing.
        async with world.database.transaction() as db:
            assert not await links.mark_failed(db, taken=killed, error="too_slow")
        assert await world.snapshot(id) == frozen


async def test_one_fetch_freezes_both_versions_with_one_link_and_the_latest_link_comes_first(
    database_url: str, git_host: GitHost, now: datetime
) -> None:
    one, other = git_host.repository("one", FILES), git_host.repository("other", {"new.py": ""})
    async with link_world(database_url, fetching(git_host), now=now) as world:
        ids = [await world.hand_in(link) for link in (one, other, one)]
        await world.fetcher.run_due()
        assert [(await world.snapshot(id))["state"] for id in ids] == ["frozen"] * 3
        starts = [path for path in git_host.requests if "info/refs" in path]
        assert [path.split("/")[1] for path in starts] == ["one.git", "other.git"]


async def test_tracks_take_turns(database_url: str, git_host: GitHost, now: datetime) -> None:
    async with link_world(database_url, fetching(git_host), now=now) as world:
        async with world.database.transaction() as db:
            small = await make.running_track(db, world.people, now=now)
            assignment_id = (await make.assignment_ids(db, small))[0]
        for person in range(3):
            await world.hand_in(git_host.repository(f"large{person}", {"n.txt": f"{person}"}), by=person)
        await replace(world, assignment_id=assignment_id).hand_in(git_host.repository("small", FILES))
        await world.fetcher.run_due()
        starts = [path.split("/")[1] for path in git_host.requests if "info/refs" in path]
        assert starts.index("small.git") == 1


@pytest.mark.parametrize("what", ["pushed", "deleted", "made private"])
async def test_what_becomes_of_a_repository_later_changes_nothing(
    what: str, database_url: str, git_host: GitHost, now: datetime
) -> None:
    async with link_world(database_url, fetching(git_host), now=now) as world:
        id = await world.hand_in(git_host.repository("task", FILES))
        await world.fetcher.run_due()
        before = await world.snapshot(id)
        if what == "pushed":
            git_host.commit("task", {"other.py": ""})
        elif what == "deleted":
            (git_host.folder / "task.git").rename(git_host.folder / "gone")
        else:
            git_host.answers["/"] = Answer(401)
        world.clock.advance(hours=1)
        assert await world.fetcher.run_due() == 0
        assert await world.snapshot(id) == before


async def test_without_a_network_a_link_is_handed_in_and_waits(
    database_url: str, git_host: GitHost, now: datetime
) -> None:
    async def no_network(_host: str, _port: int) -> list[Address]:
        raise OSError("Temporary failure in name resolution")

    async with link_world(database_url, fetching(git_host, resolve=no_network), now=now) as world:
        id = await world.hand_in(git_host.url("task.git"))
        await world.fetcher.run_due()
        waiting = await world.snapshot(id)
        assert (waiting["state"], waiting["error"]) == ("waiting", "host_unreachable")


@pytest.mark.parametrize(
    ("date", "warnings"), [("2030-01-01T21:00:00Z", []), ("2030-01-01T23:00:00Z", [COMMITTED_LATE])]
)
async def test_a_commit_from_after_the_deadline_is_marked_when_it_is_frozen_late(
    date: str, warnings: list[str], database_url: str, git_host: GitHost, now: datetime
) -> None:
    async with link_world(database_url, fetching(git_host), now=now) as world:
        link = git_host.repository("task", FILES)
        git_host.commit("task", FILES, date=date)
        id = await world.hand_in(link)
        world.clock.advance(hours=12)
        await world.fetcher.run_due()
        frozen = await world.snapshot(id)
        assert (frozen["state"], frozen["warnings"]) == ("frozen", warnings)
        assert frozen["frozen_at"] == now + timedelta(hours=12)


async def test_a_version_that_does_not_count_any_more_fails_without_a_word(
    database_url: str, git_host: GitHost, now: datetime
) -> None:
    async with link_world(database_url, fetching(git_host), now=now) as world:
        await world.hand_in(git_host.url("missing.git"))
        await world.hand_in(git_host.repository("task", FILES))
        assert await world.fetcher.run_due() == 2
        assert await world.inbox() == []


async def test_the_warning_has_repositories_compared_and_only_changes_are_reported(
    database_url: str, git_host: GitHost, now: datetime
) -> None:
    async with link_world(database_url, fetching(git_host), now=now, people=5) as world:
        names = ["changed", "same", "gone", "missing"]
        for person, name in enumerate(names):
            link = git_host.url("missing.git") if name == "missing" else git_host.repository(name, {"n.txt": name})
            await world.hand_in(link, by=person)
        await world.fetcher.run_due()
        git_host.commit("changed", {"n.txt": "other"})
        (git_host.folder / "gone.git").rename(git_host.folder / "elsewhere")
        world.clock.advance(hours=8)
        async with world.database.transaction() as db:
            await events.warn(db, world.assignment_id, world.clock.now)

        assert await world.fetcher.run_due() == 3

        assert [await world.inbox(of=person) for person in range(5)] == [
            ["deadline_warning", "repository_changed"],
            ["deadline_warning"],
            ["deadline_warning"],
            ["hand_in_failed", "deadline_warning"],
            ["deadline_warning"],
        ]
        async with world.database.connection() as db:
            texts = [await last_warning(db, world.people[person], now=world.clock.now) for person in (1, 3, 4)]
        assert "You have submitted your work" in texts[0]
        assert "could not be fetched" in texts[1]
        assert "You have not submitted anything yet" in texts[2]
        assert await world.fetcher.run_due() == 0


async def last_warning(db: Connection, user_id: int, *, now: datetime) -> str:
    """Return the text of the last warning of a user."""
    row = await db.fetchrow(LAST_WARNING, user_id)
    assert row is not None
    return text(
        "deadline_warning",
        "en",
        parameters=row["parameters"],
        due_at=row["due_at"],
        submitted=row["submitted"],
        at=now,
        time_zone="UTC",
    )


async def test_the_files_of_a_link_are_warned_of_like_those_of_an_archive(
    database_url: str, git_host: GitHost, now: datetime
) -> None:
    async with link_world(database_url, fetching(git_host), now=now) as world:
        id = await world.hand_in(git_host.repository("task", {**FILES, "id": "-----BEGIN PRIVATE KEY-----\n"}))
        await world.fetcher.run_due()
        assert (await world.snapshot(id))["warnings"] == ["private_key:id"]
