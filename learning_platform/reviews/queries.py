"""Read what is needed to review, and what reviewers said."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from learning_platform.attempts.queries import place
from learning_platform.attempts.rules import NoSubmission, NotAParticipant
from learning_platform.core.database import Connection, fetch_value, fetch_values
from learning_platform.reviews.rules import Criterion, Result, Score, ensure_may_see_reviews, result
from learning_platform.tracks.rules import AssignmentNotFound, TrackStatus

REVIEWING = """
select a.id as assignment_id, a.track_id, a.due_at, a.reviews_due_at, a.review_pending, t.status, t.finishes_at,
    m.id as attempt_id,
    exists (select from participants p where p.track_id = t.id and p.user_id = $2) as is_participant,
    (select s.id from submissions s where s.assignment_id = a.id and s.user_id = $2) as own_submission_id
from assignments a join tracks t on t.id = a.track_id
    left join attempts m on m.assignment_id = a.id and m.user_id = $2
where a.id = $1
"""
CRITERIA = """
select c.id, c.position, c.name, c.description, c.max_score
from criteria c join assignments a on a.track_id = c.track_id where a.id = $1 order by c.position
"""
# In an order that says nothing of who reviewed first.
REVIEWS_OF = """
select id, comment, updated_at from reviews where submission_id = $1 order by md5(id::text)
"""
SCORES_OF = """
select s.review_id, s.criterion_id, s.score, s.comment
from scores s join reviews r on r.id = s.review_id join criteria c on c.id = s.criterion_id
where r.submission_id = $1 order by c.position
"""
OWN_REVIEW = "select id, comment, updated_at from reviews where submission_id = $1 and reviewer_id = $2"
SCORES_OF_REVIEW = """
select s.review_id, s.criterion_id, s.score, s.comment
from scores s join criteria c on c.id = s.criterion_id where s.review_id = $1 order by c.position
"""


@dataclass(frozen=True, slots=True)
class Reviewing:
    """The review stage of an assignment, as it concerns one user."""

    assignment_id: int
    track_id: int
    due_at: datetime | None
    reviews_due_at: datetime | None
    review_pending: bool
    status: TrackStatus
    finishes_at: datetime | None
    attempt_id: int | None
    is_participant: bool
    own_submission_id: int | None


@dataclass(frozen=True, slots=True)
class Review:
    """A review as the author of the submission sees it: by nobody."""

    id: int
    scores: Sequence[Score]
    comment: str | None
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReceivedReviews:
    """Every review of a submission, and what they add up to (None while there is none)."""

    submission_id: int
    reviews: Sequence[Review]
    result: Result | None


async def reviewing(db: Connection, *, assignment_id: int, user_id: int) -> Reviewing:
    """Return the review stage as it concerns the user. Raises AssignmentNotFound."""
    found = await fetch_value(db, Reviewing, REVIEWING, assignment_id, user_id)
    if found is None:
        raise AssignmentNotFound
    return found


async def criteria(db: Connection, *, assignment_id: int) -> list[Criterion]:
    """Return the rubric of the assignment's track, in order."""
    return await fetch_values(db, Criterion, CRITERIA, assignment_id)


async def received_reviews(db: Connection, *, assignment_id: int, user_id: int, now: datetime) -> ReceivedReviews:
    """Return the reviews of the user's own submission.

    Raises AssignmentNotFound, NotAParticipant, NoSubmission, OwnReviewsFirst.
    """
    here = await place(db, assignment_id=assignment_id, user_id=user_id)
    if not here.is_participant:
        raise NotAParticipant
    if here.submission_id is None:
        raise NoSubmission
    ensure_may_see_reviews(finished_at=here.finished_at, reviews_due_at=here.reviews_due_at, now=now)
    rows = await db.fetch(SCORES_OF, here.submission_id)
    scores: defaultdict[int, list[Score]] = defaultdict(list)
    given: defaultdict[int, list[int]] = defaultdict(list)
    for review_id, criterion_id, score, comment in rows:
        scores[review_id].append(Score(criterion_id, score, comment))
        given[criterion_id].append(score)
    reviews = [
        Review(id, scores[id], comment, updated_at)
        for id, comment, updated_at in await db.fetch(REVIEWS_OF, here.submission_id)
    ]
    rubric = await criteria(db, assignment_id=assignment_id)
    return ReceivedReviews(here.submission_id, reviews, result(rubric, given))


async def own_review(db: Connection, *, submission_id: int, reviewer_id: int) -> Review | None:
    """Return what the user said of a submission, or None."""
    row = await db.fetchrow(OWN_REVIEW, submission_id, reviewer_id)
    if row is None:
        return None
    scores = [
        Score(criterion_id, score, comment)
        for _, criterion_id, score, comment in await db.fetch(SCORES_OF_REVIEW, row["id"])
    ]
    return Review(row["id"], scores, row["comment"], row["updated_at"])
