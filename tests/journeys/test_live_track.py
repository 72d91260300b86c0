"""A whole track of five people through two assignments, by itself, over real HTTP and WebSockets.

No request makes anything happen: it happens at its time, and every participant is notified.
"""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

import asyncpg
import pytest

from tests.journeys.visitors import Json, Listener, Visitor, listening, visitor
from tests.people import track_json
from tests.processes import served

pytestmark = pytest.mark.anyio
ASSIGNMENT_SECONDS, REVIEW_SECONDS, EXTENSION_SECONDS = 2.0, 1.5, 0.5
# Shorter than the API lets anybody ask for, so that the test need not take half a minute.
SHORTEN = """
with shortened as (update tracks set review_hours = $2::float8 / 3600 where id = $1)
update assignments set duration_hours = $3::float8 / 3600 where track_id = $1
"""
STAGE = ["deadline_warning", "review_started"]


async def test_five_people_go_through_two_assignments_by_themselves(database_url: str, tmp_path: Path) -> None:
    async with served(cwd=tmp_path, database_url=database_url) as server, AsyncExitStack() as stack:
        people = [await stack.enter_async_context(visitor(server)) for _ in range(5)]
        owner = await stack.enter_async_context(visitor(server))
        track_id = await _short_track(owner, database_url)
        listeners = [await stack.enter_async_context(listening(server, person.token)) for person in people]
        for person in people:
            await person.ok("POST", f"/tracks/{track_id}/enroll")
        calendar = await _calendar(people[0], track_id)
        first, second = sorted({assignment_id for _, assignment_id in calendar})

        first_one, appellant, *others, lazy = zip(people, listeners, strict=True)
        await asyncio.gather(
            _take_part(*first_one, first, second),
            _take_part(*appellant, first, second),
            *(_take_part(*other, first, second) for other in others),
            _take_part(*lazy, first, second, reviews_at="reviews_overdue"),
            _extend(owner, first_one[1], second),
            _appeal(*appellant, first, second, judge=owner),
        )

        extra = {id(appellant[1]): ["appeal_settled"], id(lazy[1]): ["reviews_overdue"]}
        for person, listener in zip(people, listeners, strict=True):
            own = extra.get(id(listener), [])
            assert listener.types[:2] == ["track_started", "assignment_opened"]
            assert _types(listener, first) == ["assignment_opened", *STAGE, *own]
            assert Counter(_types(listener, second)) == Counter(["assignment_opened", "deadline_moved", *STAGE])
            assert _types(listener, second)[-2:] == STAGE
            assert listener.types.count("review_received") == 6
            assert listener.types[-1] == "track_finished"
            ids = [message["id"] for message in listener.messages]
            assert ids == sorted(set(ids)) == [message["id"] for message in await person.inbox()]
        # How late exactly is a matter of the machine; that it came by itself, and not much later, is not.
        assert median(_seconds_late(listeners, await _calendar(people[0], track_id))) < 1


async def _take_part(
    person: Visitor, listener: Listener, first: int, second: int, *, reviews_at: str = "review_started"
) -> None:
    """Act on notifications, as a program would."""
    await listener.until("assignment_opened", assignment_id=first)
    await person.submit(first)
    await listener.until(reviews_at, assignment_id=first)
    assert await person.review_all(first) == 3
    await listener.until("assignment_opened", assignment_id=second)
    await person.submit(second)
    await listener.until("review_started", assignment_id=second)
    assert await person.review_all(second) == 3
    await listener.until("track_finished")


async def _extend(author: Visitor, listener: Listener, assignment_id: int) -> None:
    """Move a deadline on as soon as the assignment is open, before anybody is warned of it."""
    opened = await listener.until("assignment_opened", assignment_id=assignment_id)
    later = datetime.fromisoformat(opened["due_at"]) + timedelta(seconds=EXTENSION_SECONDS)
    await author.ok("PATCH", f"/assignments/{assignment_id}", json={"due_at": later.isoformat()})


async def _appeal(appellant: Visitor, listener: Listener, first: int, second: int, *, judge: Visitor) -> None:
    """Appeal about an assignment when one's own reviews are done, and let it be settled."""
    await listener.until("assignment_opened", assignment_id=second)
    appeal = await appellant.ok("POST", f"/assignments/{first}/appeal", json={"text": "It does work."})
    await judge.ok("POST", f"/appeals/{appeal['id']}/settle", json={"text": "So it does."})
    await listener.until("appeal_settled")


async def _short_track(author: Visitor, database_url: str) -> int:
    track: Json = await author.ok("POST", "/tracks", json=track_json())
    db = await asyncpg.connect(database_url)
    await db.execute(SHORTEN, track["id"], REVIEW_SECONDS, ASSIGNMENT_SECONDS)
    await db.close()
    track_id: int = track["id"]
    return track_id


async def _calendar(person: Visitor, track_id: int) -> dict[tuple[str, int], datetime]:
    """Return when everything that has a fixed time is due."""
    due: dict[tuple[str, int], datetime] = {}
    for assignment in await person.ok("GET", f"/tracks/{track_id}/assignments"):
        due["deadline_warning", assignment["id"]] = datetime.fromisoformat(assignment["warn_at"])
        due["review_started", assignment["id"]] = datetime.fromisoformat(assignment["due_at"])
    return due


def _types(listener: Listener, assignment_id: int) -> list[str]:
    """Return the types of what came about an assignment, without reviews, which come when they come."""
    return [
        message["type"]
        for message in listener.messages
        if message["assignment_id"] == assignment_id and message["type"] != "review_received"
    ]


def _seconds_late(listeners: list[Listener], calendar: dict[tuple[str, int], datetime]) -> list[float]:
    """Return how late each announcement with a fixed time came. None comes before."""
    late = []
    for listener in listeners:
        for message, came_at in zip(listener.messages, listener.came_at, strict=True):
            due_at = calendar.get((message["type"], message["assignment_id"]))
            if due_at is not None:
                assert came_at >= due_at
                late.append((came_at - due_at).total_seconds())
    return late
