"""Every column says whether it is about a person, and the export and the deletion of an account do as it says."""

from datetime import timedelta
from typing import Any

import orjson
import pytest

from learning_platform.core.database import Connection
from learning_platform.personal_data.columns import KEPT
from learning_platform.personal_data.deletion import delete_account_data
from learning_platform.personal_data.export import everything_about
from learning_platform.personal_data.kinds import Personal
from tests import make

COLUMNS = """
select c.table_name, c.column_name, c.data_type from information_schema.columns c
where c.table_schema = 'public' and c.table_name <> 'alembic_version'
"""
# Which rows are about a person ($1), where that is not `user_id`.
OWNED = {
    "users": "id = $1",
    "refresh_tokens": "session_id in (select id from sessions where user_id = $1)",
    "tracks": "author_id = $1",
    "criteria": "track_id in (select id from tracks where author_id = $1)",
    "assignments": "track_id in (select id from tracks where author_id = $1)",
    "submission_versions": "submission_id in (select id from submissions where user_id = $1)",
    "claims": "reviewer_id = $1",
    # What they wrote, and what they answered.
    "reviews": "reviewer_id = $1 or submission_id in (select id from submissions where user_id = $1)",
    "scores": "review_id in (select id from reviews where reviewer_id = $1)",
    "appeals": "submission_id in (select id from submissions where user_id = $1)",
    "corrected_scores": "appeal_id in (select p.id from appeals p join submissions s on s.id = p.submission_id"
    " where s.user_id = $1)",
    "corrections": "submission_id in (select id from submissions where user_id = $1)",
    "correction_scores": "correction_id in (select k.id from corrections k join submissions s on s.id = k.submission_id"
    " where s.user_id = $1)",
    "threads": "writer_id = $1",
    "thread_messages": "writer_id = $1",
    "invitations": "id in (select invitation_id from invitation_uses where user_id = $1)",
    "questions": "writer_id = $1",
    "question_posts": "writer_id = $1",
    "diary_entries": "user_id = $1 and visibility = 'track'",
}
# `me`: whose rows; `first`: an assignment; `other`, `third`: submissions of others; `own`: theirs.
ROWS = (
    """insert into sessions (user_id, created_at, expires_at, revoked_at, browser, system)
        values ({me}, now(), now(), now(), 'Firefox', 'Linux')""",
    """insert into refresh_tokens (token_hash, session_id, created_at, used_at)
        select 'hash', id, now(), now() from sessions where user_id = {me}""",
    """insert into known_networks (user_id, network, last_used_at) values ({me}, 'network', now())""",
    """insert into extensions (assignment_id, user_id, due_at, reason, granted_by, granted_at)
        values ({first}, {me}, now(), 'ill', {me}, now())""",
    """insert into scheduled_events (track_id, assignment_id, user_id, kind, due_at, pending)
        select track_id, id, {me}, 'review_start', now(), false from assignments where id = {first}""",
    """insert into claims (assignment_id, submission_id, reviewer_id, state, reason, counts, claimed_at, claimed_until,
        ended_at, return_reason, return_comment)
        values ({first}, {other}, {me}, 'returned', 'planned', false, now(), now(), now(), 'other', 'no')""",
    """insert into claims (assignment_id, submission_id, reviewer_id, state, reason, claimed_at, claimed_until,
        ended_at) values ({first}, {third}, {me}, 'reviewed', 'planned', now(), now(), now())""",
    """insert into reviews (assignment_id, submission_id, reviewer_id, comment, created_at, updated_at)
        values ({first}, {third}, {me}, 'good', now(), now())""",
    """insert into reviews (assignment_id, submission_id, reviewer_id, created_at, helpful, answer, answered_at)
        select {first}, {own}, user_id, now(), true, 'thanks', now() from submissions where id = {other}""",
    """insert into scores (review_id, criterion_id, score, comment)
        select r.id, c.id, 1, 'so' from reviews r, criteria c join assignments a on a.track_id = c.track_id
        where r.reviewer_id = {me} and a.id = {first}""",
    """insert into threads (submission_id, snapshot_id, writer_id, review_id, path, side, blob, first_line, last_line,
        excerpt, kind, draft_key, created_at, sent_at)
        select s.id, s.snapshot_id, {me}, r.id, 'main.py', 'new', 'blob', 1, 1, 'x = 1', 'note', 'key', now(), now()
        from submissions s join reviews r on r.submission_id = s.id where s.id = {third} and r.reviewer_id = {me}""",
    """insert into thread_messages (thread_id, position, writer_id, role, text, created_at, hidden_at, hidden_by)
        select id, 1, {me}, 'reviewer', 'why?', now(), now(), {me} from threads where writer_id = {me}""",
    """insert into message_reports (message_id, user_id, reason, created_at)
        select id, {me}, 'rude', now() from thread_messages where writer_id = {me}""",
    """insert into appeals (assignment_id, submission_id, text, created_at, settled_at, settlement)
        values ({first}, {own}, 'look', now(), now(), 'looked')""",
    """insert into corrected_scores (appeal_id, criterion_id, score)
        select p.id, c.id, 3 from appeals p, criteria c join assignments a on a.track_id = c.track_id
        where p.submission_id = {own} and a.id = {first}""",
    """insert into corrections (submission_id, reason, corrected_at, corrected_by)
        values ({own}, 'too strict', now(), {me})""",
    """insert into correction_scores (correction_id, criterion_id, score)
        select k.id, c.id, 3 from corrections k, criteria c join assignments a on a.track_id = c.track_id
        where k.submission_id = {own} and a.id = {first}""",
    """insert into diary_entries (assignment_id, user_id, text, visibility, created_at, updated_at, shared_at,
        shown_text) values ({first}, {me}, 'today', 'track', now(), now(), now(), 'before')""",
    """insert into certificates (track_id, user_id, issued_at, assignments, submitted, reviewed, revoked_at, revoked_by,
        revoke_reason) values ({track}, {me}, now(), 2, 1, 1, now(), {me}, 'copied')""",
    """insert into questions (track_id, assignment_id, writer_id, created_at, answered_at, pinned_at)
        values ({track}, {first}, {me}, now(), now(), now())""",
    """insert into question_posts (question_id, position, writer_id, role, title, text, masked_title, masked_text,
        created_at, updated_at, hidden_at, hidden_by)
        select id, 1, {me}, 'participant', 'by me', 'see my link', 'by', 'see', now(), now(), now(), {me}
        from questions where writer_id = {me}""",
    """insert into question_posts (question_id, position, writer_id, role, text, masked_text, created_at)
        select q.id, 2, s.user_id, 'participant', 'so', 'so', now() from questions q, submissions s
        where q.writer_id = {me} and s.id = {other}""",
    """insert into question_reports (post_id, user_id, reason, created_at)
        select id, {me}, 'off topic', now() from question_posts where writer_id <> {me}""",
    """insert into question_readers (track_id, user_id, read_up_to, is_muted) values ({track}, {me}, now(), true)""",
    """insert into question_mutes (question_id, user_id) select id, {me} from questions""",
    """update users set display_name = 'Alice A.', about = 'likes parsers', profile_visibility = 'everyone'
        where id = {me}""",
    """insert into track_staff (track_id, user_id, role, added_at) values ({track}, {me}, 'mentor', now())""",
    """insert into invitations (track_id, invited_by, role, token_hash, email, name, max_uses, uses, created_at,
        expires_at, withdrawn_at, declined_at, opened_at)
        values ({track}, {me}, 'participant', 'hash', 'me@example.com', 'Me', 1, 1, now(), now(), now(), now(),
        now())""",
    """insert into invitation_uses (invitation_id, user_id, used_at) select id, {me}, now() from invitations""",
    """insert into removals (track_id, user_id, removed_by, reason, removed_at)
        values ({track}, {me}, {me}, 'spam', now())""",
    """insert into hand_over_offers (track_id, user_id, offered_by, offered_at) values ({track}, {me}, {me}, now())""",
    """insert into inboxes (user_id, read_up_to) values ({me}, 987654321)""",
    """insert into hidden_terms (track_id, user_id, terms)
        select track_id, {me}, array['my nickname'] from assignments where id = {first}""",
    """insert into mail_preferences (user_id, types) values ({me}, array['track_finished'])""",
    """insert into emails (user_id, kind, state, created_at, next_try_at)
        values ({me}, 'confirmation', 'sent', now(), now())""",
    """update users set time_zone = 'Europe/Moscow', email_confirmed_at = now(), email_refused_at = now(),
        feed_key = 'key' where id = {me}""",
    """update attempts set finished_at = now(), excused_at = now(), reviews_required = 2 where user_id = {me}""",
    """update participants set left_at = now(), moved_up_at = now(), reminded_at = now() where user_id = {me}""",
    """update submissions set comment = 'mine' where user_id = {me}""",
    """update snapshots set state = 'frozen', try_at = null, frozen_at = now(), commit = 'abc', committed_at = now(),
        changed_at = now(),
        error = 'too_slow', warnings = '["empty"]', mask_terms = array['me'] where user_id = {me}""",
    """update submission_versions set comment = 'mine' where submission_id = {own}""",
)
# A word of a closed list cannot be replaced by one that is found again.
CLOSED = {"role", "locale", "time_zone", "state", "status", "visibility", "profile_visibility", "kind", "origin"} | {
    "return_reason",
    "delivery",
    "side",
}


