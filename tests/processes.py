"""Real processes of the service: started, listened to, stopped and killed."""

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from learning_platform.core.settings import PROJECT

PATIENCE_SECONDS = 60
# What a process of the service needs of the environment; other settings of the machine do not get through.
KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "SYSTEMROOT")
SECRET = "a secret of the tests, 32 characters"


class Process:
    """A process whose output is kept. It is killed at the end of the test at the latest."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._lines: list[str] = []
        self._has_ended = False
        self._said = asyncio.Condition()
        self._reading = asyncio.create_task(self._read())

    @property
    def output(self) -> str:
        """Return everything it has said so far, on both streams."""
        return "".join(self._lines)

    async def says(self, text: str) -> None:
        """Return once a line with `text` has been said; fail if the process ends without it."""
        async with self._said, asyncio.timeout(PATIENCE_SECONDS):
            await self._said.wait_for(lambda: text in self.output or self._has_ended)
        assert text in self.output, f"ended without saying {text!r}: {self.output}"

    async def ends(self) -> int:
        """Wait for the end; return the exit code."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._reading
            return await self._process.wait()

    async def stop(self) -> float:
        """Send SIGTERM; return the seconds until the end."""
        began = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        await self.ends()
        return time.monotonic() - began

    async def kill(self) -> None:
        """Kill it, and what it has started and not let go of, without a chance to say goodbye."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        await self.ends()

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            async with self._said:
                self._lines.append(line.decode())
                self._said.notify_all()
        async with self._said:
            self._has_ended = True
            self._said.notify_all()


@dataclass(frozen=True, slots=True)
class Server:
    """A running web process and where it listens."""

    process: Process
    port: int

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def sockets_url(self) -> str:
        """Return the address of its WebSockets, up to the token."""
        return f"ws://127.0.0.1:{self.port}/ws/"


@asynccontextmanager
async def command(*arguments: str, cwd: Path, **settings: str) -> AsyncIterator[Process]:
    """Run `python -m ARGUMENTS` with these settings only; kill it at the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        *arguments,
        cwd=cwd,
        env=environment(settings),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    running = Process(process)
    try:
        yield running
    finally:
        await running.kill()


@asynccontextmanager
async def served(*, cwd: Path, **settings: str) -> AsyncIterator[Server]:
    """Run `python -m learning_platform serve` until the end of the block; it is ready."""
    port = free_port()
    async with command("learning_platform", "serve", "--port", str(port), cwd=cwd, **settings) as process:
        await process.says("Learning Platform is ready")
        yield Server(process, port)


@asynccontextmanager
async def served_plainly(*, cwd: Path, **settings: str) -> AsyncIterator[Server]:
    """Run `uvicorn app:app`, as anybody would, until the end of the block; it is ready."""
    port = free_port()
    async with command("uvicorn", "app:app", "--port", str(port), cwd=cwd, **settings) as process:
        await process.says("Uvicorn running on")
        yield Server(process, port)


@asynccontextmanager
async def scheduling(*, cwd: Path, **settings: str) -> AsyncIterator[Process]:
    """Run `python -m learning_platform scheduler` until the end of the block; it is running."""
    async with command("learning_platform", "scheduler", cwd=cwd, **settings) as process:
        await process.says("The scheduler is running.")
        yield process


@asynccontextmanager
async def fetching_links(*, cwd: Path, **settings: str) -> AsyncIterator[Process]:
    """Run `python -m learning_platform fetcher` until the end of the block; it is running."""
    async with command("learning_platform", "fetcher", cwd=cwd, **settings) as process:
        await process.says("The fetcher is running.")
        yield process


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a process: what any program needs, and the settings, whose names are capitals."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    chosen = {name.upper(): value for name, value in settings.items()}
    # Links of tests lead nowhere, except in those of the fetcher.
    always = {"PYTHONPATH": str(PROJECT), "PYTHONUNBUFFERED": "1", "SECRET_KEY": SECRET, "FETCHER": "off"}
    return {**kept, **always, **chosen}


def free_port() -> int:
    """Return a port that is not in use now."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port
