"""May a user see the code of a submission, and as whom: its author, a reviewer of it, or staff.

Every view, download and thread of a submission's code asks here. What a `reviewer` gets is masked; the author and staff
see everything. Staff who take part in the track see what participants see (tracks/access.py).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from learning_platform.accounts.actor import Actor
from learning_platform.core.database import Connection
from learning_platform.reviews.rules import SubmissionNotFound

Role: TypeAlias = Literal["author", "reviewer", "staff"]
# Reviewers see a second iteration after the reviews are due: before, it would show that its author has done their own.
# Before the deadline there are no reviewers. A claim whose lease ran out may still be kept, so it is still shown.
CODE_ACCESS = """
select s.id, s.assignment_id, a.track_id, s.user_id, s.user_id = $2 as is_author,
    (t.author_id = $2 or $3 or exists (
        select from track_staff f where f.track_id = t.id and f.user_id = $2)) and p.user_id is null as is_staff,
    c.id as claim_id, r.id as review_id,
    n.id as snapshot_id, n.tree_id, b.tree_id as starter_tree_id, z.id as second_snapshot_id,
    z.tree_id as second_tree_id
from submissions s join assignments a on a.id = s.assignment_id join tracks t on t.id = a.track_id
    left join participants p on p.track_id = t.id and p.user_id = $2
    left join claims c on c.submission_id = s.id and c.reviewer_id = $2
        and c.state in ('open', 'assigned_by_staff', 'reviewed') and a.due_at <= $4
    left join reviews r on r.submission_id = s.id and r.reviewer_id = $2
    left join snapshots n on n.id = s.snapshot_id and not s.is_withdrawn
    left join lateral (select snapshot_id from submission_versions
        where submission_id = s.id and iteration = 2 order by id desc limit 1) v on not s.is_withdrawn
        and (s.user_id = $2 or p.user_id is null or a.reviews_due_at <= $4)
    left join snapshots z on z.id = v.snapshot_id
    left join starters f on f.assignment_id = a.id left join snapshots b on b.id = f.snapshot_id
where s.id = $1
"""


@dataclass(frozen=True, slots=True)
class CodeAccess:
    """One user and the code of one submission. `tree_id` is None while it is not frozen.

    `second_snapshot_id`, `second_tree_id`: of the second iteration, if there is one. `claim_id` and `review_id` are
    those of the user: staff may have them as well.
    """

    submission_id: int
    assignment_id: int
    track_id: int
    author_id: int
    role: Role
    snapshot_id: int | None
    tree_id: int | None
    starter_tree_id: int | None
    claim_id: int | None
    review_id: int | None
    second_snapshot_id: int | None = None
    second_tree_id: int | None = None

    @property
    def latest_iteration(self) -> int:
        """Return the iteration that a user is shown first: the first one to those who are still to review it."""
        is_reviewing = self.role == "reviewer" and self.review_id is None
        return 1 if self.second_tree_id is None or is_reviewing else 2

    def snapshot_of(self, iteration: int) -> int | None:
        """Return the snapshot of an iteration, or None if there is none."""
        return {1: self.snapshot_id, 2: self.second_snapshot_id}.get(iteration)

    def tree_of(self, iteration: int) -> int | None:
        """Return the tree of an iteration, or None if it is not frozen."""
        return {1: self.tree_id, 2: self.second_tree_id}.get(iteration)


async def code_access(db: Connection, *, submission_id: int, actor: Actor, now: datetime) -> CodeAccess:
    """Return how a user may see the code of a submission.

    Raises SubmissionNotFound for all who may not, so that they do not learn whether the submission exists.
    """
    row = await db.fetchrow(CODE_ACCESS, submission_id, actor.user_id, actor.is_admin, now)
    if row is None:
        raise SubmissionNotFound
    role = role_of(
        is_author=row["is_author"],
        is_staff=row["is_staff"],
        reviews=row["claim_id"] is not None or row["review_id"] is not None,
    )
    return CodeAccess(
        submission_id=row["id"],
        assignment_id=row["assignment_id"],
        track_id=row["track_id"],
        author_id=row["user_id"],
        role=role,
        snapshot_id=row["snapshot_id"],
        tree_id=row["tree_id"],
        starter_tree_id=row["starter_tree_id"],
        claim_id=row["claim_id"],
        review_id=row["review_id"],
        second_snapshot_id=row["second_snapshot_id"],
        second_tree_id=row["second_tree_id"],
    )


def role_of(*, is_author: bool, is_staff: bool, reviews: bool) -> Role:
    """Return as whom a user sees the code of a submission. Raises SubmissionNotFound."""
    if is_author:
        return "author"
    if is_staff:
        return "staff"
    if reviews:
        return "reviewer"
    raise SubmissionNotFound
