"""For authors: write a track, change it while people gather, move a deadline."""

from collections.abc import Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated

from fastapi import Query, Request, Response

from learning_platform.accounts.queries import LiveSession
from learning_platform.attempts import extensions
from learning_platform.attempts.queries import AssignmentView, assignments
from learning_platform.core.database import Connection
from learning_platform.core.versions import VersionConflict
from learning_platform.enrollment.editing import edit_track
from learning_platform.snapshots.starters import assignments_with_starter
from learning_platform.tracks import actions, deadline_preview
from learning_platform.tracks.access import access_of_viewer
from learning_platform.tracks.queries import Track, track
from learning_platform.tracks.rules import (
    DeadlineNotLater,
    DeadlineTooFar,
    NotTheAuthor,
    SeatsTaken,
    ensure_may_create,
    ensure_not_started,
    kept_assignments,
)
from learning_platform.web.http.dependencies import Id, Reader, Running, begin
from learning_platform.web.pages.kit import track_form, track_rows
from learning_platform.web.pages.kit.datetime_input import ZONES, datetime_input_value, parse_datetime_input
from learning_platform.web.pages.kit.detail_fields import gather_errors_of_tags
from learning_platform.web.pages.kit.durations import put_errors_of_durations
from learning_platform.web.pages.kit.forms import Form, TypedForm
from learning_platform.web.pages.kit.page_router import page_router
from learning_platform.web.pages.kit.rendering import page, redirect_to
from learning_platform.web.pages.kit.viewer import CurrentViewer, SignedIn, Viewer
from learning_platform.web.schemas.common import MAX_ID
from learning_platform.web.schemas.texts import IDENTIFIER
from learning_platform.web.schemas.tracks import DeadlineExtension

router = page_router()
Copied = Annotated[int, Query(ge=1, le=MAX_ID)]
Typed = Annotated[str, Query(max_length=64), IDENTIFIER]
DAYS_LATER = (1, 2, 7)


@dataclass(frozen=True, slots=True)
class EditedTrack:
    """A track that can be changed, as it is stored; `with_starter` are the assignments that have a starter."""

    track: Track
    assignments: Sequence[AssignmentView]
    with_starter: Set[int]

    def starters(self, titles: Sequence[str]) -> Set[int]:
        """Return the rows whose assignments have a starter and will keep it."""
        kept = kept_assignments([(each.id, each.title) for each in self.assignments], titles=titles)
        return {row for row, assignment_id in kept.items() if assignment_id in self.with_starter}


@router.get("/tracks/new")
async def show_new_track(
    request: Request, viewer: CurrentViewer, user: SignedIn, services: Running, db: Reader, copy: Copied | None = None
) -> Response:
    """Show the form a track is written in: empty, or with everything of a track of one's own."""
    ensure_may_create(role=user.role, creation=services.settings.track_creation)
    if copy is None:
        return _written(request, viewer, Form(viewer.language, track_form.blank(viewer.zone)), is_fresh=True)
    original, its_assignments = await _own_track(db, copy, viewer, user)
    return _written(request, viewer, Form(viewer.language, track_form.typed(original, its_assignments)))


@router.post("/tracks/new")
async def create_track(
    request: Request, viewer: CurrentViewer, user: SignedIn, services: Running, form: TypedForm
) -> Response:
    """Create a track, or show the form again with its rows rearranged."""
    ensure_may_create(role=user.role, creation=services.settings.track_creation)
    track_rows.number_rows(form)
    if form["rows"]:
        pasted = track_rows.rearrange(form, form["rows"])
        return _written(request, viewer, form, pasted=pasted)
    with form.refusing() as fields:
        draft = replace(track_form.new_track(form, fields), is_draft=True)
        async with begin(services) as db:
            track_id = await actions.create_track(db, author_id=user.user_id, draft=draft, now=viewer.now)
        return _after_draft(track_id, form)
    return _written(request, viewer, form)


@router.get("/tracks/{track_id}/edit")
async def show_edited_track(
    request: Request, track_id: Id, viewer: CurrentViewer, user: SignedIn, db: Reader
) -> Response:
    """Show a track that gathers people as the form it was written in."""
    edited = await _edited_track(db, track_id, viewer, user)
    typed = track_form.typed(edited.track, edited.assignments) | {"version": str(edited.track.version)}
    return _written(request, viewer, Form(viewer.language, typed), edited=edited)


@router.post("/tracks/{track_id}/edit")
async def change_track(
    request: Request, track_id: Id, viewer: CurrentViewer, user: SignedIn, services: Running, form: TypedForm
) -> Response:
    """Change a track while people gather, or show the form again with its rows rearranged."""
    track_rows.number_present_rows(form)
    async with services.database.connection() as db:
        edited = await _edited_track(db, track_id, viewer, user)
    if form["rows"]:
        return _written(request, viewer, form, edited=edited, pasted=track_rows.rearrange(form, form["rows"]))
    with form.refusing({SeatsTaken: "required_participants"}) as fields:
        change = replace(track_form.edited_track(form, fields), seen=form.seen)
        async with begin(services) as db:
            has_started = await edit_track(db, track_id=track_id, actor=user.actor, change=change, now=viewer.now)
        if edited.track.status == "draft":
            return _after_draft(track_id, form)
        return redirect_to(f"/tracks/{track_id}", notice="started_by_edit" if has_started else "saved")
    return _written(request, viewer, form, edited=edited)


