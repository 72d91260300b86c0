"""The results of a track as CSV, all of them at once."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from learning_platform.attempts.queries import assignments
from learning_platform.core.database import Connection
from learning_platform.reviews.overview import results
from learning_platform.web.spreadsheets import csv_text

ROWS_AT_A_TIME = 200


async def results_csv(db: Connection, *, track_id: int, user_id: int, is_admin: bool, now: datetime) -> str:
    """Return a line per participant, as far as the user may see them. Raises TrackNotFound, NotAParticipant."""
    views = await assignments(db, track_id=track_id, user_id=user_id, sees_all=False, now=now)
    header = ["username", "has_left"]
    header += [f"{view.title}: {what}" for view in views for what in ("submitted", "reviews", "result")]
    rows = _rows(
        db,
        track_id=track_id,
        user_id=user_id,
        is_admin=is_admin,
        now=now,
        assignment_ids=[view.id for view in views],
    )
    return csv_text([[*header, "total"], *[row async for row in rows]])


async def _rows(
    db: Connection, *, track_id: int, user_id: int, is_admin: bool, now: datetime, assignment_ids: Sequence[int]
) -> AsyncIterator[list[object]]:
    after = 0
    while page := await results(
        db, track_id=track_id, user_id=user_id, is_admin=is_admin, after=after, limit=ROWS_AT_A_TIME, now=now
    ):
        for outcome in page:
            at = {one.assignment_id: one for one in outcome.assignments}
            row: list[object] = [outcome.username, outcome.has_left]
            for assignment_id in assignment_ids:
                one = at.get(assignment_id)
                row += [one.submitted, one.reviews_done, one.result] if one else [False, 0, None]
            yield [*row, outcome.total]
        after = page[-1].id
