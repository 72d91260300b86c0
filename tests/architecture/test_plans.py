"""How PostgreSQL plans every statement of the project when there is much data: nothing large is read as a whole."""

import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import orjson
import pytest

from benchmarks.data import Size, fill
from learning_platform.accounts.retention import DELETE_EXPIRED_SESSIONS
from learning_platform.attempts.personal import VERSIONS_FOR
from learning_platform.core.database import Connection
from learning_platform.reviews.queries import REVIEWS_OF
from tests.architecture.test_database import statements
from tests.conftest import cloned_database

SCHOOL = Size("plans", users=5_000, tracks=100, participants=50)
LARGE = 1_000
INDEX_SCANS = {"Index Scan", "Index Only Scan"}
PARAMETER = re.compile(r"\$(\d+)")
# What the data of the benchmarks leaves out.
MORE = (
    """
    insert into claims (assignment_id, submission_id, reviewer_id, state, reason, counts, claimed_at, claimed_until)
    select s.assignment_id, s.id, r.user_id, 'reviewed', 'least_served', true, now(), now()
    from submissions s join assignments a on a.id = s.assignment_id and a.review_started_at is not null
        join lateral (select n.user_id from submissions n where n.assignment_id = s.assignment_id and n.id > s.id
            order by n.id limit 1) r on true
    """,
    """
    insert into reviews (assignment_id, submission_id, reviewer_id, created_at)
    select assignment_id, submission_id, reviewer_id, now() from claims
    """,
    """
    insert into scores (review_id, criterion_id, score)
    select r.id, c.id, 5 from reviews r join assignments a on a.id = r.assignment_id
        join criteria c on c.track_id = a.track_id
    """,
    """
    insert into diary_entries (assignment_id, user_id, text, visibility, created_at)
    select assignment_id, user_id, 'A day of loops', 'private', now() from attempts
    """,
    """
    insert into submission_versions (submission_id, repo_url, submitted_at)
    select id, repo_url, submitted_at from submissions
    """,
    "insert into inboxes (user_id, read_up_to) select id, 1 from users",
    "insert into mail_preferences (user_id, types) select id, '{}' from users",
    """
    insert into emails (user_id, kind, state, created_at, next_try_at)
    select id, 'confirmation', 'sent', now(), now() from users
    """,
    # Authors are anybody, not the first to come.
    f"update tracks set author_id = 1 + id * 37 % {SCHOOL.users}",
    "vacuum analyze",
)
PARTIAL_INDEXES = "select indexrelid::regclass::text from pg_index where indpred is not null"
TABLE_OF = "select indrelid::regclass::text from pg_index where indexrelid = $1::text::regclass"
LARGE_TABLES = """
select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace and reltuples >= $1
"""
# Each has its reason to read a whole table.
MAY_SCAN = {
    "accounts.administration.COUNT_FITTING": "an administrator's list says how many users fit",
    "accounts.administration.FIND_USERS": "an administrator's list is sorted by every column",
    "accounts.administration.COUNT_USERS": "an administrator's overview counts all users",
    "notifications.mail.queue.EMAILS_BY_STATE": "an administrator's overview counts all emails",
    "notifications.retention.DELETE_READ_NOTIFICATIONS": "looks at the beginning of every inbox",
    "notifications.mail.queue.QUEUE_ANNOUNCED_EMAILS": "as many emails as users were notified, often all",
    "demo.school.PEOPLE_BY_EMAIL": "the demo is filled once",
}


@pytest.fixture(scope="module")
async def school(server: str, template: str) -> AsyncIterator[Connection]:
    """Return a connection to a database with much in it."""
    async with cloned_database(server, template) as url:
        db = await asyncpg.connect(url)
        await db.execute("set plan_cache_mode = force_generic_plan")
        await fill(db, SCHOOL)
        for statement in MORE:
            await db.execute(statement)
        yield db
        await db.close()


async def scans(db: Connection, names: dict[str, str]) -> dict[str, list[str]]:
    """Return which large tables each statement reads from end to end."""
    large = {row[0] for row in await db.fetch(LARGE_TABLES, LARGE)}
    partial = {row[0] for row in await db.fetch(PARTIAL_INDEXES)}
    assert {"users", "attempts", "submissions", "notifications", "claims", "reviews", "scores"} <= large
    found = {}
    for name, statement in names.items():
        if tables := sorted(large & set(read_whole(await plan_of(db, statement), partial))):
            found[name] = tables
    return found


async def plan_of(db: Connection, statement: str) -> dict[str, Any]:
    """Return the plan for any arguments, as a connection uses it that runs the statement again and again."""
    arguments = ", ".join("null" for _ in range(max(map(int, PARAMETER.findall(statement)), default=0)))
    await db.execute(f"prepare explained as {statement}")
    try:
        asked = "explained" + (f"({arguments})" if arguments else "")
        return dict(orjson.loads(await db.fetchval(f"explain (format json) execute {asked}"))[0]["Plan"])
    finally:
        await db.execute("deallocate explained")


def read_whole(node: dict[str, Any], partial: set[str], *, is_limited: bool = False) -> Iterator[str]:
    """Yield the tables that are read from end to end below a node of a plan, or a whole index of all their rows."""
    is_limited = is_limited or node["Node Type"] == "Limit"
    is_whole_index = "Index Cond" not in node and node.get("Index Name") not in partial and not is_limited
    if node["Node Type"] == "Seq Scan" or (node["Node Type"] in INDEX_SCANS and is_whole_index):
        yield node["Relation Name"]
    for below in node.get("Plans", []):
        yield from read_whole(below, partial, is_limited=is_limited)


async def test_no_statement_reads_a_large_table_from_end_to_end(school: Connection) -> None:
    found = await scans(school, statements())
    excused = {f"learning_platform.{name}" for name in MAY_SCAN}
    assert {name: tables for name, tables in found.items() if name not in excused} == {}
    assert excused <= set(found), "an excuse that is needed no more"


@pytest.mark.parametrize(
    ("index", "statement"),
    [
        ("ix_sessions_expires_at", DELETE_EXPIRED_SESSIONS),
        ("uq_reviews_submission_id_reviewer_id", REVIEWS_OF),
        ("ix_submission_versions_submission_id", VERSIONS_FOR),
    ],
)
async def test_a_statement_whose_index_is_gone_is_found_out(school: Connection, index: str, statement: str) -> None:
    assert await scans(school, {"it": statement}) == {}
    dropped = school.transaction()
    await dropped.start()
    await school.execute(f"alter table {await school.fetchval(TABLE_OF, index)} drop constraint if exists {index}")
    await school.execute(f"drop index if exists {index}")
    found = await scans(school, {"it": statement})
    await dropped.rollback()
    assert found != {}
