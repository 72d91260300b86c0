"""Read what is needed to review, and what reviewers said."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from learning_platform.attempts.progress import Progress
from learning_platform.attempts.rules import NoSubmission, personal_deadline
from learning_platform.core.database import Connection, fetch_value, fetch_values
from learning_platform.reviews.mask_terms import shown_to_reviewers
from learning_platform.reviews.results import Criterion, Result, Score, result
from learning_platform.reviews.rules import NotReviewedYet, ensure_may_see_reviews
from learning_platform.tracks.rules import AssignmentNotFound, NotAParticipant, TrackStatus

REVIEWING = """
select a.id as assignment_id, a.track_id, a.due_at, a.reviews_due_at, t.status, t.finishes_at, t.appeal_days,
    t.author_id,
    e.due_at as extended_to, t.status = 'running'
        and case when e.id is null then a.review_started_at else e.review_started_at end is null as is_pending,
    m.id as attempt_id, p.user_id is not null as is_participant, p.left_at is not null as has_left,
    (select s.id from submissions s where s.assignment_id = a.id and s.user_id = $2) as own_submission_id
from assignments a join tracks t on t.id = a.track_id
    left join participants p on p.track_id = t.id and p.user_id = $2
    left join attempts m on m.assignment_id = a.id and m.user_id = $2
    left join extensions e on e.assignment_id = a.id and e.user_id = $2
where a.id = $1
"""
CRITERIA = """
select c.id, c.position, c.name, c.description, c.max_score
from criteria c join assignments a on a.track_id = c.track_id where a.id = $1 order by c.position
"""
# In an order that says nothing of who reviewed first.
REVIEWS_OF = """
select id, comment, shown_day(updated_at) as updated_at, helpful, answer, answer_version
from reviews where submission_id = $1 order by md5(id::text)
"""
SCORES_OF = """
select s.review_id, s.criterion_id, s.score, s.comment
from scores s join reviews r on r.id = s.review_id join criteria c on c.id = s.criterion_id
where r.submission_id = $1 order by c.position
"""
# Earlier, it would show that the author of the submission has read their reviews. The day, because they are anonymous.
SETTLED_APPEAL = """
select p.settlement, shown_day(p.settled_at) as settled_at from appeals p join assignments a on a.id = p.assignment_id
where p.submission_id = $1 and p.settled_at is not null and a.reviews_due_at <= $2
"""
# The author's answer is shown when the track is over: before, it would reveal who has read the review.
OWN_REVIEW = """
select r.id, r.comment, r.updated_at, case when v.is_over then r.helpful end as helpful,
    case when v.is_over then r.answer end as answer, r.version, a.track_id, s.user_id as author_id
from reviews r join submissions s on s.id = r.submission_id join assignments a on a.id = r.assignment_id
    join tracks t on t.id = a.track_id
    cross join lateral (select
        shown_before(false, a.reviews_due_at, t.finishes_at, t.status, $3) is not distinct from 'infinity' as is_over) v
where r.submission_id = $1 and r.reviewer_id = $2
"""
SCORES_OF_REVIEW = """
select s.criterion_id, s.score, s.comment
from scores s join criteria c on c.id = s.criterion_id where s.review_id = $1 order by c.position
"""
APPEAL_OF = """
select id, submission_id, text, created_at, settled_at, settlement, version from appeals where submission_id = $1
"""
SCORES_OF_APPEAL = """
select c.criterion_id, c.score from corrected_scores c join appeals a on a.id = c.appeal_id where a.submission_id = $1
"""
COUNTED_CORRECTIONS = "select criterion_id, score from counted_corrections($1, 'infinity')"
# The latest first.
CORRECTIONS_OF = """
select k.id, k.reason, k.corrected_at, s.criterion_id, s.score
from corrections k
    left join (correction_scores s join criteria c on c.id = s.criterion_id) on s.correction_id = k.id
where k.submission_id = $1 order by k.corrected_at desc, k.id desc, c.position
"""


@dataclass(frozen=True, slots=True)
class Reviewing:
    """The review stage of an assignment, as it concerns one user.

    `is_pending`: the track runs, and the stage has not begun for them, be it due or not.
    """

    assignment_id: int
    track_id: int
    due_at: datetime | None
    reviews_due_at: datetime | None
    status: TrackStatus
    finishes_at: datetime | None
    appeal_days: float
    author_id: int
    extended_to: datetime | None
    is_pending: bool
    attempt_id: int | None
    is_participant: bool
    has_left: bool
    own_submission_id: int | None

    @property
    def personal_due_at(self) -> datetime | None:
        """Return the deadline as it stands for this user."""
        return personal_deadline(due_at=self.due_at, extended_to=self.extended_to)


@dataclass(frozen=True, slots=True)
class Review:
    """A review as the author of the submission sees it, without the reviewer; and what that author answered.

    `updated_at` is exact for the reviewer, for others a day. `version` is that of what the reader may change: the
    reviewer the review, the author of the submission the answer (0 before the first answer).
    """

    id: int
    scores: Sequence[Score]
    comment: str | None
    updated_at: datetime | None
    helpful: bool | None = None
    answer: str | None = None
    version: int = 1
    settled_appeal: "SettledAppeal | None" = None


@dataclass(frozen=True, slots=True)
class SettledAppeal:
    """How an appeal about a submission was settled, as its reviewers see it: on which day, and with which scores."""

    settlement: str
    settled_at: datetime
    scores: Sequence[Score]


@dataclass(frozen=True, slots=True)
class Appeal:
    """An appeal about the result of a submission, and how it was settled, once it is."""

    id: int
    submission_id: int
    text: str
    created_at: datetime
    settled_at: datetime | None
    settlement: str | None
    version: int


@dataclass(frozen=True, slots=True)
class Correction:
    """Scores that staff put in place of the medians without an appeal, and why; without scores, the medians count."""

    id: int
    reason: str
    corrected_at: datetime
    scores: Sequence[Score]


@dataclass(frozen=True, slots=True)
class ReceivedReviews:
    """Every review of a submission, and what they add up to (None while there is nothing)."""

    submission_id: int
    reviews: Sequence[Review]
    result: Result | None
    appeal: Appeal | None
    corrections: Sequence[Correction]


async def reviewing(db: Connection, *, assignment_id: int, user_id: int) -> Reviewing:
    """Return the review stage as it concerns the user. Raises AssignmentNotFound."""
    found = await fetch_value(db, Reviewing, REVIEWING, assignment_id, user_id)
    if found is None:
        raise AssignmentNotFound
    return found


async def criteria(db: Connection, *, assignment_id: int) -> list[Criterion]:
    """Return the rubric of the assignment's track, in order."""
    return await fetch_values(db, Criterion, CRITERIA, assignment_id)


