"""Sign-ins per second beside bare hashing, and what they leave of a request's time: `python -m benchmarks.sign_in`."""

import asyncio
import time
import urllib.parse
from http.client import HTTPConnection
from statistics import median

from pwdlib.hashers.argon2 import Argon2Hasher

from benchmarks import servers
from benchmarks.data import SESSIONS, USERS, empty_database, postgres
from benchmarks.load import Measured, Request, send
from benchmarks.report import Verdict, show
from learning_platform.core.database import connect

PEOPLE, PASSWORD, TURNS, SECONDS = 200, "correct horse battery staple", 3, 4
# OWASP's parameters, stated here once more: the product has to be as careful.
HASHER = Argon2Hasher(memory_cost=19 * 1024, time_cost=2, parallelism=1)
# A person at a time: enough to see what a request waits for.
CONNECTIONS = 1


async def main() -> bool:
    """Measure by turns; return whether every target is reached."""
    bare, rates, beside, meanwhile = [], [], [], []
    async with postgres() as server, empty_database(server, "sign_in") as url:
        db = await connect(url)
        await db.execute(USERS, PEOPLE)
        await db.execute(SESSIONS)
        await db.execute("update users set password_hash = $1", HASHER.hash(PASSWORD))
        await db.close()
        with servers.ours(url) as ours:
            await asyncio.to_thread(_sign_in_for, ours.port, 1.0)
            for _ in range(TURNS):
                bare.append(_hashes_per_second())
                rates.append(await asyncio.to_thread(_sign_in_for, ours.port, float(SECONDS)))
                signing_in = asyncio.create_task(asyncio.to_thread(_sign_in_for, ours.port, SECONDS + 1.0))
                meanwhile.append(await asyncio.to_thread(_ask_who_i_am, ours.port))
                beside.append(await signing_in)
            quiet = await asyncio.to_thread(_ask_who_i_am, ours.port)
    share = median(one / other for one, other in zip(rates, bare, strict=True))
    note = f"{median(bare):.0f} bare hashes a second here"
    return show(
        "Sign-in: one process, one thread that hashes",
        [
            Verdict("sign-ins a second", median(rates), 40, note=note),
            Verdict("as a share of bare hashing on one core", share, 0.8),
            Verdict("sign-ins a second while GET /me is asked", median(beside)),
            Verdict(
                "p99 of GET /me meanwhile",
                median(one.p99 for one in meanwhile),
                10,
                "less",
                " ms",
                note=f"{quiet.p99:.1f} ms without",
            ),
            Verdict("refused or broken", sum(one.refused + one.broken for one in meanwhile), 0, "less"),
        ],
    )


def _hashes_per_second() -> float:
    """Verify for a second, as signing in does, and nothing else."""
    known = HASHER.hash(PASSWORD)
    number, began_at = 0, time.perf_counter()
    while time.perf_counter() - began_at < 1:
        HASHER.verify(PASSWORD, known)
        number += 1
    return number / (time.perf_counter() - began_at)


def _sign_in_for(port: int, seconds: float) -> float:
    """Sign in one person after another; return how many a second."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    number, began_at = 0, time.perf_counter()
    while time.perf_counter() - began_at < seconds:
        form = urllib.parse.urlencode({"username": f"person{number % PEOPLE + 1}", "password": PASSWORD})
        connection.request("POST", "/token", form, {"Content-Type": "application/x-www-form-urlencoded"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"sign-in was answered with {answer.status}")
        number += 1
    connection.close()
    return number / (time.perf_counter() - began_at)


def _ask_who_i_am(port: int) -> Measured:
    requests = [Request("GET", "/me", servers.token(user_id)) for user_id in range(1, PEOPLE + 1)]
    return send(port, requests, seconds=SECONDS, connections=CONNECTIONS)


if __name__ == "__main__":
    raise SystemExit(0 if asyncio.run(main()) else 1)
