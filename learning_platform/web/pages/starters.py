"""Starter code: given by the track's author, downloaded by participants."""

from fastapi import Request, Response

from learning_platform.attempts import queries
from learning_platform.attempts.repository_links import repository_link
from learning_platform.snapshots import starters
from learning_platform.snapshots.freezing import Received
from learning_platform.tracks.permissions import ensure_may
from learning_platform.tracks.queries import track_head
from learning_platform.web.http.dependencies import Id, Now, Running, Transaction, begin
from learning_platform.web.http.starters import set_uploaded_starter, starter_zip
from learning_platform.web.pages.kit.forms import Form, TypedForm
from learning_platform.web.pages.kit.page_router import page_router
from learning_platform.web.pages.kit.rendering import page, redirect_to
from learning_platform.web.pages.kit.viewer import CurrentViewer, SignedIn, Viewer
from learning_platform.web.schemas.starters import StarterLink
from learning_platform.web.services import Services

router = page_router()


@router.get("/assignments/{assignment_id}/starter")
async def show_form(
    request: Request, assignment_id: Id, viewer: CurrentViewer, _user: SignedIn, services: Running
) -> Response:
    """Show the starter code to the track's author, with the forms to change it."""
    return await _starter_page(request, services, assignment_id, viewer)


@router.get("/assignments/{assignment_id}/starter.zip")
async def download_starter(assignment_id: Id, user: SignedIn, services: Running) -> Response:
    """Download the starter code."""
    return await starter_zip(services, assignment_id=assignment_id, actor=user.actor)


@router.post("/assignments/{assignment_id}/starter")
async def upload_starter(
    request: Request, assignment_id: Id, viewer: CurrentViewer, user: SignedIn, services: Running
) -> Response:
    """Give an assignment an archive as its starter code."""
    form = Form(viewer.language)
    with form.refusing(failures_at="file"):
        await set_uploaded_starter(request, services, assignment_id=assignment_id, actor=user.actor)
        return redirect_to(f"/assignments/{assignment_id}/starter", notice="starter_saved")
    return await _starter_page(request, services, assignment_id, viewer, archive=form)


@router.post("/assignments/{assignment_id}/starter/link")
async def link_starter(
    request: Request, assignment_id: Id, viewer: CurrentViewer, user: SignedIn, services: Running, form: TypedForm
) -> Response:
    """Give an assignment a link to its starter code."""
    with form.refusing() as fields:
        received = Received("link", repo_url=repository_link(fields.read(StarterLink).repo_url))
        async with begin(services) as db:
            await starters.set_starter(
                db, assignment_id=assignment_id, actor=user.actor, received=received, now=viewer.now
            )
        return redirect_to(f"/assignments/{assignment_id}/starter", notice="starter_saved")
    return await _starter_page(request, services, assignment_id, viewer, link=form)


@router.post("/assignments/{assignment_id}/starter/delete")
async def delete_starter(assignment_id: Id, user: SignedIn, db: Transaction, now: Now) -> Response:
    """Take the starter code away."""
    await starters.delete_starter(db, assignment_id=assignment_id, actor=user.actor, now=now)
    return redirect_to(f"/assignments/{assignment_id}/starter", notice="starter_removed")


async def _starter_page(
    request: Request, services: Services, assignment_id: int, viewer: Viewer, **forms: Form
) -> Response:
    assert viewer.session is not None
    actor, empty = viewer.session.actor, Form(viewer.language)
    shown = {"archive": empty, "link": empty} | forms
    async with services.database.connection() as db:
        assignment = await queries.assignment(
            db, assignment_id=assignment_id, user_id=actor.user_id, sees_all=actor.is_admin, now=viewer.now
        )
        track = await track_head(db, track_id=assignment.track_id, now=viewer.now)
        await ensure_may(db, "edit", track=track, actor=actor)
        starter = await starters.starter_of(db, assignment_id=assignment_id)
    status = max(form.status for form in shown.values())
    return page(request, "starter.html", status=status, assignment=assignment, track=track, given=starter, **shown)
