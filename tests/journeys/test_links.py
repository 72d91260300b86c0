"""Links are frozen by real processes: the scheduler, or fetchers alone, of which one may be killed."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from tests.git_hosts import Answer, GitHost
from tests.journeys.visitors import Visitor, visitor
from tests.people import track_json
from tests.processes import fetching_links, scheduling, served
from tests.waiting import until

pytestmark = pytest.mark.anyio
FILES = {"main.py": "print('hello')\n"}
# What the time of its lease does.
END_LEASES = "update snapshots set try_at = now() where state = 'waiting'"


def at(host: GitHost) -> dict[str, str]:
    """Return the settings of a process that fetches from a host of the tests."""
    return {"fetcher": "on", "fetch_allow": host.setting, "fetch_ca_file": str(host.certificate)}


async def test_the_scheduler_freezes_a_link_when_it_is_handed_in(
    database_url: str, tmp_path: Path, git_host: GitHost
) -> None:
    link = git_host.repository("task", FILES).replace("git.test", "localhost")
    async with (
        served(cwd=tmp_path, database_url=database_url, scheduler="off") as web,
        scheduling(cwd=tmp_path, database_url=database_url, **at(git_host)) as scheduler,
        visitor(web) as alice,
        visitor(web) as bob,
    ):
        assignment_id = await _start_track(alice, bob)
        submitted = await alice.ok("POST", f"/assignments/{assignment_id}/submit", json={"repo_url": link})
        assert submitted["snapshot"]["state"] == "waiting"

        frozen = await _snapshot(database_url, "frozen")

        assert frozen["commit"] is not None
        shown = await alice.ok("GET", f"/assignments/{assignment_id}/submission")
        assert shown["snapshot"]["files"] == 1
        assert await scheduler.stop() < 5


async def test_a_link_whose_fetcher_was_killed_is_fetched_by_another(
    database_url: str, tmp_path: Path, git_host: GitHost
) -> None:
    link = git_host.repository("task", FILES).replace("git.test", "localhost")
    git_host.answers["/"] = Answer(200, pause_seconds=3600)
    async with AsyncExitStack() as stack:
        web = await stack.enter_async_context(served(cwd=tmp_path, database_url=database_url, scheduler="off"))
        alice, bob = [await stack.enter_async_context(visitor(web)) for _ in range(2)]
        assignment_id = await _start_track(alice, bob)
        async with fetching_links(cwd=tmp_path, database_url=database_url, **at(git_host)) as first:
            await alice.ok("POST", f"/assignments/{assignment_id}/submit", json={"repo_url": link})
            await until(lambda: bool(git_host.requests))
            await first.kill()
        git_host.answers.clear()
        async with _connected(database_url) as db:
            await db.execute(END_LEASES)

        await stack.enter_async_context(fetching_links(cwd=tmp_path, database_url=database_url, **at(git_host)))

        assert (await _snapshot(database_url, "frozen"))["tries"] == 2


async def _start_track(*people: Visitor) -> int:
    """Start a track of these people; return its first assignment."""
    track = await people[0].ok("POST", "/tracks", json={**track_json(), "required_participants": len(people)})
    for person in people:
        await person.ok("POST", f"/tracks/{track['id']}/enroll")
    assignments = await people[0].ok("GET", f"/tracks/{track['id']}/assignments")
    id: int = assignments[0]["id"]
    return id


async def _snapshot(database_url: str, state: str) -> dict[str, Any]:
    """Wait until the only snapshot is in a state; return it."""
    async with _connected(database_url) as db:
        for _ in range(3000):
            row = await db.fetchrow("select * from snapshots, pg_sleep(0.01)")
            if row is not None and row["state"] == state:
                return dict(row)
    raise AssertionError(f"the snapshot is {dict(row or {})}")


@asynccontextmanager
async def _connected(database_url: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    db = await asyncpg.connect(database_url)
    try:
        yield db
    finally:
        await db.close()
