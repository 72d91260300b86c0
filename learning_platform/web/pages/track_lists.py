"""Lists for the staff of a track: submissions, appeals, returns, reviewers; each searched, filtered and sorted."""

from typing import get_args

from fastapi import Request, Response

from learning_platform.core.database import Connection
from learning_platform.reviews.author import appeals, quality, returns, submissions
from learning_platform.reviews.author.lists import (
    AppealSort,
    AppealState,
    ReturnSort,
    ReviewerSort,
    SubmissionSort,
)
from learning_platform.reviews.rules import ReturnReason
from learning_platform.web.http.dependencies import Id, Now, Reader
from learning_platform.web.pages.kit.listing import counted, listing
from learning_platform.web.pages.kit.page_router import page_router
from learning_platform.web.pages.kit.rendering import page
from learning_platform.web.pages.kit.track_header import TrackHeader, track_header
from learning_platform.web.pages.kit.track_lists import AskedList, ListQuery
from learning_platform.web.pages.kit.viewer import SignedIn

router = page_router()
ROWS = 30
APPEAL_STATES, REASONS = get_args(AppealState), get_args(ReturnReason)
APPEAL_SORTS, RETURN_SORTS = get_args(AppealSort), get_args(ReturnSort)
SUBMISSION_SORTS, REVIEWER_SORTS = get_args(SubmissionSort), get_args(ReviewerSort)


@router.get("/tracks/{track_id}/submissions")
async def show_submissions(
    request: Request,
    track_id: Id,
    user: SignedIn,
    db: Reader,
    now: Now,
    asked: AskedList,
) -> Response:
    """Show what was handed in, at all assignments or one; or only what needs attention, or is equal to another one."""
    header = await track_header(db, track_id=track_id, user=user, now=now)
    # What needs attention and what one participant submitted are looked for at all assignments, which takes longer.
    is_unbounded = not asked.is_narrowed or (asked.filter == "same" and not asked.assignment_id)
    is_too_long = is_unbounded and await submissions.has_too_many(db, header.access)
    asked = asked.at(header.last_opened) if is_too_long else asked
    choice = asked.choice(header, sorts=SUBMISSION_SORTS, states=("attention", "same"), default="-submitted")
    count = await submissions.count_submissions(db, header.access, choice)
    state = counted(request, count, sort=asked.sort or "-submitted", number=asked.page, size=ROWS)
    rows = await submissions.found_submissions(db, header.access, choice, offset=state.first_shown - 1, limit=ROWS)
    return page(
        request, "board_submissions.html", header=header, rows=rows, listing=state, asked=asked, is_too_long=is_too_long
    )


@router.get("/tracks/{track_id}/appeals")
async def show_appeals(
    request: Request, track_id: Id, user: SignedIn, db: Reader, now: Now, asked: AskedList
) -> Response:
    """Show the appeals of a track."""
    header = await track_header(db, track_id=track_id, user=user, now=now)
    choice = asked.choice(header, sorts=APPEAL_SORTS, states=APPEAL_STATES, default="created")
    found = await appeals.appeal_ids(db, header.access, choice)
    state, ids = listing(request, found, sort=asked.sort or "created", number=asked.page, size=ROWS)
    rows = await appeals.appeals_of(db, ids=ids)
    return page(request, "board_appeals.html", header=header, rows=rows, listing=state, asked=asked)


@router.get("/tracks/{track_id}/returns")
async def show_returns(
    request: Request, track_id: Id, user: SignedIn, db: Reader, now: Now, asked: AskedList
) -> Response:
    """Show what reviewers handed back, and why."""
    header = await track_header(db, track_id=track_id, user=user, now=now)
    choice = asked.choice(header, sorts=RETURN_SORTS, states=REASONS, default="-returned")
    found = await returns.return_ids(db, header.access, choice)
    state, ids = listing(request, found, sort=asked.sort or "-returned", number=asked.page, size=ROWS)
    rows = await returns.returns_of(db, ids=ids)
    return page(request, "board_returns.html", header=header, rows=rows, listing=state, asked=asked)


@router.get("/tracks/{track_id}/review-quality")
async def show_review_quality(
    request: Request, track_id: Id, user: SignedIn, db: Reader, now: Now, asked: AskedList
) -> Response:
    """Show all participants' reviewing to the track's author, and to a participant their own."""
    header = await track_header(db, track_id=track_id, user=user, now=now)
    if header.may_oversee:
        return await _reviewers(request, db, header, asked)
    own = await quality.qualities_of(db, header.access, ids=[user.user_id], now=now)
    return page(request, "review_quality.html", header=header, rows=own)


async def _reviewers(request: Request, db: Connection, header: TrackHeader, asked: ListQuery) -> Response:
    choice = asked.choice(header, sorts=REVIEWER_SORTS, default="name")
    found = await quality.reviewer_ids(db, header.access, choice, now=header.now)
    state, ids = listing(request, found, sort=asked.sort or "name", number=asked.page, size=ROWS)
    return page(
        request,
        "board_quality.html",
        header=header,
        rows=await quality.qualities_of(db, header.access, ids=ids, now=header.now),
        listing=state,
        asked=asked,
        is_comparable=await quality.is_comparable(db, header.access, now=header.now),
        known=await quality.recognised(db, header.access),
    )
