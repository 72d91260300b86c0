"""Wait for a place on a full track, decline one that was received, and let users in who wait."""

from datetime import timedelta

from fastapi import Request, Response

from learning_platform.accounts.queries import LiveSession
from learning_platform.core.database import Connection
from learning_platform.core.languages import translate
from learning_platform.enrollment import declining, waiting_list
from learning_platform.enrollment.rules import NotWaiting
from learning_platform.people import removal
from learning_platform.tracks.access import access_to_track
from learning_platform.web.http.dependencies import Id, Now, Reader, Running, Transaction, Username, begin
from learning_platform.web.pages.kit.forms import Form, TypedForm
from learning_platform.web.pages.kit.page_router import page_router
from learning_platform.web.pages.kit.rendering import page, redirect_to
from learning_platform.web.pages.kit.track_header import track_header
from learning_platform.web.pages.kit.viewer import CurrentViewer, SignedIn, Viewer
from learning_platform.web.schemas.people import NamedReplacement

router = page_router()
# Suggested as one types; any waiting user can be named.
SUGGESTED_WAITING = 50


@router.post("/tracks/{track_id}/wait")
async def wait(track_id: Id, user: SignedIn, db: Transaction, now: Now) -> Response:
    """Join the waiting list."""
    await waiting_list.join(db, track_id=track_id, user_id=user.user_id, now=now)
    return redirect_to(f"/tracks/{track_id}", notice="waiting")


@router.post("/tracks/{track_id}/wait/end")
async def stop_waiting(track_id: Id, user: SignedIn, db: Transaction) -> Response:
    """Leave the waiting list."""
    await waiting_list.withdraw(db, track_id=track_id, user_id=user.user_id)
    return redirect_to(f"/tracks/{track_id}", notice="waiting_ended")


@router.post("/tracks/{track_id}/decline")
async def decline(track_id: Id, user: SignedIn, services: Running, db: Transaction, now: Now) -> Response:
    """Decline a place that was received; the user may not be allowed to see a private track any more."""
    within = timedelta(hours=services.settings.seat_decline_hours)
    await declining.decline(db, track_id=track_id, user_id=user.user_id, within=within, now=now)
    return redirect_to("/", notice="declined")


@router.post("/tracks/{track_id}/waiting-list/{user_id}/admit")
async def admit(track_id: Id, user_id: Id, user: SignedIn, db: Transaction, now: Now) -> Response:
    """Let a waiting user in."""
    await waiting_list.admit(db, track_id=track_id, user_id=user_id, actor=user.actor, now=now)
    return redirect_to(f"/tracks/{track_id}/people", notice="admitted")


@router.get("/tracks/{track_id}/participants/{username}/replace")
async def show_replacement_form(
    request: Request, track_id: Id, username: Username, viewer: CurrentViewer, user: SignedIn, db: Reader
) -> Response:
    """Ask which waiting user gets the place of a participant, and for the reason."""
    return await _replacement(request, db, track_id, username, viewer, user, form=Form(viewer.language))


@router.post("/tracks/{track_id}/participants/{username}/replace")
async def replace_participant(
    request: Request,
    track_id: Id,
    username: Username,
    viewer: CurrentViewer,
    user: SignedIn,
    services: Running,
    form: TypedForm,
) -> Response:
    """Let a waiting user in, in place of a participant who has submitted nothing."""
    try:
        with form.refusing() as fields:
            new = fields.read(NamedReplacement)
            async with begin(services) as db:
                # Names are looked up for those who may see the list.
                access = await access_to_track(db, track_id=track_id, actor=user.actor)
                access.ensure_oversees()
                admitted = await waiting_list.waiting_named(db, track_id=track_id, username=new.admitted)
                await removal.replace_participant(
                    db,
                    track_id=track_id,
                    username=username,
                    admitted_id=admitted,
                    reason=new.reason,
                    actor=user.actor,
                    now=viewer.now,
                )
            return redirect_to(f"/tracks/{track_id}/people", notice="participant_replaced")
    except NotWaiting as refusal:
        form.refuse("admitted", translate(refusal.message, viewer.language))
    async with services.database.connection() as db:
        return await _replacement(request, db, track_id, username, viewer, user, form=form)


async def _replacement(
    request: Request, db: Connection, track_id: int, username: str, viewer: Viewer, user: LiveSession, *, form: Form
) -> Response:
    header = await track_header(db, track_id=track_id, user=user, now=viewer.now)
    header.access.ensure_oversees()
    return page(
        request,
        "replace_participant.html",
        status=form.status,
        header=header,
        username=username,
        waiting=await waiting_list.waiting(db, track_id=track_id, limit=SUGGESTED_WAITING),
        form=form,
    )
