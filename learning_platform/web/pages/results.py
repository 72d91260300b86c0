"""The results of a track, and leaving for good."""

from dataclasses import replace
from typing import Annotated

from fastapi import Query, Request, Response

from learning_platform.reviews.author.results_table import results_of
from learning_platform.reviews.author.standings import standings
from learning_platform.reviews.leaving import leave_for_good
from learning_platform.web.exports.downloads import board_csv, table_response
from learning_platform.web.exports.results_table import ResultsExport
from learning_platform.web.exports.spreadsheets import TableFormat
from learning_platform.web.http.dependencies import Id, Now, Reader, Running, Transaction
from learning_platform.web.pages.kit.listing import listing
from learning_platform.web.pages.kit.page_router import page_router
from learning_platform.web.pages.kit.participants_list import AskedParticipants
from learning_platform.web.pages.kit.rendering import page, redirect_to
from learning_platform.web.pages.kit.track_header import track_header
from learning_platform.web.pages.kit.viewer import SignedIn
from learning_platform.web.schemas.common import MAX_ID

router = page_router()
PEOPLE_PER_PAGE = 50
ByteOrderMark = Annotated[bool, Query()]
# By checkboxes of one page.
Chosen = Annotated[list[Annotated[int, Query(ge=1, le=MAX_ID)]] | None, Query(max_length=PEOPLE_PER_PAGE)]


@router.get("/tracks/{track_id}/results")
async def show_results(
    request: Request, track_id: Id, user: SignedIn, db: Reader, now: Now, asked: AskedParticipants
) -> Response:
    """Show a row per participant with what their work got."""
    header = await track_header(db, track_id=track_id, user=user, now=now)
    asked = replace(asked, filter="")
    found = await standings(db, header.access, asked.choice(header), now=now)
    state, ids = listing(request, found, sort=asked.sort, number=asked.page, size=asked.rows_per_page(header))
    is_elsewhere = header.access.takes_part and not asked.name and user.user_id not in ids
    rows = await results_of(db, header.access, ids=[user.user_id, *ids] if is_elsewhere else ids, now=now)
    return page(
        request,
        "results.html",
        header=header,
        rows=rows,
        listing=state,
        asked=asked,
        focus=asked.focus(header),
        columns=asked.columns(header),
        is_own_elsewhere=is_elsewhere,
        outcomes={row.id: {one.assignment_id: one for one in row.assignments} for row in rows},
    )


@router.get("/tracks/{track_id}/results.{format}")
async def download_results(
    track_id: Id,
    format: TableFormat,
    user: SignedIn,
    db: Reader,
    now: Now,
    services: Running,
    asked: AskedParticipants,
    bom: ByteOrderMark = False,
) -> Response:
    """Hand over the results for a spreadsheet program, in the language of the reader."""
    header = await track_header(db, track_id=track_id, user=user, now=now)
    header.access.ensure_sees_results()
    export = ResultsExport(header.access, replace(asked, filter="").choice(header), user.locale, now)
    return table_response(services, export, format, has_byte_order_mark=bom)


@router.get("/tracks/{track_id}/board.csv")
async def download_board(
    track_id: Id,
    user: SignedIn,
    db: Reader,
    now: Now,
    services: Running,
    asked: AskedParticipants,
    bom: ByteOrderMark = False,
    person: Chosen = None,
) -> Response:
    """Hand over the board, or chosen participants of it, for a spreadsheet program, in the language of the reader."""
    header = await track_header(db, track_id=track_id, user=user, now=now)
    header.access.ensure_oversees()
    export = ResultsExport(header.access, asked.choice(header), user.locale, now, person)
    return board_csv(services, export, has_byte_order_mark=bom)


@router.post("/tracks/{track_id}/leave-for-good")
async def leave_running(track_id: Id, user: SignedIn, db: Transaction, now: Now) -> Response:
    """Leave a running track for good."""
    await leave_for_good(db, track_id=track_id, user_id=user.user_id, now=now)
    return redirect_to(f"/tracks/{track_id}", notice="left_for_good")
