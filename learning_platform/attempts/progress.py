"""How far a user has got with each assignment, by the clock: also when no sweep has handled a passed deadline yet.

A deadline fixes what a participant owes; one who owes nothing is done with the assignment, and the next one opens.
`with_passed_deadlines` does to what was read what the sweeps do to what is stored; a test holds the two together.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from learning_platform.attempts.rules import (
    REVIEWS_OWED,
    ReviewCount,
    count_reviews,
    has_done_reviews,
    is_iteration_open,
    personal_deadline,
    reviews_owed,
)
from learning_platform.core.database import Connection, fetch_value, fetch_values
from learning_platform.tracks.rules import WARNING_SHARE, AssignmentNotFound, Calendar, during_hand_in

# One row per assignment, of tracks ($1) or a single one ($2): its calendar, and how far the user has got. Where the
# deadline has passed and what is owed is not fixed yet, `others_submitted` counts who else has handed in, up to $5.
# The planner does not see how many tracks are asked for (`select $1`): a plan for one would always look cheaper to it,
# and be made again, dearly, at every request.
PROGRESS = """
select a.id, a.track_id, a.position, a.title, a.description, a.duration_hours, a.opens_at, a.due_at,
    a.reviews_due_at, iteration_due_at(a.reviews_due_at, t.iteration_hours) as iteration_due_at, a.version,
    t.author_id = $3 or exists (select from track_staff f where f.track_id = t.id and f.user_id = $3) as is_staff,
    t.status = 'draft' or t.visibility = 'private' as is_hidden, p.user_id is not null as is_participant,
    p.left_at is not null as has_left, p.left_at,
    e.due_at as extended_to, m.opened_at, m.finished_at,
    m.reviews_required, coalesce(m.reviews_done, 0) as reviews_done, s.id as submission_id,
    coalesce(s.version, 0) as submission_version,
    case when greatest(a.due_at, e.due_at) <= $4 and m.finished_at is null and m.reviews_required is null
        and t.status <> 'cancelled' then (select count(*) from (
            select from submissions o where o.assignment_id = a.id and o.user_id <> $3 limit $5) few) end
        as others_submitted
from assignments a join tracks t on t.id = a.track_id
    left join participants p on p.track_id = a.track_id and p.user_id = $3
    left join attempts m on m.assignment_id = a.id and m.user_id = $3
    left join submissions s on s.assignment_id = a.id and s.user_id = $3
    left join extensions e on e.assignment_id = a.id and e.user_id = $3
where a.id = any(array(
    select id from assignments where track_id = any((select $1::bigint[])::bigint[]) union all select $2::bigint))
order by a.track_id, a.position
"""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one user has got with one assignment.

    `others_submitted`: counted, up to what may be owed, from the deadline until what the user owes is fixed.
    """

    id: int
    track_id: int
    position: int
    title: str
    description: str
    duration_hours: float
    opens_at: datetime | None
    due_at: datetime | None
    reviews_due_at: datetime | None
    iteration_due_at: datetime | None
    version: int
    is_staff: bool
    is_hidden: bool
    is_participant: bool
    has_left: bool
    left_at: datetime | None
    extended_to: datetime | None
    opened_at: datetime | None
    finished_at: datetime | None
    reviews_required: int | None
    reviews_done: int
    submission_id: int | None
    submission_version: int
    others_submitted: int | None

    @property
    def warn_at(self) -> datetime | None:
        """Return when participants are warned of the common deadline."""
        if self.opens_at is None or self.due_at is None or self.reviews_due_at is None:
            return None
        return during_hand_in(Calendar(self.opens_at, self.due_at, self.reviews_due_at), share=WARNING_SHARE)

    @property
    def personal_due_at(self) -> datetime | None:
        """Return the deadline as it stands for this user."""
        return personal_deadline(due_at=self.due_at, extended_to=self.extended_to)

    @property
    def reviews(self) -> ReviewCount:
        """Return the user's reviews: those that are owed, and the extra ones."""
        return count_reviews(required=self.reviews_required or 0, done=self.reviews_done)

    def is_iteration_open(self, now: datetime) -> bool:
        """Say whether the user may hand in a second iteration at `now`."""
        return is_iteration_open(
            has_submission=self.submission_id is not None and not self.has_left,
            has_done_reviews=self.has_done_reviews,
            reviews_due_at=self.reviews_due_at,
            iteration_due_at=self.iteration_due_at,
            now=now,
        )

    @property
    def has_done_reviews(self) -> bool:
        """Say whether the user has done all the reviews that are owed."""
        return has_done_reviews(finished_at=self.finished_at, left_at=self.left_at)


async def progress_on_tracks(
    db: Connection, *, track_ids: Sequence[int], user_id: int, now: datetime
) -> list[Progress]:
    """Return the user's progress at every assignment of these tracks, track by track, in order."""
    return with_passed_deadlines(
        await fetch_values(db, Progress, PROGRESS, track_ids, None, user_id, now, REVIEWS_OWED)
    )


async def progress_at(db: Connection, *, assignment_id: int, user_id: int, now: datetime) -> Progress:
    """Return the user's progress at an assignment, whether or not they take part. Raises AssignmentNotFound."""
    found = await fetch_value(db, Progress, PROGRESS, [], assignment_id, user_id, now, REVIEWS_OWED)
    if found is None:
        raise AssignmentNotFound
    if found.is_participant and found.opened_at is None and found.due_at is not None:
        # What is before it may have ended by itself.
        of_track = await progress_on_tracks(db, track_ids=[found.track_id], user_id=user_id, now=now)
        return next(one for one in of_track if one.id == assignment_id)
    return with_passed_deadlines([found])[0]


def with_passed_deadlines(found: Sequence[Progress]) -> list[Progress]:
    """Return progress, in the order of the calendar, with what the passing of deadlines has changed."""
    moved: list[Progress] = []
    opened_at: datetime | None = None
    for progress in found:
        is_next = opened_at is not None and progress.track_id == moved[-1].track_id
        if is_next and progress.opened_at is None:
            progress = replace(progress, opened_at=opened_at)
        progress = _when_deadline_passed(progress)
        opened_at = progress.finished_at if progress.others_submitted is not None else None
        moved.append(progress)
    return moved


def _when_deadline_passed(progress: Progress) -> Progress:
    """Return progress with what is owed; where that is nothing, the attempt is finished."""
    due_at = progress.personal_due_at
    if progress.others_submitted is None or progress.opened_at is None or due_at is None:
        return progress
    required = reviews_owed(submissions_by_others=progress.others_submitted)
    finished_at = due_at if required == 0 else None
    return replace(progress, reviews_required=required, finished_at=finished_at)