async def received_reviews(
    db: Connection, progress: Progress, *, rubric: Sequence[Criterion], now: datetime
) -> ReceivedReviews:
    """Return the reviews of a user's own submission. Raises NotAParticipant, NoSubmission, OwnReviewsFirst."""
    return await reviews_of(db, submission_id=reviewed_submission_id(progress, now=now), rubric=rubric)


def reviewed_submission_id(progress: Progress, *, now: datetime) -> int:
    """Return a user's own submission, whose reviews they may see now.

    Raises NotAParticipant, NoSubmission, OwnReviewsFirst.
    """
    if not progress.is_participant:
        raise NotAParticipant
    if progress.submission_id is None:
        raise NoSubmission
    ensure_may_see_reviews(has_done_own=progress.has_done_reviews, reviews_due_at=progress.reviews_due_at, now=now)
    return progress.submission_id


async def reviews_of(db: Connection, *, submission_id: int, rubric: Sequence[Criterion]) -> ReceivedReviews:
    """Return the reviews of a submission by the rubric of its track. It is for the caller to check who may see them."""
    scores: defaultdict[int, list[Score]] = defaultdict(list)
    for review_id, criterion_id, score, comment in await db.fetch(SCORES_OF, submission_id):
        scores[review_id].append(Score(criterion_id, score, comment))
    reviews = [
        Review(id, scores[id], comment, updated_at, helpful, answer, version)
        for id, comment, updated_at, helpful, answer, version in await db.fetch(REVIEWS_OF, submission_id)
    ]
    corrected = await counted_corrections(db, submission_id=submission_id)
    return ReceivedReviews(
        submission_id=submission_id,
        reviews=reviews,
        result=result(rubric, [review.scores for review in reviews], corrected),
        appeal=await fetch_value(db, Appeal, APPEAL_OF, submission_id),
        corrections=await corrections(db, submission_id=submission_id),
    )


async def counted_corrections(db: Connection, *, submission_id: int) -> dict[int, int]:
    """Return the scores, by criterion, that count instead of the medians of a submission."""
    return {criterion_id: score for criterion_id, score in await db.fetch(COUNTED_CORRECTIONS, submission_id)}


async def corrections(db: Connection, *, submission_id: int) -> list[Correction]:
    """Return what staff corrected of a submission without an appeal, the latest first."""
    rows = await db.fetch(CORRECTIONS_OF, submission_id)
    return [
        Correction(
            id,
            reason,
            corrected_at,
            [Score(row["criterion_id"], row["score"]) for row in group if row["score"] is not None],
        )
        for (id, reason, corrected_at), group in groupby(rows, key=itemgetter("id", "reason", "corrected_at"))
    ]


async def own_review(db: Connection, *, submission_id: int, reviewer_id: int, now: datetime) -> Review | None:
    """Return what the user said of a submission, or None; with the answer to it, without names, when it is shown."""
    row = await db.fetchrow(OWN_REVIEW, submission_id, reviewer_id, now)
    if row is None:
        return None
    appeal = await db.fetchrow(SETTLED_APPEAL, submission_id, now)
    written = {0: row["answer"], 1: None if appeal is None else appeal["settlement"]}
    texts = {key: text for key, text in written.items() if text}
    shown = await shown_to_reviewers(db, track_id=row["track_id"], author_id=row["author_id"], texts=texts)
    corrected = [] if appeal is None else await db.fetch(SCORES_OF_APPEAL, submission_id)
    return Review(
        id=row["id"],
        scores=await fetch_values(db, Score, SCORES_OF_REVIEW, row["id"]),
        comment=row["comment"],
        updated_at=row["updated_at"],
        helpful=row["helpful"],
        answer=shown.get(0),
        version=row["version"],
        settled_appeal=None
        if appeal is None
        else SettledAppeal(shown.get(1, ""), appeal["settled_at"], [Score(id, score) for id, score in corrected]),
    )


async def review_by(db: Connection, *, submission_id: int, reviewer_id: int, now: datetime) -> Review:
    """Return what the user said of a submission. Raises NotReviewedYet, also if there is no such submission."""
    found = await own_review(db, submission_id=submission_id, reviewer_id=reviewer_id, now=now)
    if found is None:
        raise NotReviewedYet
    return found
