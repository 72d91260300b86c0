"""Rules and refusals of accounts: usernames, passwords, sign-in, administration."""

from functools import cache
from zoneinfo import available_timezones

from learning_platform.core.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    TooManyRequests,
    Unauthorized,
    Unavailable,
)
from learning_platform.core.languages import N_

USERNAME_PATTERN = r"^[A-Za-z0-9_.-]{3,32}$"
MIN_PASSWORD_LENGTH, MAX_PASSWORD_LENGTH = 8, 128
MAX_EMAIL_LENGTH = 254
# The username of a deleted account is this prefix and its id.
FORMER_PARTICIPANT = "former participant"


class EmailTaken(Conflict):
    code = "email_taken"
    message = N_("An account with this email address already exists.")


class EmailUnchanged(Invalid):
    code = "email_unchanged"
    message = N_("This is your email address already.")


class NoEmailChange(NotFound):
    code = "no_email_change"
    message = N_("No change of your email address is waiting to be confirmed.")


class LinkOfAnotherAccount(Conflict):
    """A new address is confirmed by the user who requested the change, not by a person who reads its mail."""

    code = "link_of_another_account"
    message = N_("This link is for another account. Sign out, then sign in to the account that it was requested for.")


class NoMail(Conflict):
    """Without mail an address cannot be confirmed."""

    code = "no_mail"
    message = N_("This site sends no emails, so an email address cannot be confirmed.")


class UsernameTaken(Conflict):
    code = "username_taken"
    message = N_("This username is already taken.")


class WrongCredentials(Unauthorized):
    """The same refusal for an unknown user and a wrong password, so that it does not reveal which users exist."""

    code = "wrong_credentials"
    message = N_("Incorrect username or password.")


class UserBlocked(Unauthorized):
    """Raised only after the correct password, so that it does not reveal which accounts are blocked."""

    code = "user_blocked"
    message = N_("Your account is blocked. Contact an administrator.")


class TooManyAttempts(TooManyRequests):
    code = "too_many_attempts"
    message = N_("Too many failed sign-in attempts. Try again in {wait}.")


class TooManyActions(TooManyRequests):
    code = "too_many_requests"
    message = N_("You have reached the limit for this action. Try again in {wait}.")


class PasswordsBusy(Unavailable):
    """Too many requests wait for the hashing of a password, which is slow by design."""

    code = "busy"
    message = N_("Too many people are signing in right now. Try again in {wait}.")


class NotSignedIn(Unauthorized):
    code = "not_signed_in"
    message = N_("Sign in to continue.")


class ProfileNotFound(NotFound):
    code = "profile_not_found"
    message = N_("User not found.")


class BadToken(Unauthorized):
    code = "bad_token"
    message = N_("The token is invalid or has expired. Sign in again.")


class BadRefreshToken(Unauthorized):
    code = "bad_refresh_token"
    message = N_("The refresh token is invalid or has expired. Sign in again.")


class RefreshTokenReused(Unauthorized):
    """A refresh token was used twice, so it may have been stolen, and the whole session ends."""

    code = "refresh_token_reused"
    message = N_("This refresh token has already been used, so the session has ended. Sign in again.")
    keeps_changes = True

    def __init__(self, *, session_id: int) -> None:
        super().__init__()
        self.session_id = session_id


class BadHandInToken(Unauthorized):
    """The same refusal for an unknown user and a wrong token, so that it does not reveal which users exist."""

    code = "bad_hand_in_token"
    message = N_("Incorrect username or token. Create a token for git in your settings.")


class SessionNotFound(NotFound):
    code = "session_not_found"
    message = N_("You have no such session.")


class HandInTokenNotFound(NotFound):
    code = "hand_in_token_not_found"
    message = N_("You have no such token.")


class TooManyHandInTokens(Conflict):
    code = "too_many_hand_in_tokens"
    message = N_("You have {limit} tokens already. End one that you no longer need.")


