"""Work that cannot be reviewed goes back; its author may correct the link."""

from datetime import datetime

from learning_platform.attempts.locks import lock_participation
from learning_platform.attempts.progress import progress_at
from learning_platform.attempts.repository_links import repository_link
from learning_platform.attempts.rules import NoSubmission, ensure_has_not_left
from learning_platform.attempts.submissions import Submission, changed_submission
from learning_platform.attempts.submissions import submission as submission_of
from learning_platform.core.database import Connection
from learning_platform.core.versions import Seen
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.reviews.claims import release
from learning_platform.reviews.locks import SubmissionToReview, lock_attempt, lock_claim, submission_to_review
from learning_platform.reviews.queries import reviewing
from learning_platform.reviews.rules import (
    RETURNS_BEFORE_AUTHOR_IS_NOTIFIED,
    AlreadyReviewed,
    ReturnReason,
    ensure_link_correctable,
)
from learning_platform.reviews.threads.drafts import drop_drafts
from learning_platform.snapshots.freezing import Received, insert_snapshot
from learning_platform.tracks.rules import NotAParticipant, ensure_not_over
from learning_platform.tracks.staff_notices import staff_to_notify

RETURN_CLAIM = """
update claims set state = 'returned', counts = false, ended_at = $2, return_reason = $3, return_comment = $4
where id = $1
"""
BROKEN_RETURNS = """
select count(*) from claims where submission_id = $1 and state = 'returned' and return_reason in ('broken', 'empty')
"""
CORRECT_LINK = """
with corrected as (
    update submissions set repo_url = $2, snapshot_id = $5, version = version + 1
    where id = $1 and ($4::int[] is null or version = any($4)) returning id, comment
)
insert into submission_versions (submission_id, repo_url, snapshot_id, comment, submitted_at)
select id, $2, $5, comment, $3 from corrected returning id
"""


async def return_claim(
    db: Connection,
    *,
    submission_id: int,
    reviewer_id: int,
    reason: ReturnReason,
    comment: str | None,
    now: datetime,
) -> None:
    """Hand a claimed submission back; it is never offered to the same person again.

    Its author is notified once two people have found it broken or empty, while the link may be corrected; staff at the
    first return of a day. Raises SubmissionNotFound, NotYoursToReview, AlreadyReviewed, TrackOver.
    """
    submission = await submission_to_review(db, submission_id=submission_id)
    await lock_attempt(db, assignment_id=submission.assignment_id, user_id=reviewer_id)
    stage, found = await lock_claim(db, submission, reviewer_id=reviewer_id, now=now)
    if found.state == "reviewed":
        raise AlreadyReviewed
    await db.execute(RETURN_CLAIM, found.id, now, reason, comment)
    if found.counts:
        await release(db, submission_id=submission_id, own_submission_id=stage.own_submission_id)
    await drop_drafts(db, submission_id=submission_id, writer_id=reviewer_id)
    is_link_correctable = stage.reviews_due_at is not None and now < stage.reviews_due_at
    if is_link_correctable and await db.fetchval(BROKEN_RETURNS, submission_id) >= RETURNS_BEFORE_AUTHOR_IS_NOTIFIED:
        await _notify_author(db, submission, reviews_due_at=stage.reviews_due_at, now=now)
    await _notify_staff(db, submission, now=now)


async def correct_link(
    db: Connection, *, assignment_id: int, user_id: int, repo_url: str, seen: Seen = None, now: datetime
) -> Submission:
    """Replace the link, and nothing else, of a submission that people could not open; reviews so far stay.

    Raises NotARepositoryLink, AssignmentNotFound, NotAParticipant, TrackLeft, NoSubmission, TrackOver,
    LinkNotCorrectable, VersionConflict.
    """
    repo_url = repository_link(repo_url)
    await lock_participation(db, assignment_id=assignment_id, user_id=user_id)
    progress = await progress_at(db, assignment_id=assignment_id, user_id=user_id, now=now)
    if not progress.is_participant:
        raise NotAParticipant
    ensure_has_not_left(has_left=progress.has_left)
    if progress.submission_id is None:
        raise NoSubmission
    stage = await reviewing(db, assignment_id=assignment_id, user_id=user_id)
    ensure_not_over(stage.status, finishes_at=stage.finishes_at, now=now)
    returns = await db.fetchval(BROKEN_RETURNS, progress.submission_id)
    ensure_link_correctable(returns=returns, reviews_due_at=stage.reviews_due_at, now=now)
    snapshot_id = await insert_snapshot(
        db,
        track_id=progress.track_id,
        assignment_id=assignment_id,
        user_id=user_id,
        received=Received("link", repo_url=repo_url),
        now=now,
    )
    if await db.fetchval(CORRECT_LINK, progress.submission_id, repo_url, now, seen, snapshot_id) is None:
        raise await changed_submission(db, assignment_id=assignment_id, user_id=user_id)
    corrected = await submission_of(db, assignment_id=assignment_id, user_id=user_id)
    assert corrected is not None
    return corrected


async def _notify_author(
    db: Connection, submission: SubmissionToReview, *, reviews_due_at: datetime | None, now: datetime
) -> None:
    returned = Announcement(
        event=f"submission_returned:{submission.id}",
        type="submission_returned",
        track_id=submission.track_id,
        assignment_id=submission.assignment_id,
        due_at=reviews_due_at,
        parameters={"track": submission.track_title, "assignment": submission.title},
    )
    await announce(db, returned, to=[submission.author_id], now=now)


async def _notify_staff(db: Connection, submission: SubmissionToReview, *, now: datetime) -> None:
    """Notify staff once a day for an assignment: in a large group every day brings many."""
    returned = Announcement(
        event=f"review_returned:{submission.assignment_id}:{now.date().isoformat()}",
        type="review_returned",
        track_id=submission.track_id,
        assignment_id=submission.assignment_id,
        parameters={"track": submission.track_title, "assignment": submission.title},
    )
    await announce(db, returned, to=await staff_to_notify(db, "oversee", track_id=submission.track_id), now=now)
