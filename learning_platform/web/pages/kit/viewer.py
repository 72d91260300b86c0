"""The reader of a page: their session, and how the page is shown to them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Request

from learning_platform.accounts.actor import Actor
from learning_platform.accounts.queries import LiveSession, live_session
from learning_platform.accounts.rules import AdminsOnly, NotSignedIn
from learning_platform.accounts.sessions import prolong_session
from learning_platform.core.languages import Language
from learning_platform.notifications.queries import UnreadState, unread_state
from learning_platform.tracks.queries import VISITOR
from learning_platform.tracks.rules import is_creation_open
from learning_platform.web.pages.kit.cookies import language_of, session_id_of
from learning_platform.web.services import Services

# A session in use lives on; noting that once a day is enough.
PROLONG_AFTER = timedelta(days=1)
NOTHING_UNREAD = UnreadState(0, 0)


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person with a session, or a visitor without one; their language, their zone, and the present time.

    `may_create_tracks`: of a visitor, whether they may once they have signed up.
    """

    session: LiveSession | None
    unread: UnreadState
    language: Language
    zone: ZoneInfo
    now: datetime
    may_create_tracks: bool

    @property
    def actor(self) -> Actor:
        """Return the user who looks, or the visitor."""
        return VISITOR if self.session is None else self.session.actor


async def viewer_of(request: Request) -> Viewer:
    """Return who looks; asked again in the same request, the same.

    Runs before the handler's own connection is taken: holding one while waiting for another could deadlock.
    """
    known: Viewer | None = getattr(request.state, "viewer", None)
    if known is None:
        services: Services = request.app.state.services
        known = await _look_up(request, services)
        note_viewer(request, known)
    return known


def note_viewer(request: Request, viewer: Viewer) -> None:
    """Remember the viewer for the rest of the request; what the API shares reads only the language."""
    request.state.viewer, request.state.language = viewer, viewer.language


def visitor(request: Request) -> Viewer:
    """Return a viewer without a session, for when nothing can be looked up."""
    services: Services = request.app.state.services
    may_create = is_creation_open(role="user", creation=services.settings.track_creation)
    return Viewer(None, NOTHING_UNREAD, language_of(request), ZoneInfo("UTC"), services.clock(), may_create)


async def signed_in(viewer: Annotated[Viewer, Depends(viewer_of)]) -> LiveSession:
    """Return the session of who looks. Raises NotSignedIn."""
    if viewer.session is None:
        raise NotSignedIn
    return viewer.session


async def catalogue_viewer(request: Request, viewer: Annotated[Viewer, Depends(viewer_of)]) -> Viewer:
    """Return who looks at the catalogue: visitors too, where it is public. Raises NotSignedIn."""
    services: Services = request.app.state.services
    if viewer.session is None and services.settings.public_catalogue == "off":
        raise NotSignedIn
    return viewer


async def signed_in_admin(session: Annotated[LiveSession, Depends(signed_in)]) -> LiveSession:
    """Return the session of the administrator who looks. Raises NotSignedIn, AdminsOnly."""
    if not session.is_admin:
        raise AdminsOnly
    return session


async def _look_up(request: Request, services: Services) -> Viewer:
    session_id = session_id_of(request.cookies, services)
    anonymous = visitor(request)
    if session_id is None:
        return anonymous
    async with services.database.connection() as db:
        session = await live_session(db, session_id=session_id, now=anonymous.now)
        if session is None:
            return anonymous
        unread = await unread_state(db, user_id=session.user_id)
        if session.expires_at - anonymous.now < services.refresh_lifetime - PROLONG_AFTER:
            await prolong_session(db, session_id=session_id, lifetime=services.refresh_lifetime, now=anonymous.now)
    may_create = is_creation_open(role=session.role, creation=services.settings.track_creation)
    return Viewer(session, unread, session.locale, ZoneInfo(session.time_zone), anonymous.now, may_create)


CurrentViewer = Annotated[Viewer, Depends(viewer_of)]
CatalogueViewer = Annotated[Viewer, Depends(catalogue_viewer)]
SignedIn = Annotated[LiveSession, Depends(signed_in)]
SignedInAdmin = Annotated[LiveSession, Depends(signed_in_admin)]
