"""Submissions and where a participant is."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field

from learning_platform.attempts.repository_links import with_scheme
from learning_platform.attempts.rules import MAX_URL_LENGTH
from learning_platform.web.schemas.common import NO_NUL, Comment, Input, Output
from learning_platform.web.schemas.texts import IDENTIFIER
from learning_platform.web.schemas.tracks import Assignment

RepositoryLink = Annotated[str, Field(min_length=1, max_length=MAX_URL_LENGTH, pattern=NO_NUL), IDENTIFIER]


class NewSubmission(Input):
    """A link to a git repository: http or https, with a host and a path."""

    repo_url: RepositoryLink = Field(examples=["https://github.com/alice/hello"])
    comment: Comment | None = None


class TypedSubmission(NewSubmission):
    """The form to hand in with: a link without its `https://`, as browsers show it, is completed."""

    repo_url: Annotated[RepositoryLink, AfterValidator(with_scheme)]


class CorrectedLink(Input):
    """A link that works, instead of one that people found broken."""

    repo_url: RepositoryLink


class Submission(Output):
    """What was handed in; the latest link counts."""

    id: int
    assignment_id: int
    repo_url: str
    comment: str | None
    submitted_at: datetime


class CurrentAssignment(Assignment):
    """The assignment a participant is at, what they owe there, and what they handed in."""

    reviews_required: int | None = Field(description="Null before the deadline.")
    reviews_done: int
    submission: Submission | None
