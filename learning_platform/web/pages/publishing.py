"""For staff of a draft: see it as participants will, and publish it."""

from dataclasses import replace

from fastapi import Request, Response

from learning_platform.attempts.queries import AssignmentView, assignments
from learning_platform.core.database import Connection
from learning_platform.tracks import publishing
from learning_platform.tracks.access import access_of_viewer
from learning_platform.tracks.permissions import Permission
from learning_platform.tracks.queries import Track, track
from learning_platform.tracks.rules import NotTheAuthor, ensure_not_started
from learning_platform.web.http.dependencies import Id, Reader, Transaction
from learning_platform.web.pages.kit.page_router import page_router
from learning_platform.web.pages.kit.rendering import page, redirect_to
from learning_platform.web.pages.kit.viewer import CurrentViewer, SignedIn, Viewer

router = page_router()


@router.get("/tracks/{track_id}/preview")
async def preview(request: Request, track_id: Id, viewer: CurrentViewer, _: SignedIn, db: Reader) -> Response:
    """Show a track that has not started as an enrolled participant sees it, with the tasks that open later."""
    shown, tasks = await _of_staff(db, track_id, viewer, "see")
    ensure_not_started(shown.status)
    as_participant = replace(shown, status="enrolling", enrolled=True, staff_role=None)
    return page(request, "track_preview.html", track=as_participant, assignments=tasks)


@router.get("/tracks/{track_id}/publish")
async def show_publication(request: Request, track_id: Id, viewer: CurrentViewer, _: SignedIn, db: Reader) -> Response:
    """Show what will be published, for a last look. Raises TrackPublished."""
    draft, tasks = await _of_staff(db, track_id, viewer, "publish")
    if draft.status != "draft":
        raise publishing.TrackPublished
    checks = await publishing.checklist(db, track_id=track_id)
    return page(request, "publish.html", track=draft, assignments=tasks, checks=checks)


@router.post("/tracks/{track_id}/publish")
async def publish(track_id: Id, user: SignedIn, db: Transaction) -> Response:
    """Publish a draft."""
    await publishing.publish(db, track_id=track_id, actor=user.actor)
    return redirect_to(f"/tracks/{track_id}", notice="track_published")


@router.post("/tracks/{track_id}/unpublish")
async def unpublish(track_id: Id, user: SignedIn, db: Transaction) -> Response:
    """Make a track a draft again."""
    await publishing.unpublish(db, track_id=track_id, actor=user.actor)
    return redirect_to(f"/tracks/{track_id}", notice="track_unpublished")


async def _of_staff(
    db: Connection, track_id: int, viewer: Viewer, permission: Permission
) -> tuple[Track, list[AssignmentView]]:
    """Return a track with its assignments. Raises TrackNotFound, NotTheAuthor."""
    actor, now = viewer.actor, viewer.now
    shown = await track(db, track_id=track_id, viewer=actor, now=now)
    if not access_of_viewer(shown, actor=actor).may(permission):
        raise NotTheAuthor
    return shown, await assignments(db, track_id=track_id, user_id=actor.user_id, sees_all=True, now=now)
