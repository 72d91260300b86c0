"""Where a user stands on each of their tracks, and what is to be done next there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from learning_platform.attempts.progress import Progress, progress_on_tracks
from learning_platform.attempts.rules import count_reviews
from learning_platform.core.database import Connection, fetch_values
from learning_platform.snapshots.rules import FailureCode
from learning_platform.tracks.rules import TrackStatus
from learning_platform.tracks.start_rules import StartRule, StartState, TrackStart, start_of_row, state_before_start

# A track that is over stays in sight for a while: its results are news.
SHOWN_AFTER_END = timedelta(days=30)
MAX_TRACKS = 50
TRACKS_OF_PARTICIPANT = """
select t.id as track_id, t.title as track_title, t.status, t.required_participants, t.participants_count,
    t.start_rule, t.starts_at, t.start_missed_at, t.min_participants, t.time_zone, t.start_from_hour,
    t.start_until_hour, t.started_at, t.finishes_at,
    (select count(*) from assignments where track_id = t.id) as assignments_count,
    a.id as assignment_id, a.position, a.title as assignment_title, greatest(a.due_at, e.due_at) as due_at,
    a.reviews_due_at,
    m.reviews_required, coalesce(m.reviews_done, 0) as reviews_done,
    s.id is not null as has_submission, case when n.state = 'failed' then n.error end as code_failure
from participants p join tracks t on t.id = p.track_id
    left join attempts m on m.track_id = t.id and m.user_id = p.user_id and m.finished_at is null
    left join assignments a on a.id = m.assignment_id
    left join extensions e on e.assignment_id = a.id and e.user_id = p.user_id
    left join submissions s on s.assignment_id = a.id and s.user_id = p.user_id
    left join snapshots n on n.id = s.snapshot_id
where p.user_id = $1 and p.left_at is null and (t.status in ('enrolling', 'running') or t.finishes_at > $2)
order by t.id desc limit $3
"""
Step = Literal["wait_for_start", "hand_in", "wait_for_deadline", "review", "wait_for_end", "finished", "cancelled"]


@dataclass(frozen=True, slots=True)
class TrackProgress:
    """One track of a participant, with the assignment they are at, if there is one.

    `code_failure`: why the code of the submission could not be fetched.
    """

    track_id: int
    track_title: str
    status: TrackStatus
    required_participants: int
    participants_count: int
    start_rule: StartRule
    starts_at: datetime | None
    start_missed_at: datetime | None
    min_participants: int
    time_zone: str
    start_from_hour: int | None
    start_until_hour: int | None
    started_at: datetime | None
    finishes_at: datetime | None
    assignments_count: int
    assignment_id: int | None
    position: int | None
    assignment_title: str | None
    due_at: datetime | None
    reviews_due_at: datetime | None
    reviews_required: int | None
    reviews_done: int
    has_submission: bool
    code_failure: FailureCode | None

    @property
    def start(self) -> TrackStart:
        """Return how the track is to start."""
        return start_of_row(self)

    @property
    def start_state(self) -> StartState | None:
        """Return what the track waits for; None once it has started."""
        return state_before_start(self)

    @property
    def seats_left(self) -> int:
        """Return how many people are still waited for."""
        return self.required_participants - self.participants_count

    @property
    def reviews_left(self) -> int:
        """Return how many reviews are owed now."""
        return count_reviews(required=self.reviews_required or 0, done=self.reviews_done).left


@dataclass(frozen=True, slots=True)
class NextStep:
    """The one thing to do on a track, and until when; `None` where no clock runs."""

    track_progress: TrackProgress
    step: Step
    until: datetime | None
    is_late: bool

    @property
    def has_to_submit_again(self) -> bool:
        """Say whether the code of the submission could not be fetched while there is time to replace it."""
        return self.step == "wait_for_deadline" and self.track_progress.code_failure is not None


async def next_steps(db: Connection, *, user_id: int, now: datetime) -> list[NextStep]:
    """Return what is to be done on each track of a user, the most pressing first."""
    found = await fetch_values(db, TrackProgress, TRACKS_OF_PARTICIPANT, user_id, now - SHOWN_AFTER_END, MAX_TRACKS)
    moved = [track_progress.track_id for track_progress in found if _is_moved_by_deadline(track_progress, now=now)]
    if moved:
        of_tracks = await progress_on_tracks(db, track_ids=moved, user_id=user_id, now=now)
        found = [_at(one, of_tracks) if one.track_id in moved else one for one in found]
    return by_urgency([next_step(track_progress, now=now) for track_progress in found])


def next_step(track_progress: TrackProgress, *, now: datetime) -> NextStep:
    """Return what a participant is to do at `now`."""
    step = _step(track_progress, now=now)
    until = {
        "hand_in": track_progress.due_at,
        "wait_for_deadline": track_progress.due_at,
        "review": track_progress.reviews_due_at,
        "wait_for_end": track_progress.finishes_at,
    }.get(step)
    return NextStep(track_progress, step, until, is_late=until is not None and until <= now)


def by_urgency(steps: Sequence[NextStep]) -> list[NextStep]:
    """Put what has to be done before what is waited for, and the earlier time first."""
    order: dict[Step, int] = {"review": 0, "hand_in": 0, "wait_for_deadline": 1, "wait_for_end": 2, "wait_for_start": 3}
    far_away = timedelta.max.total_seconds()

    def urgency(step: NextStep) -> tuple[int, float]:
        rank = 0 if step.has_to_submit_again else order.get(step.step, 4)
        return rank, step.until.timestamp() if step.until else far_away

    return sorted(steps, key=urgency)


def _is_moved_by_deadline(track_progress: TrackProgress, *, now: datetime) -> bool:
    """Say whether a deadline has passed that no sweep has handled yet."""
    return _step(track_progress, now=now) == "review" and track_progress.reviews_required is None


def _at(track_progress: TrackProgress, of_tracks: Sequence[Progress]) -> TrackProgress:
    """Return the standing at the assignment where time has brought the participant."""
    mine = [one for one in of_tracks if one.track_id == track_progress.track_id]
    progress = next((one for one in mine if one.opened_at is not None and one.finished_at is None), None)
    if progress is None:
        return replace(track_progress, assignment_id=None)
    return replace(
        track_progress,
        assignment_id=progress.id,
        position=progress.position,
        assignment_title=progress.title,
        due_at=progress.personal_due_at,
        reviews_due_at=progress.reviews_due_at,
        reviews_required=progress.reviews_required,
        reviews_done=progress.reviews_done,
        has_submission=progress.submission_id is not None,
        code_failure=None,
    )


def _step(track_progress: TrackProgress, *, now: datetime) -> Step:
    if track_progress.status == "enrolling":
        return "wait_for_start"
    if track_progress.status == "cancelled":
        return "cancelled"
    if track_progress.status == "finished" or (
        track_progress.finishes_at is not None and track_progress.finishes_at <= now
    ):
        return "finished"
    if track_progress.assignment_id is None or track_progress.due_at is None:
        return "wait_for_end"
    if now >= track_progress.due_at:
        return "review"
    return "wait_for_deadline" if track_progress.has_submission else "hand_in"
