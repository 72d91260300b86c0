"""Comment on code: in drafts, which are sent with the review they belong to; comments of staff are sent directly.

A reviewer's actions lock the attempt and the claim, as reviewing and returning do (docs/locking.md), so a draft is
either sent by the review, dropped by the return, or begun after it.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime

from learning_platform.accounts.actor import Actor
from learning_platform.core.database import Connection
from learning_platform.core.versions import Seen, VersionConflict, is_other
from learning_platform.reviews.code_access import CodeAccess, code_access
from learning_platform.reviews.locks import lock_attempt, lock_claim, submission_to_review
from learning_platform.reviews.queries import criteria, reviewing
from learning_platform.reviews.rules import NotYoursToReview, SubmissionNotFound, UnknownCriterion, ensure_may_revise
from learning_platform.reviews.threads.notices import notify_of_message
from learning_platform.reviews.threads.places import Located, locate
from learning_platform.reviews.threads.queries import Thread, thread_of, threads_of
from learning_platform.reviews.threads.rules import (
    AuthorsOnlyAnswer,
    Comment,
    NotYourComment,
    Place,
    ensure_draft,
    ensure_few_threads,
)
from learning_platform.tracks.rules import ensure_not_over

# A key that is there already makes no second thread; the caller looks at the first.
INSERT_THREAD = """
with made as (
    insert into threads (submission_id, snapshot_id, writer_id, path, side, blob, first_line, last_line, excerpt, kind,
        criterion_id, draft_key, created_at, sent_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
    on conflict (submission_id, writer_id, draft_key) do nothing returning id
)
insert into thread_messages (thread_id, position, writer_id, role, text, created_at)
select id, 1, $3, $15, $16, $13 from made returning thread_id
"""
COUNT_THREADS = "select count(*) from threads where submission_id = $1 and writer_id = $2"
REVIEWED_AT = "select created_at from reviews where submission_id = $1 and reviewer_id = $2"
LOCK_DRAFT = "select from threads where id = $1 for update"
UPDATE_DRAFT = """
with message as (update thread_messages set text = $4 where thread_id = $1 and position = 1)
update threads set kind = $2, criterion_id = $3, version = version + 1 where id = $1
"""
DELETE_DRAFT = "delete from threads where id = $1"
# The version begins again: how often a draft was changed is of no concern to the author of the submission.
SEND_DRAFTS = """
update threads set sent_at = $3, review_id = $4, version = 1
where submission_id = $1 and writer_id = $2 and sent_at is null
"""
DROP_DRAFTS = "delete from threads where submission_id = $1 and writer_id = $2 and sent_at is null"
DROP_DRAFTS_ON_TRACKS = """
delete from threads h using submissions s, assignments a
where h.writer_id = $2 and h.sent_at is null and s.id = h.submission_id and a.id = s.assignment_id
    and a.track_id = any($1::bigint[])
"""


async def comment_on(
    db: Connection,
    *,
    submission_id: int,
    actor: Actor,
    place: Place,
    comment: Comment,
    draft_key: str | None = None,
    seen: Seen = None,
    now: datetime,
) -> Thread:
    """Comment on a submission: as a draft of a review, or directly as staff.

    A repeated `draft_key` changes nothing if the comment is the same; another text replaces the draft only with `seen`.
    Raises SubmissionNotFound, AuthorsOnlyAnswer, ReviewClosed, TrackOver, TooManyThreads,
    UnknownCriterion, FileMissing, NoSuchFile, NoSuchLine, CommentSent, VersionConflict.
    """
    access = await _writable(db, submission_id=submission_id, actor=actor, now=now)
    await _ensure_criterion(db, access, comment)
    located = await locate(db, access, place)
    if draft_key is not None:
        known = await _known(db, access, actor=actor, draft_key=draft_key, now=now)
        if known is not None:
            return await _repeated(db, known, actor=actor, comment=comment, seen=seen, now=now)
    ensure_few_threads(await db.fetchval(COUNT_THREADS, submission_id, actor.user_id))
    thread_id = await _insert(db, access, located, comment, actor=actor, draft_key=draft_key, now=now)
    if thread_id is None:
        # The same request of staff, who hold no lock, came at the same time.
        known = await _known(db, access, actor=actor, draft_key=draft_key or "", now=now)
        assert known is not None
        return known
    made = (await thread_of(db, thread_id=thread_id, actor=actor, now=now))[1]
    if not made.is_draft:
        await notify_of_message(db, access, made, writer_id=actor.user_id, actor=actor, now=now)
    return made


async def change_draft(
    db: Connection,
    *,
    thread_id: int,
    actor: Actor,
    change: Callable[[Comment], Comment],
    seen: Seen = None,
    now: datetime,
) -> Thread:
    """Change what a draft says. Raises ThreadNotFound, NotYourComment, CommentSent, TrackOver, UnknownCriterion.

    Raises VersionConflict if another tab has changed it.
    """
    access, thread = await _own_draft(db, thread_id=thread_id, actor=actor, now=now)
    if is_other(thread.version, seen=seen):
        raise saved_draft(thread)
    comment = change(thread.comment)
    await _ensure_criterion(db, access, comment)
    await db.execute(UPDATE_DRAFT, thread_id, comment.kind, comment.criterion_id, comment.text)
    return (await thread_of(db, thread_id=thread_id, actor=actor, now=now))[1]


async def delete_draft(db: Connection, *, thread_id: int, actor: Actor, now: datetime) -> None:
    """Delete a draft. Raises ThreadNotFound, NotYourComment, CommentSent, TrackOver."""
    await _own_draft(db, thread_id=thread_id, actor=actor, now=now)
    await db.execute(DELETE_DRAFT, thread_id)


async def send_drafts(db: Connection, *, submission_id: int, review_id: int, writer_id: int, now: datetime) -> None:
    """Send what a reviewer has commented on a submission with their review, whose claim is locked."""
    await db.execute(SEND_DRAFTS, submission_id, writer_id, now, review_id)


async def drop_drafts(db: Connection, *, submission_id: int, writer_id: int) -> None:
    """Delete the drafts of a reviewer who returns a submission."""
    await db.execute(DROP_DRAFTS, submission_id, writer_id)


async def drop_drafts_on_tracks(db: Connection, *, track_ids: Sequence[int], writer_id: int) -> None:
    """Delete the drafts of a reviewer who leaves tracks."""
    await db.execute(DROP_DRAFTS_ON_TRACKS, track_ids, writer_id)


def saved_draft(thread: Thread) -> VersionConflict:
    """Return the refusal that contains what a draft says by now."""
    return VersionConflict(version=thread.version, current=asdict(thread.comment))


async def _writable(db: Connection, *, submission_id: int, actor: Actor, now: datetime) -> CodeAccess:
    """Return the access of a user who may comment now; a reviewer's claim is locked."""
    access = await code_access(db, submission_id=submission_id, actor=actor, now=now)
    if access.role == "author":
        raise AuthorsOnlyAnswer
    # Deleting the author's account, or the reviewer's, is waited for.
    await lock_attempt(db, assignment_id=access.assignment_id, user_id=actor.user_id)
    if access.role == "staff":
        stage = await reviewing(db, assignment_id=access.assignment_id, user_id=actor.user_id)
        ensure_not_over(stage.status, finishes_at=stage.finishes_at, now=now)
    else:
        await _lock_claim(db, submission_id=submission_id, reviewer_id=actor.user_id, now=now)
    # The code may have been replaced meanwhile.
    return await code_access(db, submission_id=submission_id, actor=actor, now=now)


async def _lock_claim(db: Connection, *, submission_id: int, reviewer_id: int, now: datetime) -> None:
    """Lock the claim of a reviewer who may add to their review. Raises SubmissionNotFound, ReviewClosed, TrackOver."""
    submission = await submission_to_review(db, submission_id=submission_id)
    try:
        stage, claim = await lock_claim(db, submission, reviewer_id=reviewer_id, now=now)
    except NotYoursToReview as refusal:
        # It was returned meanwhile.
        raise SubmissionNotFound from refusal
    if claim.state == "reviewed":
        assert stage.reviews_due_at is not None
        assert stage.finishes_at is not None
        reviewed_at = await db.fetchval(REVIEWED_AT, submission_id, reviewer_id)
        ensure_may_revise(
            reviewed_at=reviewed_at, reviews_due_at=stage.reviews_due_at, finishes_at=stage.finishes_at, now=now
        )


async def _insert(
    db: Connection,
    access: CodeAccess,
    at: Located,
    comment: Comment,
    *,
    actor: Actor,
    draft_key: str | None,
    now: datetime,
) -> int | None:
    thread_id: int | None = await db.fetchval(
        INSERT_THREAD,
        *(access.submission_id, access.snapshot_id, actor.user_id),
        *(at.path, at.side, at.blob, at.first_line, at.last_line, at.excerpt),
        *(comment.kind, comment.criterion_id, draft_key, now, now if access.role == "staff" else None),
        *(access.role, comment.text),
    )
    return thread_id


async def _known(db: Connection, access: CodeAccess, *, actor: Actor, draft_key: str, now: datetime) -> Thread | None:
    found = await threads_of(db, access, user_id=actor.user_id, now=now)
    return next((thread for thread in found if thread.draft_key == draft_key), None)


async def _repeated(
    db: Connection, known: Thread, *, actor: Actor, comment: Comment, seen: Seen, now: datetime
) -> Thread:
    """Return a thread whose key is used again; a new text replaces the draft only if its version was seen."""
    if known.comment == comment:
        return known
    ensure_draft(is_sent=not known.is_draft)
    if seen is None:
        raise saved_draft(known)
    return await change_draft(db, thread_id=known.id, actor=actor, change=lambda _: comment, seen=seen, now=now)


async def _own_draft(db: Connection, *, thread_id: int, actor: Actor, now: datetime) -> tuple[CodeAccess, Thread]:
    """Lock a draft, then return it. Raises ThreadNotFound, NotYourComment, CommentSent, TrackOver."""
    await db.execute(LOCK_DRAFT, thread_id)
    access, thread = await thread_of(db, thread_id=thread_id, actor=actor, now=now)
    if not thread.is_own:
        raise NotYourComment
    ensure_draft(is_sent=not thread.is_draft)
    stage = await reviewing(db, assignment_id=access.assignment_id, user_id=actor.user_id)
    ensure_not_over(stage.status, finishes_at=stage.finishes_at, now=now)
    return access, thread


async def _ensure_criterion(db: Connection, access: CodeAccess, comment: Comment) -> None:
    known = await criteria(db, assignment_id=access.assignment_id)
    if comment.criterion_id is not None and comment.criterion_id not in {each.id for each in known}:
        raise UnknownCriterion(loc=("body", "criterion_id"))
