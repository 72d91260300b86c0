"""Claims per second through HTTP with 64 people at the same time: `python -m benchmarks.claims_over_http`.

As `benchmarks.claims`, but through the API: a token, a request, an answer in JSON.
"""

import asyncio
import time
from collections.abc import Iterator

from benchmarks import servers
from benchmarks.claims import ASSIGNMENT_ID, CLAIMERS, SPREAD, compare_sizes, forget
from benchmarks.data import Size
from learning_platform.core.database import connect

SECONDS, TURNS = 1.5, 5


async def main() -> bool:
    """Measure by turns; return whether every target is reached."""
    return await compare_sizes(_turn, "Claims through HTTP", turns=TURNS)


async def _turn(url: str, school: Size) -> tuple[float, int]:
    db = await connect(url)
    try:
        await forget(db)
        with servers.ours(url) as server:
            rate = await _claim_for_a_while(server.port, school)
        return rate, await db.fetchval(SPREAD, ASSIGNMENT_ID)
    finally:
        await forget(db)
        await db.close()


async def _claim_for_a_while(port: int, school: Size) -> float:
    """Let people ask, one after another on each connection, until the time is over or every user holds a submission."""
    requests = _requests(school)
    await asyncio.gather(*(_line(port, iter([_request("/me", 1)])) for _ in range(CLAIMERS)))  # Warm.
    began = time.perf_counter()
    claimed = await asyncio.gather(*(_line(port, requests, until=began + SECONDS) for _ in range(CLAIMERS)))
    return sum(claimed) / (time.perf_counter() - began)


def _requests(school: Size) -> Iterator[bytes]:
    for user_id in range(school.participants + 1, 2 * school.participants + 1):
        yield _request(f"/assignments/{ASSIGNMENT_ID}/review/submission", user_id)


def _request(path: str, user_id: int) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {servers.token(user_id)}\r\n\r\n".encode()


async def _line(port: int, requests: Iterator[bytes], *, until: float = float("inf")) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answered = 0
    for request in requests:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200 "):
            raise AssertionError(head.decode())
        await reader.readexactly(int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0]))
        answered += 1
        if time.perf_counter() > until:
            break
    writer.close()
    return answered


if __name__ == "__main__":
    raise SystemExit(0 if asyncio.run(main()) else 1)
