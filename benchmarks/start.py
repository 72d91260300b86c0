"""How long a start takes, what a process weighs and what an installation: `python -m benchmarks.start`.

Beside it, at every turn, the smallest FastAPI application there is. A cold start compiles every module and creates its
database; a warm one finds both.
"""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import distributions
from pathlib import Path
from statistics import median

from benchmarks import servers
from benchmarks.data import SESSIONS, USERS, empty_database, postgres
from benchmarks.load import Request, send
from benchmarks.report import Verdict, show
from learning_platform.core.database import connect
from learning_platform.core.settings import PROJECT

TURNS = 3
MIB = 1024 * 1024
SMALLEST = """
import sys, uvicorn
from fastapi import FastAPI
app = FastAPI()
app.get("/health")(lambda: {"status": "ok"})
uvicorn.run(app, port=int(sys.argv[1]), log_level="warning")
"""
# What only a migration, an email, a calendar or the first page needs.
NOT_AT_START = ("alembic", "sqlalchemy", "aiosmtplib", "icalendar", "markdown_it", "pygments", "nh3", "babel.dates")
IMPORTS = "import sys, app, learning_platform.web.server; print(*sys.modules)"


async def main() -> bool:
    """Measure by turns; return whether every target is reached."""
    cold: list[float] = []
    warm: list[float] = []
    smallest_cold: list[float] = []
    smallest_warm: list[float] = []
    for _ in range(TURNS):
        with _nothing_yet() as here, _nothing_yet() as there:
            for ours, smallest in ((cold, smallest_cold), (warm, smallest_warm)):
                ours.append(_seconds_to_start(["-m", "learning_platform", "serve", "--port"], here))
                smallest.append(_seconds_to_start(["-c", SMALLEST], there))
    idle, loaded, bare = await _memory()
    needless = set(NOT_AT_START) & set(_run(IMPORTS, {"DATABASE_URL": "postgresql:///none"}).split())
    verdicts = [
        _compared("cold", cold, smallest_cold),
        _compared("warm", warm, smallest_warm),
        Verdict("memory of an idle process, as a multiple of its", idle / bare, note=f"{idle / MIB:.0f} MiB here"),
        Verdict("memory under load, as a multiple of idle", loaded / idle, 1.5, "less", note=f"{loaded / MIB:.0f} MiB"),
        Verdict("imports that start-up does not need", len(needless), 0, "less", note=", ".join(sorted(needless))),
        *_sizes(),
    ]
    return show("Start and size", verdicts)


def _compared(name: str, ours: list[float], smallest: list[float]) -> Verdict:
    note = f"{median(ours):.1f} and {median(smallest):.1f} s here"
    name = f"{name} start, as a multiple of the smallest FastAPI application's"
    return Verdict(name, median(ours) / median(smallest), better="less", note=note)


@contextmanager
def _nothing_yet() -> Iterator[dict[str, str]]:
    """Yield an environment in which nothing has been compiled or created yet."""
    folder = Path(tempfile.mkdtemp(prefix="learning-platform-"))
    try:
        yield {
            "DATA_DIR": str(folder / "data"),
            "PYTHONPYCACHEPREFIX": str(folder / "compiled"),
            "LOG_LEVEL": "warning",
        }
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _seconds_to_start(command: list[str], environment: dict[str, str]) -> float:
    """Return the seconds from the command to the first answer; stop the server again."""
    port, began_at = servers.free_port(), time.perf_counter()
    started = subprocess.Popen(
        [sys.executable, *command, str(port)], cwd=PROJECT, env=_with(environment), stdout=subprocess.DEVNULL
    )
    try:
        while started.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5):
                    return time.perf_counter() - began_at
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.005)
        raise RuntimeError(f"the server ended with code {started.returncode}")
    finally:
        started.terminate()
        started.wait(30)


def _with(environment: dict[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "DATA_DIR"}}
    return {**kept, **environment}


async def _memory() -> tuple[int, int, int]:
    """Return the bytes of an idle process, of one under load, and of the smallest FastAPI application."""
    async with postgres() as server, empty_database(server, "start") as url:
        db = await connect(url)
        await db.execute(USERS, 1000)
        await db.execute(SESSIONS)
        await db.close()
        with servers.ours(url) as ours, servers.process("-c", SMALLEST) as smallest:
            idle, bare = ours.memory, smallest.memory
            me = [Request("GET", "/me", servers.token(user_id)) for user_id in range(1, 1001)]
            for connections in (32, 256):
                await asyncio.to_thread(send, ours.port, me, seconds=3, connections=connections)
            return idle, ours.memory, bare


def _sizes() -> list[Verdict]:
    """Return the sizes of the installation: our own files, and the packages they need."""
    own = sum(path.stat().st_size for path in (PROJECT / "learning_platform").rglob("*") if path.is_file())
    needed = {
        line.partition("==")[0] for line in (PROJECT / "requirements.txt").read_text().splitlines() if "==" in line
    }
    packages = {
        one.name: sum(file.size or 0 for file in one.files or ())
        for one in distributions()
        if one.name.lower().replace("_", "-") in needed
    }
    largest = sorted(packages, key=packages.__getitem__, reverse=True)[:4]
    note = ", ".join(f"{name} {packages[name] / MIB:.0f}" for name in largest)
    return [
        Verdict("size of the packages", sum(packages.values()) / MIB, unit=" MiB", note=note),
        Verdict("size of our own files", own / MIB, unit=" MiB"),
    ]


def _run(code: str, environment: dict[str, str]) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, env=_with(environment), capture_output=True, text=True, check=True
    ).stdout


if __name__ == "__main__":
    raise SystemExit(0 if asyncio.run(main()) else 1)
