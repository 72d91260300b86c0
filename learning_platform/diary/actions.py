"""Write in the diary."""

from datetime import datetime

from learning_platform.accounts.rules import BadToken
from learning_platform.attempts.progress import progress_at
from learning_platform.core.database import Connection, fetch_value
from learning_platform.core.versions import Seen, VersionConflict
from learning_platform.diary.queries import DiaryEntry, own_entry
from learning_platform.diary.rules import EntryNotFound, Visibility, ensure_may_write

# An account that is being deleted is waited for: what one writes for oneself goes with it.
INSERT_ENTRY = """
with writer as (
    select id from users where id = $2 and blocked_at is null
        and ($6 or exists (select from attempts where assignment_id = $1 and user_id = $2)) for share)
insert into diary_entries (assignment_id, user_id, text, visibility, created_at, shared_at)
select $1, id, $3, $4, $5, case when $4 = 'track' then $5::timestamptz end from writer
returning id, assignment_id, text, visibility, created_at, updated_at, version,
    (select username from users where id = $2) as author, true as is_own
"""
# Where others have been shown the entry, they keep the text of then until the track is over (core/anonymity.py).
UPDATE_ENTRY = """
with writer as materialized (select id as writer_id from users where id = $2 and blocked_at is null for share)
update diary_entries d set text = coalesce($3, d.text), visibility = coalesce($4, d.visibility), updated_at = $5,
    version = d.version + 1,
    shared_at = case when coalesce($4, d.visibility) = 'track' then coalesce(d.shared_at, $5::timestamptz) end,
    shown_text = case when coalesce($4, d.visibility) = 'track' and d.shared_at < v.before and v.before < 'infinity'
        then coalesce(d.shown_text, d.text) end
from writer, assignments a join tracks t on t.id = a.track_id cross join lateral (select
    shown_before(false, a.reviews_due_at, t.finishes_at, t.status, $5) as before) v
where d.id = $1 and d.user_id = writer_id and a.id = d.assignment_id
    and ($6::int[] is null or d.version = any($6))
returning d.id, d.assignment_id, d.text, d.visibility, d.created_at, d.updated_at, d.version,
    (select username from users where id = $2) as author, true as is_own
"""
DELETE_PRIVATE_ENTRIES = "delete from diary_entries where user_id = $1 and visibility = 'private'"
DELETE_ENTRY = "delete from diary_entries where id = $1 and user_id = $2 returning id"


async def write_entry(
    db: Connection, *, assignment_id: int, user_id: int, text: str, visibility: Visibility, now: datetime
) -> DiaryEntry:
    """Write an entry. Raises AssignmentNotFound, NotAParticipant, AssignmentLocked; BadToken for a deleted account."""
    entry = (assignment_id, user_id, text, visibility, now)
    written = await fetch_value(db, DiaryEntry, INSERT_ENTRY, *entry, False)
    if written is None:
        # Without an attempt the assignment may still have opened, by a deadline that has passed unnoticed.
        progress = await progress_at(db, assignment_id=assignment_id, user_id=user_id, now=now)
        ensure_may_write(is_participant=progress.is_participant, opened_at=progress.opened_at)
        written = await fetch_value(db, DiaryEntry, INSERT_ENTRY, *entry, True)
    if written is None:
        raise BadToken
    return written


async def edit_entry(
    db: Connection,
    *,
    entry_id: int,
    user_id: int,
    text: str | None,
    visibility: Visibility | None,
    seen: Seen = None,
    now: datetime,
) -> DiaryEntry:
    """Change one's own entry; None leaves a part as it is. Raises EntryNotFound, VersionConflict."""
    changed = await fetch_value(db, DiaryEntry, UPDATE_ENTRY, entry_id, user_id, text, visibility, now, seen)
    if changed is not None:
        return changed
    found = await own_entry(db, entry_id=entry_id, user_id=user_id)
    raise VersionConflict(version=found.version, current={"text": found.text, "visibility": found.visibility})


async def delete_entry(db: Connection, *, entry_id: int, user_id: int) -> None:
    """Delete one's own entry. Raises EntryNotFound."""
    if await db.fetchval(DELETE_ENTRY, entry_id, user_id) is None:
        raise EntryNotFound


async def delete_private_entries(db: Connection, *, user_id: int) -> None:
    """Delete what a user wrote for themselves alone."""
    await db.execute(DELETE_PRIVATE_ENTRIES, user_id)
