"""The results of a track, and its board, as tables without pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from learning_platform.attempts.queries import AssignmentView, assignments
from learning_platform.core.database import Connection
from learning_platform.core.languages import N_, Language, Message, translate
from learning_platform.reviews.author.board import BoardRow, board
from learning_platform.reviews.author.board import Cell as BoardCell
from learning_platform.reviews.author.results_table import ParticipantOutcome, results_of
from learning_platform.reviews.author.standings import Choice, standings
from learning_platform.tracks.access import TrackAccess
from learning_platform.web.exports.spreadsheets import Cell
from learning_platform.web.exports.streamed_csv import Rows
from learning_platform.web.http.formatting import format_person

ROWS_AT_A_TIME = 100
TITLE = N_("Results")
USERNAME, HAS_LEFT, TOTAL = N_("Username"), N_("Left the track"), N_("Total, %")
OF_ASSIGNMENT: tuple[Message, ...] = (N_("{title}: submitted"), N_("{title}: reviews"), N_("{title}: result, %"))
OF_BOARD_CELL: tuple[Message, ...] = (
    N_("{title}: status"),
    N_("{title}: reviews done"),
    N_("{title}: reviews required"),
    N_("{title}: result, %"),
)
REVIEWS_LEFT, IS_BEHIND = N_("Reviews left"), N_("Behind")
NOT_OPEN, SUBMITTED, IN_PROGRESS, NOT_SUBMITTED = (
    N_("not open yet"),
    N_("submitted"),
    N_("in progress"),
    N_("not submitted"),
)


@dataclass(frozen=True, slots=True)
class ResultsExport:
    """What is exported: some participants of a track (all that fit, or those of them in `ids`), for one reader."""

    access: TrackAccess
    choice: Choice
    language: Language
    now: datetime
    ids: Sequence[int] | None = None

    async def results(self, db: Connection) -> Rows:
        """Yield the results, the head first. Raises NotAParticipant."""
        views = await self._assignments(db)
        yield [self._head(views, OF_ASSIGNMENT, TOTAL)]
        for some in self._parts(await self._ids(db)):
            outcomes = await results_of(db, self.access, ids=some, now=self.now)
            yield [_result_row(outcome, views, self.language) for outcome in outcomes]

    async def board(self, db: Connection) -> Rows:
        """Yield the board, the head first. Raises NotTheAuthor, TakesPart."""
        views = await self._assignments(db)
        yield [self._head(views, OF_BOARD_CELL, REVIEWS_LEFT, IS_BEHIND, TOTAL)]
        view_ids = [view.id for view in views]
        for some in self._parts(await self._ids(db)):
            rows = await board(db, self.access, ids=some, assignment_ids=view_ids, now=self.now)
            yield [_board_row(row, views, self.language, now=self.now) for row in rows]

    async def _assignments(self, db: Connection) -> Sequence[AssignmentView]:
        track_id, user_id = self.access.track_id, self.access.user_id
        return await assignments(db, track_id=track_id, user_id=user_id, sees_all=False, now=self.now)

    async def _ids(self, db: Connection) -> Sequence[int]:
        found = await standings(db, self.access, self.choice, now=self.now)
        if self.ids is None:
            return found
        chosen = set(self.ids)
        return [id for id in found if id in chosen]

    def _parts(self, ids: Sequence[int]) -> Sequence[Sequence[int]]:
        return [ids[at : at + ROWS_AT_A_TIME] for at in range(0, len(ids), ROWS_AT_A_TIME)]

    def _head(self, views: Sequence[AssignmentView], of_each: Sequence[Message], *others: Message) -> list[Cell]:
        return [
            translate(USERNAME, self.language),
            translate(HAS_LEFT, self.language),
            *(translate(text, self.language, title=view.title) for view in views for text in of_each),
            *(translate(text, self.language) for text in others),
        ]


def _result_row(outcome: ParticipantOutcome, views: Sequence[AssignmentView], language: Language) -> list[Cell]:
    at = {one.assignment_id: one for one in outcome.assignments}
    row: list[Cell] = [format_person(outcome.username, language), outcome.has_left]
    for view in views:
        one = at.get(view.id)
        row += [one.submitted, one.reviews_done, one.result] if one else [False, 0, None]
    return [*row, outcome.total]


def _board_row(row: BoardRow, views: Sequence[AssignmentView], language: Language, *, now: datetime) -> list[Cell]:
    cells: list[Cell] = [format_person(row.username, language), row.has_left]
    for view in views:
        cell = row.cells.get(view.id)
        status = translate(_status(cell, view, has_left=row.has_left, now=now), language)
        outcome = cell and cell.outcome
        cells += (
            [status, outcome.reviews_done, outcome.reviews_required, outcome.result]
            if outcome
            else [status, None, None, None]
        )
    return [*cells, row.reviews_owed, row.is_behind, row.total]


def _status(cell: BoardCell | None, view: AssignmentView, *, has_left: bool, now: datetime) -> Message:
    if cell is None:
        return NOT_OPEN
    if cell.submission_id is not None:
        return SUBMITTED
    due_at = cell.extended_to or view.due_at
    return IN_PROGRESS if due_at is not None and due_at > now and not has_left else NOT_SUBMITTED
