"""The reference: the same answers with nothing in between, as fast as we can make one.

Bare ASGI, prepared statements on a fixed set of connections, orjson, the same SQL. The token is checked (signature and
expiry) and that is all: no input is validated, no rule asked, nothing counted, no header added.
"""

import asyncio
import hashlib
import hmac
import sys
import time
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from random import random
from typing import Any

import asyncpg
import orjson
import uvicorn

from learning_platform.accounts.queries import USER
from learning_platform.attempts.actions import HAND_IN, SUBMIT_STATE
from learning_platform.attempts.locks import LOCK_PARTICIPANT_AND_ASSIGNMENT
from learning_platform.attempts.progress import PROGRESS
from learning_platform.attempts.queries import CURRENT_ASSIGNMENT
from learning_platform.attempts.rules import REVIEWS_OWED
from learning_platform.core.clock import system_clock
from learning_platform.diary.actions import INSERT_ENTRY
from learning_platform.reviews.allocation.draw import (
    DRAW_ALONE,
    DRAW_AT,
    DRAW_LAST_AT,
    DRAW_TOGETHER,
    DRAWN_ALONE,
    DRAWN_IN_ORDER,
    LOOKED_AT,
    LOWEST,
    OWING_REVIEWERS,
)
from learning_platform.reviews.allocation.planning import MAX_PLANNED
from learning_platform.reviews.claims import INSERT_CLAIM, OPEN_CLAIM
from learning_platform.reviews.locks import LOCK_ATTEMPT
from learning_platform.reviews.queries import CRITERIA, REVIEWING
from learning_platform.reviews.rules import lease
from learning_platform.snapshots.freezing import INSERT_SNAPSHOT
from learning_platform.tracks.queries import TRACK_IDS, TRACKS
from learning_platform.tracks.rules import WARNING_SHARE
from learning_platform.tracks.start_rules import TrackStart

Prepared = Any
SUBMISSION_COLUMNS = ("id", "repo_url", "comment", "submitted_at")
WAITING_SNAPSHOT = dict.fromkeys(("commit", "files", "bytes", "error", "frozen_at")) | {
    "state": "waiting",
    "origin": "link",
}
HEADERS = [(b"content-type", b"application/json")]
CONNECTIONS = 10
STATEMENTS = (
    USER, TRACK_IDS, TRACKS, CURRENT_ASSIGNMENT, PROGRESS, SUBMIT_STATE, INSERT_SNAPSHOT, HAND_IN, INSERT_ENTRY,
    REVIEWING, LOCK_PARTICIPANT_AND_ASSIGNMENT, LOCK_ATTEMPT, OPEN_CLAIM, OWING_REVIEWERS, CRITERIA,
    LOWEST, DRAW_ALONE, DRAW_TOGETHER, DRAW_LAST_AT, DRAW_AT, INSERT_CLAIM,
)  # fmt: skip
TRACK_COLUMNS = (
    "id", "title", "description", "status", "required_participants", "participants_count", "review_hours",
    "iteration_hours", "appeal_days", "show_repository", "visibility", "language", "level", "tags", "effort",
    "criteria", "criteria_changeable", "assignments_count", "enrolled", "cohort", "head_start_until", "created_at",
    "started_at", "finishes_at",
)  # fmt: skip
START_COLUMNS = {
    "rule": "start_rule", "at": "starts_at", "min_participants": "min_participants", "time_zone": "time_zone",
    "from_hour": "start_from_hour", "until_hour": "start_until_hour", "missed_at": "start_missed_at",
}  # fmt: skip
PLACE_COLUMNS = (
    "id", "position", "title", "description", "duration_hours", "opens_at", "due_at", "reviews_due_at",
    "iteration_due_at", "reviews_required", "reviews_done",
)  # fmt: skip


