"""What the author of a track sees of its reviews, and what participants see of the results.

The author sees who reviewed whom; participants see results, never reviewers.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from learning_platform.attempts.rules import REVIEWS_OWED, NotAParticipant
from learning_platform.core.database import Connection, fetch_values
from learning_platform.reviews.oversight import Standing, ensure_oversees, standing_on
from learning_platform.reviews.queries import ReceivedReviews, reviews_of
from learning_platform.reviews.rules import ReturnReason, SubmissionNotFound

PARTICIPANTS_PAGE = """
select p.user_id as id, u.username,
    coalesce(p.left_at < leavers_shown_before($4 or p.user_id = $5, t.id, t.finishes_at, t.status, $6), false)
        as has_left
from participants p join users u on u.id = p.user_id join tracks t on t.id = p.track_id
where p.track_id = $1 and p.user_id > $2 order by p.user_id limit $3
"""
# Also assignments that never opened for somebody: who does no reviews must not come off better for it.
# A result counts once the window for reviews is over; who oversees the track ($3), and each for their own ($4), see it
# sooner. What others are shown, `shown` decides (core/veil.py): while people review, and from the end of the window
# until the track is over, nothing moves. Somebody who watched would learn from whom a review came, or whose work they
# hold.
RESULTS = """
select p.user_id, a.id as assignment_id,
    s.id is not null and (v.shown is not null or a.due_at <= $5 and (
        s.submitted_at < a.due_at
        or exists (select from submission_versions v where v.submission_id = s.id and v.submitted_at < a.due_at)
    )) as submitted,
    case when v.shown = 'infinity' then coalesce(m.reviews_done, 0)
        when v.shown is not null then (select count(*) from claims c
            where c.assignment_id = a.id and c.reviewer_id = p.user_id and c.state = 'reviewed' and c.reason <> 'author'
                and c.ended_at < v.shown) end as reviews_done,
    case when m.opened_at < v.shown then
        m.reviews_required + case when m.excused_at >= v.shown then m.excused_reviews else 0 end end
        as reviews_required,
    coalesce(a.reviews_due_at <= $5, false) as is_final,
    case when r.is_complete then round(r.total::numeric, 2)::float8 end as result
from participants p join tracks t on t.id = p.track_id join assignments a on a.track_id = p.track_id
    cross join lateral (select
        shown_before($3 or p.user_id = $4, a.reviews_due_at, t.finishes_at, t.status, $5) as shown) v
    left join attempts m on m.assignment_id = a.id and m.user_id = p.user_id
    left join submissions s on s.assignment_id = a.id and s.user_id = p.user_id
    left join lateral (
        select 100 * sum(coalesce(k.score, q.median)) / sum(c.max_score) as total,
            bool_and(coalesce(k.score, q.median) is not null) as is_complete
        from criteria c
            left join appeals ap on ap.submission_id = s.id and ap.settled_at < v.shown
            left join corrected_scores k on k.appeal_id = ap.id and k.criterion_id = c.id
            left join lateral (
                select percentile_cont(0.5) within group (order by sc.score) as median
                from reviews rv join scores sc on sc.review_id = rv.id
                where rv.submission_id = s.id and sc.criterion_id = c.id and rv.created_at < v.shown) q on true
        where c.track_id = p.track_id
    ) r on s.id is not null and ($3 or a.reviews_due_at <= $5 or (
        p.user_id = $4 and m.finished_at < coalesce(p.left_at, 'infinity')))
