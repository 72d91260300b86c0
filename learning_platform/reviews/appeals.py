"""Appeal against a result, once an assignment, and settle the appeals of others."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg
from asyncpg import Record

from learning_platform.accounts.actor import Actor
from learning_platform.attempts.progress import progress_at
from learning_platform.core.database import Connection, fetch_value
from learning_platform.core.versions import Seen, VersionConflict, is_other
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.reviews.queries import APPEAL_OF, Appeal, criteria, reviewed_submission_id, reviewing
from learning_platform.reviews.results import Score
from learning_platform.reviews.rules import (
    AlreadyAppealed,
    AlreadySettled,
    AppealNotFound,
    ensure_valid_corrections,
)
from learning_platform.tracks.access import access_to_track
from learning_platform.tracks.appeal_period import TrackEnd, ensure_appeals_open
from learning_platform.tracks.staff_notices import staff_to_notify

INSERT_APPEAL = """
insert into appeals (assignment_id, submission_id, text, created_at) values ($1, $2, $3, $4)
returning id, submission_id, text, created_at, settled_at, settlement, version
"""
APPEALED = """
select a.track_id, a.title, t.title as track_title from assignments a join tracks t on t.id = a.track_id where a.id = $1
"""
LOCK_APPEAL = """
select p.id, p.submission_id, p.assignment_id, p.settled_at is not null as is_settled, s.user_id as appellant_id,
    a.title, a.track_id, t.title as track_title, t.status, t.finishes_at, t.appeal_days, p.text, p.version
from appeals p join submissions s on s.id = p.submission_id join assignments a on a.id = p.assignment_id
    join tracks t on t.id = a.track_id
where p.id = $1 for update of p
"""
CHANGE_APPEAL = "update appeals set text = $2, version = version + 1 where id = $1"
DELETE_APPEAL = "delete from appeals where id = $1"
OWN_APPEAL = """
select p.assignment_id from appeals p join submissions s on s.id = p.submission_id where p.id = $1 and s.user_id = $2
"""
SETTLE_APPEAL = "update appeals set settled_at = $2, settled_by = $3, settlement = $4 where id = $1"
INSERT_CORRECTIONS = """
insert into corrected_scores (appeal_id, criterion_id, score) select $1, * from unnest($2::bigint[], $3::smallint[])
"""


async def appeal(db: Connection, *, assignment_id: int, user_id: int, text: str, now: datetime) -> Appeal:
    """Ask the staff of the track to look at one's result. They are notified once, also if it is made again.

    Raises AssignmentNotFound, NotAParticipant, NoSubmission, OwnReviewsFirst, TrackOver, AlreadyAppealed.
    """
    progress = await progress_at(db, assignment_id=assignment_id, user_id=user_id, now=now)
    submission_id = reviewed_submission_id(progress, now=now)
    stage = await reviewing(db, assignment_id=assignment_id, user_id=user_id)
    ensure_appeals_open(stage, now=now)
    try:
        async with db.transaction():
            made = await fetch_value(db, Appeal, INSERT_APPEAL, assignment_id, submission_id, text, now)
    except asyncpg.UniqueViolationError as error:
        raise AlreadyAppealed from error
    assert made is not None
    await _notify_staff(db, assignment_id=assignment_id, submission_id=submission_id, now=now)
    return made


async def own_appeal(db: Connection, *, appeal_id: int, user_id: int) -> int:
    """Return the assignment of one's appeal. Raises AppealNotFound."""
    assignment_id: int | None = await db.fetchval(OWN_APPEAL, appeal_id, user_id)
    if assignment_id is None:
        raise AppealNotFound
    return assignment_id


async def change_appeal(
    db: Connection, *, appeal_id: int, user_id: int, text: str, seen: Seen = None, now: datetime
) -> Appeal:
    """Replace the text of one's appeal. Raises AppealNotFound, AlreadySettled, TrackOver, VersionConflict."""
    row = await _own_open_appeal(db, appeal_id=appeal_id, user_id=user_id, now=now)
    if is_other(row["version"], seen=seen):
        raise VersionConflict(version=row["version"], current={"text": row["text"]})
    await db.execute(CHANGE_APPEAL, appeal_id, text)
    changed = await fetch_value(db, Appeal, APPEAL_OF, row["submission_id"])
    assert changed is not None
    return changed


async def withdraw_appeal(db: Connection, *, appeal_id: int, user_id: int, now: datetime) -> None:
    """Delete one's appeal; another one can be made. Raises AppealNotFound, AlreadySettled, TrackOver."""
    await _own_open_appeal(db, appeal_id=appeal_id, user_id=user_id, now=now)
    await db.execute(DELETE_APPEAL, appeal_id)


async def settle(
    db: Connection,
    *,
    appeal_id: int,
    actor: Actor,
    text: str,
    scores: Sequence[Score],
    now: datetime,
) -> Appeal:
    """Answer an appeal, with corrected scores for the criteria where the medians are to count no more.

    Also after the end of the track: what was asked in time is answered. Raises AppealNotFound, NotTheAuthor,
    TakesPart, AlreadySettled, Invalid.
    """
    row = await db.fetchrow(LOCK_APPEAL, appeal_id)
    if row is None:
        raise AppealNotFound
    access = await access_to_track(db, track_id=row["track_id"], actor=actor)
    access.ensure_oversees()
    if row["is_settled"]:
        raise AlreadySettled
    ensure_valid_corrections(scores, criteria=await criteria(db, assignment_id=row["assignment_id"]))
    await db.execute(SETTLE_APPEAL, appeal_id, now, actor.user_id, text)
    await db.execute(
        INSERT_CORRECTIONS, appeal_id, [score.criterion_id for score in scores], [score.score for score in scores]
    )
    settled = Announcement(
        event=f"appeal_settled:{appeal_id}",
        type="appeal_settled",
        track_id=row["track_id"],
        assignment_id=row["assignment_id"],
        parameters={"track": row["track_title"], "assignment": row["title"]},
    )
    await announce(db, settled, to=[row["appellant_id"]], now=now)
    answered = await fetch_value(db, Appeal, APPEAL_OF, row["submission_id"])
    assert answered is not None
    return answered


async def _notify_staff(db: Connection, *, assignment_id: int, submission_id: int, now: datetime) -> None:
    about = await db.fetchrow(APPEALED, assignment_id)
    assert about is not None
    made = Announcement(
        event=f"appeal_made:{submission_id}",
        type="appeal_made",
        track_id=about["track_id"],
        assignment_id=assignment_id,
        parameters={"track": about["track_title"], "assignment": about["title"]},
    )
    await announce(db, made, to=await staff_to_notify(db, "settle", track_id=about["track_id"]), now=now)


async def _own_open_appeal(db: Connection, *, appeal_id: int, user_id: int, now: datetime) -> Record:
    """Lock an appeal of the user that waits for an answer. Raises AppealNotFound, AlreadySettled, TrackOver."""
    row = await db.fetchrow(LOCK_APPEAL, appeal_id)
    if row is None or row["appellant_id"] != user_id:
        raise AppealNotFound
    if row["is_settled"]:
        raise AlreadySettled
    ensure_appeals_open(TrackEnd(row["status"], row["finishes_at"], row["appeal_days"]), now=now)
    return row
