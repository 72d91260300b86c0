"""The results and the dashboard of a track: searched, filtered and sorted; as JSON and as tables."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import PlainTextResponse

from learning_platform.attempts.queries import assignments
from learning_platform.core.database import Connection
from learning_platform.reviews.author import board as boards
from learning_platform.reviews.author import results_table
from learning_platform.reviews.author.standings import Choice, Filter, SortKey, standings
from learning_platform.tracks.access import TakesPart, TrackAccess, access_to_track
from learning_platform.tracks.rules import AssignmentNotFound, NotAParticipant, NotTheAuthor, TrackNotFound
from learning_platform.web.api.accounts import SIGNED_IN
from learning_platform.web.api.paging import LINK_HEADER, paged, part_at
from learning_platform.web.exports import results_table as tables
from learning_platform.web.exports.downloads import board_csv, table_response
from learning_platform.web.exports.spreadsheets import MEDIA_TYPES, TableFormat
from learning_platform.web.http.api_route import ApiRoute
from learning_platform.web.http.dependencies import (
    CurrentUser,
    Id,
    Now,
    PageParams,
    PreferredLanguage,
    Reader,
    Running,
)
from learning_platform.web.http.problems import Answers, refuses
from learning_platform.web.schemas.board import BoardCell, BoardRow
from learning_platform.web.schemas.common import NO_NUL, ObjectId
from learning_platform.web.schemas.reviews import ParticipantOutcome
from learning_platform.web.schemas.texts import MACHINE, SEARCH

router = APIRouter(route_class=ApiRoute, tags=["Oversight"])
AS_TABLE_TOO: Answers = {
    200: {
        **LINK_HEADER[200],
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            MEDIA_TYPES["xlsx"]: {"schema": {"type": "string", "format": "binary"}},
        },
    }
}
PARTICIPANTS = (*SIGNED_IN, NotAParticipant, TrackNotFound)
AUTHORS = (*SIGNED_IN, NotTheAuthor, TakesPart, TrackNotFound)
Format = Annotated[Literal["json", "csv", "xlsx"] | None, Query(description="By default `Accept` decides.")]
ByteOrderMark = Annotated[bool, Query(description="Begin CSV with a byte order mark, which Excel needs.")]
AS_CSV: Answers = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}
Accept = Annotated[str, Header(include_in_schema=False), MACHINE]
NamePart = Annotated[
    str, Query(alias="q", max_length=64, pattern=NO_NUL, description="Only usernames that contain this."), SEARCH
]
SORT_OF = "`name`, `total`, or `a` and the id of an assignment; with a minus sign for the reverse. By default by id."
Sort = Annotated[
    str | None, Query(max_length=32, pattern=r"^-?(name|total|a[1-9][0-9]{0,17})$", description=SORT_OF), MACHINE
]
BoardSort = Annotated[
    str | None,
    Query(
        max_length=32,
        pattern=r"^-?(name|total|owed|a[1-9][0-9]{0,17})$",
        description=f"`owed` (reviews left to do), {SORT_OF}",
    ),
    MACHINE,
]
KEYS: dict[str, SortKey] = {"id": "id", "name": "name", "total": "total", "owed": "owed"}
Show = Annotated[Filter, Query(description="Only participants of this state."), MACHINE]
About = Annotated[
    ObjectId | None,
    Query(description="What `not_submitted` and `needs_reviews` are about; by default the last opened."),
]
Offset = Annotated[int, Query(ge=0, le=1_000_000, description="So many of those who fit are left out.")]
Limit = Annotated[int, Query(ge=1, le=200, description="At most this many items.")]


@router.get(
    "/tracks/{track_id}/results",
    response_model=list[ParticipantOutcome],
    responses=refuses(*PARTICIPANTS, AssignmentNotFound) | AS_TABLE_TOO,
)
async def results(
    track_id: Id,
    user: CurrentUser,
    db: Reader,
    page: PageParams,
    now: Now,
    language: PreferredLanguage,
    request: Request,
    response: Response,
    services: Running,
    q: NamePart = "",
    sort: Sort = None,
    offset: Offset = 0,
    format: Format = None,
    bom: ByteOrderMark = False,
    accept: Accept = "",
) -> Sequence[results_table.ParticipantOutcome] | Response:
    """Show a row per participant. Results of others appear after the review deadline.

    Lists that are searched or sorted go on by `offset`, all others by `after`. As a table (CSV or an Excel workbook,
    in the language of `Accept-Language`) the response has all rows; CSV is also at `/tracks/{track_id}/results.csv`.
    """
    access = await access_to_track(db, track_id=track_id, actor=user.actor)
    access.ensure_sees_results()
    choice = await _choice(db, access, user.user_id, name=q, sort=sort, now=now)
    table_format = _table_format(format, accept)
    if table_format is not None:
        export = tables.ResultsExport(access, choice, language, now)
        return table_response(services, export, table_format, has_byte_order_mark=bom)
    if not (q or sort or offset):
        rows = await results_table.results(db, access, after=page.after, limit=page.limit, now=now)
        return paged(rows, page, request, response)
    found = await standings(db, access, choice, now=now)
    shown = part_at(found, offset=offset, limit=page.limit, request=request, response=response)
    return await results_table.results_of(db, access, ids=shown, now=now)


@router.get(
    "/tracks/{track_id}/results.csv",
    response_class=PlainTextResponse,
    responses=refuses(*PARTICIPANTS) | AS_CSV,
)
async def results_as_csv(
    track_id: Id,
    user: CurrentUser,
    db: Reader,
    now: Now,
    language: PreferredLanguage,
    services: Running,
    bom: ByteOrderMark = False,
) -> Response:
    """Send the results of all participants as CSV, in the language of `Accept-Language`."""
    access = await access_to_track(db, track_id=track_id, actor=user.actor)
    access.ensure_sees_results()
    export = tables.ResultsExport(access, Choice(sort="id"), language, now)
    return table_response(services, export, "csv", has_byte_order_mark=bom)


@router.get(
    "/tracks/{track_id}/board",
    response_model=list[BoardRow],
    responses=refuses(*AUTHORS, AssignmentNotFound) | LINK_HEADER,
)
async def show_board(
    track_id: Id,
    user: CurrentUser,
    db: Reader,
    now: Now,
    request: Request,
    response: Response,
    q: NamePart = "",
    filter: Show = "",
    assignment_id: About = None,
    sort: BoardSort = None,
    offset: Offset = 0,
    limit: Limit = 50,
) -> list[BoardRow]:
    """Show the dashboard to users who oversee the track. It goes on by `offset`."""
    access = await access_to_track(db, track_id=track_id, actor=user.actor)
    access.ensure_oversees()
    choice = await _choice(db, access, user.user_id, name=q, sort=sort, filter=filter, about=assignment_id, now=now)
    found = await standings(db, access, choice, now=now)
    shown = part_at(found, offset=offset, limit=limit, request=request, response=response)
    views = await assignments(db, track_id=track_id, user_id=user.user_id, sees_all=True, now=now)
    rows = await boards.board(db, access, ids=shown, assignment_ids=[view.id for view in views], now=now)
    return [_row(row) for row in rows]


@router.get("/tracks/{track_id}/board.csv", response_class=PlainTextResponse, responses=refuses(*AUTHORS) | AS_CSV)
async def board_as_csv(
    track_id: Id,
    user: CurrentUser,
    db: Reader,
    now: Now,
    language: PreferredLanguage,
    services: Running,
    bom: ByteOrderMark = False,
) -> Response:
    """Send the dashboard as CSV to users who oversee the track: everyone's status at every assignment."""
    access = await access_to_track(db, track_id=track_id, actor=user.actor)
    access.ensure_oversees()
    return board_csv(services, tables.ResultsExport(access, Choice(sort="id"), language, now), has_byte_order_mark=bom)


