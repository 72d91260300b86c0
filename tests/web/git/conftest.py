"""A running track of two people, an open assignment, and a server that git can push to."""

import tempfile
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from asyncpg import Record
from httpx import AsyncClient

from learning_platform.snapshots.store import contents_of, entries_of
from tests.git_clients import GitServer, Repository, listening, token_of
from tests.people import Json, Person, School

SUBMITTED_TREE = """
select t.id from submissions s join snapshots n on n.id = s.snapshot_id join trees t on t.id = n.tree_id
    join users u on u.id = s.user_id where u.username = 'alice'
"""


@dataclass(frozen=True, slots=True)
class Class:
    """Two people at the first assignment of a track, one of them with a repository and a token."""

    server: GitServer
    client: AsyncClient
    alice: Person
    bob: Person
    track: Json
    assignment_id: int
    next_assignment_id: int
    repository: Repository
    token: str

    @property
    def address(self) -> str:
        """Return where Alice pushes to."""
        return self.server.address(self.assignment_id, "alice", self.token)

    @property
    def basic(self) -> dict[str, str]:
        """Return the header with which git signs in for Alice."""
        return {"Authorization": f"Basic {self.encoded('alice', self.token)}"}

    def encoded(self, username: str, token: str) -> str:
        """Return a username and a token as HTTP Basic sends them."""
        return b64encode(f"{username}:{token}".encode()).decode()

    def path(self, service: str) -> str:
        """Return the path of a service."""
        return f"/hand-in/{self.assignment_id}.git/{service}"

    async def row(self, statement: str) -> Record:
        """Return the one row of a statement."""
        async with self.server.school.services.database.connection() as db:
            (row,) = await db.fetch(statement)
        return row

    async def contents(self) -> dict[str, bytes]:
        """Return the files of what Alice has handed in, by path."""
        row = await self.row(SUBMITTED_TREE)
        async with self.server.school.services.database.connection() as db:
            hashes = {entry.path: entry.hash for entry in await entries_of(db, tree_id=row["id"]) if entry.hash}
            found = await contents_of(db, track_id=self.track["id"], hashes=hashes.values())
        return {path: found[hash] for path, hash in hashes.items()}

    async def submission(self) -> Json:
        """Return what Alice has handed in."""
        return await self.alice.ok("GET", f"/assignments/{self.assignment_id}/submission")

    async def has_nothing(self) -> bool:
        """Say whether Alice has handed in nothing."""
        answer = await self.alice.get(f"/assignments/{self.assignment_id}/submission")
        return answer.status_code == 404


@pytest.fixture
async def klass(school: School, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Class]:
    """Start a track, and a server; no file of a push may be left in the end."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    alice, bob = await school.person("alice"), await school.person("bob")
    track = await school.running_track(alice, [alice, bob])
    first, second = await school.assignment_ids(alice, track)
    repository = await Repository.create(tmp_path / "work", {"README.md": "# Work\n", "src/main.py": "print(1)\n"})
    async with listening(school) as server, AsyncClient(base_url=f"http://127.0.0.1:{server.port}") as client:
        yield Class(server, client, alice, bob, track, first, second, repository, await token_of(alice))
    assert list(temporary.iterdir()) == []
