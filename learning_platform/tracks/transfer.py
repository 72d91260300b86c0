"""Take a track out of one installation and into another: all that its author wrote and chose, and nothing of people.

Like a copy, it has no start date. Starter code is not part of it.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from learning_platform.accounts.actor import Actor
from learning_platform.core.database import Connection, fetch_value
from learning_platform.tracks.actions import AssignmentDraft, CriterionDraft, TrackDraft, create_track
from learning_platform.tracks.details import Details
from learning_platform.tracks.permissions import ensure_may
from learning_platform.tracks.queries import TRACKS, VISITOR, Track, lock_track
from learning_platform.tracks.start_rules import StartPlan

ASSIGNMENTS = """
select title, description, duration_hours from assignments where track_id = $1 order by position
"""
CERTIFICATE = """
select certificate_submissions as submissions, certificate_reviews as reviews from tracks
where id = $1 and certificate_submissions is not null
"""
SET_CERTIFICATE = """
update tracks set certificate_submissions = $2, certificate_reviews = $3, certificates_pending = true where id = $1
"""


@dataclass(frozen=True, slots=True)
class CertificateShares:
    """What a certificate is earned by, in percent of the assignments (certificates.rules)."""

    submissions: int
    reviews: int


@dataclass(frozen=True, slots=True)
class PortableTrack:
    """A track without people and dates."""

    draft: TrackDraft
    certificate: CertificateShares | None


async def export_track(db: Connection, *, track_id: int, actor: Actor, now: datetime) -> PortableTrack:
    """Return a track that the user may copy. Raises TrackNotFound, NotTheAuthor.

    The track is locked, because several statements read it and must see the same state.
    """
    await ensure_may(db, "copy", track=await lock_track(db, track_id=track_id), actor=actor)
    track = await fetch_value(db, Track, TRACKS, VISITOR.user_id, [track_id], now)
    assert track is not None
    assignments = [AssignmentDraft(*row) for row in await db.fetch(ASSIGNMENTS, track_id)]
    certificate = await fetch_value(db, CertificateShares, CERTIFICATE, track_id)
    return PortableTrack(_draft_of(track, assignments), certificate)


async def import_track(db: Connection, *, author_id: int, portable: PortableTrack, now: datetime) -> int:
    """Create a draft of what was exported, and return its id. Raises what `ensure_start_plan` raises."""
    track_id = await create_track(db, author_id=author_id, draft=replace(portable.draft, is_draft=True), now=now)
    if portable.certificate is not None:
        shares = portable.certificate
        await db.execute(SET_CERTIFICATE, track_id, shares.submissions, shares.reviews)
    return track_id


def _draft_of(track: Track, assignments: list[AssignmentDraft]) -> TrackDraft:
    start = track.start
    plan = StartPlan(start.rule, None, start.min_participants, start.time_zone, start.from_hour, start.until_hour)
    return TrackDraft(
        title=track.title,
        description=track.description,
        required_participants=track.required_participants,
        review_hours=track.review_hours,
        iteration_hours=track.iteration_hours,
        appeal_days=track.appeal_days,
        show_repository=track.show_repository,
        visibility=track.visibility,
        details=Details(track.language, track.level, track.tags, track.effort),
        is_draft=True,
        start=plan,
        criteria=[CriterionDraft(each["name"], each["description"], each["max_score"]) for each in track.criteria],
        assignments=assignments,
    )
