"""Read the threads of a submission, as its author, a reviewer or staff may see them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from learning_platform.accounts.actor import Actor
from learning_platform.attempts.progress import progress_at
from learning_platform.core.database import Connection, fetch_values
from learning_platform.reviews.code_access import CodeAccess, Role, code_access
from learning_platform.reviews.mask_terms import shown_to_reviewers
from learning_platform.reviews.queries import reviewing
from learning_platform.reviews.rules import SubmissionNotFound, may_see_reviews
from learning_platform.reviews.threads.places import paths_for
from learning_platform.reviews.threads.rules import (
    Comment,
    MessageNotFound,
    Side,
    ThreadKind,
    ThreadNotFound,
    ThreadReader,
    ThreadState,
    numbers_of,
    sees_message,
    sees_thread,
    shown_state,
)
from learning_platform.snapshots.comparison.carrying import Carried

# In the order of places; at one place in a random order, which says nothing of who came first.
THREADS = """
select h.id, h.submission_id, h.snapshot_id, h.writer_id, h.review_id, h.path, h.side, h.blob, h.first_line,
    h.last_line, h.excerpt, h.kind, h.criterion_id, h.state, h.draft_key, h.sent_at is not null as is_sent, h.version,
    h.is_about_review, coalesce(h.sent_at < v.shown_before, false) as is_shown_to_others
from threads h join submissions s on s.id = h.submission_id join assignments a on a.id = s.assignment_id
    join tracks t on t.id = a.track_id
    cross join lateral (select shown_before(false, a.reviews_due_at, t.finishes_at, t.status, $2) as shown_before) v
where h.submission_id = $1 order by h.path nulls first, h.side, h.first_line nulls first, h.id
"""
# What was typed before a review was sent counts as written when it was sent.
MESSAGES = """
select m.id, m.thread_id, m.writer_id, u.username, m.role, m.text, m.hidden_at is not null as is_hidden,
    shown_day(greatest(m.created_at, h.sent_at)) as created_at, r.message_id is not null as is_reported,
    coalesce(greatest(m.created_at, h.sent_at) < v.shown_before, false) as is_shown_to_others
from thread_messages m join threads h on h.id = m.thread_id join users u on u.id = m.writer_id
    join submissions s on s.id = h.submission_id join assignments a on a.id = s.assignment_id
    join tracks t on t.id = a.track_id left join message_reports r on r.message_id = m.id and r.user_id = $3
    cross join lateral (select shown_before(false, a.reviews_due_at, t.finishes_at, t.status, $2) as shown_before) v
where h.submission_id = $1 order by m.thread_id, m.position
"""
REVIEW_IDS = "select id from reviews where submission_id = $1"
SUBMISSION_OF_THREAD = "select submission_id from threads where id = $1"
THREAD_OF_MESSAGE = "select thread_id from thread_messages where id = $1"


@dataclass(frozen=True, slots=True)
class _Thread:
    id: int
    submission_id: int
    snapshot_id: int | None
    writer_id: int
    review_id: int | None
    path: str | None
    side: Side | None
    blob: bytes | None
    first_line: int | None
    last_line: int | None
    excerpt: str | None
    kind: ThreadKind
    criterion_id: int | None
    state: ThreadState
    draft_key: str | None
    is_sent: bool
    version: int
    is_about_review: bool
    is_shown_to_others: bool


@dataclass(frozen=True, slots=True)
class _Message:
    id: int
    thread_id: int
    writer_id: int
    username: str
    role: Role
    text: str
    is_hidden: bool
    created_at: datetime
    is_reported: bool
    is_shown_to_others: bool


@dataclass(frozen=True, slots=True)
class ThreadMessage:
    """A message as a user sees it: `text` is None if staff have hidden it from them, `created_at` is a day.

    `username` is None unless the reader is staff. `is_reported`: by the reader.
    """

    id: int
    role: Role
    is_own: bool
    text: str | None
    is_hidden: bool
    created_at: datetime
    username: str | None
    is_reported: bool


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread as a user sees it. `reviewer` is the number of a reviewer, if another one wrote it.

    `state` is None of comments of other reviewers: it would show what goes on between them and the author. A reviewer
    gets the path that they see, None if the code is not frozen any more, and no excerpt, in which nothing is hidden.
    `carried` is read by `carried_over` alone.
    """

    id: int
    submission_id: int
    snapshot_id: int | None
    is_draft: bool
    is_own: bool
    role: Role
    reviewer: int | None
    path: str | None
    side: Side | None
    blob: bytes | None
    first_line: int | None
    last_line: int | None
    excerpt: str | None
    kind: ThreadKind
    criterion_id: int | None
    state: ThreadState | None
    draft_key: str | None
    version: int
    is_about_review: bool
    messages: Sequence[ThreadMessage]
    carried: Carried | None = None

    @property
    def comment(self) -> Comment:
        """Return what the thread says, to its writer, from whom no text is hidden."""
        return Comment(self.messages[0].text or "", self.kind, self.criterion_id)


