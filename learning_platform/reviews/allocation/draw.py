"""The draw: who gets which submission to review.

Submissions whose author has deleted their account are withdrawn: their link is gone, so they are not assigned.
Least served first, at random within the level. Among equals, first those whose author has not reviewed this reviewer's
work, and whose author still owes reviews (at the end, work whose author is the only reviewer left cannot be
served). The choice walks an index (assignment, draw_level, author_owes, draw_key) from a random point, so it costs
the same among a hundred submissions and a hundred thousand, and SKIP LOCKED lets claimers pass each other.

The level is the number of reviews, but for submissions of participants who left: until they have all reviews, these
come after every submission of the others that lacks one (attempts/models.py, and `planning.in_turn` for the plan).

The last of a level are drawn one after another, and the very last of them in order, first what the most of the people
to come could not review: else the last reviewer may find only their own work there, and has to be given something that
has had more. A reviewer waits while others hold everything of a level; none is given more than they saw (a
lock looks again at WHERE, never at ORDER BY). The last reviews of an assignment are drawn by plan: `planning`.
"""

from dataclasses import dataclass
from random import SystemRandom

from learning_platform.core.database import Connection, fetch_value, fetch_values
from learning_platform.reviews.allocation.planning import (
    MAX_PLANNED,
    Candidate,
    DropoutModel,
    Reviewer,
    choose,
    outstanding,
)
from learning_platform.reviews.rules import ClaimReason

