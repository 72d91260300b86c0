"""The conditions to invite, to join the staff of a track, and to hand a track over."""

from datetime import datetime, timedelta
from typing import Literal

from learning_platform.core.errors import Conflict, Invalid, NotFound
from learning_platform.core.languages import N_
from learning_platform.tracks.rules import StaffRole

InvitedRole = Literal["participant", "co_author", "mentor"]
AddedRole = Literal["co_author", "mentor"]
MAX_INVITATION_USES = 10_000
MAX_OPEN_LINKS = 100
LINK_LIFETIME, MAX_LINK_LIFETIME = timedelta(days=30), timedelta(days=365)


class UserNotFound(NotFound):
    code = "user_not_found"
    message = N_("There is no user with this name.")


class InvitationNotFound(NotFound):
    code = "invitation_not_found"
    message = N_("This invitation does not exist or is no longer valid. Ask for another one.")


class InvitationExpiry(Invalid):
    code = "invitation_expiry"
    message = N_("An invitation must end in the future, within a year.")


class TooManyInvitations(Conflict):
    code = "too_many_invitations"
    message = N_("A track can have {limit} open invitation links. Withdraw one first.")


class AlreadyStaff(Conflict):
    code = "already_staff"
    message = N_("You already have this role on the track.")


class NotByEmail(Conflict):
    code = "not_by_email"
    message = N_("Only an invitation of one person who has not answered yet can be sent by email.")


class SendsNoEmail(Conflict):
    code = "sends_no_email"
    message = N_("This site sends no emails. Give people their invitation links yourself.")


class HasSubmitted(Conflict):
    code = "has_submitted"
    message = N_("This participant has already submitted something.")


class NotOnTheStaff(NotFound):
    code = "not_on_the_staff"
    message = N_("This user is not on the staff of the track.")


class AuthorOfTrack(Conflict):
    code = "author_of_track"
    message = N_("The author of a track keeps this role until the track is handed over.")


class NoOffer(NotFound):
    code = "no_offer"
    message = N_("The track is not offered to you.")


def ensure_end(expires_at: datetime, *, now: datetime) -> None:
    """Raise InvitationExpiry unless an invitation may end at this time."""
    if not now < expires_at <= now + MAX_LINK_LIFETIME:
        raise InvitationExpiry(loc=("body", "expires_at"))


def gains_by(role: InvitedRole, *, present: StaffRole | None) -> bool:
    """Say whether a user with the role `present` on the staff would gain by the invited role."""
    return present is None or role == "participant" or (role == "co_author" and present == "mentor")


def ensure_gains_by(role: InvitedRole, *, present: StaffRole | None) -> None:
    """Raise AlreadyStaff unless the user would gain by the invited role."""
    if not gains_by(role, present=present):
        raise AlreadyStaff


def ensure_not_the_author(role: StaffRole | None) -> None:
    """Raise AuthorOfTrack if the role is that of the author."""
    if role == "author":
        raise AuthorOfTrack