class Reference:
    """The ASGI application."""

    def __init__(self, url: str, key: str) -> None:
        self._url = url
        self._key = key.encode()
        self._free: asyncio.LifoQueue[tuple[Any, dict[str, Prepared]]] = asyncio.LifoQueue()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        user_id = self._user_of(scope["headers"])
        path = scope["path"].split("/")
        handler, changes, id = _HANDLERS[scope["method"], path[-1]], scope["method"] == "POST", path[2:3]
        body = orjson.loads((await receive())["body"]) if changes else None
        db, prepared = await self._free.get()
        try:
            status, answer = await handler(db, prepared, user_id, int(id[0]) if id else 0, body)
        except asyncpg.PostgresError:
            await db.execute("rollback")
            status, answer = 500, None
        finally:
            self._free.put_nowait((db, prepared))
        content = orjson.dumps(answer, option=orjson.OPT_UTC_Z)
        length = (b"content-length", str(len(content)).encode())
        await send({"type": "http.response.start", "status": status, "headers": [*HEADERS, length]})
        await send({"type": "http.response.body", "body": content})

    def _user_of(self, headers: list[tuple[bytes, bytes]]) -> int:
        for name, value in headers:
            if name == b"authorization":
                signed, _, signature = value[7:].rpartition(b".")
                expected = hmac.digest(self._key, signed, hashlib.sha256)
                if not hmac.compare_digest(urlsafe_b64decode(signature + b"=="), expected):
                    raise PermissionError
                claims = orjson.loads(urlsafe_b64decode(signed.partition(b".")[2] + b"=="))
                if claims["exp"] <= time.time():
                    raise PermissionError
                return int(claims["sub"])
        raise PermissionError

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[None]:
        """Hold the connections."""
        connections = [await _connect(self._url) for _ in range(CONNECTIONS)]
        for connection in connections:
            self._free.put_nowait(connection)
        yield
        for db, _ in connections:
            await db.close()

    async def _live(self, receive: Any, send: Any) -> None:
        await receive()
        async with self.connected():
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})


async def _connect(url: str) -> tuple[Any, dict[str, Prepared]]:
    db = await asyncpg.connect(url, server_settings={"jit": "off", "timezone": "UTC"})
    # What comes as JSON leaves as JSON, without being read in between.
    await db.set_type_codec("json", schema="pg_catalog", encoder=str, decoder=orjson.Fragment, format="text")
    prepared = {statement: await db.prepare(statement) for statement in STATEMENTS}
    await db.execute("select 1")  # Preparing keeps locks on the tables until the next statement ends.
    return db, prepared


async def me(_db: Any, prepared: dict[str, Prepared], user_id: int, _id: int, _body: Any) -> tuple[int, Any]:
    answer = dict(await prepared[USER].fetchrow(user_id))
    del answer["version"]
    return 200, answer


async def tracks(_db: Any, prepared: dict[str, Prepared], user_id: int, _id: int, _body: Any) -> tuple[int, Any]:
    ids = [row[0] for row in await prepared[TRACK_IDS].fetch(0, 50, user_id, False)]
    return 200, [
        {
            **{column: row[column] for column in TRACK_COLUMNS},
            "author": {"id": row["author_id"], "username": row["author_name"]},
            "start": (start := {name: row[column] for name, column in START_COLUMNS.items()}),
            "start_state": _start_state(row, start),
        }
        for row in await prepared[TRACKS].fetch(user_id, ids, system_clock())
    ]


def _start_state(row: Any, start: dict[str, Any]) -> str | None:
    if row["status"] not in {"draft", "enrolling"}:
        return None
    return TrackStart(**start).state(participants=row["participants_count"], seats=row["required_participants"])


async def current(_db: Any, prepared: dict[str, Prepared], user_id: int, track_id: int, _body: Any) -> tuple[int, Any]:
    where = await prepared[CURRENT_ASSIGNMENT].fetchrow(track_id, user_id)
    progress = await prepared[PROGRESS].fetchrow([], where["assignment_id"], user_id, system_clock(), REVIEWS_OWED)
    submission = None
    if where["id"] is not None:
        submission = {column: where[column] for column in SUBMISSION_COLUMNS}
        # What the benchmarks fill in was handed in before there were snapshots.
        submission |= {"assignment_id": progress["id"], "snapshot": None, "second_iteration": None}
    answer = {column: progress[column] for column in PLACE_COLUMNS}
    answer["warn_at"] = progress["opens_at"] + WARNING_SHARE * (progress["due_at"] - progress["opens_at"])
    answer["personal_due_at"] = progress["extended_to"]
    answer["state"] = "open" if submission is None else "submitted"
    answer["submission"] = submission
    return 200, answer


async def diary(db: Any, prepared: dict[str, Prepared], user_id: int, id: int, body: Any) -> tuple[int, Any]:
    await db.execute("begin")
    row = await prepared[INSERT_ENTRY].fetchrow(id, user_id, body["text"], "private", system_clock(), False)
    await db.execute("commit")
    answer = dict(row)
    del answer["version"]
    return 201, answer


