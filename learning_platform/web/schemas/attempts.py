"""Submissions and where a participant is."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from learning_platform.attempts.rules import LONGEST_URL
from learning_platform.web.schemas.common import NO_NUL, Comment, Input, Output
from learning_platform.web.schemas.tracks import Assignment


class NewSubmission(Input):
    """A link to a git repository: http or https, with a host and a path."""

    repo_url: Annotated[str, Field(min_length=1, max_length=LONGEST_URL, pattern=NO_NUL)] = Field(
        examples=["https://github.com/alice/hello"]
    )
    comment: Comment | None = None


class MendedLink(Input):
    """A link that works, instead of one that people found broken."""

    repo_url: Annotated[str, Field(min_length=1, max_length=LONGEST_URL, pattern=NO_NUL)]


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
