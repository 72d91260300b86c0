"""What a user has handed in for an assignment."""

from dataclasses import dataclass
from datetime import datetime

from learning_platform.core.database import Connection
from learning_platform.snapshots.freezing import Snapshot, snapshot_in

VERSIONS_FOR = """
select v.id, s.id as submission_id, v.iteration, v.repo_url, v.comment, v.submitted_at,
    coalesce(n.warnings, '[]') as warnings,
    n.state, n.origin, n.commit, t.files, t.bytes, n.error, n.frozen_at
from submissions s join submission_versions v on v.submission_id = s.id
    left join snapshots n on n.id = v.snapshot_id left join trees t on t.id = n.tree_id
where s.assignment_id = $1 and s.user_id = $2 order by v.id desc limit 50
"""


@dataclass(frozen=True, slots=True)
class Version:
    """One of the things handed in for an assignment. `warnings`: see snapshots/warnings.py."""

    id: int
    submission_id: int
    iteration: int
    repo_url: str | None
    comment: str | None
    submitted_at: datetime
    warnings: list[str]
    snapshot: Snapshot | None


async def versions_for(db: Connection, *, assignment_id: int, user_id: int) -> list[Version]:
    """Return what the user has handed in for an assignment, what counts first; at most fifty."""
    versions: list[Version] = []
    for row in await db.fetch(VERSIONS_FOR, assignment_id, user_id):
        id, submission_id, iteration, repo_url, comment, submitted_at, warnings, *frozen = row
        found = snapshot_in(frozen)
        versions.append(Version(id, submission_id, iteration, repo_url, comment, submitted_at, warnings, found))
    return versions
