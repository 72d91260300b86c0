"""Pushes to real processes: killed in the middle, and on a machine without git."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import asyncpg
from httpx import AsyncClient, HTTPError

from tests.git_clients import Repository
from tests.journeys.visitors import Visitor, visitor
from tests.people import track_json
from tests.processes import Server, served
from tests.waiting import until

COUNTS = """
select (select count(*) from submissions) + (select count(*) from snapshots) + (select count(*) from trees)
    + (select count(*) from blobs) as rows
"""
WAITING = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"


async def start(first: Visitor, second: Visitor) -> tuple[int, str]:
    """Let two people start a track; return its assignment, and a token of the first."""
    track = await first.ok("POST", "/tracks", json=track_json(required_participants=2))
    for person in (first, second):
        await person.ok("POST", f"/tracks/{track['id']}/enroll")
    assignments = await first.ok("GET", f"/tracks/{track['id']}/assignments")
    token = await first.ok("POST", "/me/hand-in-tokens", json={"name": "laptop"})
    return assignments[0]["id"], token["token"]


def address(server: Server, username: str, assignment_id: int, token: str) -> str:
    return f"{server.url.replace('://', f'://{username}:{token}@')}/hand-in/{assignment_id}.git"


async def test_a_server_killed_while_it_receives_leaves_nothing(database_url: str, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    db = await asyncpg.connect(database_url)
    is_over = asyncio.Event()

    async def stalled() -> AsyncIterator[bytes]:
        yield b"0000"
        await is_over.wait()

    async with (
        served(cwd=tmp_path, database_url=database_url, tmpdir=str(temporary)) as server,
        AsyncExitStack() as stack,
    ):
        alice, bob = [await stack.enter_async_context(visitor(server)) for _ in range(2)]
        client = await stack.enter_async_context(AsyncClient(base_url=server.url))
        assignment_id, token = await start(alice, bob)
        basic = b64encode(f"{alice.username}:{token}".encode()).decode()
        path, headers = f"/hand-in/{assignment_id}.git/git-receive-pack", {"Authorization": f"Basic {basic}"}
        push = asyncio.create_task(client.post(path, content=stalled(), headers=headers))
        await until(lambda: any(temporary.glob("learning-platform-git-*")))
        await server.process.kill()
        is_over.set()
        assert isinstance((await asyncio.gather(push, return_exceptions=True))[0], HTTPError)
    assert any(temporary.glob("learning-platform-git-*"))
    async with served(cwd=tmp_path, database_url=database_url, tmpdir=str(temporary)):
        assert list(temporary.glob("learning-platform-git-*")) == []
    assert await db.fetchval(COUNTS) == 0
    await db.close()


async def test_a_server_killed_while_it_writes_has_handed_in_nothing_and_the_next_push_does(
    database_url: str, tmp_path: Path
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    repository = await Repository.create(tmp_path / "work", {"main.py": "print(1)\n"})
    db, holder = await asyncpg.connect(database_url), await asyncpg.connect(database_url)
    async with (
        served(cwd=tmp_path, database_url=database_url, tmpdir=str(temporary)) as server,
        AsyncExitStack() as stack,
    ):
        alice, bob = [await stack.enter_async_context(visitor(server)) for _ in range(2)]
        assignment_id, token = await start(alice, bob)
        held = holder.transaction()
        await held.start()
        await holder.execute("lock table submissions in exclusive mode")
        pushing = asyncio.create_task(repository.push(address(server, alice.username, assignment_id, token)))
        async with asyncio.timeout(60):
            while not await db.fetchval(WAITING):  # noqa: ASYNC110 - it is the database that changes
                await asyncio.sleep(0.01)
        await server.process.kill()
        assert not (await pushing).is_successful
        await held.rollback()
        username = alice.username
    assert await db.fetchval(COUNTS) == 0
    async with served(cwd=tmp_path, database_url=database_url, tmpdir=str(temporary)) as server:
        said = await repository.push(address(server, username, assignment_id, token))
        assert said.is_successful, said.text
        assert list(temporary.glob("learning-platform-git-*")) == []
    assert await db.fetchval("select count(*) from submissions") == 1
    await holder.close()
    await db.close()


async def test_a_server_without_git_says_so(database_url: str, tmp_path: Path) -> None:
    repository = await Repository.create(tmp_path / "work", {"main.py": "print(1)\n"})
    async with served(cwd=tmp_path, database_url=database_url, path=str(tmp_path)) as server, AsyncExitStack() as stack:
        alice, bob = [await stack.enter_async_context(visitor(server)) for _ in range(2)]
        assignment_id, token = await start(alice, bob)
        said = await repository.push(address(server, alice.username, assignment_id, token))
        assert "remote: This server has no git at present. Upload an archive instead." in said
        await server.process.says("Pushes and links need git 2.39.5 or later, and prlimit (util-linux).")
