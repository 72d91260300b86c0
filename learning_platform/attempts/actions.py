"""Hand in, begin the review stage, finish an attempt and open the next one.

Moving on is set-based: the same statements serve one participant and ten thousand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from learning_platform.attempts.deadlines import announce_deadline
from learning_platform.attempts.iterations import insert_second_iteration
from learning_platform.attempts.locks import lock_participation
from learning_platform.attempts.repository_links import repository_link
from learning_platform.attempts.rules import (
    Overdue,
    ensure_has_not_left,
    ensure_may_submit,
    is_iteration_open,
    personal_deadline,
)
from learning_platform.attempts.submissions import Submission, changed_submission, submission
from learning_platform.core.database import Connection, fetch_value
from learning_platform.core.versions import Seen
from learning_platform.notifications.actions import Announcement
from learning_platform.snapshots.freezing import Received, insert_snapshot, snapshot_of
from learning_platform.tracks.rules import AssignmentNotFound, TrackStatus, ensure_not_over

# Read when the place is held (attempts.locks): the deadline waits for hand-ins under way, and a hand-in that waited for
# a deadline, common or personal, sees here that it has passed.
SUBMIT_STATE = """
select a.id as assignment_id, $2::bigint as user_id, a.track_id, a.due_at, e.due_at as extended_to,
    case when e.id is null then a.review_started_at else e.review_started_at end as review_started_at,
    t.status, t.finishes_at, p.user_id is not null as is_participant, p.left_at is not null as has_left,
    m.id as attempt_id, m.opened_at, a.reviews_due_at, has_done_reviews(m.finished_at, p.left_at) as has_done_reviews,
    iteration_due_at(a.reviews_due_at, t.iteration_hours) as iteration_due_at,
    (select s.id from submissions s where s.assignment_id = a.id and s.user_id = $2) as submission_id,
    case when t.status = 'running' and m.id is null and p.left_at is null and p.user_id is not null
        and greatest(a.due_at, e.due_at) > $3
    then exists (select from assignments b left join extensions x on x.assignment_id = b.id and x.user_id = $2
        where b.track_id = a.track_id and b.position < a.position and greatest(b.due_at, x.due_at) <= $3
            and case when x.id is null then b.review_started_at else x.review_started_at end is null)
    else false end as is_behind
from assignments a join tracks t on t.id = a.track_id
    left join participants p on p.track_id = a.track_id and p.user_id = $2
    left join attempts m on m.assignment_id = a.id and m.user_id = $2
    left join extensions e on e.assignment_id = a.id and e.user_id = $2
