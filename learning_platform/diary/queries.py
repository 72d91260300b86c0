"""Read the diary."""

from dataclasses import dataclass
from datetime import datetime

from learning_platform.attempts.places import place
from learning_platform.attempts.rules import NotAParticipant
from learning_platform.core.database import Connection, fetch_value, fetch_values
from learning_platform.diary.rules import EntryNotFound, Visibility, are_shared_entries_visible

OWN_ENTRIES = """
select d.id, d.assignment_id, d.text, d.visibility, d.created_at, d.updated_at, d.version, u.username as author,
    true as is_own
from diary_entries d join users u on u.id = d.user_id
where d.assignment_id = $1 and d.user_id = $2
    and ($3::bigint = 0 or (d.created_at, d.id) > (select l.created_at, l.id from diary_entries l where l.id = $3))
order by d.created_at, d.id limit $4
"""
OWN_AND_SHARED_ENTRIES = """
select d.id, d.assignment_id, d.text, d.visibility, d.created_at, d.updated_at, d.version, u.username as author,
    d.user_id = $2 as is_own
from diary_entries d join users u on u.id = d.user_id
where d.assignment_id = $1 and (d.user_id = $2 or d.visibility = 'track')
    and ($3::bigint = 0 or (d.created_at, d.id) > (select l.created_at, l.id from diary_entries l where l.id = $3))
order by d.created_at, d.id limit $4
"""
WRITTEN_BY = """
select d.id, d.assignment_id, d.text, d.visibility, d.created_at, d.updated_at, d.version, u.username as author,
    true as is_own
from diary_entries d join users u on u.id = d.user_id where d.user_id = $1 order by d.created_at, d.id
"""
OWN_ENTRY = """
select d.id, d.assignment_id, d.text, d.visibility, d.created_at, d.updated_at, d.version, u.username as author,
    true as is_own
from diary_entries d join users u on u.id = d.user_id where d.id = $1 and d.user_id = $2
"""


@dataclass(frozen=True, slots=True)
class DiaryEntry:
    """A note; `author` is the username of who wrote it."""

    id: int
    assignment_id: int
    text: str
    visibility: Visibility
    created_at: datetime
    updated_at: datetime | None
    version: int
    author: str
    is_own: bool


async def entries(
    db: Connection,
    *,
    assignment_id: int,
    user_id: int,
    sees_all: bool,
    only_own: bool,
    after: int,
    limit: int,
    now: datetime,
) -> list[DiaryEntry]:
    """Return the user's entries and, after the deadline, those shared by others.

    Raises AssignmentNotFound; NotAParticipant for who neither takes part nor is the author of the track or an admin.
    """
    here = await place(db, assignment_id=assignment_id, user_id=user_id, now=now)
    if not (here.is_participant or sees_all or here.author_id == user_id):
        raise NotAParticipant
    shared = not only_own and are_shared_entries_visible(due_at=here.due_at, now=now)
    statement = OWN_AND_SHARED_ENTRIES if shared else OWN_ENTRIES
    return await fetch_values(db, DiaryEntry, statement, assignment_id, user_id, after, limit)


async def own_entry(db: Connection, *, entry_id: int, user_id: int) -> DiaryEntry:
    """Return one of the user's entries. Raises EntryNotFound."""
    entry = await fetch_value(db, DiaryEntry, OWN_ENTRY, entry_id, user_id)
    if entry is None:
        raise EntryNotFound
    return entry


async def written_by(db: Connection, *, user_id: int) -> list[DiaryEntry]:
    """Return every entry of a user."""
    return await fetch_values(db, DiaryEntry, WRITTEN_BY, user_id)
