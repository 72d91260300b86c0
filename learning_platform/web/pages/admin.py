"""For administrators: the health of the service, users, tracks."""

import platform
from typing import Annotated, get_args

from fastapi import Form as FormField
from fastapi import Query, Request, Response

from learning_platform.accounts import administration
from learning_platform.accounts.administration import ManagedUser, UserChoice, UserSort
from learning_platform.accounts.external.identities import ways_in
from learning_platform.accounts.queries import sessions_of
from learning_platform.accounts.rules import MAX_EMAIL_LENGTH
from learning_platform.accounts.tokens import Role
from learning_platform.core.database import Connection
from learning_platform.core.database_status import database_status
from learning_platform.notifications.mail.queue import emails_by_state
from learning_platform.snapshots.links import waiting_links
from learning_platform.tracks.administration import (
    TrackChoice,
    TrackSort,
    chosen_track_ids,
    staff_of_tracks,
    tracks_in_order,
)
from learning_platform.tracks.rules import TrackStatus
from learning_platform.web.http.dependencies import Id, Now, Reader, Running, Transaction
from learning_platform.web.pages.kit.external_accounts import shown_identities
from learning_platform.web.pages.kit.listing import PageNumber, Sort, counted, listing
from learning_platform.web.pages.kit.page_router import page_router
from learning_platform.web.pages.kit.rendering import page, redirect_to
from learning_platform.web.pages.kit.viewer import CurrentViewer, SignedInAdmin, Viewer
from learning_platform.web.schemas.common import NO_NUL
from learning_platform.web.schemas.texts import MACHINE, SEARCH
from learning_platform.web.services import Services

router = page_router()
USERS_PER_PAGE, TRACKS_PER_PAGE = 30, 30
ROLES, STATUSES = get_args(Role), get_args(TrackStatus)
TRACK_SORTS: tuple[TrackSort, ...] = get_args(TrackSort)
USER_SORTS: tuple[UserSort, ...] = get_args(UserSort)
Search = Annotated[str, Query(max_length=MAX_EMAIL_LENGTH, pattern=NO_NUL), SEARCH]
Choice = Annotated[str, Query(max_length=20), MACHINE]


@router.get("/admin")
async def show_health(request: Request, services: Running, _admin: SignedInAdmin, now: Now) -> Response:
    """Show how the service is doing."""
    overdue_since = await services.scheduler.sweeper.overdue_since(now)
    async with services.database.connection() as db:
        emails, database = await emails_by_state(db), await database_status(db)
        links = await waiting_links(db, now=now)
        counts = await administration.count_users(db)
    return page(
        request,
        "admin_health.html",
        overdue_since=overdue_since,
        emails=emails,
        links=links,
        sockets=len(services.sockets),
        database=database,
        counts=counts,
        version=request.app.version,
        python=platform.python_version(),
        settings=services.settings,
        tasks=services.background.states(),
        is_listening=services.notifier.is_connected.is_set(),
    )


@router.get("/admin/users")
async def list_users(
    request: Request,
    db: Reader,
    _admin: SignedInAdmin,
    q: Search = "",
    role: Choice = "",
    sort: Sort = "-created",
    page_number: Annotated[PageNumber, Query(alias="page")] = 1,
) -> Response:
    """Show users, the newest first unless another order is chosen, or those that fit the search."""
    chosen = UserChoice(
        search=q,
        role=next((each for each in ROLES if each == role), None),
        only_blocked=role == "blocked",
        sort=next((each for each in USER_SORTS if each == sort.removeprefix("-")), "created"),
        is_descending=sort.startswith("-"),
    )
    count = await administration.count_found(db, chosen)
    state = counted(request, count, sort=sort, number=page_number, size=USERS_PER_PAGE)
    return page(
        request,
        "admin_users.html",
        users=await administration.find_users(db, chosen, offset=state.first_shown - 1, limit=USERS_PER_PAGE),
        listing=state,
        q=q,
        chosen=role if chosen.role or chosen.only_blocked else "",
    )


@router.get("/admin/users/{user_id}")
async def show_user(
    request: Request, user_id: Id, viewer: CurrentViewer, services: Running, db: Reader, _admin: SignedInAdmin
) -> Response:
    """Show one user and what may be done about them."""
    return await _user(request, db, services, await administration.managed_user(db, user_id=user_id), viewer)


@router.post("/admin/users/{user_id}/role")
async def change_role(
    user_id: Id, role: Annotated[Role, FormField()], db: Transaction, admin: SignedInAdmin, now: Now
) -> Response:
    """Give a role; the user signs in again."""
    await administration.change_role(db, user_id=user_id, role=role, admin_id=admin.user_id, now=now)
    return redirect_to(f"/admin/users/{user_id}", notice="saved")


@router.post("/admin/users/{user_id}/block")
async def block(user_id: Id, db: Transaction, admin: SignedInAdmin, now: Now) -> Response:
    """Block this account: its user can no longer sign in."""
    await administration.block(db, user_id=user_id, admin_id=admin.user_id, now=now)
    return redirect_to(f"/admin/users/{user_id}", notice="blocked")


@router.post("/admin/users/{user_id}/unblock")
async def unblock(user_id: Id, db: Transaction, admin: SignedInAdmin) -> Response:
    """Let a blocked user in again."""
    await administration.unblock(db, user_id=user_id, admin_id=admin.user_id)
    return redirect_to(f"/admin/users/{user_id}", notice="unblocked")


@router.post("/admin/users/{user_id}/reset-link")
async def make_reset_link(
    request: Request, user_id: Id, viewer: CurrentViewer, services: Running, db: Transaction, _admin: SignedInAdmin
) -> Response:
    """Show a link that replaces the user's password, to be handed over; it is shown once and kept nowhere."""
    user = await administration.managed_user(db, user_id=user_id)
    token = await administration.reset_link(db, services.links, user_id=user_id, now=viewer.now)
    link = f"{services.settings.public_url}/password/{token}"
    return await _user(request, db, services, user, viewer, reset_link=link)


@router.get("/admin/tracks")
async def list_tracks(
    request: Request,
    db: Reader,
    _admin: SignedInAdmin,
    now: Now,
    q: Search = "",
    status: Choice = "",
    sort: Sort = "-created",
    page_number: Annotated[PageNumber, Query(alias="page")] = 1,
) -> Response:
    """Show tracks with their staff, the newest first unless another order is chosen, or those that fit the search."""
    chosen = TrackChoice(
        search=q,
        status=next((each for each in STATUSES if each == status), None),
        sort=next((each for each in TRACK_SORTS if each == sort.removeprefix("-")), "created"),
        is_descending=sort.startswith("-"),
    )
    found = await chosen_track_ids(db, chosen, now=now)
    state, ids = listing(request, found, sort=sort, number=page_number, size=TRACKS_PER_PAGE)
    return page(
        request,
        "admin_tracks.html",
        tracks=await tracks_in_order(db, ids=ids, now=now),
        staff=await staff_of_tracks(db, ids=ids),
        listing=state,
        q=q,
        chosen=chosen.status or "",
    )


async def _user(
    request: Request,
    db: Connection,
    services: Services,
    user: ManagedUser,
    viewer: Viewer,
    *,
    reset_link: str | None = None,
) -> Response:
    assert viewer.session is not None
    return page(
        request,
        "admin_user.html",
        user=user,
        identities=shown_identities(services, (await ways_in(db, user_id=user.id)).identities),
        sessions=await sessions_of(db, user_id=user.id, now=viewer.now),
        is_oneself=user.id == viewer.session.user_id,
        roles=ROLES,
        reset_link=reset_link,
    )
