"""git as a program, under hard limits and with none of the configuration of the machine or of its user.

What it reads was made by strangers, so each run has a session of its own, which is killed as a whole when its time is
over, when its request is cancelled, or when it writes more than was asked for.
"""

import asyncio
import logging
import os
import re
import shutil
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from learning_platform.snapshots.rules import KIB, MAX_WIRE_BYTES, FailureCode, FreezeFailed

log = logging.getLogger(__name__)
# Debian 12's; older ones lack corrections of what a hostile repository can do.
MIN_VERSION = (2, 39, 5)
MAX_SECONDS = 60.0
MAX_CPU_SECONDS = 30
MAX_MEMORY_BYTES = 1024 * KIB * KIB
# A pack grows by the objects that a delta in it refers to.
MAX_FILE_SIZE = 2 * MAX_WIRE_BYTES
MAX_ERROR_BYTES = 16 * KIB
CHUNK_BYTES = 64 * KIB
# The web process has priority over git.
LIMITED = (
    *("nice", "-n", "5", "prlimit", f"--cpu={MAX_CPU_SECONDS}", f"--as={MAX_MEMORY_BYTES}"),
    *(f"--fsize={MAX_FILE_SIZE}", "--core=0"),
)
# Messages are in English, because they are searched for reasons.
ENVIRONMENT: Mapping[str, str] = {
    "LC_ALL": "C",
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "/bin/false",
    "GIT_ALLOW_PROTOCOL": "https",
    "GIT_PROTOCOL_FROM_USER": "0",
    "GIT_LFS_SKIP_SMUDGE": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
}
# Honest old repositories have these; whatever else git's check refuses is refused.
TOLERATED = ("zeroPaddedFilemode", "badTimezone", "missingSpaceBeforeDate")
SETTINGS: Mapping[str, str] = {
    "protocol.version": "2",
    "http.followRedirects": "initial",
    "http.lowSpeedLimit": "1000",
    "http.lowSpeedTime": "15",
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "core.bigFileThreshold": "1m",
    "credential.helper": "",
    "transfer.fsckObjects": "true",
    "transfer.bundleURI": "false",
    "fetch.recurseSubmodules": "false",
    "fetch.unpackLimit": "1",
    "receive.unpackLimit": "1",
    "receive.maxInputSize": str(MAX_WIRE_BYTES),
    "receive.shallowUpdate": "true",
    "receive.autogc": "false",
    "pack.threads": "1",
    "gc.auto": "0",
    "maintenance.auto": "false",
    **{f"{what}.fsck.{message}": "ignore" for what in ("receive", "fetch") for message in TOLERATED},
}
# How a limit shows: in the exit code of git, or in what git says of a process that it has started.
LIMIT_SIGNALS: Mapping[int, FailureCode] = {
    signal.SIGXCPU: "too_slow",
    signal.SIGKILL: "too_slow",
    signal.SIGXFSZ: "too_large",
}
DIED_OF_SIGNAL = re.compile(r"died of signal (\d+)")
TOO_LARGE = re.compile(r"exceeds maximum allowed size|[Oo]ut of memory|File too large")


class GitFailed(Exception):
    """git refused what it was given, or could not read it; `said` is its own explanation, not made for people."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


class GitRun:
    """A running git, whose output is read piece by piece."""

    def __init__(self, process: Process, errors: IO[bytes]) -> None:
        self._process = process
        self._errors = errors
        # What it has written beside its output; there when it has ended.
        self.said = ""

    async def chunks(self, *, max_bytes: int) -> AsyncIterator[bytes]:
        """Yield what git writes. Raises FreezeFailed (too_large) if that is more than `max_bytes`."""
        assert self._process.stdout is not None
        count = 0
        while chunk := await self._process.stdout.read(CHUNK_BYTES):
            count += len(chunk)
            if count > max_bytes:
                raise FreezeFailed("too_large", str(max_bytes))
            yield chunk

    async def records(self, separator: bytes, *, max_bytes: int) -> AsyncIterator[bytes]:
        """Yield what git writes, divided at a separator, which also ends the last record."""
        rest = b""
        async for chunk in self.chunks(max_bytes=max_bytes):
            *whole, rest = (rest + chunk).split(separator)
            for record in whole:
                yield record

    async def end(self) -> None:
        """Wait for the end. Raises GitFailed; FreezeFailed if a limit ended it."""
        code = await self._process.wait()
        self._errors.seek(0)
        self.said = self._errors.read(MAX_ERROR_BYTES).decode(errors="replace")
        if code != 0:
            raise limit_reached(self.said, code=code) or GitFailed(self.said)

    async def kill(self) -> None:
        """Kill it with everything that it has started."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        assert self._process.stdout is not None
        # What is left in the pipe would keep it open.
        await self._process.stdout.read()
        await self._process.wait()


