"""Claims per second with 64 people at the same time, however large the assignment: `python -m benchmarks.claims`.

Every size has as many submissions as people; every user claims, and none returns anything, so the most and the least
served may never differ by more than one.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from statistics import median

from benchmarks import data
from benchmarks.data import Size, postgres
from benchmarks.report import Verdict, show
from learning_platform.core.clock import system_clock
from learning_platform.core.database import Connection, Database, connect
from learning_platform.reviews.claims import claim

CLAIMERS, SECONDS, TURNS = 64, 1.5, 3
SIZES = (100, 10_000, 100_000)
# Each size is the second track of a school: the one whose first assignment is in its review stage.
ASSIGNMENT_ID = 6
FORGET_CLAIMS = "truncate claims cascade"
RESET_COUNTS = "update submissions set review_count = 0, author_owes = true where review_count > 0 or not author_owes"
SPREAD = "select max(review_count) - min(review_count) from submissions where assignment_id = $1"


Turn = Callable[[str, Size], Awaitable[tuple[float, int]]]


async def main() -> bool:
    """Measure by turns; return whether every target is reached."""
    return await compare_sizes(_turn, "Claims", turns=TURNS)


async def compare_sizes(turn: Turn, title: str, *, turns: int) -> bool:
    """Let people claim at each size by turns; `turn` returns claims per second, and the most less the least served."""
    rates: dict[int, list[float]] = {size: [] for size in SIZES}
    spreads: dict[int, int] = dict.fromkeys(SIZES, 0)
    async with postgres() as server:
        schools = [Size(f"claims_{size}", users=2 * size, tracks=2, participants=size) for size in SIZES]
        urls = [await data.database(server, school) for school in schools]
        for number in range(turns):
            for school, url in sorted(
                zip(schools, urls, strict=True), key=lambda one: one[1], reverse=bool(number % 2)
            ):
                rate, spread = await turn(url, school)
                rates[school.participants].append(rate)
                spreads[school.participants] = max(spreads[school.participants], spread)
    smallest = median(rates[SIZES[0]])
    verdicts = [
        Verdict(
            f"{size:,} submissions",
            median(rates[size]) / smallest,
            0.5 if size == SIZES[-1] else None,
            note=f"{median(rates[size]):,.0f}/s here",
        )
        for size in SIZES
    ]
    verdicts += [Verdict(f"most less least served of {size:,}", spreads[size], 1, better="less") for size in SIZES]
    return show(f"{title} with {CLAIMERS} people, as a share of those at {SIZES[0]} submissions", verdicts)


async def _turn(url: str, school: Size) -> tuple[float, int]:
    db = await connect(url)
    people = await Database.open(url, size=CLAIMERS)
    try:
        await forget(db)
        rate = await _claim_for_a_while(people, school)
        return rate, await db.fetchval(SPREAD, ASSIGNMENT_ID)
    finally:
        await forget(db)
        await people.close()
        await db.close()


async def forget(db: Connection) -> None:
    """Undo every claim."""
    for statement in (FORGET_CLAIMS, RESET_COUNTS, "vacuum analyze submissions, claims"):
        await db.execute(statement)


async def _claim_for_a_while(database: Database, school: Size) -> float:
    """Let people ask, one after another in each of 64 lines, until the time is over or each holds a submission."""
    people = iter(range(school.participants + 1, 2 * school.participants + 1))
    claimed, began = 0, time.perf_counter()

    async def line() -> None:
        nonlocal claimed
        for user_id in people:
            if time.perf_counter() - began > SECONDS:
                return
            async with database.transaction() as db:
                await claim(db, assignment_id=ASSIGNMENT_ID, user_id=user_id, volunteers=False, now=system_clock())
            claimed += 1

    await asyncio.gather(*(line() for _ in range(CLAIMERS)))
    return claimed / (time.perf_counter() - began)


if __name__ == "__main__":
    raise SystemExit(0 if asyncio.run(main()) else 1)
