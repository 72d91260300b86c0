"""What others notice of hostile archives: `python -m benchmarks.hostile_hand_ins`.

Clients upload bombs, noise and archives of very many files without pause, while another asks `GET /me` fifty times a
second. Before it, the same client asks alone. Linux only: memory is read from `/proc`.
"""

import argparse
import asyncio
import gzip
import io
import json
import os
import sys
import tarfile
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path

import httpx

from benchmarks import servers
from benchmarks.data import (
    ASSIGNMENTS,
    ATTEMPTS,
    CRITERIA,
    PARTICIPANTS,
    SESSIONS,
    TRACKS,
    USERS,
    empty_database,
    postgres,
)
from benchmarks.report import Verdict, show
from learning_platform.core.database import connect

SECONDS, CLIENTS, EVERY = 20, 4, 0.02
MIB = 1024 * 1024
P99_MS, MEMORY_MIB = 50, 200
# The first assignment of the first track, which is open; its participants are the first users.
PATH = "/assignments/1/submit/archive"


def hostile_archives() -> Mapping[str, bytes]:
    """Return archives that have to be refused, each for a reason of its own."""
    return {
        "many files of zeros": _zip({f"{number}.bin": bytes(MIB) for number in range(200)}),
        "100,000 files": _zip({f"{number}.py": b"" for number in range(100_000)}),
        "31 MiB of noise": os.urandom(31 * MIB),
        "a tar that inflates to 2 GiB": gzip.compress(_tar_of_zeros()),
    }


def _zip(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def _tar_of_zeros() -> bytes:
    """Return a tar whose only file says that it has 2 GiB, and has 64 MiB of it."""
    about = tarfile.TarInfo("zeros.bin")
    about.size = 2 * 1024 * MIB
    return about.tobuf() + bytes(64 * MIB)


async def main(*, seconds: float = SECONDS) -> bool:
    """Measure alone and beside the attack; return whether every target is reached."""
    async with postgres() as server, empty_database(server, "hostile_hand_ins") as url:
        db = await connect(url)
        try:
            await db.execute(USERS, CLIENTS + 2)
            await db.execute(SESSIONS)
            await db.execute(TRACKS, 1, CLIENTS + 2)
            await db.execute(CRITERIA, 2)
            await db.execute(ASSIGNMENTS, 1)
            await db.execute(PARTICIPANTS, CLIENTS + 2)
            await db.execute(ATTEMPTS)
        finally:
            await db.close()
        with tempfile.TemporaryDirectory() as folder, servers.ours(url, SCHEDULER="off", TMPDIR=folder) as ours:
            return await _measure(ours, Path(folder), seconds)


async def _measure(ours: servers.Server, folder: Path, seconds: float) -> bool:
    alone = await _latencies(ours, seconds)
    before = ours.memory
    # In a process of its own: sending 31 MiB would keep the client that measures waiting.
    arguments = ("-m", "benchmarks.hostile_hand_ins", "--attack", str(ours.port), "--seconds", str(seconds + 1))
    attack = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
    watching = asyncio.create_task(_largest(ours))
    beside = await _latencies(ours, seconds)
    output, _ = await attack.communicate()
    watching.cancel()
    answers, largest = Counter[str](json.loads(output)), await watching
    await asyncio.sleep(2)
    left = await asyncio.to_thread(_files_in, folder)
    note = ", ".join(f"{count} × {answer}" for answer, count in sorted(answers.items()))
    return show(
        f"{CLIENTS} clients uploading hostile archives for {seconds:g} s",
        [
            Verdict("GET /me, p99, alone", _p99(alone), None, "less", " ms"),
            Verdict("GET /me, p99, beside them", _p99(beside), P99_MS, "less", " ms", f"{len(beside)} answers"),
            Verdict("more memory, workers included", (largest - before) / MIB, MEMORY_MIB, "less", " MiB"),
            Verdict("archives refused", float(answers.total()), None, "more", "", note),
            Verdict("archives not refused", float(answers["201"] + answers["200"] + answers["500"]), 0, "less"),
            Verdict("temporary files left", float(len(left)), 0, "less"),
        ],
    )


def _files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def _latencies(ours: servers.Server, seconds: float) -> list[float]:
    """Return how long each answer took, in milliseconds."""
    found: list[float] = []
    headers = {"Authorization": f"Bearer {servers.token(CLIENTS + 1)}"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{ours.port}", headers=headers, timeout=30) as client:
        ends_at = time.perf_counter() + seconds
        while (began_at := time.perf_counter()) < ends_at:
            (await client.get("/me")).raise_for_status()
            took = time.perf_counter() - began_at
            found.append(took * 1000)
            await asyncio.sleep(max(EVERY - took, 0))
    return found


async def attack(port: int, seconds: float) -> None:
    """Upload archives for a time, from several clients; print how they were answered."""
    archives, ends_at = list(hostile_archives().values()), time.perf_counter() + seconds
    counted = await asyncio.gather(*(_attack(port, client, archives, ends_at) for client in range(CLIENTS)))
    print(json.dumps(sum(counted, Counter[str]())))


async def _attack(port: int, number: int, archives: Sequence[bytes], ends_at: float) -> Counter[str]:
    answers: Counter[str] = Counter()
    headers = {"Authorization": f"Bearer {servers.token(number + 1)}"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=120) as client:
        # Each client begins with another one.
        for turn in count(number):
            if time.perf_counter() > ends_at:
                break
            answer = await client.post(PATH, files={"file": ("work.zip", archives[turn % len(archives)])})
            answers[str(answer.status_code)] += 1
    return answers


async def _largest(ours: servers.Server) -> int:
    """Return the most memory that the server and its workers have had, when cancelled."""
    largest = 0
    try:
        while True:
            largest = max(largest, ours.memory)
            await asyncio.sleep(0.1)
    except asyncio.CancelledError:
        return largest


def _p99(latencies: Sequence[float]) -> float:
    return sorted(latencies)[int(len(latencies) * 0.99)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--attack", type=int, metavar="PORT", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.attack:
        asyncio.run(attack(asked.attack, asked.seconds))
        sys.exit()
    raise SystemExit(0 if asyncio.run(main(seconds=asked.seconds)) else 1)
