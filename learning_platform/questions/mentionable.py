"""The people whom a user can mention under an assignment, of those whose names they may see there."""

from dataclasses import dataclass

from learning_platform.core.database import Connection, fetch_values
from learning_platform.questions.readers import Reader

# A page has so many names at most; others can be typed.
MAX_NAMES = 300
# Staff are named; participants for whom the assignment is open ($2) only where their names are shown ($3).
MENTIONABLE = """
select u.username, bool_or(m.is_staff) as is_staff from (
    select author_id as user_id, true as is_staff from tracks where id = $1
    union all select user_id, true from track_staff where track_id = $1
    union all select p.user_id, false from participants p join attempts a on a.user_id = p.user_id
        where $3::bool and p.track_id = $1 and p.left_at is null and a.assignment_id = $2
) m join users u on u.id = m.user_id
where u.id <> $4 and u.blocked_at is null
group by u.id order by bool_or(m.is_staff) desc, lower(u.username) limit $5
"""


@dataclass(frozen=True, slots=True)
class Mentionable:
    """A user who can be mentioned."""

    username: str
    is_staff: bool


async def mentionable(db: Connection, reader: Reader, *, assignment_id: int) -> list[Mentionable]:
    """Return whom a user can mention, staff first."""
    is_named = assignment_id in reader.named
    parameters = (reader.track.id, assignment_id, is_named, reader.user_id, MAX_NAMES)
    return await fetch_values(db, Mentionable, MENTIONABLE, *parameters)