async def threads_of(db: Connection, access: CodeAccess, *, user_id: int, now: datetime) -> list[Thread]:
    """Return the threads of a submission that a user may see, in the order of their places."""
    return await threads_for(db, access, await reader_of(db, access, user_id=user_id, now=now), now=now)


async def threads_for(db: Connection, access: CodeAccess, reader: ThreadReader, *, now: datetime) -> list[Thread]:
    """Return the threads of a submission that a reader may see."""
    found = await fetch_values(db, _Thread, THREADS, access.submission_id, now)
    if not found:
        return []
    messages: defaultdict[int, list[_Message]] = defaultdict(list)
    for message in await _messages(db, access, reader, now=now):
        messages[message.thread_id].append(message)
    seen = [thread for thread in found if _sees(reader, thread, messages[thread.id])]
    numbers = await _numbers(db, access, seen)
    paths = await paths_for(db, access, [(each.path, each.side) for each in seen if each.path and each.side])
    return [_thread(reader, thread, messages[thread.id], numbers, paths) for thread in seen]


async def thread_of(db: Connection, *, thread_id: int, actor: Actor, now: datetime) -> tuple[CodeAccess, Thread]:
    """Return a thread that a user may see, and as whom. Raises ThreadNotFound."""
    submission_id = await db.fetchval(SUBMISSION_OF_THREAD, thread_id)
    if submission_id is None:
        raise ThreadNotFound
    try:
        access = await code_access(db, submission_id=submission_id, actor=actor, now=now)
    except SubmissionNotFound as refusal:
        raise ThreadNotFound from refusal
    found = await threads_of(db, access, user_id=actor.user_id, now=now)
    thread = next((each for each in found if each.id == thread_id), None)
    if thread is None:
        raise ThreadNotFound
    return access, thread


async def message_of(db: Connection, *, message_id: int, actor: Actor, now: datetime) -> ThreadMessage:
    """Return a message that a user may see. Raises MessageNotFound."""
    thread_id = await db.fetchval(THREAD_OF_MESSAGE, message_id)
    try:
        _, thread = await thread_of(db, thread_id=thread_id or 0, actor=actor, now=now)
    except ThreadNotFound as refusal:
        raise MessageNotFound from refusal
    message = next((each for each in thread.messages if each.id == message_id), None)
    if message is None:
        raise MessageNotFound
    return message


async def reader_of(db: Connection, access: CodeAccess, *, user_id: int, now: datetime) -> ThreadReader:
    """Return what decides which threads a user sees."""
    if access.role == "staff":
        return ThreadReader(user_id, "staff")
    if access.role == "author":
        sees = await author_sees_reviews(db, assignment_id=access.assignment_id, author_id=user_id, now=now)
        return ThreadReader(user_id, "author", may_see_reviews=sees)
    stage = await reviewing(db, assignment_id=access.assignment_id, user_id=user_id)
    are_reviews_over = stage.reviews_due_at is not None and stage.reviews_due_at <= now
    return ThreadReader(user_id, "reviewer", has_reviewed=access.review_id is not None, answers_shown=are_reviews_over)