async def submit(db: Any, prepared: dict[str, Prepared], user_id: int, id: int, body: Any) -> tuple[int, Any]:
    await db.execute("begin")
    await prepared[LOCK_PARTICIPANT_AND_ASSIGNMENT].fetchrow(id, user_id)
    standing = await prepared[SUBMIT_STATE].fetchrow(id, user_id, system_clock())
    now, what = system_clock(), (body["repo_url"], body["comment"])
    waiting: tuple[object, ...] = ("link", "waiting", what[0], None, None, None, "[]", [], now, None, now)
    snapshot_id = (await prepared[INSERT_SNAPSHOT].fetchrow(standing["track_id"], id, user_id, *waiting))[0]
    row = await prepared[HAND_IN].fetchrow(
        standing["attempt_id"], id, user_id, what[0], snapshot_id, what[1], now, None
    )
    await db.execute("commit")
    answer = {"id": row["id"], "assignment_id": id, "repo_url": what[0], "comment": what[1], "submitted_at": now}
    answer |= {"snapshot": WAITING_SNAPSHOT, "second_iteration": None}
    return (201 if row["is_first"] else 200), answer


async def _drawn(prepared: dict[str, Prepared], id: int, user_id: int, own: int | None) -> Any:
    """Draw the least served, as the product does when too much is outstanding for a plan."""
    for most in LOOKED_AT:
        if sum(row["owes"] for row in await prepared[OWING_REVIEWERS].fetch(id, most + 1)) > MAX_PLANNED:
            break
    level, there = await prepared[LOWEST].fetchrow(id, DRAWN_ALONE + 1)
    await prepared[DRAW_ALONE if there <= DRAWN_ALONE else DRAW_TOGETHER].fetchrow(id)
    if there <= DRAWN_ALONE:
        level, there = await prepared[LOWEST].fetchrow(id, DRAWN_ALONE + 1)
    drawn = None
    if there <= DRAWN_IN_ORDER:
        drawn = await prepared[DRAW_LAST_AT].fetchrow(id, level, user_id, own)
    for start in (random(), 0.0):
        if drawn is None:
            drawn = await prepared[DRAW_AT].fetchrow(id, level, True, start, user_id, own)
    return drawn


async def claim(db: Any, prepared: dict[str, Prepared], user_id: int, id: int, _body: Any) -> tuple[int, Any]:
    now = system_clock()
    await db.execute("begin")
    await prepared[LOCK_PARTICIPANT_AND_ASSIGNMENT].fetchrow(id, user_id)
    attempt = await prepared[LOCK_ATTEMPT].fetchrow(id, user_id)
    stage = await prepared[REVIEWING].fetchrow(id, user_id)
    await prepared[OPEN_CLAIM].fetchrow(id, user_id)
    criteria = [dict(row) for row in await prepared[CRITERIA].fetch(id)]
    drawn = await _drawn(prepared, id, user_id, stage["own_submission_id"])
    if drawn is None:
        await db.execute("rollback")
        return 409, None
    until = now + lease(due_at=stage["due_at"], reviews_due_at=stage["reviews_due_at"])
    values = (id, drawn["submission_id"], user_id, "least_served", now, until)
    claim_id = (await prepared[INSERT_CLAIM].fetchrow(*values))[0]
    await db.execute("commit")
    return 200, {
        "id": claim_id,
        "submission_id": drawn["submission_id"],
        "assignment_id": id,
        "repo_url": drawn["repo_url"],
        "code_url": None,
        "comment": drawn["comment"],
        "criteria": criteria,
        "reviews_done": attempt["reviews_done"],
        "reviews_required": attempt["reviews_required"],
        "claimed_until": until,
        "reason": "least_served",
        "changed_at": None,
    }


Handler = Callable[[Any, dict[str, Prepared], int, int, Any], Awaitable[tuple[int, Any]]]
_HANDLERS: dict[tuple[str, str], Handler] = {
    ("GET", "me"): me,
    ("GET", "tracks"): tracks,
    ("GET", "current"): current,
    ("POST", "diary"): diary,
    ("POST", "submit"): submit,
    ("GET", "submission"): claim,
}


def main() -> None:
    url, key, port = sys.argv[1:]
    uvicorn.run(
        Reference(url, key), port=int(port), server_header=False, lifespan="on", log_level="warning", access_log=False
    )


if __name__ == "__main__":
    main()