# What a row of a table without a statement above has, by the name or the type of the column.
VALUES_BY_NAME = {"user_id": "{me}", "assignment_id": "{first}", "submission_id": "{other}", "track_id": "{track}"}
VALUES_BY_TYPE = {"text": "'text'", "timestamp with time zone": "now()", "boolean": "false", "bytea": "'bytes'"}


def owner_of(table: str) -> str:
    return OWNED.get(table, "user_id = $1")


def personal() -> dict[tuple[str, str], Personal]:
    return {(table, name): kept for table, columns in KEPT.items() for name, kept in columns.items() if kept}


async def types(db: Connection) -> dict[tuple[str, str], str]:
    return {(table, name): kind for table, name, kind in await db.fetch(COLUMNS)}


async def values(db: Connection, table: str, column: str, user_id: int) -> list[Any]:
    return [row[0] for row in await db.fetch(f"select {column} from {table} where {owner_of(table)}", user_id)]


@pytest.fixture
async def alice(db: Connection) -> int:
    """Return a user about whom something is kept in every column, each value found nowhere else."""
    people = await make.users(db, 3)
    track_id = await make.running_track(db, people)
    first, _ = await make.assignment_ids(db, track_id)
    own, *others = [await make.hand_in(db, first, person) for person in people]
    named = {"me": people[0], "first": first, "own": own, "other": others[0], "third": others[1], "track": track_id}
    for statement in ROWS:
        await db.execute(statement.format(**named))
    for table in {table for table, _ in personal()}:
        if await db.fetchval(f"select count(*) from {table} where {owner_of(table)}", people[0]) == 0:
            await db.execute((await row_of(db, table)).format(**named))
    await set_apart(db, people[0])
    return people[0]