where p.track_id = $1 and p.user_id = any($2::bigint[]) order by p.user_id, a.position
"""
# Ids are random, so lists go on after the time of the row whose id is given.
# Sizes and reviews are counted once for the whole track: a group of ten thousand is looked through in a moment.
SUBMISSIONS = """
with sizes as materialized (
    select s.assignment_id, count(*) as submissions_count
    from submissions s join assignments a on a.id = s.assignment_id where a.track_id = $1 group by s.assignment_id
), reviewed as materialized (
    select r.submission_id, count(*) as reviews_count
    from reviews r join assignments a on a.id = r.assignment_id where a.track_id = $1 group by r.submission_id
), shown as materialized (
    select s.id, s.assignment_id, s.user_id, s.repo_url, s.submitted_at, s.is_disputed,
        coalesce(v.reviews_count, 0) as reviews_count,
        not a.review_pending and not s.is_withdrawn
            and coalesce(v.reviews_count, 0) < least($5::bigint, z.submissions_count - 1) as is_short
    from submissions s join assignments a on a.id = s.assignment_id join sizes z on z.assignment_id = s.assignment_id
        left join reviewed v on v.submission_id = s.id
    where a.track_id = $1
        and ($2::bigint = 0
            or (s.submitted_at, s.id) > (select l.submitted_at, l.id from submissions l where l.id = $2))
        and (not $4 or s.is_disputed
        or (not a.review_pending and not s.is_withdrawn
            and coalesce(v.reviews_count, 0) < least($5::bigint, z.submissions_count - 1)))
    order by s.submitted_at, s.id limit $3
)
select s.id, s.assignment_id, s.user_id as participant_id, u.username, s.repo_url, s.submitted_at, s.is_disputed,
    s.reviews_count, s.is_short,
    (select count(*) from claims c where c.submission_id = s.id and c.state = 'open' and c.counts) as claims_count,
    (select count(*) from claims c where c.submission_id = s.id and c.state = 'returned') as returns_count,
    (select case when p.settled_at is null then 'open' else 'settled' end
     from appeals p where p.submission_id = s.id) as appeal
from shown s join users u on u.id = s.user_id order by s.submitted_at, s.id
"""
RETURNS = """
select c.id, c.submission_id, c.assignment_id, c.return_reason as reason, c.return_comment as comment,
    c.ended_at as returned_at, r.username as reviewer, u.username as participant
from claims c join assignments a on a.id = c.assignment_id join users r on r.id = c.reviewer_id
    join submissions s on s.id = c.submission_id join users u on u.id = s.user_id
where a.track_id = $1 and c.state = 'returned'
    and ($2::bigint = 0 or (c.ended_at, c.id) > (select l.ended_at, l.id from claims l where l.id = $2))
order by c.ended_at, c.id limit $3
"""
APPEALS = """
select p.id, p.submission_id, p.assignment_id, u.username as participant, p.text, p.created_at, p.settled_at,
    p.settlement
from appeals p join assignments a on a.id = p.assignment_id join submissions s on s.id = p.submission_id
    join users u on u.id = s.user_id
where a.track_id = $1
    and ($2::bigint = 0 or (p.created_at, p.id) > (select l.created_at, l.id from appeals l where l.id = $2))
order by p.created_at, p.id limit $3
"""
# Severity: by how many percentage points of a criterion's maximum one scores above (+) or below (-) the median, on
# average, where at least two have reviewed. Only of finished windows, so that it tells nothing before its time.
# Others' part in it (their scores, their answers) comes as they are shown it: `shown` as in RESULTS.
QUALITY = """
with done as (
    select r.id, r.reviewer_id, r.submission_id, r.helpful,
        shown_before($3::bigint is null, a.reviews_due_at, t.finishes_at, t.status, $2) as shown
    from reviews r join assignments a on a.id = r.assignment_id join tracks t on t.id = a.track_id
    where a.track_id = $1 and a.reviews_due_at <= $2 and ($3::bigint is null or r.reviewer_id = $3)
), medians as (
    select d.submission_id, s.criterion_id, percentile_cont(0.5) within group (order by s.score) as median
    from (select distinct submission_id, shown from done) d join reviews r on r.submission_id = d.submission_id
        join scores s on s.review_id = r.id
    where r.created_at < d.shown or r.reviewer_id = $3
    group by d.submission_id, s.criterion_id having count(*) > 1
), severities as (
    select d.reviewer_id, avg(100.0 * (s.score - m.median) / c.max_score) as severity
    from done d join scores s on s.review_id = d.id join criteria c on c.id = s.criterion_id
        join medians m on m.submission_id = d.submission_id and m.criterion_id = s.criterion_id
    group by d.reviewer_id
)
select u.id, u.username, count(*) as reviews_count,
    case when min(d.shown) = 'infinity' then count(*) filter (where d.helpful) end as helpful_count,
    case when min(d.shown) = 'infinity' then count(*) filter (where not d.helpful) end as unhelpful_count,
    round(max(v.severity)::numeric, 2)::float8 as severity
