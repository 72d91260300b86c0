"""Read what participants handed in."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from learning_platform.attempts.progress import progress_at
from learning_platform.attempts.rules import NoSubmission
from learning_platform.core.database import Connection
from learning_platform.core.versions import VersionConflict
from learning_platform.snapshots.freezing import Snapshot, snapshot_in
from learning_platform.tracks.rules import NotAParticipant

# With the latest version of the second iteration.
SUBMISSION = """
select s.id, s.assignment_id, s.repo_url, s.comment, s.submitted_at, s.version,
    n.state, n.origin, n.commit, t.files, t.bytes, n.error, n.frozen_at,
    v.repo_url as second_repo_url, v.comment as second_comment, v.submitted_at as second_submitted_at,
    m.state as second_state, m.origin as second_origin, m.commit as second_commit, u.files as second_files,
    u.bytes as second_bytes, m.error as second_error, m.frozen_at as second_frozen_at
from submissions s left join snapshots n on n.id = s.snapshot_id left join trees t on t.id = n.tree_id
    left join lateral (select repo_url, comment, submitted_at, snapshot_id from submission_versions
        where submission_id = s.id and iteration = 2 order by id desc limit 1) v on true
    left join snapshots m on m.id = v.snapshot_id left join trees u on u.id = m.tree_id
where s.assignment_id = $1 and s.user_id = $2
"""
# The latest version that was handed in after the reviews.
SECOND_ITERATION = """
select v.repo_url, v.comment, v.submitted_at, n.state, n.origin, n.commit, t.files, t.bytes, n.error, n.frozen_at
from submission_versions v left join snapshots n on n.id = v.snapshot_id left join trees t on t.id = n.tree_id
where v.submission_id = $1 and v.iteration = 2 order by v.id desc limit 1
"""
COLUMNS_OF_FIRST = 13
SUBMITTED = "select user_id from submissions where assignment_id = $1"


@dataclass(frozen=True, slots=True)
class SecondIteration:
    """What a participant handed in after the reviews; the latest."""

    repo_url: str | None
    comment: str | None
    submitted_at: datetime
    snapshot: Snapshot | None


@dataclass(frozen=True, slots=True)
class Submission:
    """What a participant handed in until the deadline; the latest. `repo_url` is None where it was the code itself.

    `snapshot` is None for what was handed in before there were snapshots.
    """

    id: int
    assignment_id: int
    repo_url: str | None
    comment: str | None
    submitted_at: datetime
    version: int
    snapshot: Snapshot | None
    second_iteration: SecondIteration | None = None


async def submission(db: Connection, *, assignment_id: int, user_id: int) -> Submission | None:
    """Return what the user handed in, or None."""
    row = await db.fetchrow(SUBMISSION, assignment_id, user_id)
    if row is None:
        return None
    first, second = tuple(row)[:COLUMNS_OF_FIRST], tuple(row)[COLUMNS_OF_FIRST:]
    return replace(submission_from(*first), second_iteration=_second_iteration_from(*second))


async def changed_submission(db: Connection, *, assignment_id: int, user_id: int) -> VersionConflict:
    """Return the refusal that contains what the user has handed in meanwhile."""
    found = await submission(db, assignment_id=assignment_id, user_id=user_id)
    assert found is not None
    latest = found.second_iteration or found
    return VersionConflict(version=found.version, current={"repo_url": latest.repo_url, "comment": latest.comment})


async def own_submission(db: Connection, *, assignment_id: int, user_id: int, now: datetime) -> Submission:
    """Return what the user handed in. Raises AssignmentNotFound, NotAParticipant, NoSubmission."""
    handed_in = await submission(db, assignment_id=assignment_id, user_id=user_id)
    if handed_in is None:
        progress = await progress_at(db, assignment_id=assignment_id, user_id=user_id, now=now)
        raise NoSubmission if progress.is_participant else NotAParticipant
    return handed_in


async def who_submitted(db: Connection, *, assignment_id: int) -> Sequence[int]:
    """Return the ids of all participants who have handed something in."""
    return [row[0] for row in await db.fetch(SUBMITTED, assignment_id)]


async def second_iteration(db: Connection, *, submission_id: int) -> SecondIteration | None:
    """Return what was handed in after the reviews, or None."""
    row = await db.fetchrow(SECOND_ITERATION, submission_id)
    return None if row is None else _second_iteration_from(*row)


def _second_iteration_from(
    repo_url: str | None, comment: str | None, submitted_at: datetime | None, *frozen: Any
) -> SecondIteration | None:
    if submitted_at is None:
        return None
    return SecondIteration(repo_url, comment, submitted_at, snapshot_in(frozen))


def submission_from(
    id: int,
    assignment_id: int,
    repo_url: str | None,
    comment: str | None,
    submitted_at: datetime,
    version: int,
    *frozen: Any,
) -> Submission:
    """Return a submission from the columns of `SUBMISSION`."""
    return Submission(id, assignment_id, repo_url, comment, submitted_at, version, snapshot_in(frozen))
