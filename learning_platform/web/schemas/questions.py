"""Questions under an assignment, and the answers to them."""

from datetime import datetime

from pydantic import Field

from learning_platform.questions.rules import Role
from learning_platform.reviews.threads.rules import Decision
from learning_platform.web.schemas.common import Input, Output, Statement, Title
from learning_platform.web.schemas.threads import Reason


class NewQuestion(Input):
    """A question to the group of a track."""

    title: Title = Field(examples=["How are words with a hyphen counted?"])
    text: Statement = Field(examples=["Is `well-known` one word or two? @author"])


class QuestionChange(Input):
    """The fields to change; omitted fields keep their values."""

    title: Title | None = None
    text: Statement | None = None


class NewAnswer(Input):
    """An answer to a question."""

    text: Statement


class QuestionState(Input):
    """Whether a question is answered."""

    answered: bool


class QuestionPin(Input):
    """Whether a question is at the top of the lists."""

    pinned: bool


class Mute(Input):
    """Whether notifications are off."""

    muted: bool


class PostReport(Input):
    """What is wrong with a post."""

    reason: Reason | None = None


class PostVisibility(Input):
    """Whether a post is hidden from participants. `false` also settles its reports."""

    hidden: bool


class ReportOfPost(Output):
    """Why a user reported a post."""

    reporter: str
    reason: str | None
    reported_at: datetime


class ReportedPost(Output):
    """A reported question or answer, for staff: who wrote it, who reported it, and why."""

    id: int
    question_id: int
    assignment_id: int
    question_title: str
    writer: str
    role: Role
    position: int = Field(description="1 for the question itself, more for an answer.")
    text: str
    is_hidden: bool
    reported_at: datetime
    decision: Decision = Field(description="`open` until staff hide the post or keep it, and after a later report.")
    decided_at: datetime | None
    decided_by: str | None
    reports: list[ReportOfPost]


class Post(Output):
    """A question or an answer. `text` is null where staff have hidden it.

    Until names are shown, `writer` is null for posts of other participants, and links and names are masked.
    """

    id: int
    role: Role
    is_own: bool
    is_asker: bool
    is_edited: bool
    version: int = Field(description="For `If-Match`, to change an answer.")
    is_hidden: bool
    writer: str | None
    text: str | None
    created_at: datetime = Field(description="A day, where the writer is not named.")
    reports: list[ReportOfPost] = Field(description="For staff.")


class QuestionSummary(Output):
    """A question in a list."""

    id: int
    track_id: int
    assignment_id: int
    title: str | None
    is_own: bool
    is_answered: bool
    is_pinned: bool
    is_muted: bool
    is_new: bool = Field(description="Whether it, or an answer to it, is newer than what you have read.")
    answers_count: int
    question: Post


class Question(QuestionSummary):
    """A question with its answers."""

    answers: list[Post]


class NewQuestions(Output):
    """How many questions and answers of others you have not read."""

    new: int