# The levels that have anything in them, lowest first. A recursive walk: one index look-up a level.
LEVELS = """
with recursive levels as (
    select min(draw_level) as level from submissions where assignment_id = $1 and not is_withdrawn
    union all
    select (select min(draw_level) from submissions
        where assignment_id = $1 and not is_withdrawn and draw_level > levels.level)
    from levels where levels.level is not null
)
select level from levels where level is not null
"""
DRAW_AT = """
select s.id as submission_id, s.repo_url, s.comment
from submissions s
where s.assignment_id = $1 and s.draw_level = $2 and s.author_owes = $3 and s.draw_key >= $4 and s.user_id <> $5
    and not s.is_withdrawn
    and not exists (select from claims c where c.submission_id = s.id and c.reviewer_id = $5)
    and ($6::bigint is null
        or not exists (select from claims r where r.submission_id = $6 and r.reviewer_id = s.user_id))
order by s.draw_key limit 1 for no key update of s skip locked
"""
# Waits for what is being drawn right now, and passes over what by then is on another level. First what the people
# who can not review it, its author and who has been given it, have most to claim of.
DRAW_LAST_AT = """
select s.id as submission_id, s.repo_url, s.comment
from submissions s
where s.assignment_id = $1 and s.draw_level = $2 and s.user_id <> $3 and not s.is_withdrawn
    and not exists (select from claims c where c.submission_id = s.id and c.reviewer_id = $3)
order by (
    select coalesce(sum(m.reviews_required - m.reviews_done - (select count(*) from claims o
        where o.assignment_id = $1 and o.reviewer_id = m.user_id and o.state = 'open' and o.counts)), 0)
    from (select s.user_id as id union all select c.reviewer_id from claims c where c.submission_id = s.id) barred
        join attempts m on m.assignment_id = $1 and m.user_id = barred.id and m.finished_at is null
) desc, exists (select from claims r where r.submission_id = $4 and r.reviewer_id = s.user_id), s.draw_key
limit 1 for no key update of s
"""
LOWEST = """
select lowest.level, (select count(*) from (
    select from submissions where assignment_id = $1 and not is_withdrawn and draw_level = lowest.level limit $2
) there) as there
from (select min(draw_level) as level from submissions where assignment_id = $1 and not is_withdrawn) lowest
where lowest.level is not null
"""
IS_ANYTHING_LEFT = """
select exists (select from submissions s where s.assignment_id = $1 and s.user_id <> $2 and not s.is_withdrawn
    and not exists (select from claims c where c.submission_id = s.id and c.reviewer_id = $2))
"""
DRAW_DISPUTED = """
select s.id as submission_id, s.repo_url, s.comment
from submissions s
where s.assignment_id = $1 and s.is_disputed and s.user_id <> $2 and not s.is_withdrawn and not s.author_left
    and not exists (select from claims c where c.submission_id = s.id and c.reviewer_id = $2)
order by s.review_count, s.draw_key limit 1 for no key update of s skip locked
"""
LOCK_DRAWN = "select id as submission_id, repo_url, comment from submissions where id = $1 for no key update"
# A reviewer whose lease ran out and who is not back is not counted on. Each has at most one in hand.
OWING_REVIEWERS = """
select m.user_id as id, s.id as own_submission_id,
    coalesce(m.reviews_required, 0) - m.reviews_done - (c.id is not null)::int as owes
from attempts m left join submissions s on s.assignment_id = m.assignment_id and s.user_id = m.user_id
    left join claims c on c.assignment_id = m.assignment_id and c.reviewer_id = m.user_id and c.state = 'open'
where m.assignment_id = $1 and m.finished_at is null and c.counts is not false
limit $2
"""
LEAST_SERVED = """
select s.id as submission_id, s.user_id as author_id, s.review_count as served,
    (select count(*) from claims c where c.submission_id = s.id and c.state = 'open' and c.counts) as promised,
    s.author_left
from submissions s where s.assignment_id = $1 and not s.is_withdrawn order by s.draw_level limit $2
"""
CLAIMS_AMONG = """
select reviewer_id, submission_id from claims where assignment_id = $1 and reviewer_id = any($2::bigint[])
union select reviewer_id, submission_id from claims where submission_id = any($3::bigint[])
"""
# Two plans made at the same time would spoil each other, and so would chance; draws by chance do not disturb others,
# except for the last of a level.
DRAW_ALONE = "select pg_advisory_xact_lock(hashtext('learning_platform.draw'), ($1::bigint % 2147483647)::int)"
DRAW_TOGETHER = DRAW_ALONE.replace("_lock(", "_lock_shared(")
# The people looked at to find out whether few reviews are outstanding: most often the first of them owe too much.
LOOKED_AT = (MAX_PLANNED // 3, MAX_PLANNED, 500)
# More than the people who can be drawing at the same time.
DRAWN_ALONE = 100
# Among so few, whose work is left and who is to come decides whether it comes out even.
DRAWN_IN_ORDER = 16
chance = SystemRandom()


@dataclass(frozen=True, slots=True)
class _Found:
    submission_id: int
    repo_url: str | None
    comment: str | None


@dataclass(frozen=True, slots=True)
class _Lowest:
    level: int
    there: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawn submission, locked, and why it was this one."""

    submission_id: int
    repo_url: str | None
    comment: str | None
    reason: ClaimReason


async def draw(
    db: Connection, *, assignment_id: int, reviewer_id: int, own_submission_id: int | None, volunteers: bool
) -> Drawn | None:
    """Choose and lock a submission the reviewer may review, or return None if there is none."""
    if volunteers:
        return await _draw_for_volunteer(db, assignment_id, reviewer_id, own_submission_id)
    found = await _draw_by_plan(db, assignment_id, reviewer_id)
    if found is not None:
        return Drawn(found.submission_id, found.repo_url, found.comment, "planned")
    return await _draw_least_served(db, assignment_id, reviewer_id, own_submission_id, "least_served")


async def _draw_for_volunteer(
    db: Connection, assignment_id: int, reviewer_id: int, own_submission_id: int | None
) -> Drawn | None:
    """Draw where reviewers disagree strongly, then what is least served."""
    found = await fetch_value(db, _Found, DRAW_DISPUTED, assignment_id, reviewer_id)
    if found is not None:
        return Drawn(found.submission_id, found.repo_url, found.comment, "volunteer")
    return await _draw_least_served(db, assignment_id, reviewer_id, own_submission_id, "volunteer")


async def _draw_least_served(
    db: Connection, assignment_id: int, reviewer_id: int, own_submission_id: int | None, reason: ClaimReason
) -> Drawn | None:
    lowest = await _lowest(db, assignment_id)
    if lowest is not None and lowest.there <= DRAWN_ALONE:
        await db.execute(DRAW_ALONE, assignment_id)
        # People queue here: the next in the queue finds another level, or fewer there.
        lowest = await _lowest(db, assignment_id)
    else:
        await db.execute(DRAW_TOGETHER, assignment_id)
    if lowest is None:
        return None
    if lowest.there <= DRAWN_IN_ORDER:
        found = await _draw_in_order(db, assignment_id, lowest.level, reviewer_id, own_submission_id)
    else:
        found = await _draw_at(db, assignment_id, lowest.level, reviewer_id, own_submission_id)
    # Levels move while one looks through them: perhaps nothing was found, and yet there is something.
    while found is None and await db.fetchval(IS_ANYTHING_LEFT, assignment_id, reviewer_id):
        found = await _draw_at_any_level(db, assignment_id, reviewer_id, own_submission_id)
    return None if found is None else Drawn(found.submission_id, found.repo_url, found.comment, reason)


async def _lowest(db: Connection, assignment_id: int) -> _Lowest | None:
    """Return the level of what is least served, and how many are there, counted no further than is asked."""
    return await fetch_value(db, _Lowest, LOWEST, assignment_id, DRAWN_ALONE + 1)


async def _draw_by_plan(db: Connection, assignment_id: int, reviewer_id: int) -> _Found | None:
    if await _who_owes(db, assignment_id) is None:
        return None
    await db.execute(DRAW_ALONE, assignment_id)
    reviewers = await _who_owes(db, assignment_id)
    if reviewers is None:
        return None
    candidates = await fetch_values(db, Candidate, LEAST_SERVED, assignment_id, MAX_PLANNED + 1)
    own = [reviewer.own_submission_id for reviewer in reviewers if reviewer.own_submission_id is not None]
    shown = [candidate.submission_id for candidate in candidates]
    rows = await db.fetch(CLAIMS_AMONG, assignment_id, [reviewer.id for reviewer in reviewers], [*own, *shown])
    model = DropoutModel(reviewers, candidates, len(candidates) <= MAX_PLANNED, {(row[0], row[1]) for row in rows})
    submission_id = choose(model, reviewer_id=reviewer_id, random=chance)
    return None if submission_id is None else await fetch_value(db, _Found, LOCK_DRAWN, submission_id)


async def _who_owes(db: Connection, assignment_id: int) -> list[Reviewer] | None:
    """Return all unfinished participants, or None if they, or the reviews they have yet to claim, are too many.

    A few already show that there is much to do; only when they have claimed almost all is it worth looking at more.
    """
    for most in LOOKED_AT:
        reviewers = await fetch_values(db, Reviewer, OWING_REVIEWERS, assignment_id, most + 1)
        if outstanding(reviewers) > MAX_PLANNED:
            return None
        if len(reviewers) <= most:
            return reviewers
    return None


async def _draw_at_any_level(
    db: Connection, assignment_id: int, reviewer_id: int, own_submission_id: int | None
) -> _Found | None:
    """Draw from the lowest level that has something: what is not held, or else what others hold and let go."""
    for row in await db.fetch(LEVELS, assignment_id):
        level: int = row["level"]
        found = await _draw_at(db, assignment_id, level, reviewer_id, own_submission_id)
        if found is None:
            found = await _draw_in_order(db, assignment_id, level, reviewer_id, own_submission_id)
        if found is not None:
            return found
    return None


async def _draw_in_order(
    db: Connection, assignment_id: int, level: int, reviewer_id: int, own_submission_id: int | None
) -> _Found | None:
    return await fetch_value(db, _Found, DRAW_LAST_AT, assignment_id, level, reviewer_id, own_submission_id)


async def _draw_at(
    db: Connection, assignment_id: int, level: int, reviewer_id: int, own_submission_id: int | None
) -> _Found | None:
    """Draw what is not held from one level."""
    # A reviewer without a submission cannot be half of a pair.
    wishes = [(own_submission_id, True), (own_submission_id, False)] if own_submission_id is not None else []
    for spared_id, author_owes in [*wishes, (None, True), (None, False)]:
        found = await _draw_round(db, assignment_id, level, author_owes, reviewer_id, spared_id)
        if found is not None:
            return found
    return None


async def _draw_round(
    db: Connection, assignment_id: int, level: int, author_owes: bool, reviewer_id: int, spared_id: int | None
) -> _Found | None:
    """Walk the keys of one level from a random point to the end, then from the beginning."""
    for start in (chance.random(), 0.0):
        found = await fetch_value(db, _Found, DRAW_AT, assignment_id, level, author_owes, start, reviewer_id, spared_id)
        if found is not None:
            return found
    return None
