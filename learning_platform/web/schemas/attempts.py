"""Submissions and the current assignment."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field

from learning_platform.attempts.repository_links import with_scheme
from learning_platform.attempts.rules import MAX_URL_LENGTH
from learning_platform.snapshots.rules import Origin, SnapshotState
from learning_platform.web.schemas.common import NO_NUL, Comment, Input, Output
from learning_platform.web.schemas.texts import IDENTIFIER
from learning_platform.web.schemas.tracks import Assignment

RepositoryLink = Annotated[str, Field(min_length=1, max_length=MAX_URL_LENGTH, pattern=NO_NUL), IDENTIFIER]


class NewSubmission(Input):
    """A link to a git repository: http or https, with a host and a path."""

    repo_url: RepositoryLink = Field(examples=["https://github.com/alice/hello"])
    comment: Comment | None = None


class ArchiveFields(Input):
    """What may come with an archive."""

    comment: Comment | None = None


class TypedSubmission(NewSubmission):
    """The submission form; `https://` is added to a link without a scheme, as browsers show it."""

    repo_url: Annotated[RepositoryLink, AfterValidator(with_scheme)]


class CorrectedLink(Input):
    """A correct link, instead of one that reviewers reported as broken."""

    repo_url: RepositoryLink


class Snapshot(Output):
    """How far the code of a submission has been frozen on the server."""

    state: SnapshotState = Field(description="A link is `waiting` until its repository has been fetched.")
    origin: Origin
    commit: str | None
    files: int | None
    bytes: int | None
    error: str | None = Field(description="Why it failed, or why it has not worked so far: a code for programs.")
    frozen_at: datetime | None


class SecondIteration(Output):
    """What was handed in after the reviews."""

    repo_url: str | None
    comment: str | None
    submitted_at: datetime
    snapshot: Snapshot | None


class Submission(Output):
    """A submission. Submitting again replaces it."""

    id: int
    assignment_id: int
    repo_url: str | None = Field(description="Null where the code itself was handed in.")
    comment: str | None
    submitted_at: datetime
    snapshot: Snapshot | None = Field(description="Null for what was handed in before code was frozen.")
    second_iteration: SecondIteration | None


class CurrentAssignment(Assignment):
    """The current assignment of a participant, with their reviews and their submission."""

    reviews_required: int | None = Field(description="Null before the deadline.")
    reviews_done: int = Field(description="More than `reviews_required` after extra reviews as a volunteer.")
    submission: Submission | None