where a.id = $1
"""
HAND_IN = """
with handed_in as (
    insert into submissions (attempt_id, assignment_id, user_id, repo_url, snapshot_id, comment, submitted_at)
    values ($1, $2, $3, $4, $5, $6, $7)
    on conflict (assignment_id, user_id) do update
        set repo_url = excluded.repo_url, snapshot_id = excluded.snapshot_id, comment = excluded.comment,
            submitted_at = excluded.submitted_at, version = submissions.version + 1
        where $8::int[] is null or submissions.version = any($8)
    returning id, assignment_id, repo_url, snapshot_id, comment, submitted_at, version, xmax = 0 as is_first
), kept as (
    insert into submission_versions (submission_id, repo_url, snapshot_id, comment, submitted_at)
    select id, repo_url, snapshot_id, comment, submitted_at from handed_in
)
select id, version, is_first from handed_in
"""
FINISH_ATTEMPTS = """
with finished as (
    update attempts set finished_at = $3
    where assignment_id = $1 and user_id = any($2::bigint[]) and finished_at is null returning id
)
update submissions s set author_owes = false from finished where s.attempt_id = finished.id
"""
# Its deadline, if it is passing right now, is waited for: whether it has passed decides what is owed.
WAIT_FOR_NEXT = """
select n.id from assignments a join assignments n on n.track_id = a.track_id and n.position = a.position + 1
where a.id = $1 for key share of n
"""
# After the deadline of an assignment a newcomer owes reviews immediately, or is finished if there are no submissions.
OPEN_NEXT = """
with next as (
    select n.id, n.track_id, case when n.review_started_at is not null then
        reviews_owed((select count(*) from submissions s where s.assignment_id = n.id)) end as reviews_required
    from assignments a join assignments n on n.track_id = a.track_id and n.position = a.position + 1 where a.id = $1
)
insert into attempts (track_id, assignment_id, user_id, opened_at, reviews_required)
select next.track_id, next.id, user_id, $3, next.reviews_required from next, unnest($2::bigint[]) as user_id
on conflict (assignment_id, user_id) do nothing
returning assignment_id, user_id, reviews_required is not distinct from 0 as is_through
"""
OPEN_FIRST = """
insert into attempts (track_id, assignment_id, user_id, opened_at)
select p.track_id, a.id, p.user_id, $2
from participants p join assignments a on a.track_id = p.track_id and a.position = 0
where p.track_id = $1 and ($3::bigint is null or p.user_id = $3)
returning assignment_id, user_id
"""
OPENED_ASSIGNMENT = """
select a.track_id, a.title, t.title as track_title, a.due_at
from assignments a join tracks t on t.id = a.track_id where a.id = $1
"""


@dataclass(frozen=True, slots=True)
class _SubmitState:
    assignment_id: int
    user_id: int
    track_id: int
    due_at: datetime | None
    extended_to: datetime | None
    review_started_at: datetime | None
    status: TrackStatus
    finishes_at: datetime | None
    is_participant: bool
    has_left: bool
    attempt_id: int | None
    opened_at: datetime | None
    reviews_due_at: datetime | None
    has_done_reviews: bool
    iteration_due_at: datetime | None
    submission_id: int | None
    is_behind: bool

    def is_iteration_open(self, now: datetime) -> bool:
        """Say whether what is handed in at `now` is a second iteration."""
        return is_iteration_open(
            has_submission=self.submission_id is not None,
            has_done_reviews=self.has_done_reviews,
            reviews_due_at=self.reviews_due_at,
            iteration_due_at=self.iteration_due_at,
            now=now,
        )


@dataclass(frozen=True, slots=True)
class _Opened:
    track_id: int
    title: str
    track_title: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class HandedIn:
    """The submission as it is now, and whether it is the first for this assignment."""

    submission: Submission
    is_first: bool


async def submit(
    db: Connection,
    *,
    assignment_id: int,
    user_id: int,
    repo_url: str,
    comment: str | None,
    seen: Seen = None,
    now: datetime,
) -> HandedIn:
    """Hand in a link, which is frozen later. Raises NotARepositoryLink, and what `hand_in` raises."""
    received = Received("link", repo_url=repository_link(repo_url))
    return await hand_in(
        db, assignment_id=assignment_id, user_id=user_id, received=received, comment=comment, seen=seen, now=now
    )


async def hand_in(
    db: Connection,
    *,
    assignment_id: int,
    user_id: int,
    received: Received,
    comment: str | None,
    keeps_comment: bool = False,
    seen: Seen = None,
    now: datetime,
) -> HandedIn:
    """Hand in what was received, or replace what was handed in before the deadline; every version is kept.

    After the reviews it is a second iteration, where the track has time for one. `keeps_comment`: the comment stays
    that of the version before.

    Raises AssignmentNotFound, NotAParticipant, TrackLeft, TrackOver, DeadlinePassed, AssignmentLocked,
    VersionConflict; Overdue.
    """
    await lock_participation(db, assignment_id=assignment_id, user_id=user_id)
    state = await _ensure_may_hand_in(db, assignment_id=assignment_id, user_id=user_id, now=now)
    snapshot_id = await insert_snapshot(
        db, track_id=state.track_id, assignment_id=assignment_id, user_id=user_id, received=received, now=now
    )
    if keeps_comment:
        before = await submission(db, assignment_id=assignment_id, user_id=user_id)
        version = before.second_iteration if before is not None and state.is_iteration_open(now) else before
        comment = None if version is None else version.comment
    if state.is_iteration_open(now):
        return await _hand_in_again(db, state, snapshot_id, received=received, comment=comment, seen=seen, now=now)
    row = await db.fetchrow(
        HAND_IN, state.attempt_id, assignment_id, user_id, received.repo_url, snapshot_id, comment, now, seen
    )
    if row is None:
        raise await changed_submission(db, assignment_id=assignment_id, user_id=user_id)
    frozen = snapshot_of(received, now=now)
    handed_in = Submission(row["id"], assignment_id, received.repo_url, comment, now, row["version"], frozen, None)
    return HandedIn(handed_in, row["is_first"])


async def _hand_in_again(
    db: Connection,
    state: _SubmitState,
    snapshot_id: int,
    *,
    received: Received,
    comment: str | None,
    seen: Seen,
    now: datetime,
) -> HandedIn:
    assert state.submission_id is not None
    is_first = await insert_second_iteration(
        db,
        submission_id=state.submission_id,
        snapshot_id=snapshot_id,
        received=received,
        comment=comment,
        seen=seen,
        now=now,
    )
    if is_first is None:
        raise await changed_submission(db, assignment_id=state.assignment_id, user_id=state.user_id)
    handed_in = await submission(db, assignment_id=state.assignment_id, user_id=state.user_id)
    assert handed_in is not None
    return HandedIn(handed_in, is_first)


async def ensure_may_hand_in(db: Connection, *, assignment_id: int, user_id: int, now: datetime) -> int:
    """Check what `hand_in` checks, before anything is read from a client; return the id of the track."""
    return (await _ensure_may_hand_in(db, assignment_id=assignment_id, user_id=user_id, now=now)).track_id


async def _ensure_may_hand_in(db: Connection, *, assignment_id: int, user_id: int, now: datetime) -> _SubmitState:
    state = await fetch_value(db, _SubmitState, SUBMIT_STATE, assignment_id, user_id, now)
    if state is None:
        raise AssignmentNotFound
    ensure_has_not_left(has_left=state.has_left)
    if state.is_behind:
        # The assignment before it may have ended by itself, and this one be open.
        raise Overdue(state.track_id)
    if not state.is_iteration_open(now):
        ensure_may_submit(
            is_participant=state.is_participant,
            opened_at=state.opened_at,
            due_at=personal_deadline(due_at=state.due_at, extended_to=state.extended_to),
            is_closed=state.opened_at is not None and state.review_started_at is not None,
            now=now,
        )
    ensure_not_over(state.status, finishes_at=state.finishes_at, now=now)
    return state


async def move_on(
    db: Connection, *, assignment_id: int, user_ids: Sequence[int], opened_at: datetime, now: datetime
) -> None:
    """Finish the attempts of these participants and open the next assignment for them; then notify them.

    Goes on where nothing is owed at the next one either: a loop over assignments, never over people.
    """
    opened_for: list[tuple[int, Sequence[int]]] = []
    while user_ids:
        await db.execute(FINISH_ATTEMPTS, assignment_id, user_ids, opened_at)
        await db.execute(WAIT_FOR_NEXT, assignment_id)
        opened = await db.fetch(OPEN_NEXT, assignment_id, user_ids, opened_at)
        if not opened:
            break
        assignment_id = opened[0][0]
        opened_for.append((assignment_id, [row[1] for row in opened]))
        user_ids = [user_id for _, user_id, is_through in opened if is_through]
    for opened_id, opened_user_ids in opened_for:
        await _notify_opened(db, assignment_id=opened_id, user_ids=opened_user_ids, now=now)


async def open_first(db: Connection, *, track_id: int, user_id: int | None = None, now: datetime) -> None:
    """Open the first assignment for every participant of a track that starts, or for one who is let in; notify them."""
    opened = await db.fetch(OPEN_FIRST, track_id, now, user_id)
    await _notify_opened(db, assignment_id=opened[0][0], user_ids=[row[1] for row in opened], now=now)


async def _notify_opened(db: Connection, *, assignment_id: int, user_ids: Sequence[int], now: datetime) -> None:
    assignment = await fetch_value(db, _Opened, OPENED_ASSIGNMENT, assignment_id)
    assert assignment is not None
    opened = Announcement(
        # The key of `attempts` guards each opening; participants who open together share one notification.
        event=f"assignment_opened:{assignment_id}:{user_ids[0]}",
        type="assignment_opened",
        track_id=assignment.track_id,
        assignment_id=assignment_id,
        due_at=assignment.due_at,
        parameters={"track": assignment.track_title, "assignment": assignment.title},
    )
    await announce_deadline(db, opened, to=user_ids, now=now)
