"""Read the diary."""

from dataclasses import dataclass
from datetime import datetime

from learning_platform.accounts.actor import Actor
from learning_platform.attempts.progress import Progress
from learning_platform.core.database import Connection, fetch_value, fetch_values
from learning_platform.diary.rules import EntryNotFound, Visibility, are_shared_entries_visible
from learning_platform.tracks.rules import NotAParticipant

OWN_ENTRIES = """
select d.id, d.assignment_id, d.text, d.visibility, d.created_at, d.updated_at, d.version, u.username as author,
    true as is_own
from diary_entries d join users u on u.id = d.user_id
where d.assignment_id = $1 and d.user_id = $2
    and ($3::bigint = 0 or (d.created_at, d.id) > (select l.created_at, l.id from diary_entries l where l.id = $3))
order by d.created_at, d.id limit $4
"""
# Others' entries come by day, and within a day in an order that says nothing. What others are shown after the review
# window, `shown_before` decides (core/anonymity.py): what was shared by its end, with the text of then, until the track
# is over. What a writer deletes or takes back is gone immediately.
OWN_AND_SHARED_ENTRIES = """
with shown as materialized (
    select d.id, d.assignment_id, d.visibility, d.user_id = $2 as is_own, d.user_id,
        case when d.user_id = $2 or v.before = 'infinity' then d.text else coalesce(d.shown_text, d.text) end as text,
        case when d.user_id = $2 then d.created_at else shown_day(d.created_at) end as created_at,
        case when d.user_id = $2 then d.updated_at end as updated_at,
        -- How often others have changed theirs since would reveal that they are there.
        case when d.user_id = $2 then d.version else 1 end as version
    from diary_entries d join assignments a on a.id = d.assignment_id join tracks t on t.id = a.track_id
        cross join lateral (select coalesce(
            shown_before($5, a.reviews_due_at, t.finishes_at, t.status, $6), 'infinity'::timestamptz) as before) v
    where d.assignment_id = $1 and (d.user_id = $2 or d.shared_at < v.before)
)
select s.id, s.assignment_id, s.text, s.visibility, s.created_at, s.updated_at, s.version, u.username as author,
    s.is_own
from shown s join users u on u.id = s.user_id
where $3::bigint = 0 or (s.created_at, s.id) > (select l.created_at, l.id from shown l where l.id = $3)
order by s.created_at, s.id limit $4
"""
OWN_ENTRY = """
select d.id, d.assignment_id, d.text, d.visibility, d.created_at, d.updated_at, d.version, u.username as author,
    true as is_own
from diary_entries d join users u on u.id = d.user_id where d.id = $1 and d.user_id = $2
"""


@dataclass(frozen=True, slots=True)
class DiaryEntry:
    """A note; `author` is the username of who wrote it. Of others' entries `created_at` is the day."""

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
    db: Connection, progress: Progress, *, actor: Actor, only_own: bool, after: int, limit: int, now: datetime
) -> list[DiaryEntry]:
    """Return the user's entries at an assignment and, after the deadline, those shared by others.

    Raises NotAParticipant for a user who neither takes part nor is the staff of the track nor an administrator.
    """
    is_staff = actor.is_admin or progress.is_staff
    if not (progress.is_participant or is_staff):
        raise NotAParticipant
    if only_own or not are_shared_entries_visible(due_at=progress.due_at, now=now):
        return await fetch_values(db, DiaryEntry, OWN_ENTRIES, progress.id, actor.user_id, after, limit)
    sees_all = is_staff and not progress.is_participant
    return await fetch_values(
        db, DiaryEntry, OWN_AND_SHARED_ENTRIES, progress.id, actor.user_id, after, limit, sees_all, now
    )


async def own_entry(db: Connection, *, entry_id: int, user_id: int) -> DiaryEntry:
    """Return one of the user's entries. Raises EntryNotFound."""
    entry = await fetch_value(db, DiaryEntry, OWN_ENTRY, entry_id, user_id)
    if entry is None:
        raise EntryNotFound
    return entry