async def _choice(
    db: Connection,
    access: TrackAccess,
    user_id: int,
    *,
    name: str,
    sort: str | None,
    filter: Filter = "",
    about: int | None = None,
    now: datetime,
) -> Choice:
    """Return what to look for; about the assignment that opened last if none is named. Raises AssignmentNotFound."""
    views = await assignments(db, track_id=access.track_id, user_id=user_id, sees_all=access.oversees, now=now)
    opened = [view.id for view in views if view.opens_at is not None and view.opens_at <= now]
    column = (sort or "id").removeprefix("-")
    sorted_id = int(column[1:]) if column not in KEYS else None
    if not {each for each in (about, sorted_id) if each is not None} <= {view.id for view in views}:
        raise AssignmentNotFound
    return Choice(
        name=name,
        filter=filter,
        assignment_id=about or next(reversed(opened), None),
        sort=KEYS.get(column, "assignment"),
        sorted_assignment_id=sorted_id,
        is_descending=(sort or "").startswith("-"),
    )


def _row(row: boards.BoardRow) -> BoardRow:
    cells = [BoardCell.model_validate(cell) for cell in row.cells.values()]
    return BoardRow(
        id=row.id,
        username=row.username,
        has_left=row.has_left,
        total=row.total,
        reviews_owed=row.reviews_owed,
        is_behind=row.is_behind,
        cells=cells,
    )


def _table_format(format: Literal["json", "csv", "xlsx"] | None, accept: str) -> TableFormat | None:
    """Return the requested file format, by `?format=` or else by `Accept`, or None for JSON."""
    if format is not None:
        return None if format == "json" else format
    return next((each for each, media_type in MEDIA_TYPES.items() if media_type.partition(";")[0] in accept), None)
