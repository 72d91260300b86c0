"""Fetch a link: git behind a fence, into a throwaway repository, of which one tree is kept."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from learning_platform.core.settings import Settings
from learning_platform.core.start import CannotStart
from learning_platform.snapshots.git.addresses import PUBLIC_HOSTS, AllowedHosts
from learning_platform.snapshots.git.extraction import Extracted, frozen_commit
from learning_platform.snapshots.git.fence import LIMITS, Fence, Limits, Resolve, resolve
from learning_platform.snapshots.git.http_trace import Answer, last_answer
from learning_platform.snapshots.git.links import RepositoryLink, repository_link
from learning_platform.snapshots.git.process import GitFailed, running_git
from learning_platform.snapshots.git.repositories import temporary_folder, throwaway_repository
from learning_platform.snapshots.rules import FailureCode, FreezeFailed

FROZEN = "refs/frozen"
FETCH = (
    *("fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", "--no-auto-maintenance"),
    *("--no-write-fetch-head", "--filter=blob:limit=1m"),
)
MAX_SAID_BYTES = 64 * 1024
# What git says, in the order in which it is looked for. Everything else is a repository that git cannot read.
REASONS: tuple[tuple[str, FailureCode], ...] = (
    ("couldn't find remote ref HEAD", "empty"),
    ("couldn't find remote ref", "private_or_missing"),
    ("Operation too slow", "too_slow"),
    ("timed out", "too_slow"),
    ("Authentication failed", "private_or_missing"),
    ("could not read Username", "private_or_missing"),
    ("is this a git repository", "private_or_missing"),
    ("does not support shallow", "private_or_missing"),
    ("unable to update url base", "private_or_missing"),
    ("' not found", "private_or_missing"),
    ("certificate", "host_unreachable"),
    ("unable to access", "host_unreachable"),
    ("early EOF", "host_unreachable"),
    ("unexpected disconnect", "host_unreachable"),
    ("hung up unexpectedly", "host_unreachable"),
)
NOT_SHOWN = frozenset({401, 403, 404, 410, 451})
TOO_MANY_REQUESTS = 429
SERVER_ERRORS = range(500, 600)


class FetchFailed(FreezeFailed):
    """A link cannot be fetched. `retry_after`: what its host said about the next time, as in its header."""

    def __init__(self, code: FailureCode, detail: str = "", *, retry_after: str | None = None) -> None:
        super().__init__(code, detail)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Fetching:
    """How links are fetched. `ca_file`: certificates to trust instead of those of the system."""

    allowed: AllowedHosts = PUBLIC_HOSTS
    ca_file: Path | None = None
    resolve: Resolve = resolve
    limits: Limits = LIMITS


def fetching_of(settings: Settings) -> Fetching:
    """Return how links are fetched by these settings. Raises CannotStart if one of them is invalid."""
    try:
        allowed = AllowedHosts.parse(settings.fetch_allow)
    except ValueError as error:
        raise CannotStart(str(error)) from None
    if settings.fetch_ca_file is not None and not settings.fetch_ca_file.is_file():
        raise CannotStart(f"FETCH_CA_FILE: there is no file {settings.fetch_ca_file}.")
    # git runs in another folder.
    return Fetching(allowed, ca_file=settings.fetch_ca_file and settings.fetch_ca_file.absolute())


async def fetch_link(link: str, *, fetching: Fetching) -> Extracted:
    """Return the files of the newest commit a link leads to. Raises FreezeFailed; FetchFailed if its host is busy."""
    wanted = repository_link(link)
    async with _limited(fetching), throwaway_repository() as repository:
        config = (repository / "config").read_bytes()
        async with _behind_fence(repository, fetching) as call:
            ref = await _ref(wanted, call)
            await call.run(*FETCH, "--", wanted.url, f"+{ref}:{FROZEN}")
        # A partial clone would ask its host for what is missing, whenever git misses something, without the fence.
        (repository / "config").write_bytes(config)
        return await frozen_commit(repository, FROZEN)


async def newest_commit(link: str, *, fetching: Fetching) -> str:
    """Return the commit that `fetch_link` would take the files of. Raises what it raises."""
    wanted = repository_link(link)
    async with _limited(fetching):
        with temporary_folder() as folder:
            async with _behind_fence(folder, fetching) as call:
                found = await _advertised(wanted, call)
    if wanted.commit is not None:
        return wanted.commit
    return next(iter(found.values()))


@dataclass(frozen=True, slots=True)
class _Call:
    """git with the settings of one fence."""

    folder: Path
    settings: Mapping[str, str]
    environment: Mapping[str, str]

    async def run(self, *arguments: str) -> bytes:
        async with running_git(self.folder, *arguments, settings=self.settings, environment=self.environment) as run:
            return b"".join([chunk async for chunk in run.chunks(max_bytes=MAX_SAID_BYTES)])


@asynccontextmanager
async def _limited(fetching: Fetching) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(fetching.limits.seconds):
            yield
    except TimeoutError:
        raise FetchFailed("too_slow") from None


@asynccontextmanager
async def _behind_fence(folder: Path, fetching: Fetching) -> AsyncIterator[_Call]:
    """Open a fence for the calls of git in the block; say why they failed, if they do."""
    trace = folder / "http-trace"
    async with Fence(fetching.allowed, resolve=fetching.resolve, limits=fetching.limits) as fence:
        settings = {"http.proxy": fence.url, "http.proxyAuthMethod": "basic"}
        if fetching.ca_file is not None:
            settings["http.sslCAInfo"] = str(fetching.ca_file)
        environment = {
            "GIT_ALLOW_PROTOCOL": "https",
            "GIT_TRACE_CURL": str(trace),
            "GIT_TRACE_CURL_NO_DATA": "1",
        }
        try:
            yield _Call(folder, settings, environment)
        except GitFailed as error:
            answer = last_answer(trace)
            code = fence.failure or failure_code(error.said, answer)
            raise FetchFailed(code, retry_after=answer.retry_after) from error
        except FreezeFailed as error:
            # A limit of the process may have ended what the fence had ended already.
            raise FetchFailed(fence.failure or error.code, error.detail) from error


def failure_code(said: str, answer: Answer) -> FailureCode:
    """Return why git failed, from what it said and the last answer of the host."""
    status = answer.status or 0
    if status == TOO_MANY_REQUESTS or status in SERVER_ERRORS or (status == 403 and answer.retry_after):
        return "host_unreachable"
    if status in NOT_SHOWN:
        return "private_or_missing"
    return next((code for words, code in REASONS if words in said), "bad_repository")


async def _ref(wanted: RepositoryLink, call: _Call) -> str:
    """Return what to fetch: a commit, the longest branch that the link may name, or what the repository shows first."""
    if wanted.commit is not None:
        return wanted.commit
    return next(iter(await _advertised(wanted, call))) if wanted.branch else "HEAD"


async def _advertised(wanted: RepositoryLink, call: _Call) -> dict[str, str]:
    """Return which of the refs that a link may mean there are, best first, with their commits. Raises FreezeFailed."""
    names = wanted.refs() or ["HEAD"]
    output = await call.run("ls-remote", "--", wanted.url, *names)
    lines = (line.partition("\t") for line in output.decode(errors="replace").splitlines())
    there = {name: commit for commit, _, name in lines}
    found = {name: there[name] for name in names if name in there}
    if not found:
        raise FetchFailed("private_or_missing" if wanted.branch else "empty")
    return found
