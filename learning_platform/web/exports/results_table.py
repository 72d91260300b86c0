"""The results of a track as one table without pages."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from fastapi import Response

from learning_platform.attempts.queries import assignments
from learning_platform.core.database import Connection
from learning_platform.core.languages import N_, Language, Message, translate
from learning_platform.reviews.author.results_table import ParticipantOutcome, results
from learning_platform.tracks.access import TrackAccess
from learning_platform.web.exports.spreadsheets import MEDIA_TYPES, Cell, Table, TableFormat, written
from learning_platform.web.http.formatting import format_person

ROWS_AT_A_TIME = 200
TITLE = N_("Results")
USERNAME, HAS_LEFT, TOTAL = N_("Username"), N_("Left the track"), N_("Total, %")
OF_ASSIGNMENT: tuple[Message, ...] = (N_("{title}: submitted"), N_("{title}: reviews"), N_("{title}: result, %"))


async def results_table(db: Connection, access: TrackAccess, *, language: Language, now: datetime) -> Table:
    """Return a row per participant, as far as the user may see them. Raises NotAParticipant."""
    views = await assignments(db, track_id=access.track_id, user_id=access.user_id, sees_all=False, now=now)
    head = [
        translate(USERNAME, language),
        translate(HAS_LEFT, language),
        *(translate(text, language, title=view.title) for view in views for text in OF_ASSIGNMENT),
        translate(TOTAL, language),
    ]
    ids = [view.id for view in views]
    outcomes = _outcomes(db, access, now=now)
    rows = [_row(outcome, ids, language) async for outcome in outcomes]
    return Table(translate(TITLE, language), head, rows, language)


async def table_response(table: Table, format: TableFormat, *, name: str) -> Response:
    """Answer with the table as a file called `name`. It is written in a thread: a large one takes a second."""
    return Response(
        await asyncio.to_thread(written, table, format),
        media_type=MEDIA_TYPES[format],
        headers={"Content-Disposition": f'attachment; filename="{name}.{format}"', "Content-Language": table.language},
    )


async def _outcomes(db: Connection, access: TrackAccess, *, now: datetime) -> AsyncIterator[ParticipantOutcome]:
    after = 0
    while page := await results(db, access, after=after, limit=ROWS_AT_A_TIME, now=now):
        for outcome in page:
            yield outcome
        after = page[-1].id


def _row(outcome: ParticipantOutcome, assignment_ids: Sequence[int], language: Language) -> list[Cell]:
    at = {one.assignment_id: one for one in outcome.assignments}
    row: list[Cell] = [format_person(outcome.username, language), outcome.has_left]
    for assignment_id in assignment_ids:
        one = at.get(assignment_id)
        row += [one.submitted, one.reviews_done, one.result] if one else [False, 0, None]
    return [*row, outcome.total]
