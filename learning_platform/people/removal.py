"""Remove a participant from a track: as leaving for good, and they cannot enroll again unless staff allow it.

Until the first deadline, a user who waits can get the place of a participant who has submitted nothing.
"""

from datetime import datetime

from learning_platform.accounts.actor import Actor
from learning_platform.attempts.locks import lock_participant
from learning_platform.attempts.rules import ParticipantNotFound, TrackNotStarted
from learning_platform.core.database import Connection
from learning_platform.enrollment.actions import leave
from learning_platform.enrollment.removals import forget_removal, note_removal
from learning_platform.enrollment.waiting_list import admit
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.people.rules import HasSubmitted
from learning_platform.people.users import any_user_named
from learning_platform.reviews.leaving import leave_for_good
from learning_platform.tracks.access import access_to_track
from learning_platform.tracks.permissions import ensure_may
from learning_platform.tracks.queries import TrackHead, lock_track, participation

HAS_SUBMITTED = """
select exists (
    select from submissions s join assignments a on a.id = s.assignment_id where a.track_id = $1 and s.user_id = $2)
"""


async def remove_participant(
    db: Connection, *, track_id: int, username: str, reason: str, actor: Actor, now: datetime
) -> None:
    """Remove a participant and notify them; only staff who do not take part themselves may.

    Raises TrackNotFound, NotTheAuthor, TakesPart, UserNotFound, ParticipantNotFound, TrackOver.
    """
    user = await any_user_named(db, username=username)
    track = await _locked(db, track_id=track_id, actor=actor)
    if await participation(db, track_id=track_id, user_id=user.id) != "present":
        raise ParticipantNotFound
    await note_removal(db, track_id=track_id, user_id=user.id, removed_by=actor.user_id, reason=reason, now=now)
    if track.status == "running":
        await leave_for_good(db, track_id=track_id, user_id=user.id, now=now)
    else:
        await leave(db, track_id=track_id, user_id=user.id, now=now)
    removed = Announcement(
        event=f"removed_from_track:{track_id}:{user.id}:{now.timestamp()}",
        type="removed_from_track",
        track_id=track_id,
        parameters={"track": track.title},
    )
    await announce(db, removed, to=[user.id], now=now)


async def replace_participant(
    db: Connection, *, track_id: int, username: str, admitted_id: int, reason: str, actor: Actor, now: datetime
) -> None:
    """Remove a participant who has submitted nothing, and let a waiting user in.

    Raises what `remove_participant` and `admit` raise, TrackNotStarted and HasSubmitted.
    """
    user = await any_user_named(db, username=username)
    track = await _locked(db, track_id=track_id, actor=actor)
    if track.status in {"draft", "enrolling"}:
        raise TrackNotStarted
    await lock_participant(db, track_id=track_id, user_id=user.id)
    if await db.fetchval(HAS_SUBMITTED, track_id, user.id):
        raise HasSubmitted
    await remove_participant(db, track_id=track_id, username=username, reason=reason, actor=actor, now=now)
    await admit(db, track_id=track_id, user_id=admitted_id, actor=actor, now=now)


async def allow_again(db: Connection, *, track_id: int, username: str, actor: Actor) -> None:
    """Let a user who was removed enroll again. Raises as remove_participant."""
    user = await any_user_named(db, username=username)
    await _locked(db, track_id=track_id, actor=actor)
    if not await forget_removal(db, track_id=track_id, user_id=user.id):
        raise ParticipantNotFound


async def _locked(db: Connection, *, track_id: int, actor: Actor) -> TrackHead:
    track = await lock_track(db, track_id=track_id)
    await ensure_may(db, "remove_participants", track=track, actor=actor)
    (await access_to_track(db, track_id=track_id, actor=actor)).ensure_oversees()
    return track
