"""What a thread may say, who may write in it, and who sees what of it. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import md5
from typing import Literal, TypeAlias

from learning_platform.core.errors import Conflict, Forbidden, Invalid, NotFound
from learning_platform.core.languages import N_
from learning_platform.reviews.code_access import Role

Side: TypeAlias = Literal["new", "old"]
ThreadKind: TypeAlias = Literal["problem", "question", "praise", "note"]
ThreadState: TypeAlias = Literal["open", "fixed", "declined", "settled"]
# What is asked for: reports that wait for staff, or others. And what staff decided.
ReportState = Literal["open", "settled"]
Decision = Literal["open", "hidden", "kept"]
MAX_THREADS, MAX_MESSAGES = 200, 100
MAX_EXCERPT_LINES, MAX_EXCERPT_CHARACTERS = 20, 2000


class ThreadNotFound(NotFound):
    code = "thread_not_found"
    message = N_("Comment not found.")


class MessageNotFound(NotFound):
    code = "message_not_found"
    message = N_("Message not found.")


class AuthorsOnlyAnswer(Forbidden):
    code = "authors_only_answer"
    message = N_("You cannot comment on your own submission. Answer the comments of your reviewers.")


class NotYourComment(Forbidden):
    code = "not_your_comment"
    message = N_("Only the person who wrote this comment can do that.")


class CommentSent(Conflict):
    code = "comment_sent"
    message = N_("This comment has been sent and cannot be changed. Add a message to it.")


class CommentNotSent(Conflict):
    code = "comment_not_sent"
    message = N_("This comment is still a draft. Edit it.")


class TooManyThreads(Conflict):
    code = "too_many_threads"
    message = N_("A review can have at most {max} comments on the code.")


class TooManyMessages(Conflict):
    code = "too_many_messages"
    message = N_("This comment already has {max} messages.")


class NoSecondIteration(Conflict):
    code = "no_second_iteration"
    message = N_("Submit a second iteration first, then mark what you have fixed in it.")


class DeclineReasonMissing(Invalid):
    code = "reason_missing"
    message = N_("Say why you do not want to change this.")


class AlreadyReported(Conflict):
    code = "already_reported"
    message = N_("You have already reported this message.")


class OwnMessage(Conflict):
    code = "own_message"
    message = N_("You cannot report your own message.")


class NoSuchFile(Invalid):
    code = "no_such_file"
    message = N_("This file is not part of the submission.")


class NoSuchLine(Invalid):
    code = "no_such_line"
    message = N_("This file does not have these lines.")


class FileMissing(Invalid):
    code = "file_missing"
    message = N_("Lines need the path of a file.")


@dataclass(frozen=True, slots=True)
class Place:
    """What a comment is about: lines of a file, a file, or (no path) the whole submission."""

    path: str | None = None
    side: Side = "new"
    first_line: int | None = None
    last_line: int | None = None

    @property
    def lines(self) -> tuple[int, int] | None:
        """Return the first and the last line, or None if no line is named; one line may be given as either."""
        first = self.first_line if self.first_line is not None else self.last_line
        last = self.last_line if self.last_line is not None else self.first_line
        return None if first is None or last is None else (first, last)


@dataclass(frozen=True, slots=True)
class Comment:
    """What a thread says: its text, its kind, and the criterion that it is about, if any."""

    text: str
    kind: ThreadKind
    criterion_id: int | None = None


@dataclass(frozen=True, slots=True)
class ThreadReader:
    """A user who reads the threads of a submission.

    `may_see_reviews`: of an author, whether they see the reviews of their work. `has_reviewed`: of a reviewer.
    `answers_shown`: whether reviewers see what the author answers. Before all authors see their reviews an answer would
    show that this one has done their own.
    """

    user_id: int
    role: Role
    may_see_reviews: bool = False
    has_reviewed: bool = False
    answers_shown: bool = False


def ensure_place(place: Place) -> None:
    """Raise FileMissing or NoSuchLine unless the parts of a place fit together."""
    if place.lines is None:
        return
    if place.path is None:
        raise FileMissing(loc=("body", "path"))
    first, last = place.lines
    if not 1 <= first <= last:
        raise NoSuchLine(loc=("body", "last_line"))


def ensure_lines_exist(place: Place, *, lines: int) -> None:
    """Raise NoSuchLine unless a file with this number of lines has those of the place."""
    if place.lines is not None and place.lines[1] > lines:
        raise NoSuchLine(loc=("body", "last_line"))


def excerpt_of(place: Place, *, lines: Sequence[str]) -> str | None:
    """Return the first of the lines of a place, or None if it names no lines."""
    if place.lines is None:
        return None
    first, last = place.lines
    text = "\n".join(lines[first - 1 : min(last, first - 1 + MAX_EXCERPT_LINES)])[:MAX_EXCERPT_CHARACTERS]
    # PostgreSQL stores no zero characters, which damaged files have.
    return text.replace("\0", "\ufffd")


def ensure_few_threads(count: int) -> None:
    """Raise TooManyThreads if a reviewer has as many threads as a review may have."""
    if count >= MAX_THREADS:
        raise TooManyThreads(max=MAX_THREADS)


def ensure_few_messages(count: int) -> None:
    """Raise TooManyMessages if a thread has as many messages as it may have."""
    if count >= MAX_MESSAGES:
        raise TooManyMessages(max=MAX_MESSAGES)


def sees_thread(reader: ThreadReader, *, is_own: bool, role: Role, is_sent: bool, is_shown_to_others: bool) -> bool:
    """Say whether a user sees a thread, begun in a `role`: a draft only its writer, what was sent by their own role.

    `is_shown_to_others`: whether other reviewers may be shown something that was sent then (core/anonymity.py).
    """
    if is_own or not is_sent:
        return is_own
    if reader.role == "author":
        return role == "staff" or reader.may_see_reviews
    return reader.role == "staff" or (reader.has_reviewed and is_shown_to_others)


def sees_message(reader: ThreadReader, *, is_own_thread: bool, role: Role, is_shown_to_others: bool) -> bool:
    """Say whether a user who sees a thread sees a message in it."""
    if reader.role != "reviewer":
        return True
    is_shown = is_own_thread or is_shown_to_others
    return is_shown and (role != "author" or reader.answers_shown)


def ensure_may_answer(*, role: Role, is_own_thread: bool, is_sent: bool) -> None:
    """Raise NotYourComment or CommentNotSent unless a user who sees a thread may write a message in it."""
    if not is_sent:
        raise CommentNotSent
    if role == "reviewer" and not is_own_thread:
        raise NotYourComment


def ensure_may_set_state(
    state: ThreadState,
    *,
    former: ThreadState | None,
    role: Role,
    is_own_thread: bool,
    is_sent: bool,
    has_second_iteration: bool,
    has_reason: bool,
) -> None:
    """Raise unless a user who sees a thread may give it a state.

    The author of the submission says what is fixed in the second iteration or declined, with a reason, and may take
    that back; the writer of the thread settles it, or opens it again. Raises CommentNotSent, NotYourComment,
    NoSecondIteration, DeclineReasonMissing.
    """
    if not is_sent:
        raise CommentNotSent
    of_author = {"fixed", "declined"}
    is_for_author = state in of_author or (state == "open" and former in of_author)
    is_for_writer = state not in of_author and (role == "staff" or is_own_thread)
    if not (is_for_writer or (is_for_author and role == "author")):
        raise NotYourComment
    if state == "fixed" and not has_second_iteration:
        raise NoSecondIteration
    if state == "declined" and not has_reason:
        raise DeclineReasonMissing(loc=("body", "text"))


def shown_state(reader: ThreadReader, state: ThreadState, *, is_own: bool) -> ThreadState | None:
    """Return the state that a user sees: what the author says, reviewers see with the author's answers."""
    if reader.role != "reviewer":
        return state
    if not is_own:
        return None
    return "open" if state in {"fixed", "declined"} and not reader.answers_shown else state


def ensure_draft(*, is_sent: bool) -> None:
    """Raise CommentSent unless a thread may still be changed."""
    if is_sent:
        raise CommentSent


def numbers_of(review_ids: Iterable[int]) -> dict[int, int]:
    """Return the number of each review: in the order of the feedback page, which is random (reviews.queries)."""
    in_order = sorted(review_ids, key=lambda id: md5(str(id).encode(), usedforsecurity=False).hexdigest())
    return {review_id: number for number, review_id in enumerate(in_order, start=1)}
