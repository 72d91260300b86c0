"""How participants review: how much, how helpful, how severe. For their own use; it has no consequences."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from learning_platform.core.database import Connection, fetch_ids, fetch_values
from learning_platform.reviews.author.lists import ListChoice
from learning_platform.tracks.access import TrackAccess

# Severity: by how many percentage points of a criterion's maximum a reviewer scores above (+) or below (-) the median,
# on average, where at least two have reviewed. Only of windows that are over, so that it reveals nothing too early.
# What others contribute to it (their scores, their answers) is what the reader is shown of it (core/anonymity.py).
QUALITY = """
with done as (
    select r.id, r.reviewer_id, r.submission_id, r.helpful,
        shown_before($3::bigint is null, a.reviews_due_at, t.finishes_at, t.status, $2) as shown
    from reviews r join assignments a on a.id = r.assignment_id join tracks t on t.id = a.track_id
    where a.track_id = $1 and a.reviews_due_at <= $2 and r.reviewer_id = any($4::bigint[])
), medians as materialized (
    select d.submission_id, m.criterion_id, m.median
    from (select distinct submission_id, shown from done) d
        cross join lateral criterion_medians(d.submission_id, d.shown, $3) m where m.scores_count > 1
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
group by u.id, u.username
"""
# The reviewers of a track whose usernames contain $3, ordered by name or by id ($4), the smallest first. Reviewers who
# do not take part review as staff. One review of each is looked for in an index instead of counting them all.
REVIEWER_IDS = """
select u.id from (
    select user_id from participants where track_id = $1
    union select c.reviewer_id from claims c join assignments a on a.id = c.assignment_id
    where a.track_id = $1 and c.reason = 'author'
) candidates join users u on u.id = candidates.user_id
where position(lower($3::text) in lower(u.username)) > 0 and exists (
    select from reviews r where r.reviewer_id = u.id
        and r.assignment_id = any(array(select id from assignments where track_id = $1 and reviews_due_at <= $2)))
order by case when $4::text <> 'id' then lower(u.username) end, u.id
"""
# The same, ordered by how many reviews they wrote. Participants are counted by the counters of their attempts, a third
# as many rows; staff have no attempts.
REVIEWER_IDS_BY_COUNT = """
select u.id from (
    select user_id, sum(done) as reviews_count from (
        select m.user_id, sum(m.reviews_done) as done from assignments a join attempts m on m.assignment_id = a.id
        where a.track_id = $1 and a.reviews_due_at <= $2 group by m.user_id
        union all
        select c.reviewer_id, count(*) from assignments a join claims c on c.assignment_id = a.id
            join reviews r on r.submission_id = c.submission_id and r.reviewer_id = c.reviewer_id
        where a.track_id = $1 and a.reviews_due_at <= $2 and c.reason = 'author' group by c.reviewer_id
    ) given group by user_id having sum(done) > 0
) counted join users u on u.id = counted.user_id
where position(lower($3::text) in lower(u.username)) > 0
order by counted.reviews_count, lower(u.username), u.id
"""
# The same, ordered by how many of their reviews were found helpful, or not ($4).
REVIEWER_IDS_BY_RATING = """
select u.id from (
    select r.reviewer_id, count(*) filter (where r.helpful = $4::boolean) as ratings_count
    from assignments a join reviews r on r.assignment_id = a.id
    where a.track_id = $1 and a.reviews_due_at <= $2 group by r.reviewer_id
) counted join users u on u.id = counted.reviewer_id
where position(lower($3::text) in lower(u.username)) > 0
order by counted.ratings_count, lower(u.username), u.id
"""
RATINGS = ("helpful", "unhelpful")
REVIEWS_COUNT = """
select count(*) from (
    select from assignments a join reviews r on r.assignment_id = a.id
    where a.track_id = $1 and a.reviews_due_at <= $2 limit $3 + 1) counted
"""
# What reviewers differ by from the medians takes a computation for each submission: of more reviews it is computed for
# those on a page only, and is no order.
MAX_REVIEWS_COMPARED = 20_000

# Of submissions that reviewers kept to the end, or returned. Each review ends a claim; counting it reads less.
RECOGNISED = """
select coalesce(sum(returned.known_count), 0)::bigint as recognised_count,
    coalesce(sum(returned.all_count + done.all_count), 0)::bigint as reviews_count
from assignments a cross join lateral (
    select count(*) as all_count, count(*) filter (where c.return_reason = 'know_author') as known_count
    from claims c where c.assignment_id = a.id and c.state = 'returned'
) returned cross join lateral (select count(*) as all_count from reviews r where r.assignment_id = a.id) done
where a.track_id = $1
"""


@dataclass(frozen=True, slots=True)
class ReviewQuality:
    """How a participant reviews.

    How many reviews were found helpful is shown to a user who oversees the track, and to the reviewer when it is over.
    """

    id: int
    username: str
    reviews_count: int
    helpful_count: int | None
    unhelpful_count: int | None
    severity: float | None


@dataclass(frozen=True, slots=True)
class Recognised:
    """How many reviewers returned a submission because they knew its author, of all who reviewed or returned one."""

    recognised_count: int
    reviews_count: int


async def recognised(db: Connection, access: TrackAccess) -> Recognised:
    """Return how well blindness works. Raises NotTheAuthor, TakesPart."""
    access.ensure_oversees()
    (found,) = await fetch_values(db, Recognised, RECOGNISED, access.track_id)
    return found


async def review_qualities(
    db: Connection, access: TrackAccess, *, after: int, limit: int, now: datetime
) -> list[ReviewQuality]:
    """Return how all review to a user who oversees the track, to a participant only how they do; by id.

    Raises NotAParticipant.
    """
    access.ensure_sees_results()
    if not access.oversees:
        return await qualities_of(db, access, ids=[access.user_id] if access.user_id > after else [], now=now)
    ids = [id for id in await fetch_ids(db, REVIEWER_IDS, access.track_id, now, "", "id") if id > after]
    return await qualities_of(db, access, ids=ids[:limit], now=now)


async def reviewer_ids(db: Connection, access: TrackAccess, choice: ListChoice, *, now: datetime) -> Sequence[int]:
    """Return the ids of the reviewers that fit, in order. Raises NotTheAuthor, TakesPart.

    Where too many reviews would have to be compared, the order by severity is that of names.
    """
    access.ensure_oversees()
    wanted = (access.track_id, now, choice.name.strip())
    if choice.sort == "reviews":
        ids = await fetch_ids(db, REVIEWER_IDS_BY_COUNT, *wanted)
    elif choice.sort in RATINGS:
        ids = await fetch_ids(db, REVIEWER_IDS_BY_RATING, *wanted, choice.sort == "helpful")
    else:
        ids = await fetch_ids(db, REVIEWER_IDS, *wanted, choice.sort or "name")
    if choice.sort == "severity" and await is_comparable(db, access, now=now):
        severity = {one.id: one.severity or 0 for one in await qualities_of(db, access, ids=ids, now=now)}
        ids = sorted(ids, key=lambda id: severity.get(id, 0))
    return choice.ordered(ids)


async def is_comparable(db: Connection, access: TrackAccess, *, now: datetime) -> bool:
    """Say whether reviewers can be ordered by how they differ from the medians."""
    return int(await db.fetchval(REVIEWS_COUNT, access.track_id, now, MAX_REVIEWS_COMPARED)) <= MAX_REVIEWS_COMPARED


async def qualities_of(
    db: Connection, access: TrackAccess, *, ids: Sequence[int], now: datetime
) -> list[ReviewQuality]:
    """Return how these users review, in the order of their ids here, to one who oversees the track or is the only one.

    Raises NotAParticipant.
    """
    access.ensure_sees_results()
    reader_id = None if access.oversees else access.user_id
    shown = [id for id in ids if reader_id in {None, id}]
    found = await fetch_values(db, ReviewQuality, QUALITY, access.track_id, now, reader_id, shown)
    by_id = {each.id: each for each in found}
    return [by_id[id] for id in ids if id in by_id]
