"""The people of a track: its staff, its participants, removing them, and handing the track over."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Query, Request, Response

from learning_platform.accounts.queries import LiveSession
from learning_platform.core.database import Connection
from learning_platform.core.languages import translate
from learning_platform.enrollment.removals import removal_of
from learning_platform.enrollment.waiting_list import waiting
from learning_platform.people import hand_over, listing, removal, staff
from learning_platform.people.rules import AuthorOfTrack, UserNotFound
from learning_platform.tracks.rules import TrackNotFound
from learning_platform.web.http.dependencies import Id, Now, Reader, Running, Transaction, Username, begin
from learning_platform.web.pages.kit.forms import Form, TypedForm
from learning_platform.web.pages.kit.page_router import page_router
from learning_platform.web.pages.kit.rendering import page, redirect_to
from learning_platform.web.pages.kit.track_header import TrackHeader, list_page, track_header
from learning_platform.web.pages.kit.viewer import CurrentViewer, SignedIn, Viewer
from learning_platform.web.schemas.common import MAX_ID, NO_NUL
from learning_platform.web.schemas.people import NewOffer, NewRemoval, NewStaffMember
from learning_platform.web.schemas.texts import IDENTIFIER, MACHINE

router = page_router()
PEOPLE_PER_PAGE = 50
WAITING_PER_PAGE = 50
# The state, and whether they have submitted anything.
STATES: dict[str, tuple[listing.ParticipantState, bool | None]] = {
    "enrolled": ("enrolled", None),
    "idle": ("enrolled", False),
    "left": ("left", None),
    "removed": ("removed", None),
}
After = Annotated[int, Query(ge=0, le=MAX_ID)]
Named = Annotated[str, Query(max_length=64, pattern=NO_NUL), IDENTIFIER]
State = Annotated[str, Query(max_length=20), MACHINE]


@dataclass(frozen=True, slots=True)
class Shown:
    """Which participants, and which part of the waiting list, an address names."""

    state: str = ""
    q: str = ""
    after: int = 0
    waiting_after: int = 0


ALL_PEOPLE = Shown()


@router.get("/tracks/{track_id}/people")
async def show_people(
    request: Request,
    track_id: Id,
    viewer: CurrentViewer,
    user: SignedIn,
    db: Reader,
    state: State = "",
    q: Named = "",
    after: After = 0,
    waiting_after: After = 0,
) -> Response:
    """Show the participants, the waiting list and the staff of a track."""
    shown = Shown(state if state in STATES else "", q, after, waiting_after)
    return await _people(request, db, track_id, viewer, user, form=Form(viewer.language), shown=shown)


@router.post("/tracks/{track_id}/staff")
async def set_staff_role(
    request: Request, track_id: Id, viewer: CurrentViewer, user: SignedIn, services: Running, form: TypedForm
) -> Response:
    """Add a user to the staff, or change their role."""
    try:
        with form.refusing({AuthorOfTrack: "username"}) as fields:
            new = fields.read(NewStaffMember)
            async with begin(services) as db:
                await staff.set_staff_role(
                    db, track_id=track_id, username=new.username, role=new.role, actor=user.actor, now=viewer.now
                )
            return redirect_to(f"/tracks/{track_id}/people", notice="saved")
    except UserNotFound as refusal:
        form.refuse("username", translate(refusal.message, viewer.language))
    async with services.database.connection() as db:
        return await _people(request, db, track_id, viewer, user, form=form)


@router.post("/tracks/{track_id}/staff/{username}/remove")
async def remove_from_staff(track_id: Id, username: Username, user: SignedIn, db: Transaction, now: Now) -> Response:
    """Remove a user from the staff; users who remove themselves go back to the list of tracks."""
    await staff.remove_staff(db, track_id=track_id, username=username, actor=user.actor, now=now)
    if username.lower() == user.username.lower():
        return redirect_to("/tracks", notice="staff_left")
    return redirect_to(f"/tracks/{track_id}/people", notice="saved")


@router.get("/tracks/{track_id}/participants/{username}/remove")
async def show_removal_form(
    request: Request, track_id: Id, username: Username, viewer: CurrentViewer, user: SignedIn, db: Reader
) -> Response:
    """Ask for the reason before a participant is removed."""
    return await _removal(request, db, track_id, username, viewer, user, form=Form(viewer.language))


@router.post("/tracks/{track_id}/participants/{username}/remove")
async def remove_participant(
    request: Request,
    track_id: Id,
    username: Username,
    viewer: CurrentViewer,
    user: SignedIn,
    services: Running,
    form: TypedForm,
) -> Response:
    """Remove a participant."""
    with form.refusing() as fields:
        new = fields.read(NewRemoval)
        async with begin(services) as db:
            await removal.remove_participant(
                db, track_id=track_id, username=username, reason=new.reason, actor=user.actor, now=viewer.now
            )
        return redirect_to(f"/tracks/{track_id}/people", notice="participant_removed")
    async with services.database.connection() as db:
        return await _removal(request, db, track_id, username, viewer, user, form=form)


@router.post("/tracks/{track_id}/removals/{username}/allow")
async def allow_again(track_id: Id, username: Username, user: SignedIn, db: Transaction) -> Response:
    """Let a user who was removed enroll again."""
    await removal.allow_again(db, track_id=track_id, username=username, actor=user.actor)
    return redirect_to(f"/tracks/{track_id}/people", notice="saved")


@router.get("/tracks/{track_id}/removal")
async def show_removal(request: Request, track_id: Id, user: SignedIn, db: Reader) -> Response:
    """Show a user why they were removed from a track."""
    found = await removal_of(db, track_id=track_id, user_id=user.user_id)
    if found is None:
        raise TrackNotFound
    return page(request, "removal.html", removal=found)


@router.get("/tracks/{track_id}/hand-over")
async def show_offer(request: Request, track_id: Id, user: SignedIn, db: Reader, now: Now) -> Response:
    """Show the offer of a track to the user it is for, and to its author."""
    offer = await hand_over.seen_offer(db, track_id=track_id, actor=user.actor, now=now)
    return page(request, "hand_over.html", offer=offer, is_mine=offer.user_id == user.user_id)


@router.post("/tracks/{track_id}/hand-over")
async def offer_track(
    request: Request, track_id: Id, viewer: CurrentViewer, user: SignedIn, services: Running, form: TypedForm
) -> Response:
    """Offer a track to a user."""
    try:
        with form.refusing({AuthorOfTrack: "new_author"}) as fields:
            new = fields.read(NewOffer, username=form["new_author"])
            async with begin(services) as db:
                has_changed = await hand_over.hand_over(
                    db, track_id=track_id, username=new.username, actor=user.actor, now=viewer.now
                )
            return redirect_to(f"/tracks/{track_id}/people", notice="handed_over" if has_changed else "offered")
    except UserNotFound as refusal:
        form.refuse("new_author", translate(refusal.message, viewer.language))
    if "username" in form.errors:
        form.errors["new_author"] = form.errors.pop("username")
    async with services.database.connection() as db:
        return await _people(request, db, track_id, viewer, user, form=form)


@router.post("/tracks/{track_id}/hand-over/accept")
async def accept_track(track_id: Id, user: SignedIn, db: Transaction, now: Now) -> Response:
    """Become the author of a track that is offered."""
    await hand_over.accept_track(db, track_id=track_id, user_id=user.user_id, now=now)
    return redirect_to(f"/tracks/{track_id}", notice="handed_over")


@router.post("/tracks/{track_id}/hand-over/end")
async def end_offer(track_id: Id, user: SignedIn, db: Transaction) -> Response:
    """Withdraw an offer, or decline it."""
    await hand_over.end_offer(db, track_id=track_id, actor=user.actor)
    return redirect_to("/", notice="offer_ended")


async def _people(
    request: Request,
    db: Connection,
    track_id: int,
    viewer: Viewer,
    user: LiveSession,
    *,
    form: Form,
    shown: Shown = ALL_PEOPLE,
) -> Response:
    header = await track_header(db, track_id=track_id, user=user, now=viewer.now)
    header.access.ensure_staff()
    queue = []
    if header.access.may("invite") and header.track.status in {"enrolling", "running"}:
        queue = await waiting(db, track_id=track_id, after=shown.waiting_after, limit=WAITING_PER_PAGE + 1)
    return page(
        request,
        "board_people.html",
        status=form.status,
        header=header,
        part=list_page(request, await _participants(db, header, shown), size=PEOPLE_PER_PAGE, after=shown.after),
        staff=await staff.staff_of(db, track_id=track_id),
        queue=list_page(request, queue, size=WAITING_PER_PAGE, after=shown.waiting_after, parameter="waiting_after"),
        is_before_first_deadline=header.is_before_first_deadline,
        offer=await hand_over.offer_of(db, track_id=track_id),
        form=form,
        shown=shown,
    )


async def _participants(db: Connection, header: TrackHeader, shown: Shown) -> Sequence[listing.Participant]:
    if not header.access.oversees:
        return ()
    state, has_submitted = STATES.get(shown.state, (None, None))
    return await listing.people(
        db,
        header.access,
        state=state,
        has_submitted=has_submitted,
        search=shown.q,
        after=shown.after,
        limit=PEOPLE_PER_PAGE + 1,
    )


async def _removal(
    request: Request, db: Connection, track_id: int, username: str, viewer: Viewer, user: LiveSession, *, form: Form
) -> Response:
    header = await track_header(db, track_id=track_id, user=user, now=viewer.now)
    header.access.ensure_oversees()
    return page(request, "remove_participant.html", status=form.status, header=header, username=username, form=form)
