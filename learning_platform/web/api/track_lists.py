"""Lists of a track for its staff: submissions, returns, appeals, reviewers; searched, filtered and sorted.

Without a search, an order or an offset they go on by `after`, as every list does; with one of them by `offset`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from learning_platform.reviews.author import appeals, quality, returns, submissions
from learning_platform.reviews.author.lists import AppealState, ListChoice
from learning_platform.reviews.rules import ReturnReason
from learning_platform.tracks.access import TakesPart, access_to_track
from learning_platform.tracks.rules import NotAParticipant, NotTheAuthor, TrackNotFound
from learning_platform.web.api.accounts import SIGNED_IN
from learning_platform.web.api.paging import LINK_HEADER, paged, part_at
from learning_platform.web.api.results import NamePart, Offset
from learning_platform.web.http.api_route import ApiRoute
from learning_platform.web.http.dependencies import CurrentUser, Id, Now, PageParams, Reader
from learning_platform.web.http.problems import refuses
from learning_platform.web.schemas.common import ObjectId
from learning_platform.web.schemas.reviews import OverseenAppeal, OverseenSubmission, ReturnedClaim, ReviewQuality
from learning_platform.web.schemas.texts import MACHINE

router = APIRouter(route_class=ApiRoute, tags=["Oversight"])
AUTHORS = (*SIGNED_IN, NotTheAuthor, TakesPart, TrackNotFound)
OneAssignment = Annotated[ObjectId | None, Query(description="Only of this assignment.")]
Attention = Annotated[bool, Query(description="Only submissions that lack reviews or are disputed.")]
Same = Annotated[bool, Query(description="Only submissions with the same code or link as another one.")]
State = Annotated[AppealState | None, Query(description="Only appeals that are unanswered, or answered."), MACHINE]
Reason = Annotated[ReturnReason | None, Query(description="Only submissions returned for this reason."), MACHINE]


REVERSE = "A minus sign before it reverses the order."
SubmissionSort = Annotated[str, Query(pattern="^-?(submitted|name|reviews)$", description=REVERSE), MACHINE]
ReturnSort = Annotated[str, Query(pattern="^-?(returned|name|reviewer)$", description=REVERSE), MACHINE]
AppealSort = Annotated[str, Query(pattern="^-?(created|name)$", description=REVERSE), MACHINE]
ReviewerSort = Annotated[
    str, Query(pattern="^-?(name|reviews|helpful|unhelpful|severity)$", description=REVERSE), MACHINE
]


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Part of a username, and how many rows are left out."""

    name: str
    offset: int

    def choice(self, sort: str | None, *, state: str | None = None, assignment_id: int | None = None) -> ListChoice:
        """Return what to look for."""
        column = (sort or "").removeprefix("-")
        return ListChoice(self.name, state or "", assignment_id, column, (sort or "").startswith("-"))

    def is_by_id(self, *filters: object) -> bool:
        """Say whether the list is asked for as it is, so that it goes on by `after`."""
        return not (self.name or self.offset or any(filters))


async def narrowing(q: NamePart = "", offset: Offset = 0) -> Narrowing:
    """Read what all these lists can be asked."""
    return Narrowing(q, offset)


Narrowed = Annotated[Narrowing, Depends(narrowing)]


@router.get(
    "/tracks/{track_id}/submissions",
    response_model=list[OverseenSubmission],
    responses=refuses(*AUTHORS) | LINK_HEADER,
)
async def list_submissions(
    track_id: Id,
    user: CurrentUser,
    db: Reader,
    page: PageParams,
    narrowed: Narrowed,
    request: Request,
    response: Response,
    attention: Attention = False,
    same: Same = False,
    assignment_id: OneAssignment = None,
    sort: SubmissionSort | None = None,
) -> Sequence[submissions.OverseenSubmission]:
    """List the submissions of a track with the state of their reviews. Its author may review any of them.

    `same` comes before `attention`; with it, the list goes on by `offset`.
    """
    access = await access_to_track(db, track_id=track_id, actor=user.actor)
    if narrowed.is_by_id(sort, same):
        found = await submissions.submissions(
            db,
            access,
            only_needing_attention=attention,
            assignment_id=assignment_id,
            after=page.after,
            limit=page.limit,
        )
        return paged(found, page, request, response)
    state = "same" if same else "attention" if attention else None
    choice = narrowed.choice(sort, state=state, assignment_id=assignment_id)
    found = await submissions.found_submissions(db, access, choice, offset=narrowed.offset, limit=page.limit + 1)
    return part_at(found, offset=0, limit=page.limit, request=request, response=response, since=narrowed.offset)