async def author_sees_reviews(db: Connection, *, assignment_id: int, author_id: int, now: datetime) -> bool:
    """Say whether the author of a submission may see its reviews, and the comments of reviewers with them."""
    here = await progress_at(db, assignment_id=assignment_id, user_id=author_id, now=now)
    return may_see_reviews(has_done_own=here.has_done_reviews, reviews_due_at=here.reviews_due_at, now=now)


async def _messages(db: Connection, access: CodeAccess, reader: ThreadReader, *, now: datetime) -> list[_Message]:
    """Return the messages of a submission; in those of its author and of staff a reviewer gets no names."""
    found = await fetch_values(db, _Message, MESSAGES, access.submission_id, now, reader.user_id)
    if reader.role != "reviewer":
        return found
    texts = {each.id: each.text for each in found if each.role != "reviewer"}
    shown = await shown_to_reviewers(db, track_id=access.track_id, author_id=access.author_id, texts=texts)
    return [replace(each, text=shown.get(each.id, each.text)) for each in found]


async def _numbers(db: Connection, access: CodeAccess, seen: Sequence[_Thread]) -> dict[int, int]:
    """Return the numbers of reviewers by their reviews.

    For the author all reviews have numbers, as on the feedback page. To a reviewer a gap would show that there is a
    review that they do not see, so only those have numbers whose comments they see.
    """
    if access.role != "reviewer":
        return numbers_of(row[0] for row in await db.fetch(REVIEW_IDS, access.submission_id))
    return numbers_of({each.review_id for each in seen if each.review_id is not None} - {access.review_id or 0})


def _sees(reader: ThreadReader, thread: _Thread, messages: Sequence[_Message]) -> bool:
    sees = sees_thread(
        reader,
        is_own=thread.writer_id == reader.user_id,
        role=messages[0].role,
        is_sent=thread.is_sent,
        is_shown_to_others=thread.is_shown_to_others and not thread.is_about_review,
    )
    # The author may have begun it, with what a reviewer sees later.
    return sees and bool(_shown_messages(reader, thread, messages))


def _shown_messages(reader: ThreadReader, thread: _Thread, messages: Sequence[_Message]) -> list[_Message]:
    is_own = thread.writer_id == reader.user_id
    return [
        each
        for each in messages
        if sees_message(reader, is_own_thread=is_own, role=each.role, is_shown_to_others=each.is_shown_to_others)
    ]


def _thread(
    reader: ThreadReader,
    found: _Thread,
    messages: Sequence[_Message],
    numbers: Mapping[int, int],
    paths: Mapping[str, str],
) -> Thread:
    is_own = found.writer_id == reader.user_id
    shown = [_message(reader, each) for each in _shown_messages(reader, found, messages)]
    return Thread(
        id=found.id,
        submission_id=found.submission_id,
        snapshot_id=found.snapshot_id,
        is_draft=not found.is_sent,
        is_own=is_own,
        role=messages[0].role,
        reviewer=None if is_own or found.review_id is None else numbers[found.review_id],
        path=None if found.path is None else paths.get(found.path),
        side=found.side,
        blob=found.blob,
        first_line=found.first_line,
        last_line=found.last_line,
        excerpt=None if reader.role == "reviewer" else found.excerpt,
        kind=found.kind,
        criterion_id=found.criterion_id,
        state=shown_state(reader, found.state, is_own=is_own),
        draft_key=found.draft_key if is_own else None,
        version=found.version,
        is_about_review=found.is_about_review,
        messages=shown,
    )


def _message(reader: ThreadReader, found: _Message) -> ThreadMessage:
    is_own = found.writer_id == reader.user_id
    return ThreadMessage(
        id=found.id,
        role=found.role,
        is_own=is_own,
        text=None if found.is_hidden and not is_own and reader.role != "staff" else found.text,
        is_hidden=found.is_hidden,
        created_at=found.created_at,
        username=found.username if reader.role == "staff" else None,
        is_reported=found.is_reported,
    )
