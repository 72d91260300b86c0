"""An assignment: what is asked, how long is left, what was handed in, the diary."""

from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import Query, Request, Response

from learning_platform.accounts.actor import Actor
from learning_platform.attempts import actions, queries
from learning_platform.attempts.personal import versions_for
from learning_platform.attempts.progress import Progress, progress_at
from learning_platform.core.database import Connection
from learning_platform.core.versions import VersionConflict
from learning_platform.diary import actions as diary
from learning_platform.diary.queries import DiaryEntry, entries, own_entry
from learning_platform.snapshots.starters import starter_of
from learning_platform.tracks.queries import track_head
from learning_platform.web.http.dependencies import Id, Reader, Running, Transaction, begin, run_after_catch_up
from learning_platform.web.http.hand_in import ensure_may_hand_in, hand_in_archive
from learning_platform.web.http.uploads import uploaded_form
from learning_platform.web.pages.kit.forms import Form, TypedForm, TypedId
from learning_platform.web.pages.kit.page_router import page_router
from learning_platform.web.pages.kit.push_address import push_address
from learning_platform.web.pages.kit.rendering import page, redirect_to
from learning_platform.web.pages.kit.viewer import CurrentViewer, SignedIn, Viewer
from learning_platform.web.schemas.attempts import ArchiveFields, TypedSubmission
from learning_platform.web.schemas.common import MAX_ID
from learning_platform.web.schemas.diary import EditedEntry, NewEntry

router = page_router()
ENTRIES_PER_PAGE = 50
OnlyOwn = Annotated[bool, Query()]
After = Annotated[int, Query(ge=0, le=MAX_ID)]


@router.get("/assignments/{assignment_id}")
async def show_assignment(
    request: Request,
    assignment_id: Id,
    viewer: CurrentViewer,
    _user: SignedIn,
    db: Reader,
    mine: OnlyOwn = False,
    after: After = 0,
) -> Response:
    """Show an assignment to a participant, the track's author or an administrator."""
    return await _assignment(request, db, assignment_id, viewer, only_own=mine, after=after)


@router.post("/assignments/{assignment_id}/submit")
async def submit(
    request: Request, assignment_id: Id, viewer: CurrentViewer, user: SignedIn, services: Running, form: TypedForm
) -> Response:
    """Hand in a link, or replace it."""
    with form.refusing() as fields:
        new = fields.read(TypedSubmission)
        hand_in = partial(
            actions.submit,
            assignment_id=assignment_id,
            user_id=user.user_id,
            repo_url=new.repo_url,
            comment=new.comment,
            seen=form.seen,
            now=viewer.now,
        )
        handed_in = await run_after_catch_up(services, viewer.now, hand_in)
        return redirect_to(f"/assignments/{assignment_id}", notice="handed_in" if handed_in.is_first else "replaced")
    async with services.database.connection() as db:
        return await _assignment(request, db, assignment_id, viewer, submission=form)


@router.post("/assignments/{assignment_id}/submit/archive")
async def submit_archive(
    request: Request, assignment_id: Id, viewer: CurrentViewer, user: SignedIn, services: Running
) -> Response:
    """Hand in an archive, or replace what was handed in."""
    form = Form(viewer.language)
    with form.refusing(failures_at="file"):
        await ensure_may_hand_in(services, assignment_id=assignment_id, user_id=user.user_id, now=viewer.now)
        async with uploaded_form(request, services, user_id=user.user_id) as uploaded:
            form.values.update(uploaded.fields)
            with form.refusing(failures_at="file") as fields:
                comment = fields.read(ArchiveFields).comment
                handed_in = await hand_in_archive(
                    services,
                    uploaded,
                    assignment_id=assignment_id,
                    user_id=user.user_id,
                    comment=comment,
                    seen=form.seen,
                )
                notice = "archive_handed_in" if handed_in.is_first else "hand_in_replaced"
                return redirect_to(f"/assignments/{assignment_id}", notice=notice)
    async with services.database.connection() as db:
        return await _assignment(request, db, assignment_id, viewer, archive=form)


@router.post("/assignments/{assignment_id}/diary")
async def write_entry(
    request: Request, assignment_id: Id, viewer: CurrentViewer, user: SignedIn, services: Running, form: TypedForm
) -> Response:
    """Write in the diary."""
    with form.refusing() as fields:
        new = fields.read(NewEntry)
        async with begin(services) as db:
            await diary.write_entry(
                db,
                assignment_id=assignment_id,
                user_id=user.user_id,
                text=new.text,
                visibility=new.visibility,
                now=viewer.now,
            )
        return redirect_to(f"/assignments/{assignment_id}#diary", notice="noted")
    async with services.database.connection() as db:
        return await _assignment(request, db, assignment_id, viewer, entry=form)


