"""What clients send and receive about certificates, progress and profiles."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from learning_platform.accounts.profiles import MAX_ABOUT, MAX_DISPLAY_NAME, ProfileVisibility
from learning_platform.certificates.rules import MAX_REASON
from learning_platform.tracks.rules import TrackStatus
from learning_platform.web.schemas.common import NO_NUL, Input, Output
from learning_platform.web.schemas.texts import ONE_LINE

Percent = Annotated[int, Field(ge=0, le=100)]
Line = Annotated[str, Field(max_length=MAX_ABOUT, pattern=NO_NUL), ONE_LINE]
Name = Annotated[str, Field(max_length=MAX_DISPLAY_NAME, pattern=NO_NUL), ONE_LINE]
Reason = Annotated[str, Field(min_length=1, max_length=MAX_REASON, pattern=NO_NUL), ONE_LINE]


class CertificateRule(Input, Output):
    """What earns a certificate, in percent of the assignments of the track."""

    submissions: Annotated[int, Field(ge=1, le=100)] = Field(description="With something handed in.", examples=[80])
    reviews: Percent = Field(description="With all reviews done that were owed.", examples=[80])


class Revocation(Input):
    """Why a certificate is revoked. The reason is shown on the certificate's page."""

    reason: Reason


class Certificate(Output):
    """A certificate. `name` and `author_name` are the names that users chose, or their usernames."""

    code: UUID
    name: str
    track_title: str
    author_name: str
    started_at: datetime
    finished_at: datetime
    issued_at: datetime
    assignments: int
    submitted: int = Field(description="The number of assignments with something handed in.")
    reviewed: int = Field(description="The number of assignments with all reviews done.")
    revoked_at: datetime | None
    revoke_reason: str | None


class TrackCertificate(Certificate):
    """A certificate with its holder, for the staff of the track."""

    username: str


class ProfileEdit(Input):
    """What you show of yourself. An empty `display_name` removes it."""

    display_name: Name = ""
    about: Line = ""
    visibility: ProfileVisibility = Field(
        description="Who sees it: `everyone`, `participants` (users on a track with you) or `private`."
    )


class Profile(Output):
    """What you show of yourself, and to whom."""

    username: str
    display_name: str | None
    about: str
    visibility: ProfileVisibility


class PublicProfile(Output):
    """A user as others see them."""

    username: str
    display_name: str | None
    about: str
    created_at: datetime


class AssignmentProgress(Output):
    """One assignment of yours; `result` in percent."""

    assignment_id: int
    assignment_title: str
    submitted: bool
    reviews_done: int
    has_done_reviews: bool
    result: float | None


class TrackProgress(Output):
    """One track of yours; `total` in percent, null before the first review deadline."""

    id: int
    title: str
    status: TrackStatus
    started_at: datetime | None
    finishes_at: datetime | None
    has_left: bool
    submitted: int
    reviews_done: int
    total: float | None
    assignments: list[AssignmentProgress]
