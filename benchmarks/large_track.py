"""A large track, filled by set-based SQL: all assignments are over but the last two, of which one is in review."""

from benchmarks.data import CRITERIA, PARTICIPANTS, SESSIONS, TRACKS, USERS
from learning_platform.core.database import Connection

AUTHOR_ID, TRACK_ID = 20_000, 1
OWN_AUTHOR = "update tracks set author_id = $1, started_at = now() - interval '100 days' where id = 1"
# Two days each: the last but one is in review now.
ASSIGNMENTS = """
insert into assignments (track_id, position, title, description, duration_hours, opens_at, due_at, reviews_due_at,
    review_started_at)
select 1, n, 'Assignment ' || n + 1, 'Write a program, and a test for it.', 24, opens_at, opens_at + interval '1 day',
    opens_at + interval '2 days', case when n < $1 - 1 then opens_at + interval '1 day' end
from (select n, now() + (n - $1 + 1.5) * interval '1 day' - interval '1 day' as opens_at
    from generate_series(0, $1::int - 1) n) planned
"""
ATTEMPTS = """
insert into attempts (track_id, assignment_id, user_id, opened_at, finished_at, reviews_required, reviews_done)
select 1, a.id, p.user_id, a.opens_at,
    case when a.position < done then a.due_at + interval '1 hour' end,
    case when a.review_started_at is not null then 3 end, case when a.position < done then 3 else 0 end
from participants p cross join assignments a
    cross join lateral (select case when p.user_id % 5 = 0 then $1::int - 2 else $1 - 1 end as done) d
where a.position <= done order by a.id, p.user_id
"""
# Every eleventh was not handed in.
SUBMISSIONS = """
insert into submissions (attempt_id, assignment_id, user_id, repo_url, submitted_at, review_count, is_disputed)
select m.id, m.assignment_id, m.user_id, 'https://git.example/person' || m.user_id || '/hello',
    a.due_at - interval '1 hour', 3, (m.user_id + a.position) % 97 = 0
from attempts m join assignments a on a.id = m.assignment_id where (m.user_id + a.position) % 11 <> 0
"""
REVIEWS = """
insert into reviews (assignment_id, submission_id, reviewer_id, created_at)
select s.assignment_id, s.id, (s.user_id + n - 1) % $1 + 1, a.due_at + interval '1 hour'
from submissions s join assignments a on a.id = s.assignment_id and a.review_started_at is not null,
    generate_series(1, 3) n
"""
SCORES = """
insert into scores (review_id, criterion_id, score)
select r.id, c.id, (r.submission_id % 7 + r.reviewer_id % 4)::int from reviews r, criteria c
"""
CLAIMS = """
insert into claims (assignment_id, submission_id, reviewer_id, state, reason, claimed_at, claimed_until, ended_at,
    counts)
select assignment_id, submission_id, reviewer_id, 'reviewed', 'planned', created_at, created_at, created_at, true
from reviews
"""
LEAVERS = "update participants set left_at = now() - interval '3 days' where user_id % 50 = 0"
STORE_RESULTS = """
update submissions s set result = r.total, window_result = r.total from (
    select v.submission_id, round(100 * sum(m)::numeric / sum(c.max_score), 2)::float8 as total
    from (select r.submission_id, x.criterion_id, percentile_cont(0.5) within group (order by x.score) as m
        from reviews r join scores x on x.review_id = r.id group by 1, 2) v
        join criteria c on c.id = v.criterion_id group by 1) r
where r.submission_id = s.id
"""


async def fill_large_track(db: Connection, *, participants: int, assignments: int) -> None:
    """Fill empty tables; the track's author does not take part."""
    async with db.transaction():
        await db.execute("set local session_replication_role = replica")
        await db.execute(USERS, max(AUTHOR_ID, participants))
        await db.execute(SESSIONS)
        await db.execute(TRACKS, 1, participants)
        await db.execute(OWN_AUTHOR, AUTHOR_ID)
        await db.execute(CRITERIA, 2)
        await db.execute(PARTICIPANTS, participants)
        await db.execute(ASSIGNMENTS, assignments)
        for statement, count in ((ATTEMPTS, assignments), (SUBMISSIONS, None), (REVIEWS, participants)):
            await db.execute(statement, *([] if count is None else [count]))
        for statement in (SCORES, CLAIMS, STORE_RESULTS, LEAVERS):
            await db.execute(statement)
        for table in ("users", "tracks"):
            await db.execute(f"select setval(pg_get_serial_sequence('{table}', 'id'), (select max(id) from {table}))")
    await db.execute("vacuum analyze")
