"""The participants of a track for its staff: those enrolled, those who left, those who were removed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from learning_platform.core.database import Connection, fetch_values
from learning_platform.tracks.access import TrackAccess

ParticipantState = Literal["enrolled", "left", "removed"]
# A user who was removed before the start is no participant any more. $4: a state, $5: the beginning of a word in names.
PEOPLE = """
select * from (
    select u.id, u.username,
        case when r.user_id is not null then 'removed' when p.left_at is not null then 'left'
            else 'enrolled' end as state,
        p.enrolled_at, coalesce(r.removed_at, p.left_at) as ended_at, r.reason,
        exists (
            select from submissions s join assignments a on a.id = s.assignment_id
            where a.track_id = $1 and s.user_id = p.user_id) as has_submitted
    from (
        select track_id, user_id, enrolled_at, left_at from participants where track_id = $1
        union all
        select track_id, user_id, null, null from removals m where track_id = $1
            and not exists (select from participants q where q.track_id = $1 and q.user_id = m.user_id)
    ) p join users u on u.id = p.user_id
        left join removals r on r.track_id = $1 and r.user_id = p.user_id
    where u.id > $2 and ($5 = '' or strpos(lower(u.username), lower($5)) > 0)
) people
where ($4::text is null or state = $4) and ($6::boolean is null or has_submitted = $6) order by id limit $3
"""


@dataclass(frozen=True, slots=True)
class Participant:
    """A user who takes part, has left, or was removed (`reason`)."""

    id: int
    username: str
    state: ParticipantState
    enrolled_at: datetime | None
    ended_at: datetime | None
    reason: str | None
    has_submitted: bool


async def people(
    db: Connection,
    access: TrackAccess,
    *,
    state: ParticipantState | None,
    has_submitted: bool | None = None,
    search: str,
    after: int,
    limit: int,
) -> list[Participant]:
    """Return participants by id, those with `search` in their names. Raises NotTheAuthor, TakesPart."""
    access.ensure_oversees()
    return await fetch_values(db, Participant, PEOPLE, access.track_id, after, limit, state, search, has_submitted)
