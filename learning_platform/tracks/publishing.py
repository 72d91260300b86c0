"""Drafts of tracks: publish one, or take a published track back while no user is enrolled."""

from dataclasses import dataclass

from learning_platform.accounts.actor import Actor
from learning_platform.core.database import Connection, fetch_value
from learning_platform.core.errors import Conflict
from learning_platform.core.languages import N_
from learning_platform.core.notifier import notify
from learning_platform.tracks.permissions import ensure_may
from learning_platform.tracks.queries import lock_track
from learning_platform.tracks.rules import ensure_enrolling
from learning_platform.tracks.similar_words import learn_words

SET_STATUS = "update tracks set status = $2, version = version + 1 where id = $1"
CHECKLIST = """
select t.description <> '' as has_description,
    (select count(*) from assignments a where a.track_id = t.id and a.description = '') as undescribed_assignments,
    (select count(*) from criteria c where c.track_id = t.id and c.description = '') as undescribed_criteria
from tracks t where t.id = $1
"""


class TrackPublished(Conflict):
    code = "track_published"
    message = N_("The track is published already.")


class HasParticipants(Conflict):
    code = "has_participants"
    message = N_("Users have enrolled, so the track cannot be a draft again.")


@dataclass(frozen=True, slots=True)
class Checklist:
    """What a draft has and lacks; nothing of it is required."""

    has_description: bool
    undescribed_assignments: int
    undescribed_criteria: int

    @property
    def is_complete(self) -> bool:
        """Say whether nothing is missing."""
        return self.has_description and not self.undescribed_assignments and not self.undescribed_criteria


async def publish(db: Connection, *, track_id: int, actor: Actor) -> None:
    """Open a draft for enrolment. Raises TrackNotFound, NotTheAuthor, TrackPublished."""
    track = await lock_track(db, track_id=track_id)
    await ensure_may(db, "publish", track=track, actor=actor)
    if track.status != "draft":
        raise TrackPublished
    await db.execute(SET_STATUS, track_id, "enrolling")
    # It may start on a date.
    await notify(db, "scheduled")
    await learn_words(db, track_id=track_id)


async def unpublish(db: Connection, *, track_id: int, actor: Actor) -> None:
    """Make a track a draft again.

    Raises TrackNotFound, NotTheAuthor, HasParticipants, and what ensure_enrolling raises.
    """
    track = await lock_track(db, track_id=track_id)
    await ensure_may(db, "publish", track=track, actor=actor)
    ensure_enrolling(track.status)
    if track.participants_count:
        raise HasParticipants
    await db.execute(SET_STATUS, track_id, "draft")


async def checklist(db: Connection, *, track_id: int) -> Checklist:
    """Return what a draft has and what it lacks."""
    found = await fetch_value(db, Checklist, CHECKLIST, track_id)
    return found or Checklist(False, False, False)
