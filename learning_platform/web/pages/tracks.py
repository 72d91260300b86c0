"""Look at a track, take a place, give it back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Query, Request, Response

from learning_platform.attempts.progress import Progress, progress_on_tracks
from learning_platform.attempts.queries import AssignmentView, assignment_views
from learning_platform.attempts.submissions import submission
from learning_platform.core.database import Connection
from learning_platform.enrollment import actions as enrollment
from learning_platform.enrollment import starting
from learning_platform.enrollment.rules import AlreadyEnrolled
from learning_platform.people.staff import staff_of
from learning_platform.questions.queries import count_new
from learning_platform.questions.readers import reader_from
from learning_platform.reviews.group_progress import group_progress
from learning_platform.snapshots import starters
from learning_platform.tracks import actions, queries
from learning_platform.tracks.access import TrackAccess, access_of_viewer
from learning_platform.tracks.appeal_period import appeals_due_at
from learning_platform.tracks.browsing import other_tracks
from learning_platform.tracks.cohorts import neighbours
from learning_platform.tracks.planned_calendar import planned_calendar
from learning_platform.tracks.publishing import checklist, unpublish
from learning_platform.tracks.queries import Track
from learning_platform.web.http.dependencies import Id, Now, Reader, Running, Transaction
from learning_platform.web.pages.kit.page_router import page_router
from learning_platform.web.pages.kit.rendering import page, redirect_to
from learning_platform.web.pages.kit.track_places import track_places
from learning_platform.web.pages.kit.viewer import CatalogueViewer, SignedIn

router = page_router()
OTHER_TRACKS = 5
Enrolling = Annotated[bool, Query()]


@router.get("/tracks/{track_id}")
async def show_track(
    request: Request, track_id: Id, viewer: CatalogueViewer, services: Running, db: Reader, enroll: Enrolling = False
) -> Response:
    """Show a track: what it is about, its criteria, its calendar, and to users how far the group has got.

    `enroll`: a visitor who wanted to enroll has signed in and is asked to confirm it.
    """
    actor, now = viewer.actor, viewer.now
    track = await queries.track(db, track_id=track_id, viewer=actor, now=now)
    own = await progress_on_tracks(db, track_ids=[track_id], user_id=actor.user_id, now=now)
    assignments = assignment_views(own, sees_all=actor.is_admin, now=now)
    access = access_of_viewer(track, actor=actor)
    shows_progress = viewer.session is not None and track.status in {"running", "finished"}
    progress = await group_progress(db, track_id=track_id, sees_all=access.oversees, now=now) if shows_progress else {}
    within = timedelta(hours=services.settings.seat_decline_hours)
    here = _current(track, assignments)
    return page(
        request,
        "track.html",
        track=track,
        assignments=assignments,
        here=None if here is None else here.position,
        plan=planned_calendar(track, [each.duration_hours for each in assignments], now=now),
        failure=await _code_failure(db, here, user_id=actor.user_id),
        progress=progress,
        access=access,
        staff=await staff_of(db, track_id=track_id),
        may_edit=access.may("edit"),
        may_start=access.may("start"),
        places=await track_places(db, track, access, first=assignments[0], within=within, now=now),
        appeals_due_at=appeals_due_at(track),
        neighbours=await neighbours(db, track_id=track_id, viewer=actor) if track.cohort else [],
        first_due_at=now + timedelta(hours=assignments[0].duration_hours),
        has_left=track.takes_part and not track.enrolled,
        is_asked_to_enroll=enroll,
        new_questions=await _new_questions(db, track, access, own, now=now) if shows_progress else None,
        others=await other_tracks(db, track, limit=OTHER_TRACKS, now=now),
        checks=await checklist(db, track_id=track_id) if track.status == "draft" else None,
    )


def _current(track: Track, assignments: Sequence[AssignmentView]) -> AssignmentView | None:
    """Return the assignment at which a participant of a running track is."""
    if not track.enrolled or track.status != "running":
        return None
    return next((each for each in assignments if each.state in {"open", "submitted", "review"}), None)


async def _code_failure(db: Connection, here: AssignmentView | None, *, user_id: int) -> str | None:
    """Return why the code that a participant has submitted, and still can replace, could not be fetched."""
    if here is None or here.state != "submitted":
        return None
    submitted = await submission(db, assignment_id=here.id, user_id=user_id)
    return None if submitted is None or submitted.snapshot is None else submitted.snapshot.failure


async def _new_questions(
    db: Connection, track: Track, access: TrackAccess, own: Sequence[Progress], *, now: datetime
) -> int | None:
    """Return how many questions and answers are new to a user; None for users who do not see any."""
    if not (access.oversees or access.takes_part):
        return None
    return await count_new(db, reader_from(track, access, own, now=now))


@router.post("/tracks/{track_id}/enroll")
async def enroll(track_id: Id, user: SignedIn, db: Transaction, now: Now) -> Response:
    """Take a place; a second click leads to the track, too."""
    try:
        enrolled = await enrollment.enroll(db, track_id=track_id, user_id=user.user_id, now=now)
    except AlreadyEnrolled:
        return redirect_to(f"/tracks/{track_id}", notice="already_enrolled")
    return redirect_to(f"/tracks/{track_id}", notice="track_started" if enrolled.track_started else "enrolled")


@router.post("/tracks/{track_id}/leave")
async def leave(track_id: Id, user: SignedIn, db: Transaction, now: Now) -> Response:
    """Give the place back."""
    await enrollment.leave(db, track_id=track_id, user_id=user.user_id, now=now)
    return redirect_to(f"/tracks/{track_id}", notice="left")


@router.post("/tracks/{track_id}/start")
async def start(track_id: Id, user: SignedIn, db: Transaction, now: Now) -> Response:
    """Start with those who have enrolled."""
    await starting.start_now(db, track_id=track_id, actor=user.actor, now=now)
    return redirect_to(f"/tracks/{track_id}", notice="started")


@router.post("/tracks/{track_id}/copy")
async def copy(track_id: Id, user: SignedIn, db: Transaction, now: Now) -> Response:
    """Create a copy as a draft; programs get one that is open for enrollment."""
    copy_id = await starters.copy_track(db, track_id=track_id, actor=user.actor, now=now)
    await unpublish(db, track_id=copy_id, actor=user.actor)
    return redirect_to(f"/tracks/{copy_id}", notice="track_copied")


@router.post("/tracks/{track_id}/cancel")
async def cancel(track_id: Id, user: SignedIn, db: Transaction, now: Now) -> Response:
    """End a track before its time."""
    await actions.cancel_track(db, track_id=track_id, actor=user.actor, now=now)
    return redirect_to(f"/tracks/{track_id}", notice="track_cancelled")


@router.post("/tracks/{track_id}/delete")
async def delete(track_id: Id, user: SignedIn, db: Transaction, now: Now) -> Response:
    """Delete a track that has not started."""
    await actions.delete_track(db, track_id=track_id, actor=user.actor, now=now)
    return redirect_to("/tracks", notice="track_deleted")