@router.get("/tracks/{track_id}/returns", response_model=list[ReturnedClaim], responses=refuses(*AUTHORS) | LINK_HEADER)
async def list_returns(
    track_id: Id,
    user: CurrentUser,
    db: Reader,
    page: PageParams,
    narrowed: Narrowed,
    request: Request,
    response: Response,
    reason: Reason = None,
    assignment_id: OneAssignment = None,
    sort: ReturnSort | None = None,
) -> Sequence[returns.ReturnedClaim]:
    """List the submissions that reviewers returned, with the reasons. `q` finds participants and reviewers."""
    access = await access_to_track(db, track_id=track_id, actor=user.actor)
    if narrowed.is_by_id(sort, reason, assignment_id):
        found = await returns.returns(db, access, after=page.after, limit=page.limit)
        return paged(found, page, request, response)
    ids = await returns.return_ids(db, access, narrowed.choice(sort, state=reason, assignment_id=assignment_id))
    shown = part_at(ids, offset=narrowed.offset, limit=page.limit, request=request, response=response)
    return await returns.returns_of(db, ids=shown)


@router.get(
    "/tracks/{track_id}/appeals", response_model=list[OverseenAppeal], responses=refuses(*AUTHORS) | LINK_HEADER
)
async def list_appeals(
    track_id: Id,
    user: CurrentUser,
    db: Reader,
    page: PageParams,
    narrowed: Narrowed,
    request: Request,
    response: Response,
    state: State = None,
    assignment_id: OneAssignment = None,
    sort: AppealSort | None = None,
) -> Sequence[appeals.OverseenAppeal]:
    """List the appeals of a track."""
    access = await access_to_track(db, track_id=track_id, actor=user.actor)
    if narrowed.is_by_id(sort, state, assignment_id):
        found = await appeals.appeals(db, access, after=page.after, limit=page.limit)
        return paged(found, page, request, response)
    ids = await appeals.appeal_ids(db, access, narrowed.choice(sort, state=state, assignment_id=assignment_id))
    shown = part_at(ids, offset=narrowed.offset, limit=page.limit, request=request, response=response)
    return await appeals.appeals_of(db, ids=shown)


@router.get(
    "/tracks/{track_id}/review-quality",
    response_model=list[ReviewQuality],
    responses=refuses(*SIGNED_IN, NotAParticipant, TrackNotFound) | LINK_HEADER,
)
async def list_review_quality(
    track_id: Id,
    user: CurrentUser,
    db: Reader,
    page: PageParams,
    narrowed: Narrowed,
    now: Now,
    request: Request,
    response: Response,
    sort: ReviewerSort | None = None,
) -> Sequence[quality.ReviewQuality]:
    """Show statistics of your reviews: number, helpfulness, severity. The track's author sees all reviewers.

    On tracks with more than 20,000 reviews the order by `severity` is that of names.
    """
    access = await access_to_track(db, track_id=track_id, actor=user.actor)
    if not access.oversees or narrowed.is_by_id(sort):
        found = await quality.review_qualities(db, access, after=page.after, limit=page.limit, now=now)
        return paged(found, page, request, response)
    ids = await quality.reviewer_ids(db, access, narrowed.choice(sort), now=now)
    shown = part_at(ids, offset=narrowed.offset, limit=page.limit, request=request, response=response)
    return await quality.qualities_of(db, access, ids=shown, now=now)
