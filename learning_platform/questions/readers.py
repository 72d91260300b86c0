"""What a user may see of the questions of a track."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from learning_platform.accounts.actor import Actor
from learning_platform.attempts.progress import Progress, progress_on_tracks
from learning_platform.attempts.rules import AssignmentLocked
from learning_platform.core.database import Connection
from learning_platform.questions.rules import Role, are_names_shown
from learning_platform.tracks.access import TrackAccess, access_to_track
from learning_platform.tracks.queries import Track, TrackHead, track_head
from learning_platform.tracks.rules import AssignmentNotFound, NotAParticipant, ensure_not_over

TRACK_OF_ASSIGNMENT = "select track_id from assignments where id = $1"


@dataclass(frozen=True, slots=True)
class Reader:
    """A user who reads the questions of a track.

    `open`: the titles of the assignments whose questions they see, by id; `named`: those of which they see the names
    of other participants.
    `until`: when they left the track; of later questions they see nothing.
    """

    track: Track | TrackHead
    user_id: int
    is_staff: bool
    open: Mapping[int, str]
    named: Collection[int]
    until: datetime | None

    @property
    def role(self) -> Role:
        """Return as whom the user writes: staff who take part are participants."""
        return "staff" if self.is_staff else "participant"

    @property
    def for_sql(self) -> tuple[int, int, bool, Sequence[int], Sequence[int], datetime | None]:
        """Return the first parameters of the statements in queries.py."""
        return self.user_id, self.track.id, self.is_staff, list(self.open), list(self.named), self.until

    def may_write(self, assignment_id: int, *, now: datetime) -> bool:
        """Say whether the user may write under an assignment."""
        is_over = self.track.finishes_at is not None and self.track.finishes_at <= now
        return (
            self.until is None
            and assignment_id in self.open
            and not is_over
            and self.track.status not in {"finished", "cancelled"}
        )

    def ensure_may_write(self, assignment_id: int, *, now: datetime) -> None:
        """Raise NotAParticipant, AssignmentLocked or TrackOver unless the user may write under an assignment."""
        if self.until is not None:
            raise NotAParticipant
        if assignment_id not in self.open:
            raise AssignmentLocked
        ensure_not_over(self.track.status, finishes_at=self.track.finishes_at, now=now)


async def reader_of_track(db: Connection, *, track_id: int, actor: Actor, now: datetime) -> Reader:
    """Return what a user may see. Raises TrackNotFound, NotAParticipant."""
    access = await access_to_track(db, track_id=track_id, actor=actor)
    access.ensure_sees_results()
    head = await track_head(db, track_id=track_id, now=now)
    progress = await progress_on_tracks(db, track_ids=[track_id], user_id=actor.user_id, now=now)
    return reader_from(head, access, progress, now=now)


def reader_from(
    track: Track | TrackHead, access: TrackAccess, progress: Sequence[Progress], *, now: datetime
) -> Reader:
    """Return what a user may see who may see results, from what was read of the track for them."""
    is_over = track.status in {"finished", "cancelled"}
    return Reader(
        track,
        access.user_id,
        access.oversees,
        open={each.id: each.title for each in progress if access.oversees or each.opened_at is not None},
        named=[each.id for each in progress if access.oversees or is_over or _are_names_shown(each, now)],
        until=next((each.left_at for each in progress), None),
    )


async def reader_of_assignment(db: Connection, *, assignment_id: int, actor: Actor, now: datetime) -> Reader:
    """Return what a user may see. Raises AssignmentNotFound, TrackNotFound, NotAParticipant, AssignmentLocked."""
    track_id = await db.fetchval(TRACK_OF_ASSIGNMENT, assignment_id)
    if track_id is None:
        raise AssignmentNotFound
    reader = await reader_of_track(db, track_id=track_id, actor=actor, now=now)
    if assignment_id not in reader.open:
        raise AssignmentLocked
    return reader


def _are_names_shown(progress: Progress, now: datetime) -> bool:
    return are_names_shown(reviews_due_at=progress.reviews_due_at, has_done_reviews=progress.has_done_reviews, now=now)
