"""The front page: for visitors what this is, for participants what to do now."""

from datetime import timedelta

from fastapi import Request, Response
from fastapi.routing import APIRoute

from learning_platform.attempts.next_steps import next_steps
from learning_platform.core.database import Connection
from learning_platform.enrollment.declining import declinable_places
from learning_platform.enrollment.waiting_list import waits_of
from learning_platform.notifications.queries import Notification, latest
from learning_platform.people.hand_over import offers_to
from learning_platform.reviews.author.appeals import waiting_appeals
from learning_platform.reviews.author.overview import overview
from learning_platform.reviews.recent_feedback import recent_feedback
from learning_platform.tracks.browsing import enrolling_tracks, staffed_tracks
from learning_platform.tracks.permissions import permits
from learning_platform.web.http.dependencies import Reader, Running
from learning_platform.web.pages.kit.page_router import page_router
from learning_platform.web.pages.kit.rendering import page
from learning_platform.web.pages.kit.viewer import CurrentViewer
from learning_platform.web.schemas.common import MAX_ID

router = page_router()
SHOWN_TO_VISITORS, OWN_TRACKS, FEEDBACK, NEWS = 3, 20, 5, 4
# Of so many unread messages those with the same title are shown once.
READ_NEWS = 30


async def front(request: Request, viewer: CurrentViewer, services: Running, db: Reader) -> Response:
    """Show what this is, or what is to be done."""
    if viewer.session is None:
        gathering = await enrolling_tracks(db, limit=SHOWN_TO_VISITORS, now=viewer.now)
        return page(request, "front.html", tracks=gathering)
    user_id = viewer.session.user_id
    within = timedelta(hours=services.settings.seat_decline_hours)
    steps = await next_steps(db, user_id=user_id, now=viewer.now)
    # Later on a place cannot be declined any more.
    may_decline = any(each.step in {"wait_for_start", "hand_in"} and not each.track_progress.position for each in steps)
    own = await staffed_tracks(db, user_id=user_id, limit=OWN_TRACKS, now=viewer.now)
    # Older ones than those that were read may run, too.
    may_oversee = len(own) == OWN_TRACKS or any(each.status == "running" and not each.takes_part for each in own)
    running = await overview(db, user_id=user_id, now=viewer.now) if may_oversee else []
    return page(
        request,
        "home.html",
        steps=steps,
        declinable=await declinable_places(db, user_id=user_id, within=within, now=viewer.now) if may_decline else [],
        waits=await waits_of(db, user_id=user_id, limit=OWN_TRACKS, now=viewer.now),
        own=[track for track in own if track.status != "running" or track.takes_part],
        missed=[track for track in own if track.start_state == "missed" and permits(track.staff_role, "start")],
        is_staff=bool(own),
        running=running,
        offers=await offers_to(db, user_id=user_id, limit=OWN_TRACKS),
        appeals=await waiting_appeals(db, user_id=user_id, limit=OWN_TRACKS) if own else [],
        feedback=await recent_feedback(db, user_id=user_id, limit=FEEDBACK, now=viewer.now),
        news=await _news(db, user_id=user_id) if viewer.unread.count else [],
    )


async def _news(db: Connection, *, user_id: int) -> list[Notification]:
    """Return the newest unread messages; of those of a track with the same title, the newest."""
    unread = await latest(db, user_id=user_id, before=MAX_ID, limit=READ_NEWS, only_unread=True)
    by_title = {(each.track_id, each.title): each for each in reversed(unread)}
    return sorted(by_title.values(), key=lambda each: each.id, reverse=True)[:NEWS]


# The API has nothing at the bare address: the page answers unless JSON is asked for (web/http/accept.py).
router.add_api_route("/", front, methods=["GET", "HEAD"], route_class_override=APIRoute, response_model=None)
