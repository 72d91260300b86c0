"""Staff of tracks, invitations, participants, and offers to hand a track over."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from learning_platform.people.roster import MAX_ROSTER_BYTES
from learning_platform.people.rules import MAX_INVITATION_USES, AddedRole, InvitedRole
from learning_platform.tracks.rules import StaffRole
from learning_platform.web.schemas.accounts import Username
from learning_platform.web.schemas.common import NO_NUL, Input, ObjectId, Output, UtcDatetime
from learning_platform.web.schemas.texts import PROSE
from learning_platform.web.schemas.tracks import Track

MAX_REASON_LENGTH = 1000
RemovalReason = Annotated[str, Field(min_length=1, max_length=MAX_REASON_LENGTH, pattern=NO_NUL), PROSE]


class StaffMember(Output):
    """A user on the staff of a track."""

    username: str
    role: StaffRole
    added_at: datetime


class StaffChange(Input):
    """The role of a user on the staff."""

    role: AddedRole


class NewStaffMember(StaffChange):
    """The form that adds a user to the staff."""

    username: Username


class NewInvitation(Input):
    """An invitation link to be created."""

    role: InvitedRole = Field("participant", description="What users become by accepting.")
    max_uses: int | None = Field(
        None, ge=1, le=MAX_INVITATION_USES, description="How many users can accept; no limit if omitted."
    )
    expires_at: UtcDatetime | None = Field(None, description="When it ends, within a year; in 30 days if omitted.")


class Invitation(Output):
    """An invitation, without its token. `accepted_by`: the last five users who accepted."""

    id: int
    role: InvitedRole
    email: str | None
    name: str | None
    max_uses: int | None
    uses: int
    created_at: datetime
    expires_at: datetime
    invited_by: str
    state: Literal["open", "used_up", "accepted", "declined", "withdrawn", "expired"]
    opened_at: datetime | None = Field(
        description="When a signed-in user first opened its page, of an invitation of one person."
    )
    delivery: Literal["waiting", "unknown", "sent", "failed", "not_sent"] | None = Field(
        description="What became of the last email with it. `failed`: the mail server has rejected it for good."
    )
    accepted_by: list[str]


class CreatedInvitation(Output):
    """A new invitation. `token` is shown only once; people accept at `/invitations/{token}`."""

    id: int
    role: InvitedRole
    max_uses: int | None
    uses: int
    created_at: datetime
    expires_at: datetime
    token: str = Field(examples=["lpi_…"])


class Invited(Output):
    """What an invitation leads to."""

    track: Track
    role: InvitedRole
    expires_at: datetime


class NewRoster(Input):
    """A list of email addresses and names; without `confirm` nothing is stored."""

    csv: Annotated[str, Field(min_length=1, max_length=MAX_ROSTER_BYTES, pattern=NO_NUL), PROSE]
    confirm: bool = Field(False, description="Create the invitations. Otherwise they are only previewed.")
    send: bool = Field(True, description="Send them by email, if the site sends emails.")


class Invitee(Output):
    """A person who is invited; `token` is shown only once, when the invitation is created.

    `emailed`: an email is on its way. One mailbox gets few invitations a day.
    """

    email: str
    name: str | None
    token: str | None
    emailed: bool


class RosterError(Output):
    """A line that names no person."""

    line: int
    problem: Literal["no_email", "bad_email", "unreadable", "too_long"]
    text: str


class RosterReport(Output):
    """What becomes of a roster: invited people, those who take part or are invited already, and lines with errors."""

    invited: list[Invitee]
    enrolled: list[str]
    pending: list[str]
    errors: list[RosterError]
    duplicates: int


class Accepted(Output):
    """The role that was taken by an invitation, and whether that started the track."""

    track_id: int
    role: InvitedRole
    track_started: bool


class Participant(Output):
    """A user who takes part in a track, has left it, or was removed from it."""

    id: int
    username: str
    state: Literal["enrolled", "left", "removed"]
    enrolled_at: datetime | None
    ended_at: datetime | None
    reason: str | None = Field(description="Why they were removed.")
    has_submitted: bool


class NewRemoval(Input):
    """Why a participant is removed; the participant reads it."""

    reason: RemovalReason


class Replacement(NewRemoval):
    """Why a participant is removed who has submitted nothing, and the user who gets the place."""

    admitted_id: ObjectId = Field(description="The id of a user on the waiting list.")


class NamedReplacement(NewRemoval):
    """The same for pages, which name the user who gets the place."""

    admitted: Username


class NewOffer(Input):
    """The user to whom a track is offered."""

    username: Username


class Offer(Output):
    """A track that is offered to a user, who becomes its author by accepting."""

    track_id: int
    track_title: str
    author_name: str
    username: str
    offered_at: datetime
