"""The submissions of a track, with their reviews and reviewers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

import asyncpg

from learning_platform.accounts.actor import Actor
from learning_platform.core.database import Connection, fetch_ids, fetch_value, fetch_values
from learning_platform.reviews.author.lists import ListChoice
from learning_platform.reviews.author.same_code import EqualSubmission, equal_submissions, ids_with_equals
from learning_platform.reviews.queries import ReceivedReviews, reviews_of
from learning_platform.reviews.results import Criterion
from learning_platform.reviews.rules import SubmissionNotFound
from learning_platform.tracks.access import TrackAccess, access_to_track
from learning_platform.tracks.rules import TrackStatus

# Ids alone: of those needing attention, or all. Reviews are counted of what may be short of them: `review_count` has
# reviews and the claims that count. Of each assignment four submissions are counted, because more do not change what
# each of them can get.
NEXT_SUBMISSION_IDS = """
with counted as (
    select s.id, s.is_disputed,
        coalesce(is_short(a.review_started_at is null, s.is_withdrawn, n.reviews_count, z.submissions_count), false)
            as is_short
    from assignments a cross join lateral (
            select count(*) as submissions_count from (
                select from submissions o where o.assignment_id = a.id limit 4) others) z
        join submissions s on s.assignment_id = a.id
        left join lateral (select count(*) as reviews_count from reviews r where r.submission_id = s.id) n
            on $4 and (s.review_count < 3
                or exists (select from claims c where c.submission_id = s.id and c.state = 'open'))
    where a.track_id = $1 and s.id > $2 and ($5::bigint is null or a.id = $5)
)
select id from counted where not $4 or is_disputed or is_short order by id limit $3
"""
# $2 part of a username, $3 only those that need attention, $4 an assignment; ordered by $5, downwards if $6, from $7.
# Without rows to show ($8), they are counted. Those that need attention come from indexes: as one condition of all,
# they take half a second in a large track.
FITTING = """
with tasks as materialized (
    select a.id, a.review_started_at is null as is_review_pending,
        (select count(*) from (select from submissions o where o.assignment_id = a.id limit 4) others)
            as submissions_count
    from assignments a where a.track_id = $1 and ($4::bigint is null or a.id = $4)
), named as materialized (
    select p.user_id, lower(u.username) as name from participants p join users u on u.id = p.user_id
    where p.track_id = $1 and ($2::text <> '' and position(lower($2) in lower(u.username)) > 0 or $5::text = 'name')
), attention as materialized (
    select s.id from tasks a join submissions s on s.assignment_id = a.id and s.is_disputed where $3::boolean
    union
    select s.id from tasks a join submissions s on s.assignment_id = a.id and s.review_count < 3
    where $3 and is_short(a.is_review_pending, s.is_withdrawn,
        (select count(*) from reviews r where r.submission_id = s.id), a.submissions_count)
    union
    select s.id from tasks a join claims c on c.assignment_id = a.id and c.state = 'open'
        join submissions s on s.id = c.submission_id
    where $3 and is_short(a.is_review_pending, s.is_withdrawn,
        (select count(*) from reviews r where r.submission_id = s.id), a.submissions_count)
), chosen as not materialized (
    select s.id, s.user_id, s.submitted_at, s.review_count
    from tasks a join submissions s on s.assignment_id = a.id where not $3
    union all
    select s.id, s.user_id, s.submitted_at, s.review_count from attention t join submissions s on s.id = t.id
), fitting as not materialized (
    select s.id, n.name, s.submitted_at, s.review_count from chosen s left join named n on n.user_id = s.user_id
    where $2 = '' or position(lower($2) in n.name) > 0
)
select case when $8 = 0 then (select count(*) from fitting) end as count, array(
    select id from fitting order by case when $5 = 'name' and $6::boolean then name end desc,
        case when $5 = 'name' and not $6 then name end,
        case when $5 = 'reviews' then case when $6 then -review_count else review_count end end,
        case when $6 then submitted_at end desc, case when not $6 then submitted_at end, id
    offset $7 limit $8::bigint) as ids
"""
MANY_SUBMISSIONS = """
select count(*) > $2 from (
    select from assignments a join submissions s on s.assignment_id = a.id where a.track_id = $1 limit $2 + 1) counted
