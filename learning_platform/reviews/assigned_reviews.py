"""The submission that a reviewer has in hand, and those they have reviewed."""

from dataclasses import dataclass, replace
from datetime import datetime

from learning_platform.accounts.actor import Actor
from learning_platform.core.database import Connection, fetch_value, fetch_values
from learning_platform.reviews.locks import SubmissionToReview
from learning_platform.reviews.mask_terms import shown_comments
from learning_platform.reviews.rules import NotReviewedYet
from learning_platform.tracks.access import access_to_track

ASSIGNED_REVIEWS = """
select c.submission_id, c.state = 'open' as is_open, c.claimed_until,
    case when not is_frozen(s.snapshot_id) or t.show_repository then s.repo_url end as repo_url,
    is_frozen(s.snapshot_id) as has_code, s.comment, r.created_at,
    (select sum(x.score)::float8 from scores x where x.review_id = r.id) as points,
    (select shown_day(max(v.submitted_at)) from submission_versions v where v.submission_id = s.id
        and v.submitted_at > greatest(c.claimed_at, r.created_at, r.updated_at)) as changed_at
from claims c join submissions s on s.id = c.submission_id join assignments a on a.id = c.assignment_id
    join tracks t on t.id = a.track_id
    left join reviews r on r.submission_id = c.submission_id and r.reviewer_id = c.reviewer_id
where c.assignment_id = $1 and c.reviewer_id = $2 and c.state in ('open', 'reviewed') order by c.claimed_at
"""
# A user who oversees the track reviews any submission; that does not assign it.
OPTIONAL_REVIEW = """
select s.id as submission_id, true as is_open, null::timestamptz as claimed_until, s.repo_url,
    is_frozen(s.snapshot_id) as has_code, s.comment,
    null::timestamptz as created_at, null::float8 as points, null::timestamptz as changed_at
from submissions s where s.id = $1
"""


@dataclass(frozen=True, slots=True)
class AssignedReview:
    """A submission that a reviewer has: assigned until a time, or taken without being assigned (no time).

    `points` is the sum of the scores they gave; `changed_at` the day on which the link was replaced or corrected since
    they were given it, or reviewed it. `repo_url` is None for reviewers where the code is frozen (`has_code`),
    unless the track shows links as well.
    """

    submission_id: int
    is_open: bool
    claimed_until: datetime | None
    repo_url: str | None
    has_code: bool
    comment: str | None
    created_at: datetime | None
    points: float | None
    changed_at: datetime | None


async def assigned_reviews(db: Connection, *, assignment_id: int, reviewer_id: int) -> list[AssignedReview]:
    """Return what the user was given to review for an assignment and has not handed back."""
    reviews = await fetch_values(db, AssignedReview, ASSIGNED_REVIEWS, assignment_id, reviewer_id)
    comments = await shown_comments(db, {each.submission_id: each.comment for each in reviews})
    return [replace(each, comment=comments[each.submission_id]) for each in reviews]


async def optional_review(db: Connection, submission: SubmissionToReview, *, actor: Actor) -> AssignedReview:
    """Return any submission of others, for a user who may review any. Raises NotReviewedYet for all others."""
    access = await access_to_track(db, track_id=submission.track_id, actor=actor)
    found = await fetch_value(db, AssignedReview, OPTIONAL_REVIEW, submission.id) if access.oversees else None
    if found is None:
        raise NotReviewedYet
    return found