class HandInTokenExpiry(Invalid):
    code = "hand_in_token_expiry"
    message = N_("Choose a date in the future, at most ten years from now.")


class BadLink(NotFound):
    code = "bad_link"
    message = N_("This link is no longer valid. Request a new one.")


class AdminsOnly(Forbidden):
    code = "admins_only"
    message = N_("Only administrators can do this.")


class UserNotFound(NotFound):
    code = "user_not_found"
    message = N_("User not found.")


class NotYourself(Forbidden):
    """Administrators cannot block or demote themselves, or there might be no administrator left."""

    code = "not_yourself"
    message = N_("You cannot do this to your own account. Ask another administrator.")


class AccountBlocked(Conflict):
    code = "account_blocked"
    message = N_("This account is blocked or deleted.")


class TooManyEmails(TooManyRequests):
    code = "too_many_emails"
    former_code = "too_many_letters"
    message = N_("Too many emails requested. Try again in {wait}.")


class WrongPassword(Invalid):
    code = "wrong_password"
    message = N_("Incorrect password.")


class CommonPassword(Invalid):
    code = "common_password"
    message = N_("This is one of the most common passwords, so it is easy to guess. Choose another one.")


class PasswordIsName(Invalid):
    code = "password_is_name"
    message = N_("Do not use your username, your email address or the name of this site as the password.")


class ProviderNotFound(NotFound):
    code = "provider_not_found"
    message = N_("This way to sign in is not available here.")


class ProviderUnavailable(Conflict):
    """The provider does not answer, or says that it cannot at present."""

    code = "provider_unavailable"
    message = N_("{name} is not responding. Try again in a few minutes, or sign in another way.")


class BadProviderAnswer(Conflict):
    """What the provider answered cannot be used or must not be trusted; the log says of which kind it was."""

    code = "bad_provider_answer"
    message = N_("Signing in with {name} did not work. Try again. If it fails again, contact an administrator.")


class SignInCancelled(Conflict):
    code = "sign_in_cancelled"
    message = N_("Signing in with {name} was cancelled.")


class SignInExpired(Conflict):
    """An answer for a sign-in that this browser did not begin, or that is over."""

    code = "sign_in_expired"
    message = N_("This sign-in has expired or was started in another browser. Start again.")


class IdentityTaken(Conflict):
    code = "identity_taken"
    message = N_("This account is already linked to another user here.")


class IdentityNotFound(NotFound):
    code = "identity_not_found"
    message = N_("You have no such linked account.")


class LastWayIn(Conflict):
    code = "last_way_in"
    message = N_("You cannot sign in without it. Set a password first.")


class SignInAgain(Conflict):
    """For accounts without a password: a recent sign-in takes the place of the password."""

    code = "sign_in_again"
    message = N_("Confirm that it is you: sign in again, then repeat this within 15 minutes.")


class UnknownTimeZone(Invalid):
    code = "unknown_time_zone"
    message = N_("Unknown time zone. Use a name such as Europe/Moscow.")


def ensure_time_zone(name: str) -> None:
    """Raise UnknownTimeZone unless `name` is in the IANA time zone database."""
    if not is_time_zone(name):
        raise UnknownTimeZone(loc=("body", "time_zone"))


def is_time_zone(name: str) -> bool:
    """Say whether `name` is in the IANA time zone database."""
    return name in _time_zones()


@cache
def _time_zones() -> frozenset[str]:
    # The database is 600 files, each of which is looked into.
    return frozenset(available_timezones())


def is_former(username: str) -> bool:
    """Say whether this is the username of a deleted account."""
    return username.startswith(f"{FORMER_PARTICIPANT} ")


def inbox_of(email: str) -> str:
    """Return the canonical address of an inbox: `Ann+tracks@example.com` reaches `ann@example.com`."""
    local_part, _, domain = email.lower().rpartition("@")
    return f"{local_part.partition('+')[0]}@{domain}"