"""
# An order of more than this takes longer than a reader waits.
MAX_SORTED = 50_000
SUBMISSIONS_OF = """
select s.id, s.assignment_id, s.user_id as participant_id, u.username, s.repo_url, s.submitted_at, s.is_disputed,
    r.reviews_count, is_short(a.review_started_at is null, s.is_withdrawn, r.reviews_count, (
        select count(*) from (select from submissions o where o.assignment_id = a.id limit 4) others)) as is_short,
    is_frozen(s.snapshot_id) as has_code,
    (select count(*) from claims c where c.submission_id = s.id and c.state = 'open' and c.counts) as claims_count,
    (select count(*) from claims c where c.submission_id = s.id and c.state = 'returned') as returns_count,
    (select count(*) from threads h where h.submission_id = s.id and h.sent_at is not null) as threads_count,
    (select case when p.settled_at is null then 'open' else 'settled' end
     from appeals p where p.submission_id = s.id) as appeal
from submissions s join users u on u.id = s.user_id join assignments a on a.id = s.assignment_id
    cross join lateral (select count(*) as reviews_count from reviews r where r.submission_id = s.id) r
where s.id = any($1::bigint[])
"""
SUBMISSION_HEAD = """
select s.id, s.assignment_id, s.user_id as participant_id, u.username, s.repo_url, s.comment, s.submitted_at,
    is_frozen(s.snapshot_id) as has_code,
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


@dataclass(frozen=True, slots=True)
class OverseenSubmission:
    """A submission as the track's author sees it; `is_short`: in review, and lacking reviews it could have.

    `same_as` are those that are equal to it, as a hint.
    """

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
    threads_count: int
    same_as: Sequence[EqualSubmission] = ()


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
    """The reviews of a submission, the username of each reviewer by review, and equal submissions."""

    received: ReceivedReviews
    reviewers: dict[int, str]
    same_as: Sequence[EqualSubmission]


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
    ids = await fetch_ids(db, NEXT_SUBMISSION_IDS, access.track_id, after, limit, only_needing_attention, assignment_id)
    return await _submissions_of(db, ids)


async def has_too_many(db: Connection, access: TrackAccess) -> bool:
    """Say whether a track has more submissions than can be sorted meanwhile. Raises NotTheAuthor, TakesPart."""
    access.ensure_oversees()
    return bool(await db.fetchval(MANY_SUBMISSIONS, access.track_id, MAX_SORTED))


async def count_submissions(db: Connection, access: TrackAccess, choice: ListChoice) -> int:
    """Return how many submissions fit. Raises NotTheAuthor, TakesPart."""
    access.ensure_oversees()
    if choice.state == "same":
        return len(await ids_with_equals(db, track_id=access.track_id, choice=choice))
    return int((await _fitting(db, access, choice, offset=0, limit=0))["count"])


async def found_submissions(
    db: Connection, access: TrackAccess, choice: ListChoice, *, offset: int, limit: int
) -> list[OverseenSubmission]:
    """Return a part of the submissions that fit, in order. Raises NotTheAuthor, TakesPart."""
    access.ensure_oversees()
    if choice.state == "same":
        ids = await ids_with_equals(db, track_id=access.track_id, choice=choice)
        return await _submissions_of(db, ids[offset : offset + limit])
    return await _submissions_of(db, (await _fitting(db, access, choice, offset=offset, limit=limit))["ids"])


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
    equal = await equal_submissions(db, ids=[submission.id])
    return OverseenReviews(received, reviewers, equal.get(submission.id, ()))


async def _fitting(
    db: Connection, access: TrackAccess, choice: ListChoice, *, offset: int, limit: int
) -> asyncpg.Record:
    asked = (choice.name.strip(), choice.state == "attention", choice.assignment_id, choice.sort, choice.is_descending)
    row = await db.fetchrow(FITTING, access.track_id, *asked, offset, limit)
    assert row is not None
    return row


async def _submissions_of(db: Connection, ids: Sequence[int]) -> list[OverseenSubmission]:
    found = {each.id: each for each in await fetch_values(db, OverseenSubmission, SUBMISSIONS_OF, ids)}
    equal = await equal_submissions(db, ids=ids)
    return [replace(found[id], same_as=equal.get(id, ())) for id in ids if id in found]
