"""The inbox, and the WebSocket that delivers notifications."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response, WebSocket, WebSocketException

from learning_platform.accounts.rules import BadToken
from learning_platform.accounts.tokens import Identity
from learning_platform.core.database import DatabaseUnavailable
from learning_platform.core.versions import VersionConflict
from learning_platform.notifications import queries, reading
from learning_platform.notifications.mail.preferences import MailChoice, choose_mail, mail_choice
from learning_platform.notifications.messages import NotificationType
from learning_platform.notifications.rules import NotificationNotFound, QuietHoursIncomplete
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
from learning_platform.web.live.delivery import BAD_TOKEN, TRY_AGAIN_LATER
from learning_platform.web.live.routes import hand_over
from learning_platform.web.schemas.common import MAX_ID
from learning_platform.web.schemas.mail import MailChange, MailSettings
from learning_platform.web.schemas.notifications import Notification, ReadChange, ReadMark
from learning_platform.web.services import Services

router = APIRouter(route_class=ApiRoute, tags=["Notifications"])
OnlyUnread = Annotated[bool, Query(description="Only unread notifications.")]
OfTrack = Annotated[int | None, Query(ge=1, le=MAX_ID, description="Only notifications about this track.")]
OfTypes = Annotated[list[NotificationType] | None, Query(description="Only these types; may be repeated.")]


@router.get("/notifications", response_model=list[Notification], responses=refuses(*SIGNED_IN) | LINK_HEADER)
async def list_notifications(
    user: CurrentUser,
    db: Reader,
    page: PageParams,
    request: Request,
    response: Response,
    unread: OnlyUnread = False,
    track_id: OfTrack = None,
    type: OfTypes = None,
) -> Sequence[queries.Notification]:
    """List notifications, oldest first, in the language of your profile."""
    read = queries.unread if unread else queries.inbox
    wanted = queries.InboxFilter(track_id=track_id, types=type)
    found = await read(db, user_id=user.user_id, after=page.after, limit=page.limit, wanted=wanted)
    return paged(found, page, request, response)


@router.post("/notifications/read", status_code=204, responses=refuses(*SIGNED_IN))
async def mark_read(mark: ReadMark, user: CurrentUser, services: Running) -> Response:
    """Mark all notifications up to an id as read, or only those about one track."""
    async with begin(services) as db:
        if mark.track_id is None:
            await reading.mark_read(db, user_id=user.user_id, up_to=mark.up_to)
        else:
            await reading.mark_track_read(db, user_id=user.user_id, track_id=mark.track_id, up_to=mark.up_to)
    services.unread_counts.note_change(user.user_id)
    return Response(status_code=204)


@router.patch(
    "/notifications/{notification_id}",
    response_model=Notification,
    responses=refuses(*SIGNED_IN, NotificationNotFound),
)
async def mark_one(
    notification_id: Id, change: ReadChange, user: CurrentUser, services: Running
) -> queries.Notification:
    """Mark one notification as read or unread; the others stay as they are."""
    async with begin(services) as db:
        marked = await reading.mark_one(db, user_id=user.user_id, notification_id=notification_id, is_read=change.read)
    services.unread_counts.note_change(user.user_id)
    return marked


@router.get("/me/mail", response_model=MailSettings, responses=refuses(*SIGNED_IN))
async def mail_settings(user: CurrentUser, db: Reader) -> MailChoice:
    """Show what you get by mail."""
    return await mail_choice(db, user_id=user.user_id)


@router.patch(
    "/me/mail", response_model=MailSettings, responses=refuses(*SIGNED_IN, QuietHoursIncomplete, VersionConflict)
)
async def edit_mail_settings(
    change: MailChange, user: CurrentUser, seen: IfMatch, db: Transaction, now: Now
) -> MailChoice:
    """Choose what you get by mail, and when.

    Emails wait until the quiet hours or the hour of the digest, except what is due before then or within two hours.
    """
    return await choose_mail(db, user_id=user.user_id, seen=seen, now=now, **change.model_dump(exclude_unset=True))


async def bearer_of(websocket: WebSocket, token: str) -> Identity:
    """Accept a socket and return whose it is; one that is refused is closed with a code that says why."""
    services: Services = websocket.app.state.services
    await websocket.accept()
    try:
        return services.revocations.identify(token)
    except BadToken:
        raise WebSocketException(BAD_TOKEN, "bad token") from None
    except DatabaseUnavailable:
        raise WebSocketException(TRY_AGAIN_LATER, "try again") from None


@router.websocket("/ws/{token}")
async def live(websocket: WebSocket, identity: Annotated[Identity, Depends(bearer_of)]) -> None:
    """Send every unread notification, oldest first, then each one as it comes. `?after=<id>` resumes.

    With `?unread=1` also `{"type": "unread", "count": 3, "up_to": 17}`, at first and when it changes: how many of the
    notifications up to this id are unread.
    """
    hand_over(websocket, identity)
