"""The inbox: messages by track, the newest first; each is marked as read or unread."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Query, Request, Response
from fastapi import Form as FormField

from learning_platform.notifications import queries, reading
from learning_platform.notifications.groups import GROUPS
from learning_platform.notifications.queries import InboxFilter, InboxTrack, Notification
from learning_platform.web.http.dependencies import Id, Reader, Running, begin
from learning_platform.web.pages.kit.page_router import page_router
from learning_platform.web.pages.kit.rendering import page, redirect_to
from learning_platform.web.pages.kit.viewer import SignedIn
from learning_platform.web.schemas.common import MAX_ID
from learning_platform.web.schemas.texts import MACHINE

router = page_router()
MESSAGES_PER_PAGE = 30
# So many titles of unread messages are shown of a track beside others.
SHOWN_TITLES = 3


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which messages are shown: of a track (0: of all), of a group of kinds (blank: of all), only those unread."""

    track: int
    kind: str
    unread: bool
    before: int

    @property
    def is_everything(self) -> bool:
        """Say whether no filter is set."""
        return not (self.track or self.kind or self.unread)

    @property
    def wanted(self) -> InboxFilter:
        """Return the filter of a query."""
        return InboxFilter(track_id=self.track or None, types=GROUPS[self.kind].types if self.kind else None)

    def path(self, *, before: int | None = None) -> str:
        """Return the address that shows these messages, or those before an id."""
        given = {"track": self.track or "", "kind": self.kind, "unread": "yes" if self.unread else ""}
        given["before"] = "" if before is None or before >= MAX_ID else before
        query = urlencode({name: value for name, value in given.items() if value != ""})
        return "/notifications" + (f"?{query}" if query else "")


def chosen_messages(
    track: Annotated[str, Query(max_length=20), MACHINE] = "",
    kind: Annotated[str, Query(max_length=20), MACHINE] = "",
    unread: Annotated[str, Query(max_length=20), MACHINE] = "",
    before: Annotated[int, Query(ge=1, le=MAX_ID)] = MAX_ID,
) -> Chosen:
    """Return which messages an address asks for; what it does not know is left out."""
    track_id = int(track) if track.isascii() and track.isdecimal() else 0
    return Chosen(min(track_id, MAX_ID), kind if kind in GROUPS else "", unread != "", before)


@dataclass(frozen=True, slots=True)
class Section:
    """The messages of a track: those that are shown, unread ones first, and below them what is folded.

    Unread messages with the same title are together, the newest first.
    """

    track: InboxTrack
    shown: Sequence[Sequence[Notification]]
    more_unread: Sequence[Sequence[Notification]]
    more_read: Sequence[Notification]


Filters = Annotated[Chosen, Depends(chosen_messages)]
UpTo = Annotated[int, FormField(ge=1, le=MAX_ID)]
OneTrack = Annotated[int, FormField(ge=0, le=MAX_ID)]


@router.get("/notifications")
async def show_inbox(request: Request, user: SignedIn, db: Reader, chosen: Filters) -> Response:
    """Show messages, read and unread."""
    found = await queries.latest(
        db,
        user_id=user.user_id,
        before=chosen.before,
        limit=MESSAGES_PER_PAGE + 1,
        only_unread=chosen.unread,
        wanted=chosen.wanted,
    )
    shown, tracks = found[:MESSAGES_PER_PAGE], await queries.inbox_tracks(db, user_id=user.user_id)
    return page(
        request,
        "inbox.html",
        sections=_by_track(shown, tracks, is_one=bool(chosen.track)),
        tracks=tracks,
        groups=GROUPS,
        chosen=chosen,
        here=chosen.path(before=chosen.before),
        following=chosen.path(before=shown[-1].id) if len(found) > len(shown) else None,
        first=chosen.path() if chosen.before < MAX_ID else None,
    )


@router.post("/notifications/read")
async def mark_read(
    user: SignedIn, services: Running, chosen: Filters, up_to: UpTo, track_id: OneTrack = 0
) -> Response:
    """Mark everything shown, or that of one track, as read."""
    async with begin(services) as db:
        if track_id:
            await reading.mark_track_read(db, user_id=user.user_id, track_id=track_id, up_to=up_to)
        else:
            await reading.mark_read(db, user_id=user.user_id, up_to=up_to)
    services.unread_counts.note_change(user.user_id)
    return redirect_to(chosen.path(before=chosen.before), notice="track_read" if track_id else "all_read")


@router.post("/notifications/{notification_id}/read")
async def mark_one(
    notification_id: Id,
    user: SignedIn,
    services: Running,
    chosen: Filters,
    read: Annotated[bool, FormField()] = True,
) -> Response:
    """Mark one message as read or unread."""
    async with begin(services) as db:
        await reading.mark_one(db, user_id=user.user_id, notification_id=notification_id, is_read=read)
    services.unread_counts.note_change(user.user_id)
    return redirect_to(f"{chosen.path(before=chosen.before)}#m{notification_id}")


def _by_track(shown: Sequence[Notification], tracks: Sequence[InboxTrack], *, is_one: bool) -> list[Section]:
    """Return messages in sections, one for each track, in the order of the newest message of each."""
    known = {track.id: track for track in tracks}
    order = list(dict.fromkeys(each.track_id or 0 for each in shown))
    ordered = sorted(shown, key=lambda each: order.index(each.track_id or 0))
    return [
        _section(known.get(track_id, InboxTrack(0, "", 0)), list(messages), is_one=is_one, has_others=len(order) > 1)
        for track_id, messages in groupby(ordered, key=lambda each: each.track_id or 0)
    ]


def _section(track: InboxTrack, messages: Sequence[Notification], *, is_one: bool, has_others: bool) -> Section:
    """Return a section; of one track that was asked for, everything is shown."""
    if is_one:
        return Section(track, [[each] for each in messages], [], [])
    by_title: dict[str, list[Notification]] = {}
    for each in messages:
        if not each.read:
            by_title.setdefault(each.title, []).append(each)
    unread, read = list(by_title.values()), [each for each in messages if each.read]
    newest = SHOWN_TITLES if has_others and len(unread) > SHOWN_TITLES + 1 else len(unread)
    first_folded = 0 if unread else 1
    if len(read) <= first_folded + 1:
        first_folded = len(read)
    return Section(
        track, [*unread[:newest], *([each] for each in read[:first_folded])], unread[newest:], read[first_folded:]
    )
