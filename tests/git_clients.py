"""People's own git: repositories in a folder of the test, pushed to a server that really listens."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from learning_platform.web.connections import HttpConnection
from tests.people import Person, School
from tests.waiting import until

# No configuration of the machine gets through, and no question is asked.
ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_AUTHOR_NAME": "Ada Lovelace",
    "GIT_AUTHOR_EMAIL": "ada@example.com",
    "GIT_COMMITTER_NAME": "Ada Byron",
    "GIT_COMMITTER_EMAIL": "byron@example.com",
    "LC_ALL": "C",
}
PATIENCE_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Said:
    """What git said, and whether it was content."""

    is_successful: bool
    text: str

    def __contains__(self, part: str) -> bool:
        return part in self.text


class Repository:
    """A repository of a person."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    async def create(cls, folder: Path, files: Mapping[str, str | bytes] | None = None) -> "Repository":
        """Make a repository with a first commit of these files."""
        os.makedirs(folder)
        made = cls(folder)
        await made.git("init", "--quiet", "--initial-branch=main")
        if files is not None:
            await made.commit(files)
        return made

    async def git(self, *arguments: str, stdin: bytes = b"") -> str:
        """Run git, which must succeed; return what it says."""
        said = await self.try_git(*arguments, stdin=stdin)
        assert said.is_successful, f"git {' '.join(arguments)}: {said.text}"
        return said.text.strip()

    async def try_git(self, *arguments: str, stdin: bytes = b"") -> Said:
        """Run git; return what it says on both streams."""
        process = await asyncio.create_subprocess_exec(
            *("git", *arguments),
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder), **ENVIRONMENT},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        async with asyncio.timeout(PATIENCE_SECONDS):
            said, _ = await process.communicate(stdin)
        return Said(process.returncode == 0, said.decode(errors="replace"))

    async def commit(self, files: Mapping[str, str | bytes], *options: str) -> str:
        """Write files and commit everything; return the commit."""
        for path, content in files.items():
            file = self.folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)
        await self.git("add", "--all")
        await self.git("commit", "--quiet", "--allow-empty", "--message=Work", *options)
        return await self.git("rev-parse", "HEAD")

    async def push(self, address: str, *refs: str, options: tuple[str, ...] = ()) -> Said:
        """Push, a branch `main` unless other references are named."""
        return await self.try_git("push", *options, address, *(refs or ("HEAD:refs/heads/main",)))


@dataclass(frozen=True, slots=True)
class GitServer:
    """An opened school that listens."""

    school: School
    port: int

    def address(self, assignment_id: int, username: str, token: str) -> str:
        """Return where a person pushes to."""
        return f"http://{username}:{token}@127.0.0.1:{self.port}/hand-in/{assignment_id}.git"


@asynccontextmanager
async def listening(school: School) -> AsyncIterator[GitServer]:
    """Serve an opened school by the server of production, on a port of its own."""
    config = uvicorn.Config(school.app, port=0, http=HttpConnection, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    yield GitServer(school, server.servers[0].sockets[0].getsockname()[1])
    server.should_exit = True
    await serving


async def token_of(person: Person, **more: str) -> str:
    """Create a hand-in token for a person."""
    created = await person.ok("POST", "/me/hand-in-tokens", 201, json={"name": "laptop", **more})
    token: str = created["token"]
    return token
