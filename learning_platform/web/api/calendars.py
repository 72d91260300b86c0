"""Calendars in iCalendar format, for clients with a token and calendar programs with a secret link."""

from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from pydantic import BaseModel, Field

from learning_platform.accounts import email_links as mailbox
from learning_platform.accounts.actor import Actor
from learning_platform.accounts.queries import signed_in_user
from learning_platform.accounts.rules import BadToken
from learning_platform.attempts.queries import assignments_by_track, calendar_changes
from learning_platform.core.database import Connection
from learning_platform.core.installation import installation_id
from learning_platform.tracks.queries import Track, track, tracks_of
from learning_platform.tracks.rules import NotAParticipant, TrackNotFound
from learning_platform.web.api.accounts import SIGNED_IN
from learning_platform.web.http.api_route import ApiRoute
from learning_platform.web.http.dependencies import CurrentUser, Id, Now, Reader, Running, Transaction, bearer
from learning_platform.web.http.problems import Answers, refuses
from learning_platform.web.pages.kit.viewer import signed_in, viewer_of
from learning_platform.web.schemas.texts import IDENTIFIER, MACHINE

router = APIRouter(route_class=ApiRoute, tags=["Calendars"])
MAX_TRACKS = 200
NOT_MODIFIED: Answers = {304: {"description": "The calendar has not changed since the `ETag` in `If-None-Match`."}}
KnownETag = Annotated[str, Header(alias="If-None-Match", include_in_schema=False), MACHINE]
Key = Annotated[
    str | None, Query(max_length=64, pattern=r"^[\w-]+$", description="The secret key of a calendar link."), IDENTIFIER
]


class ICalendarResponse(Response):
    """A response in iCalendar format."""

    media_type = "text/calendar"


class CalendarLink(BaseModel):
    """The secret address of your calendar. Add `/tracks/{id}` before the file name for the calendar of one track."""

    url: str = Field(examples=["https://learn.example/calendar.ics?key=…"])


async def calendar_reader(
    request: Request, services: Running, token: Annotated[str | None, Depends(bearer)], key: Key = None
) -> int:
    """Return the id of the calendar's owner, by secret link, token or cookie. Raises NotSignedIn, BadToken."""
    if key is not None:
        async with services.database.connection() as db:
            reader = await mailbox.reader_of_feed(db, key=key)
        if reader is None:
            raise BadToken
        return reader
    if token is not None:
        return services.revocations.identify(token).user_id
    return (await signed_in(await viewer_of(request))).user_id


CalendarReader = Annotated[int, Depends(calendar_reader)]


@router.get(
    "/tracks/{track_id}/calendar.ics",
    response_class=ICalendarResponse,
    responses=refuses(*SIGNED_IN, NotAParticipant, TrackNotFound) | NOT_MODIFIED,
)
async def track_calendar(
    track_id: Id, reader: CalendarReader, services: Running, db: Reader, now: Now, if_none_match: KnownETag = ""
) -> Response:
    """Show the calendar of a track that you take part in or created."""
    found = await track(db, track_id=track_id, viewer=Actor(reader), now=now)
    if not (found.enrolled or found.staff_role):
        raise NotAParticipant
    content = await _calendar(db, [found], reader=reader, services=services, now=now)
    return _unless_known(content, if_none_match)


@router.get("/calendar.ics", response_class=ICalendarResponse, responses=refuses(*SIGNED_IN) | NOT_MODIFIED)
async def personal_calendar(
    reader: CalendarReader, services: Running, db: Reader, now: Now, if_none_match: KnownETag = ""
) -> Response:
    """Show the calendar of all tracks that you take part in."""
    mine = await tracks_of(db, user_id=reader, after=0, limit=MAX_TRACKS, now=now)
    taken_part = [found for found in mine if found.enrolled]
    content = await _calendar(db, taken_part, reader=reader, services=services, now=now, is_of_everything=True)
    return _unless_known(content, if_none_match)


@router.post("/me/calendar-link", response_model=CalendarLink, responses=refuses(*SIGNED_IN))
async def renew_calendar_link(user: CurrentUser, services: Running, db: Transaction) -> CalendarLink:
    """Create a secret link for calendar programs. Earlier links stop working."""
    key = await mailbox.feed_key(db, user_id=user.user_id, renew=True)
    return CalendarLink(url=f"{services.settings.public_url}/calendar.ics?key={key}")


async def _calendar(
    db: Connection, tracks: list[Track], *, reader: int, services: Running, now: Now, is_of_everything: bool = False
) -> bytes:
    # The import takes long, so it is done with the first request for a calendar and not at every start.
    from learning_platform.web.exports.icalendar import NAME_OF_EVERYTHING, CalendarOwner, icalendar

    user = await signed_in_user(db, user_id=reader)
    track_ids = [one.id for one in tracks]
    by_track = await assignments_by_track(db, track_ids=track_ids, user_id=reader, sees_all=False, now=now)
    return icalendar(
        [(one, by_track.get(one.id, [])) for one in tracks],
        await calendar_changes(db, track_ids=track_ids, user_id=reader),
        CalendarOwner(await installation_id(db), services.settings.public_url, user.locale),
        name=NAME_OF_EVERYTHING if is_of_everything else tracks[0].title,
    )


def _unless_known(content: bytes, if_none_match: str) -> Response:
    """Return a calendar, or 304 if the client has the same one (RFC 9110, section 13.1.2)."""
    etag = f'"{sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    known = {each.strip().removeprefix("W/") for each in if_none_match.split(",")}
    if known & {etag, "*"}:
        return Response(status_code=304, headers=headers)
    return ICalendarResponse(content, headers=headers)
