"""A user's own progress over all their tracks: what they handed in, what it got, what they reviewed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from learning_platform.attempts.rules import ReviewCount, count_reviews
from learning_platform.core.database import Connection, fetch_ids, fetch_value, fetch_values
from learning_platform.reviews.results import track_total
from learning_platform.tracks.rules import TrackStatus

TRACK_IDS = """
select track_id as id from participants where user_id = $1 and track_id < $2 order by track_id desc limit $3
"""
# To themselves all of their results are shown, from when they may see the reviews.
OUTCOMES = """
select t.id as track_id, t.title as track_title, track_status(t.status, t.finishes_at, $2) as status,
    t.participants_count, t.required_participants, t.started_at, t.finishes_at, p.left_at is not null as has_left,
    a.id as assignment_id, a.title as assignment_title, coalesce(a.reviews_due_at <= $2, false) as is_final,
    s.id is not null as submitted, m.reviews_required, coalesce(m.reviews_done, 0) as reviews_done,
    m.finished_at is not null as has_done_reviews, r.total as result
from participants p join tracks t on t.id = p.track_id join assignments a on a.track_id = p.track_id
    left join attempts m on m.assignment_id = a.id and m.user_id = p.user_id
    left join submissions s on s.assignment_id = a.id and s.user_id = p.user_id
    left join lateral submission_total(s.id, t.id, 'infinity') r
        on s.id is not null and may_see_reviews(m.finished_at, p.left_at, a.reviews_due_at, $2)
where p.user_id = $1 and t.id = any($3::bigint[])
order by t.id desc, a.position
"""
# Which of their reviews were found helpful, reviewers learn when the track is over (core/anonymity.py).
REVIEWS = """
select count(*) as given, count(*) filter (where r.helpful and o.is_over) as helpful,
    count(*) filter (where not r.helpful and o.is_over) as unhelpful
from reviews r join assignments a on a.id = r.assignment_id join tracks t on t.id = a.track_id
    cross join lateral (
        select track_status(t.status, t.finishes_at, $2) in ('finished', 'cancelled') as is_over) o
where r.reviewer_id = $1
"""


@dataclass(frozen=True, slots=True)
class OwnOutcome:
    """One assignment of one's own. `result` in percent, None while there is none or it may not be seen yet."""

    track_id: int
    track_title: str
    status: TrackStatus
    participants_count: int
    required_participants: int
    started_at: datetime | None
    finishes_at: datetime | None
    has_left: bool
    assignment_id: int
    assignment_title: str
    is_final: bool
    submitted: bool
    reviews_required: int | None
    reviews_done: int
    has_done_reviews: bool
    result: float | None

    @property
    def reviews(self) -> ReviewCount:
        """Return the user's reviews: those that were owed, and the extra ones."""
        return count_reviews(required=self.reviews_required or 0, done=self.reviews_done)


@dataclass(frozen=True, slots=True)
class TrackProgress:
    """One track of one's own. `total`: the mean over the assignments whose reviews are over, None before the first."""

    id: int
    title: str
    status: TrackStatus
    participants_count: int
    required_participants: int
    started_at: datetime | None
    finishes_at: datetime | None
    has_left: bool
    assignments: Sequence[OwnOutcome]
    submitted: int
    reviews_done: int
    total: float | None


@dataclass(frozen=True, slots=True)
class GivenReviews:
    """How many reviews a user gave on all tracks, and how many of those on tracks that are over were called helpful."""

    given: int
    helpful: int
    unhelpful: int


async def own_progress(db: Connection, *, user_id: int, before: int, limit: int, now: datetime) -> list[TrackProgress]:
    """Return the tracks on which a user takes or took part, with ids below `before`, the newest first."""
    track_ids = await fetch_ids(db, TRACK_IDS, user_id, before, limit)
    outcomes = await fetch_values(db, OwnOutcome, OUTCOMES, user_id, now, track_ids)
    return [_progress(list(of_track)) for _, of_track in groupby(outcomes, key=lambda outcome: outcome.track_id)]


async def given_reviews(db: Connection, *, user_id: int, now: datetime) -> GivenReviews:
    """Return what a user reviewed, on all tracks."""
    found = await fetch_value(db, GivenReviews, REVIEWS, user_id, now)
    assert found is not None
    return found


def _progress(outcomes: Sequence[OwnOutcome]) -> TrackProgress:
    first = outcomes[0]
    return TrackProgress(
        id=first.track_id,
        title=first.track_title,
        status=first.status,
        participants_count=first.participants_count,
        required_participants=first.required_participants,
        started_at=first.started_at,
        finishes_at=first.finishes_at,
        has_left=first.has_left,
        assignments=outcomes,
        submitted=sum(outcome.submitted for outcome in outcomes),
        reviews_done=sum(outcome.reviews_done for outcome in outcomes),
        total=track_total([(outcome.submitted, outcome.result) for outcome in outcomes if outcome.is_final]),
    )