@router.post("/diary/{entry_id}/edit")
async def edit_entry(
    request: Request, entry_id: Id, viewer: CurrentViewer, user: SignedIn, services: Running, form: TypedForm
) -> Response:
    """Change one's own entry."""
    with form.refusing() as fields:
        change = fields.read(EditedEntry)
        async with begin(services) as db:
            changed = await diary.edit_entry(
                db,
                entry_id=entry_id,
                user_id=user.user_id,
                text=change.text,
                visibility=change.visibility,
                seen=form.seen,
                now=viewer.now,
            )
        return redirect_to(f"/assignments/{changed.assignment_id}#diary", notice="saved")
    if not isinstance(form.refusal, VersionConflict):
        form.raise_refusal()
    async with services.database.connection() as db:
        entry = await own_entry(db, entry_id=entry_id, user_id=user.user_id)
        return await _assignment(request, db, entry.assignment_id, viewer, edited=entry, change=form)


@router.post("/diary/{entry_id}/delete")
async def delete_entry(entry_id: Id, user: SignedIn, db: Transaction, assignment_id: TypedId) -> Response:
    """Delete one's own entry."""
    await diary.delete_entry(db, entry_id=entry_id, user_id=user.user_id)
    return redirect_to(f"/assignments/{assignment_id}#diary", notice="entry_deleted")


async def _assignment(
    request: Request,
    db: Connection,
    assignment_id: int,
    viewer: Viewer,
    *,
    only_own: bool = False,
    after: int = 0,
    edited: DiaryEntry | None = None,
    **forms: Form,
) -> Response:
    assert viewer.session is not None
    user_id, now = viewer.session.user_id, viewer.now
    sees_all, public_url = viewer.session.is_admin, request.app.state.services.settings.public_url
    progress = await progress_at(db, assignment_id=assignment_id, user_id=user_id, now=now)
    view = queries.assignment_view(progress, sees_all=sees_all, now=now)
    empty = Form(viewer.language)
    shown = {"submission": empty, "archive": empty, "entry": empty, "change": empty} | forms
    found, more = await _diary_page(db, progress, viewer.session.actor, only_own=only_own, after=after, now=now)
    if edited is not None and all(each.id != edited.id for each in found):
        found.insert(0, edited)
    return page(
        request,
        "assignment.html",
        status=max(form.status for form in shown.values()),
        assignment=view,
        progress=progress,
        due_at=progress.personal_due_at,
        track=await track_head(db, track_id=view.track_id, now=now),
        push_url=f"{push_address(public_url, viewer.session.username)}/{assignment_id}.git",
        **await _code(db, progress, user_id=user_id, is_open=view.description is not None, now=now),
        entries=found,
        following=f"?{'mine=true&' if only_own else ''}after={more}#diary" if more else None,
        only_own=only_own,
        edited_id=edited.id if edited else None,
        **shown,
    )


async def _code(db: Connection, progress: Progress, *, user_id: int, is_open: bool, now: datetime) -> dict[str, object]:
    """Return what a page shows of the code: the starter, and what was handed in, by iteration."""
    handed_in = await versions_for(db, assignment_id=progress.id, user_id=user_id)
    return {
        "starter": await starter_of(db, assignment_id=progress.id) if is_open else None,
        "latest": handed_in[0] if handed_in else None,
        "versions": [version for version in handed_in if version.iteration == 1],
        "second": [version for version in handed_in if version.iteration == 2],
        "may_iterate": progress.is_iteration_open(now),
    }


async def _diary_page(
    db: Connection, progress: Progress, actor: Actor, *, only_own: bool, after: int, now: datetime
) -> tuple[list[DiaryEntry], int | None]:
    """Return the diary entries of one page, and the id after which the next page begins."""
    limit = ENTRIES_PER_PAGE + 1
    found = await entries(db, progress, actor=actor, only_own=only_own, after=after, limit=limit, now=now)
    more = found[ENTRIES_PER_PAGE - 1].id if len(found) > ENTRIES_PER_PAGE else None
    return found[:ENTRIES_PER_PAGE], more