async def row_of(db: Connection, table: str) -> str:
    """Return a statement that inserts a row about a user, into a table with columns of the usual names."""
    columns = {name: kind for (of, name), kind in (await types(db)).items() if of == table and name != "id"}
    values = [VALUES_BY_NAME.get(name) or VALUES_BY_TYPE.get(kind, "1") for name, kind in columns.items()]
    return f"insert into {table} ({', '.join(columns)}) values ({', '.join(values)})"


async def set_apart(db: Connection, user_id: int) -> None:
    """Give every text and time about a user a value of its own."""
    of = await types(db)
    for number, (table, column) in enumerate(sorted(personal())):
        where = owner_of(table)
        if of[table, column] == "text" and column not in CLOSED and (table, column) != ("claims", "reason"):
            changed = (
                f"update {table} set {column} = 'unique-{table}-{column}' where ({where}) and {column} is not null"
            )
            await db.execute(changed, user_id)
        elif of[table, column] == "timestamp with time zone" and (table, column) != ("users", "blocked_at"):
            time = make.NOON + timedelta(days=365, minutes=number)
            await db.execute(
                f"update {table} set {column} = $2 where ({where}) and {column} is not null", user_id, time
            )


async def test_every_column_says_what_it_is(db: Connection) -> None:
    listed = {(table, column) for table, columns in KEPT.items() for column in columns}
    assert listed == set(await types(db))
    assert set(OWNED) <= {table for table, _ in personal()}


async def test_the_export_has_what_the_list_says(db: Connection, alice: int) -> None:
    exported = orjson.dumps(await everything_about(db, user_id=alice, now=make.NOON)).decode()
    of = await types(db)
    for (table, column), kept in personal().items():
        found = [value for value in await values(db, table, column, alice) if value is not None]
        if of[table, column] in {"text", "timestamp with time zone"} and column not in CLOSED:
            texts = [orjson.dumps(value).decode() for value in found]
            assert found or not kept.exported, f"nothing to look for in {table}.{column}"
            assert any(text in exported for text in texts) == kept.exported, f"{table}.{column}"
    assert "987654321" in exported


async def test_deleting_an_account_does_what_the_list_says(db: Connection, alice: int) -> None:
    before = {key: await values(db, *key, alice) for key in personal()}
    # The author of a running track cannot delete their account.
    await db.execute("update tracks set status = 'cancelled' where author_id = $1", alice)
    await delete_account_data(db, user_id=alice, password_hash="none", now=make.NOON + timedelta(days=1))
    for (table, column), kept in personal().items():
        after = await values(db, table, column, alice)
        if kept.deletion == "deleted":
            assert after == [], f"{table}.{column}"
        else:
            assert after, f"{table}.{column}"
        if kept.deletion == "erased":
            gone = [value for value in before[table, column] if value is not None]
            assert gone, f"nothing to erase in {table}.{column}"
            assert not set(gone) & set(after), f"{table}.{column}"
    assert await left_of(db) == set()


async def left_of(db: Connection) -> set[str]:
    """Return the columns whose texts should be gone and are found somewhere."""
    gone = {f"unique-{t}-{c}" for (t, c), kept in personal().items() if kept.deletion in {"erased", "deleted"}}
    found = set()
    for table in KEPT:
        everything = await db.fetchval(f"select coalesce(string_agg(to_jsonb(t)::text, ' '), '') from {table} t")
        found |= {text for text in gone if text in everything}
    return found
