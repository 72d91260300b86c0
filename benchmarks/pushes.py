"""How long a push takes, one after another and eight at the same time: `python -m benchmarks.pushes`.

Real git pushes a repository of 182 files, of which one has changed since the push before. Its own time is included;
beside it stands the same push to an empty repository on this disk, and what others wait meanwhile.
"""

import asyncio
import os
import random
import shlex
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles

from benchmarks import servers
from benchmarks.data import empty_database, postgres
from benchmarks.report import Verdict, show
from learning_platform.accounts.actions import register
from learning_platform.accounts.hand_in_tokens import create_token
from learning_platform.accounts.sessions import start_session
from learning_platform.core.clock import system_clock
from learning_platform.core.database import Connection, connect, prepare_connection
from learning_platform.enrollment.actions import enroll
from learning_platform.tracks.actions import AssignmentDraft, CriterionDraft, TrackDraft, create_track

PUSHES, TOGETHER, TURNS, FILES, LINES = 100, 8, 5, 182, 60
MIB = 1024 * 1024
QUIET_SECONDS = 2.0
ASSIGNMENT = "select id from assignments where track_id = $1"
ENVIRONMENT = {
    **{f"GIT_{who}_{what}": "x@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "PATH": os.environ["PATH"],
}


async def main() -> bool:
    """Measure; return whether every target is reached."""
    async with postgres() as server, empty_database(server, "pushes") as url:
        people, assignment_id = await _fill(url)
        with servers.ours(url) as ours, _folder() as folder:
            addresses = [
                f"http://{name}:{token}@127.0.0.1:{ours.port}/hand-in/{assignment_id}.git" for name, token in people
            ]
            repositories = [await _repository(folder / name) for name, _ in people]
            alone = await _one_after_another(repositories[0], addresses[0])
            local = await _one_after_another(repositories[0], None)
            memory = ours.memory
            quiet = await _waits(ours.port, asyncio.create_task(asyncio.sleep(QUIET_SECONDS)))
            together, busy = await _at_the_same_time(repositories, addresses, ours.port)
            grown = ours.memory - memory
    return show("Pushes of 182 files", _verdicts(alone, local, together, quiet, busy, grown))


def _verdicts(
    alone: Sequence[float],
    local: Sequence[float],
    together: float,
    quiet: Sequence[float],
    busy: Sequence[float],
    grown: int,
) -> list[Verdict]:
    return [
        Verdict("a push, p50", median(alone), 0.7, "less", " s", f"{median(local):.2f} s to a folder on this disk"),
        Verdict("a push, p99", _p99(alone), 1.5, "less", " s", f"of {len(alone)}"),
        Verdict("eight at the same time, until the last", together, 5, "less", " s", f"the longest of {TURNS}"),
        Verdict(
            "GET /me meanwhile, p99",
            _p99(busy) * 1000,
            50,
            "less",
            " ms",
            f"of {len(busy)}; {_p99(quiet) * 1000:.1f} ms before",
        ),
        Verdict("memory that the process has grown by", grown / MIB, 200, "less", " MiB"),
    ]


def _p99(seconds: Sequence[float]) -> float:
    return quantiles(seconds, n=100)[-1]


async def _one_after_another(repository: Path, address: str | None) -> list[float]:
    """Return the seconds of each push, to a new folder on this disk where there is no address."""
    seconds = []
    for number in range(PUSHES):
        await _change(repository, number)
        target = address or str(repository.parent / f"bare-{number}")
        if address is None:
            await _git(repository, "init", "--quiet", "--bare", target)
        began = time.perf_counter()
        await _git(repository, "push", "--quiet", target, "HEAD:refs/heads/main")
        seconds.append(time.perf_counter() - began)
    return seconds


async def _at_the_same_time(
    repositories: Sequence[Path], addresses: Sequence[str], port: int
) -> tuple[float, list[float]]:
    """Return the longest time until all have pushed, and how long others waited for an answer meanwhile."""
    spans, waits = [], []
    for turn in range(TURNS):
        for repository in repositories:
            await _change(repository, PUSHES + turn)
        # One program starts all of them: starting eight would keep this one from asking.
        pushes = "".join(
            shlex.join(["git", "-C", str(repository), "push", "--quiet", address, "HEAD:refs/heads/main"])
            + ' & started="$started $!";'
            for repository, address in zip(repositories, addresses, strict=True)
        )
        began = time.perf_counter()
        waits += await _waits(
            port, asyncio.create_task(_run("sh", "-c", pushes + " for push in $started; do wait $push || exit 1; done"))
        )
        spans.append(time.perf_counter() - began)
    return max(spans), waits


async def _waits(port: int, until: "asyncio.Future[None]") -> list[float]:
    """Ask for `/me` again and again until something is over; return the seconds of each answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = f"GET /me HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {servers.token(1)}\r\n\r\n".encode()
    waits = []
    while not until.done():
        began = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 "), head
        await reader.readexactly(int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0]))
        waits.append(time.perf_counter() - began)
        await asyncio.sleep(0.005)
    await until
    writer.close()
    return waits


async def _fill(url: str) -> tuple[list[tuple[str, str]], int]:
    """Start a track of eight people; return their names and tokens, and its assignment."""
    db, now = await connect(url), system_clock()
    await prepare_connection(db)
    async with db.transaction():
        people = [await _person(db, f"person_{number}") for number in range(TOGETHER)]
        draft = TrackDraft(
            title="Pushes",
            description="",
            required_participants=TOGETHER,
            review_hours=1,
            criteria=[CriterionDraft("Correctness", "", 10)],
            assignments=[AssignmentDraft("Push", "", 48)],
        )
        track_id = await create_track(db, author_id=people[0][0], draft=draft, now=now)
        for user_id, _, _ in people:
            await enroll(db, track_id=track_id, user_id=user_id, now=now)
    assignment_id: int = await db.fetchval(ASSIGNMENT, track_id)
    await db.close()
    return [(name, token) for _, name, token in people], assignment_id


async def _person(db: Connection, name: str) -> tuple[int, str, str]:
    now = system_clock()
    user = await register(db, email=f"{name}@example.com", username=name, password_hash="none", locale="en", now=now)
    session = await start_session(db, user_id=user.id, lifetime=timedelta(days=1), now=now)
    created = await create_token(db, user_id=user.id, session_id=session.id, name="bench", expires_at=None, now=now)
    return user.id, name, created.token


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="learning-platform-pushes-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


async def _repository(folder: Path) -> Path:
    words = random.Random(folder.name)
    for number in range(FILES):
        file = folder / f"package_{number % 12}" / f"module_{number}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(f"value_{words.randrange(10**6)} = {words.randrange(10**9)}\n" for _ in range(LINES)))
    await _git(folder, "init", "--quiet", "--initial-branch=main")
    return folder


async def _change(repository: Path, number: int) -> None:
    (repository / "changed.py").write_text(f"number = {number}\n")
    await _git(repository, "add", "--all")
    await _git(repository, "commit", "--quiet", "--message", "Work")


async def _git(folder: Path, *arguments: str) -> None:
    await _run("git", "-C", str(folder), *arguments)


async def _run(*command: str) -> None:
    # People's own git runs on their machines; here it gives way to the server.
    process = await asyncio.create_subprocess_exec(
        *("nice", "-n", "19", *command), env=ENVIRONMENT, stderr=asyncio.subprocess.DEVNULL
    )
    assert await process.wait() == 0, command


if __name__ == "__main__":
    raise SystemExit(0 if asyncio.run(main()) else 1)
