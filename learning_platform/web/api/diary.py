"""The diary."""

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from learning_platform.attempts.progress import progress_at
from learning_platform.attempts.rules import AssignmentLocked
from learning_platform.core.versions import VersionConflict
from learning_platform.diary import actions, queries
from learning_platform.diary.rules import EntryNotFound
from learning_platform.tracks.rules import AssignmentNotFound, NotAParticipant
from learning_platform.web.api.accounts import SIGNED_IN
from learning_platform.web.api.paging import LINK_HEADER, paged
from learning_platform.web.http.api_route import ApiRoute
from learning_platform.web.http.dependencies import (
    CurrentUser,
    Id,
    IfMatch,
    Now,
    PageParams,
    Reader,
    Running,
    Transaction,
    begin,
)
from learning_platform.web.http.problems import refuses
from learning_platform.web.schemas.diary import DiaryEntry, EntryChange, NewEntry

router = APIRouter(route_class=ApiRoute, tags=["Diary"])
Writer = Annotated[Literal["me"] | None, Query(description="`me`: only your own entries.")]


@router.post(
    "/assignments/{assignment_id}/diary",
    status_code=201,
    response_model=DiaryEntry,
    responses=refuses(*SIGNED_IN, NotAParticipant, AssignmentNotFound, AssignmentLocked),
)
async def write(assignment_id: Id, new: NewEntry, user: CurrentUser, services: Running, now: Now) -> queries.DiaryEntry:
    """Add an entry. This also works after the deadline and after the end of the track."""
    async with begin(services) as db:
        return await actions.write_entry(
            db,
            assignment_id=assignment_id,
            user_id=user.user_id,
            text=new.text,
            visibility=new.visibility,
            now=now,
        )


@router.get(
    "/assignments/{assignment_id}/diary",
    response_model=list[DiaryEntry],
    responses=refuses(*SIGNED_IN, NotAParticipant, AssignmentNotFound) | LINK_HEADER,
)
async def read(
    assignment_id: Id,
    user: CurrentUser,
    db: Reader,
    now: Now,
    page: PageParams,
    request: Request,
    response: Response,
    author: Writer = None,
) -> Sequence[queries.DiaryEntry]:
    """List your own entries and, after the deadline, the shared entries of others."""
    progress = await progress_at(db, assignment_id=assignment_id, user_id=user.user_id, now=now)
    found = await queries.entries(
        db, progress, actor=user.actor, only_own=author == "me", after=page.after, limit=page.limit, now=now
    )
    return paged(found, page, request, response)


@router.patch(
    "/diary/{entry_id}", response_model=DiaryEntry, responses=refuses(*SIGNED_IN, EntryNotFound, VersionConflict)
)
async def edit(
    entry_id: Id, change: EntryChange, user: CurrentUser, seen: IfMatch, db: Transaction, now: Now
) -> queries.DiaryEntry:
    """Change your own entry. The responses to creating and changing an entry carry its `ETag`."""
    return await actions.edit_entry(
        db,
        entry_id=entry_id,
        user_id=user.user_id,
        text=change.text,
        visibility=change.visibility,
        seen=seen,
        now=now,
    )


@router.delete("/diary/{entry_id}", status_code=204, responses=refuses(*SIGNED_IN, EntryNotFound))
async def delete(entry_id: Id, user: CurrentUser, db: Transaction) -> Response:
    """Delete your own entry."""
    await actions.delete_entry(db, entry_id=entry_id, user_id=user.user_id)
    return Response(status_code=204)
