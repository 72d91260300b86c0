"""Comments on the code of a submission."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from pydantic import Field

from learning_platform.reviews.code_access import Role
from learning_platform.reviews.threads.rules import Comment, Decision, Place, Side, ThreadKind, ThreadState
from learning_platform.snapshots.comparison.carrying import Carriage
from learning_platform.web.schemas.common import NO_NUL, Input, ObjectId, Output, Statement
from learning_platform.web.schemas.texts import IDENTIFIER, MACHINE, PROSE

MAX_PATH_LENGTH = 400
Path = Annotated[str, Field(min_length=1, max_length=MAX_PATH_LENGTH, pattern=NO_NUL), MACHINE]
Line = Annotated[int, Field(ge=1, le=10_000_000)]
DraftKey = Annotated[str, Field(min_length=1, max_length=64, pattern=NO_NUL), IDENTIFIER]
Reason = Annotated[str, Field(max_length=1000, pattern=NO_NUL), PROSE]


class NewThread(Input):
    """A comment on lines of a file, on a file, or (without a path) on the whole submission."""

    path: Path | None = None
    side: Side = Field("new", description="`old`: a line of the starter code, which the submission has removed.")
    first_line: Line | None = None
    last_line: Line | None = None
    kind: ThreadKind = "note"
    criterion_id: ObjectId | None = None
    text: Statement
    draft_key: DraftKey | None = Field(
        None, description="Any string chosen by the client: a repeated request with it makes no second comment."
    )

    @property
    def place(self) -> Place:
        """Return the place of the comment."""
        return Place(self.path, self.side, self.first_line, self.last_line)

    @property
    def comment(self) -> Comment:
        """Return what the comment says."""
        return Comment(self.text, self.kind, self.criterion_id)


class ThreadChange(Input):
    """The fields of a draft to change; omitted fields keep their values."""

    kind: ThreadKind = "note"
    criterion_id: ObjectId | None = None
    text: Statement = ""

    def applied_to(self, draft: Comment) -> Comment:
        """Return what a draft says after the change."""
        return replace(draft, **{name: getattr(self, name) for name in self.model_fields_set})


class EditedThread(Input):
    """The form that edits a draft; it sends every field."""

    kind: ThreadKind
    criterion_id: ObjectId | None = None
    text: Statement

    @property
    def comment(self) -> Comment:
        """Return what the draft says."""
        return Comment(self.text, self.kind, self.criterion_id)


class NewMessage(Input):
    """A message in a thread."""

    text: Statement


class StateChange(Input):
    """What became of a comment: the author of the submission fixes or declines, the writer of the comment settles."""

    state: ThreadState
    text: Statement | None = Field(None, description="Becomes a message. Required to decline.")


class MessageReport(Input):
    """What is wrong with a message."""

    reason: Reason | None = None


class MessageVisibility(Input):
    """Whether a message is hidden from participants. `false` also settles its reports."""

    hidden: bool


class ThreadMessage(Output):
    """A message; `text` is null where staff have hidden it. `username` is for staff only."""

    id: int
    role: Role
    is_own: bool
    text: str | None
    is_hidden: bool
    created_at: datetime = Field(description="A day.")
    username: str | None


class CarriedPlace(Output):
    """Where a comment stands in the second iteration: on the same lines, in a file, or nowhere."""

    kind: Carriage = Field(description="`lines`: the same text. `changed`: these lines have changed. `gone`: no file.")
    path: str | None
    first_line: int | None
    last_line: int | None


class Thread(Output):
    """A comment and the answers to it. The first message is the comment itself.

    `reviewer` numbers the reviewers, in random order; null for your own comments and those of staff.
    """

    id: int
    is_draft: bool
    is_own: bool
    role: Role
    reviewer: int | None
    path: str | None
    side: Side | None
    first_line: int | None
    last_line: int | None
    excerpt: str | None = Field(description="The lines; null for reviewers, who read them in the code.")
    kind: ThreadKind
    is_about_review: bool = Field(description="Whether it is the conversation about a review as a whole.")
    criterion_id: int | None
    state: ThreadState | None = Field(description="Null for comments of other reviewers.")
    carried: CarriedPlace | None = Field(description="Where it stands in the second iteration, if there is one.")
    messages: list[ThreadMessage]


class Report(Output):
    """Why a user reported a message."""

    reporter: str
    reason: str | None
    reported_at: datetime


class ReportedMessage(Output):
    """A reported message, for the track's author: who wrote it, who reported it, and why."""

    id: int
    submission_id: int
    assignment_id: int
    thread_id: int
    writer: str
    role: Role
    text: str
    is_hidden: bool
    reported_at: datetime
    decision: Decision = Field(description="`open` until staff hide the message or keep it, and after a later report.")
    decided_at: datetime | None
    decided_by: str | None
    reports: list[Report]
