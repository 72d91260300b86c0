"""The submissions of a track, with their reviews and reviewers, and those that reviewers returned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from learning_platform.accounts.actor import Actor
from learning_platform.core.database import Connection, fetch_value, fetch_values
from learning_platform.reviews.queries import ReceivedReviews, reviews_of
from learning_platform.reviews.results import Criterion
from learning_platform.reviews.rules import ReturnReason, SubmissionNotFound
from learning_platform.tracks.access import TrackAccess, access_to_track
from learning_platform.tracks.rules import TrackStatus

# Reviews are counted of what may be short of them: `review_count` has reviews and the claims that count. Of each
# assignment four submissions are counted, because more do not change what each of them can get.
SUBMISSIONS = """
with counted as (
    select s.id, s.assignment_id, s.user_id, s.repo_url, s.snapshot_id, s.submitted_at, s.is_disputed, n.reviews_count,
        coalesce(is_short(a.review_started_at is null, s.is_withdrawn, n.reviews_count, z.submissions_count), false)
            as is_short
    from assignments a cross join lateral (
            select count(*) as submissions_count from (
                select from submissions o where o.assignment_id = a.id limit 4) others) z
        join submissions s on s.assignment_id = a.id
        left join lateral (select count(*) as reviews_count from reviews r where r.submission_id = s.id) n
            on not $4 or s.review_count < 3 or s.is_disputed
                or exists (select from claims c where c.submission_id = s.id and c.state = 'open')
    where a.track_id = $1 and s.id > $2 and ($5::bigint is null or a.id = $5)
), page as materialized (
    select * from counted where not $4 or is_disputed or is_short order by id limit $3
)
select s.id, s.assignment_id, s.user_id as participant_id, u.username, s.repo_url, s.submitted_at, s.is_disputed,
    s.reviews_count, s.is_short,
    exists (select from snapshots n where n.id = s.snapshot_id and n.state = 'frozen') as has_code,
    (select count(*) from claims c where c.submission_id = s.id and c.state = 'open' and c.counts) as claims_count,
    (select count(*) from claims c where c.submission_id = s.id and c.state = 'returned') as returns_count,
    (select case when p.settled_at is null then 'open' else 'settled' end
     from appeals p where p.submission_id = s.id) as appeal
from page s join users u on u.id = s.user_id order by s.id
"""
SUBMISSION_HEAD = """
select s.id, s.assignment_id, s.user_id as participant_id, u.username, s.repo_url, s.comment, s.submitted_at,
    exists (select from snapshots n where n.id = s.snapshot_id and n.state = 'frozen') as has_code,
    s.is_disputed, a.title as assignment_title, a.track_id, t.title as track_title,
    track_status(t.status, t.finishes_at, $2) as status, t.finishes_at, t.appeal_days, a.due_at,
    a.reviews_due_at
from submissions s join users u on u.id = s.user_id join assignments a on a.id = s.assignment_id
    join tracks t on t.id = a.track_id
where s.id = $1
"""
REVIEWERS = """
select r.id as review_id, u.username from reviews r join users u on u.id = r.reviewer_id where r.submission_id = $1
"""
# Ids are random: the list goes on after the time of the row whose id is given.
RETURNS = """
select c.id, c.submission_id, c.assignment_id, c.return_reason as reason, c.return_comment as comment,
    c.ended_at as returned_at, r.username as reviewer, u.username as participant
from claims c join assignments a on a.id = c.assignment_id join users r on r.id = c.reviewer_id
    join submissions s on s.id = c.submission_id join users u on u.id = s.user_id
where a.track_id = $1 and c.state = 'returned'
    and ($2::bigint = 0 or (c.ended_at, c.id) > (select l.ended_at, l.id from claims l where l.id = $2))
order by c.ended_at, c.id limit $3
"""


@dataclass(frozen=True, slots=True)
class OverseenSubmission:
    """A submission as the track's author sees it; `is_short`: in review, and lacking reviews it could have."""

    id: int
    assignment_id: int
    participant_id: int
    username: str
    repo_url: str | None
    submitted_at: datetime
    is_disputed: bool
    reviews_count: int
    claims_count: int
    returns_count: int
    appeal: Literal["open", "settled"] | None
    is_short: bool
    has_code: bool


@dataclass(frozen=True, slots=True)
class SubmissionHead:
    """A submission, its author, and where it belongs."""

    id: int
    assignment_id: int
    participant_id: int
    username: str
    repo_url: str | None
    comment: str | None
    submitted_at: datetime
    has_code: bool
    is_disputed: bool
    assignment_title: str
    track_id: int
    track_title: str
    status: TrackStatus
    finishes_at: datetime | None
    appeal_days: float
    due_at: datetime | None
    reviews_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class OverseenReviews:
    """The reviews of a submission, and the username of each reviewer by review."""

    received: ReceivedReviews
    reviewers: dict[int, str]


@dataclass(frozen=True, slots=True)
class ReturnedClaim:
    """A submission that a reviewer returned, and the reason."""

    id: int
    submission_id: int
    assignment_id: int
    reason: ReturnReason
    comment: str | None
    returned_at: datetime
    reviewer: str
    participant: str


async def submissions(
    db: Connection,
    access: TrackAccess,
    *,
    only_needing_attention: bool,
    assignment_id: int | None = None,
    after: int,
    limit: int,
) -> list[OverseenSubmission]:
    """Return submissions of a track, or of one assignment, by id; all, or those short of reviews or in dispute.

    Raises NotTheAuthor, TakesPart.
    """
    access.ensure_oversees()
    return await fetch_values(
        db, OverseenSubmission, SUBMISSIONS, access.track_id, after, limit, only_needing_attention, assignment_id
    )


async def submission_head(db: Connection, *, submission_id: int, now: datetime) -> SubmissionHead:
    """Return a submission. It is for the caller to check who may see it. Raises SubmissionNotFound."""
    found = await fetch_value(db, SubmissionHead, SUBMISSION_HEAD, submission_id, now)
    if found is None:
        raise SubmissionNotFound
    return found


async def overseen_reviews(
    db: Connection, *, submission: SubmissionHead, actor: Actor, rubric: Sequence[Criterion]
) -> OverseenReviews:
    """Return the reviews of a submission with their reviewers. Raises NotTheAuthor, TakesPart."""
    access = await access_to_track(db, track_id=submission.track_id, actor=actor)
    access.ensure_oversees()
    received = await reviews_of(db, submission_id=submission.id, rubric=rubric)
    reviewers = {review_id: username for review_id, username in await db.fetch(REVIEWERS, submission.id)}
    return OverseenReviews(received, reviewers)


async def returns(db: Connection, access: TrackAccess, *, after: int, limit: int) -> list[ReturnedClaim]:
    """Return the submissions of a track that reviewers returned. Raises NotTheAuthor, TakesPart."""
    access.ensure_oversees()
    return await fetch_values(db, ReturnedClaim, RETURNS, access.track_id, after, limit)