from done d join users u on u.id = d.reviewer_id left join severities v on v.reviewer_id = d.reviewer_id
where u.id > $4 group by u.id, u.username order by u.id limit $5
"""
TRACK_OF_SUBMISSION = """
select a.track_id, s.assignment_id from submissions s join assignments a on a.id = s.assignment_id where s.id = $1
"""
REVIEWERS = """
select r.id as review_id, u.username from reviews r join users u on u.id = r.reviewer_id where r.submission_id = $1
"""


@dataclass(frozen=True, slots=True)
class AssignmentOutcome:
    """One participant at one assignment; `result` in percent, None while there is none or it may not be seen.

    Of others, who does not oversee the track learns `submitted` at the deadline (late work counts when the window for
    reviews is over), and how many reviews they did in time when it is over: None before. What happens after the window
    is shown when the track is over.
    """

    assignment_id: int
    submitted: bool
    reviews_done: int | None
    reviews_required: int | None
    result: float | None


@dataclass(frozen=True, slots=True)
class ParticipantOutcome:
    """One row of the results. `total`: the mean over the assignments whose reviews are over, 0 for no submission."""

    id: int
    username: str
    has_left: bool
    assignments: Sequence[AssignmentOutcome]
    total: float | None


@dataclass(frozen=True, slots=True)
class OverseenSubmission:
    """A submission as the track's author sees it; `is_short`: in review, and lacking reviews it could have."""

    id: int
    assignment_id: int
    participant_id: int
    username: str
    repo_url: str
    submitted_at: datetime
    is_disputed: bool
    reviews_count: int
    claims_count: int
    returns_count: int
    appeal: Literal["open", "settled"] | None
    is_short: bool


@dataclass(frozen=True, slots=True)
class ReturnedClaim:
    """Work that was handed back, by whom and why."""

    id: int
    submission_id: int
    assignment_id: int
    reason: ReturnReason
    comment: str | None
    returned_at: datetime
    reviewer: str
    participant: str


@dataclass(frozen=True, slots=True)
class OverseenAppeal:
    """An appeal with who made it."""

    id: int
    submission_id: int
    assignment_id: int
    participant: str
    text: str
    created_at: datetime
    settled_at: datetime | None
    settlement: str | None


@dataclass(frozen=True, slots=True)
class ReviewQuality:
    """How somebody reviews: a mirror for them, never a punishment.

    How many reviews were found helpful is told to who oversees the track, and to the reviewer when the track is over.
    """

    id: int
    username: str
    reviews_count: int
    helpful_count: int | None
    unhelpful_count: int | None
    severity: float | None


@dataclass(frozen=True, slots=True)
class OverseenReviews:
    """The reviews of a submission, and the username of each reviewer by review."""

    received: ReceivedReviews
    reviewers: dict[int, str]


@dataclass(frozen=True, slots=True)
class _Participant:
    id: int
    username: str
    has_left: bool


