"""Ten thousand links that wait at one deadline: `python -m benchmarks.links`.

A fetcher in a process of its own freezes them from a host on this machine, with the real git; a web process answers
beside it. Bounded: the fetcher is watched for a while, and the rest is reckoned.
"""

import asyncio
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles

from httpx import AsyncClient

from benchmarks import servers
from benchmarks.data import Size, copy, postgres
from benchmarks.report import Verdict, show
from learning_platform.core.database import Connection, connect
from tests.git_hosts import GitHost, make_certificate, running_host

LINKS, FILES, REPOSITORIES = 10_000, 40, 20
SCHOOL = Size("links", users=20_000, tracks=2, participants=LINKS)
WATCHED_SECONDS = 60.0
BETWEEN_REQUESTS_SECONDS = 0.02
# Everyone on the first track hands in one of the repositories; the host has no other links.
HAND_IN = """
insert into snapshots (track_id, assignment_id, user_id, origin, state, repo_url, received_at, try_at)
select p.track_id, a.id, p.user_id, 'link', 'waiting', $1 || p.user_id % $2::int || '.git', now(), now()
from participants p join assignments a on a.track_id = p.track_id and a.position = 0 where p.track_id = 1
"""
FROZEN = "select count(*) from snapshots where state = 'frozen'"
TAKE = "select count(*) from snapshots where state <> 'frozen' and error is not null"
STORED = "select pg_total_relation_size('blobs') + pg_total_relation_size('trees')"


async def main(*, seconds: float = WATCHED_SECONDS) -> bool:
    """Measure everything; return whether every target is reached."""
    async with postgres() as server, copy(server, SCHOOL) as url:
        db = await connect(url)
        with _host() as host, servers.ours(url, SCHEDULER="off") as web:
            quiet = await _latencies(web.port, seconds=min(seconds, 10.0))
            await db.execute(HAND_IN, host.url("task", host="localhost"), REPOSITORIES)
            with servers.fetcher(url, FETCH_ALLOW=host.setting, FETCH_CA_FILE=str(host.certificate)) as fetcher:
                began_at, before = time.perf_counter(), await db.fetchval(FROZEN)
                busy = await _latencies(web.port, seconds=seconds)
                rate = (await db.fetchval(FROZEN) - before) / (time.perf_counter() - began_at)
                memory = fetcher.memory_full_info().uss / 1024**2
        verdicts = await _verdicts(db, rate=rate, quiet=quiet, busy=busy, memory=memory)
        await db.close()
    return show(f"{LINKS:,} links at one deadline", verdicts)


async def _verdicts(
    db: Connection, *, rate: float, quiet: list[float], busy: list[float], memory: float
) -> list[Verdict]:
    failed, stored = await db.fetchval(TAKE), await db.fetchval(STORED)
    note = f"{LINKS / rate / 60:.0f} minutes for all of them" if rate else "none was frozen"
    return [
        Verdict("links frozen in a second, of one host", rate, 1, "more", note=note),
        Verdict("links not frozen at the first try", failed, 0, "less"),
        Verdict("GET /me without a fetcher, p99", _p99(quiet), unit=" ms"),
        Verdict("GET /me meanwhile, p99", _p99(busy), 50, "less", " ms", note=f"of {len(busy)} requests"),
        Verdict("memory of the fetcher", memory, 200, "less", " MiB"),
        Verdict("stored", stored / 1024**2, unit=" MiB", note=f"{REPOSITORIES} different trees"),
    ]


async def _latencies(port: int, *, seconds: float) -> list[float]:
    """Ask for `/me` again and again; return the milliseconds of each answer."""
    taken, ends_at = list[float](), time.perf_counter() + seconds
    headers = {"Authorization": f"Bearer {servers.token(1)}"}
    async with AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers) as client:
        while time.perf_counter() < ends_at:
            began_at = time.perf_counter()
            (await client.get("/me")).raise_for_status()
            taken.append((time.perf_counter() - began_at) * 1000)
            await asyncio.sleep(BETWEEN_REQUESTS_SECONDS)
    return taken


def _p99(milliseconds: list[float]) -> float:
    return quantiles(milliseconds, n=100)[98]


@contextmanager
def _host() -> Iterator[GitHost]:
    """Run a host with some repositories that have most of their files in common."""
    with tempfile.TemporaryDirectory() as folder:
        certificate = Path(folder) / "host.pem"
        make_certificate(certificate)
        with running_host(Path(folder) / "repositories", certificate) as host:
            noise = random.Random(1)
            common = {f"src/module{n}.py": f"VALUE = '{noise.randbytes(2_000).hex()}'\n" for n in range(FILES)}
            for n in range(REPOSITORIES):
                host.repository(f"task{n}", {**common, "main.py": f"print({n})\n"})
            yield host


if __name__ == "__main__":
    raise SystemExit(0 if asyncio.run(main()) else 1)