@router.get("/assignments/{assignment_id}/extend")
async def show_extension(
    request: Request, assignment_id: Id, viewer: CurrentViewer, user: SignedIn, db: Reader, due_at: Typed = ""
) -> Response:
    """Ask for a later deadline, and show what would move."""
    found = await deadline_preview.extendable(db, assignment_id=assignment_id, actor=user.actor, now=viewer.now)
    form = Form(viewer.language, {"due_at": due_at} if due_at else None)
    if due_at:
        with form.refusing() as fields:
            new = fields.read(DeadlineExtension, due_at=parse_datetime_input(due_at, viewer.zone))
            moves = deadline_preview.moves(found, to=new.due_at)
            form.values["due_at"] = datetime_input_value(new.due_at, viewer.zone)
            return _extension(request, viewer, found, form, to=new.due_at, moves=moves)
        # Nothing was sent yet: the page says what is wrong, and is a page like any other.
        form.status = 200
    return _extension(request, viewer, found, form)


@router.post("/assignments/{assignment_id}/extend")
async def extend_deadline(
    request: Request, assignment_id: Id, viewer: CurrentViewer, user: SignedIn, services: Running, form: TypedForm
) -> Response:
    """Move a deadline for all participants."""
    async with services.database.connection() as db:
        found = await deadline_preview.extendable(db, assignment_id=assignment_id, actor=user.actor, now=viewer.now)
    with form.refusing() as fields:
        new = fields.read(DeadlineExtension, due_at=parse_datetime_input(form["due_at"], viewer.zone))
        form.values["due_at"] = datetime_input_value(new.due_at, viewer.zone)
        async with begin(services) as db:
            await extensions.extend_deadline(
                db,
                assignment_id=assignment_id,
                due_at=new.due_at,
                actor=user.actor,
                seen=form.seen,
                now=viewer.now,
            )
        return redirect_to(f"/tracks/{found.track.id}", notice="deadline_moved")
    if isinstance(form.refusal, VersionConflict):
        # What would move is shown again, by what is saved now, unless the new deadline does not fit any more.
        with suppress(DeadlineNotLater, DeadlineTooFar):
            moves = deadline_preview.moves(found, to=new.due_at)
            return _extension(request, viewer, found, form, to=new.due_at, moves=moves)
    return _extension(request, viewer, found, form)


def _written(
    request: Request,
    viewer: Viewer,
    form: Form,
    *,
    edited: EditedTrack | None = None,
    pasted: track_rows.Pasted | None = None,
    is_fresh: bool = False,
) -> Response:
    gather_errors_of_tags(form)
    put_errors_of_durations(form.errors, form.values, form.language)
    assignments = track_rows.rows(form, "assignments")
    return page(
        request,
        "track_form.html",
        status=form.status,
        form=form,
        edited=None if edited is None else edited.track,
        is_fresh=is_fresh,
        criteria=track_rows.rows(form, "criteria"),
        assignments=assignments,
        starters=() if edited is None else edited.starters([row["title"] for row in assignments]),
        row_lengths=track_form.row_lengths(form),
        is_open=partial(track_rows.is_open, form),
        most=track_rows.MAX_ROWS,
        pasted=pasted,
        removed_row=partial(track_rows.removed_row, form),
        preview=track_form.preview(form, now=viewer.now),
        shows_preview=form["rows"] == "preview",
        zones=ZONES,
    )


def _after_draft(track_id: int, form: Form) -> Response:
    """Lead to the last look before a draft is published, or to the draft."""
    path = f"/tracks/{track_id}"
    return redirect_to(f"{path}/publish" if form["save"] == "publish" else path, notice="draft_saved")


async def _own_track(
    db: Connection, track_id: int, viewer: Viewer, user: LiveSession
) -> tuple[Track, list[AssignmentView]]:
    """Return a track with its assignments. Raises TrackNotFound, NotTheAuthor."""
    own = await track(db, track_id=track_id, viewer=user.actor, now=viewer.now)
    if not access_of_viewer(own, actor=user.actor).may("edit"):
        raise NotTheAuthor
    return own, await assignments(db, track_id=track_id, user_id=user.user_id, sees_all=True, now=viewer.now)


async def _edited_track(db: Connection, track_id: int, viewer: Viewer, user: LiveSession) -> EditedTrack:
    """Return a track that can be changed. Raises TrackNotFound, NotTheAuthor, TrackStarted, TrackOver."""
    own, its_assignments = await _own_track(db, track_id, viewer, user)
    ensure_not_started(own.status)
    return EditedTrack(own, its_assignments, await assignments_with_starter(db, track_id=track_id))


def _extension(
    request: Request,
    viewer: Viewer,
    found: deadline_preview.Extendable,
    form: Form,
    *,
    to: datetime | None = None,
    moves: Sequence[deadline_preview.Move] = (),
) -> Response:
    return page(
        request,
        "extend.html",
        status=form.status,
        found=found,
        form=form,
        to=to,
        moves=moves,
        earliest=datetime_input_value(found.due_at, viewer.zone),
        choices=[(days, (found.due_at + timedelta(days=days)).isoformat()) for days in DAYS_LATER],
    )