@asynccontextmanager
async def running_git(
    repository: Path,
    *arguments: str,
    stdin: IO[bytes] | None = None,
    settings: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
    seconds: float = MAX_SECONDS,
) -> AsyncIterator[GitRun]:
    """Run git in a repository for the block and wait for its end after it.

    `settings` and `environment` are added to what every run has. Raises GitFailed; FreezeFailed: no_git, too_slow,
    too_large.
    """
    await ensure_git()
    with TemporaryFile() as errors:
        process = await asyncio.create_subprocess_exec(
            *(*LIMITED, "git", *arguments),
            stdin=stdin or DEVNULL,
            stdout=PIPE,
            stderr=errors,
            cwd=repository,
            env={**environment_of({**SETTINGS, **(settings or {})}), **(environment or {})},
            start_new_session=True,
        )
        run = GitRun(process, errors)
        try:
            async with asyncio.timeout(seconds):
                yield run
                await run.end()
        except TimeoutError:
            await run.kill()
            raise FreezeFailed("too_slow") from None
        except BaseException:
            await run.kill()
            raise


async def output_of_git(
    repository: Path,
    *arguments: str,
    stdin: IO[bytes] | None = None,
    settings: Mapping[str, str] | None = None,
    max_bytes: int = KIB * KIB,
) -> bytes:
    """Run git and return what it writes, at most `max_bytes`. Raises what `running_git` raises."""
    async with running_git(repository, *arguments, stdin=stdin, settings=settings) as run:
        return b"".join([chunk async for chunk in run.chunks(max_bytes=max_bytes)])


def environment_of(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for these settings: arguments would show them in the list of processes."""
    numbered = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (name, value) in enumerate(settings.items()):
        numbered |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
    return {"PATH": os.environ.get("PATH", os.defpath), **ENVIRONMENT, **numbered}


async def ensure_git() -> None:
    """Raise FreezeFailed (no_git) unless git is there and new enough, and so is what limits it."""
    if _found.get("git"):
        return
    if not all(shutil.which(program) for program in ("git", "prlimit", "nice")) or not await _is_new_enough():
        log.warning("Pushes and links need git %s or later, and prlimit (util-linux).", ".".join(map(str, MIN_VERSION)))
        raise FreezeFailed("no_git")
    _found["git"] = True


async def _is_new_enough() -> bool:
    process = await asyncio.create_subprocess_exec("git", "version", stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL)
    said, _ = await process.communicate()
    return version_in(said.decode(errors="replace")) >= MIN_VERSION


def version_in(said: str) -> tuple[int, ...]:
    """Return the version that git says it has: `git version 2.39.5`."""
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", said)
    return tuple(int(number or 0) for number in found.groups()) if found else (0,)


# Asked once: a program that was found stays.
_found: dict[str, bool] = {}


def limit_reached(said: str, *, code: int = 0) -> FreezeFailed | None:
    """Return the limit that ended git, or a process of its, by its exit code and by what it said, if one did."""
    died = DIED_OF_SIGNAL.search(said)
    signals = [-code, code - 128, int(died[1]) if died else 0]
    reached = next((LIMIT_SIGNALS[number] for number in signals if number in LIMIT_SIGNALS), None)
    if reached is None and not TOO_LARGE.search(said):
        return None
    return FreezeFailed(reached or "too_large")
