"""What a user has handed in for an assignment."""

from dataclasses import dataclass
from datetime import datetime

from learning_platform.core.database import Connection, fetch_values

LINKS_FOR = """
select v.id, v.repo_url, v.comment, v.submitted_at
from submissions s join submission_versions v on v.submission_id = s.id
where s.assignment_id = $1 and s.user_id = $2 order by v.id desc limit 50
"""


@dataclass(frozen=True, slots=True)
class Link:
    """One of the links handed in for an assignment."""

    id: int
    repo_url: str | None
    comment: str | None
    submitted_at: datetime


async def links_for(db: Connection, *, assignment_id: int, user_id: int) -> list[Link]:
    """Return what the user has handed in for an assignment, the link that counts first; at most fifty."""
    return await fetch_values(db, Link, LINKS_FOR, assignment_id, user_id)
