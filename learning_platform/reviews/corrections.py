"""Correct the scores of a submission without an appeal: with a reason that its author sees. Nothing is overwritten."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from learning_platform.accounts.actor import Actor
from learning_platform.core.database import Connection
from learning_platform.notifications.actions import Announcement, announce
from learning_platform.reviews.locks import SubmissionToReview, lock_submissions, submission_to_review
from learning_platform.reviews.queries import Correction, corrections, counted_corrections, criteria, reviewing
from learning_platform.reviews.results import Score
from learning_platform.reviews.rules import (
    NothingCorrected,
    are_reviews_over,
    ensure_corrections_open,
    ensure_valid_corrections,
)
from learning_platform.tracks.access import access_to_track
from learning_platform.tracks.appeal_period import TrackWithEnd, are_appeals_open, ensure_appeals_open

INSERT_CORRECTION = """
with made as (
    insert into corrections (submission_id, reason, corrected_by, corrected_at) values ($1, $2, $3, $4) returning id
), given as (
    insert into correction_scores (correction_id, criterion_id, score)
    select made.id, said.* from made, unnest($5::bigint[], $6::smallint[]) said
)
select id from made
"""


class TrackWithStage(TrackWithEnd, Protocol):
    """What decides of an assignment and its track."""

    @property
    def reviews_due_at(self) -> datetime | None:
        """Return the review deadline."""
        ...


def are_corrections_open(stage: TrackWithStage, *, now: datetime) -> bool:
    """Say whether scores can be corrected: from the review deadline until results can be appealed no more."""
    return are_reviews_over(reviews_due_at=stage.reviews_due_at, now=now) and are_appeals_open(stage, now=now)


async def correct(
    db: Connection, *, submission_id: int, actor: Actor, scores: Sequence[Score], reason: str, now: datetime
) -> Correction:
    """Let scores count instead of the medians and of what was corrected before; without scores, the medians again.

    The same correction twice is one. Raises SubmissionNotFound, NotTheAuthor, TakesPart, CorrectionsNotOpen, TrackOver,
    Invalid.
    """
    submission = await submission_to_review(db, submission_id=submission_id)
    (await access_to_track(db, track_id=submission.track_id, actor=actor)).ensure_oversees()
    await lock_submissions(db, submission_id, None)
    stage = await reviewing(db, assignment_id=submission.assignment_id, user_id=actor.user_id)
    ensure_corrections_open(reviews_due_at=stage.reviews_due_at, now=now)
    ensure_appeals_open(stage, now=now)
    ensure_valid_corrections(scores, criteria=await criteria(db, assignment_id=submission.assignment_id))
    new = {score.criterion_id: score.score for score in scores}
    counted = await counted_corrections(db, submission_id=submission_id)
    if not new and not counted:
        raise NothingCorrected(loc=("body", "scores"))
    before = await corrections(db, submission_id=submission_id)
    if before and before[0].reason == reason and new == counted:
        return before[0]
    said = (reason, actor.user_id, now, list(new), list(new.values()))
    correction_id = await db.fetchval(INSERT_CORRECTION, submission_id, *said)
    await _notify_corrected(db, submission, correction_id=correction_id, now=now)
    return Correction(correction_id, reason, now, scores)


async def _notify_corrected(
    db: Connection, submission: SubmissionToReview, *, correction_id: int, now: datetime
) -> None:
    corrected = Announcement(
        event=f"scores_corrected:{correction_id}",
        type="scores_corrected",
        track_id=submission.track_id,
        assignment_id=submission.assignment_id,
        parameters={"track": submission.track_title, "assignment": submission.title},
    )
    await announce(db, corrected, to=[submission.author_id], now=now)