async def results(
    db: Connection, *, track_id: int, user_id: int, is_admin: bool, after: int, limit: int, now: datetime
) -> list[ParticipantOutcome]:
    """Return a row per participant. Raises TrackNotFound, NotAParticipant."""
    standing = await _ensure_sees_results(db, track_id=track_id, user_id=user_id, is_admin=is_admin)
    people = await fetch_values(
        db, _Participant, PARTICIPANTS_PAGE, track_id, after, limit, standing.oversees, user_id, now
    )
    outcomes: defaultdict[int, list[AssignmentOutcome]] = defaultdict(list)
    counted: defaultdict[int, list[float]] = defaultdict(list)
    for id, assignment_id, submitted, done, required, is_final, total in await db.fetch(
        RESULTS, track_id, [person.id for person in people], standing.oversees, user_id, now
    ):
        outcomes[id].append(AssignmentOutcome(assignment_id, submitted, done, required, total))
        if is_final and (total is not None or not submitted):
            counted[id].append(total or 0.0)
    return [
        ParticipantOutcome(one.id, one.username, one.has_left, outcomes[one.id], _mean(counted[one.id]))
        for one in people
    ]


async def submissions(
    db: Connection,
    *,
    track_id: int,
    user_id: int,
    is_admin: bool,
    only_needing_attention: bool,
    after: int,
    limit: int,
) -> list[OverseenSubmission]:
    """Return a track's submissions, or those short of reviews or in dispute.

    Raises TrackNotFound, NotTheAuthor, TakesPart.
    """
    await ensure_oversees(db, track_id=track_id, user_id=user_id, is_admin=is_admin)
    return await fetch_values(
        db, OverseenSubmission, SUBMISSIONS, track_id, after, limit, only_needing_attention, REVIEWS_OWED
    )


async def returns(
    db: Connection, *, track_id: int, user_id: int, is_admin: bool, after: int, limit: int
) -> list[ReturnedClaim]:
    """Return what was handed back in a track. Raises TrackNotFound, NotTheAuthor, TakesPart."""
    await ensure_oversees(db, track_id=track_id, user_id=user_id, is_admin=is_admin)
    return await fetch_values(db, ReturnedClaim, RETURNS, track_id, after, limit)


async def appeals(
    db: Connection, *, track_id: int, user_id: int, is_admin: bool, after: int, limit: int
) -> list[OverseenAppeal]:
    """Return the appeals of a track. Raises TrackNotFound, NotTheAuthor, TakesPart."""
    await ensure_oversees(db, track_id=track_id, user_id=user_id, is_admin=is_admin)
    return await fetch_values(db, OverseenAppeal, APPEALS, track_id, after, limit)


async def review_qualities(
    db: Connection, *, track_id: int, user_id: int, is_admin: bool, after: int, limit: int, now: datetime
) -> list[ReviewQuality]:
    """Return how everybody reviews, to the track's author; to a participant only how they do.

    Raises TrackNotFound, NotAParticipant.
    """
    standing = await _ensure_sees_results(db, track_id=track_id, user_id=user_id, is_admin=is_admin)
    reviewer_id = None if standing.oversees else user_id
    return await fetch_values(db, ReviewQuality, QUALITY, track_id, now, reviewer_id, after, limit)


async def overseen_reviews(db: Connection, *, submission_id: int, user_id: int, is_admin: bool) -> OverseenReviews:
    """Return the reviews of any submission with their reviewers. Raises SubmissionNotFound, NotTheAuthor, TakesPart."""
    row = await db.fetchrow(TRACK_OF_SUBMISSION, submission_id)
    if row is None:
        raise SubmissionNotFound
    await ensure_oversees(db, track_id=row["track_id"], user_id=user_id, is_admin=is_admin)
    received = await reviews_of(db, submission_id=submission_id, assignment_id=row["assignment_id"])
    reviewers = {review_id: username for review_id, username in await db.fetch(REVIEWERS, submission_id)}
    return OverseenReviews(received, reviewers)


async def _ensure_sees_results(db: Connection, *, track_id: int, user_id: int, is_admin: bool) -> Standing:
    """Return what the user is on a track. Raises TrackNotFound, NotAParticipant."""
    standing = await standing_on(db, track_id=track_id, user_id=user_id, is_admin=is_admin)
    if not (standing.oversees or standing.takes_part):
        raise NotAParticipant
    return standing


def _mean(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 2) if values else None
