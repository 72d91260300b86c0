"""What emails say about a change of an address: to the new address and to the former one. Pure functions."""

from dataclasses import dataclass
from datetime import datetime

from learning_platform.core.languages import N_, Language, Message, translate
from learning_platform.core.time_formatting import format_full_day
from learning_platform.notifications.mail.composition import Content, mail_host

CONFIRM = (
    N_("Confirm your new email address"),
    N_(
        "The account “{name}” at {host} is to use this address. Confirm it within a day with the link, in a browser "
        "where you are signed in. If you did not ask for this, ignore this email: nothing changes."
    ),
    N_("Confirm the new address"),
)
# To an address of another account: only its owner learns that there is one.
TAKEN = (
    N_("This email address already has an account"),
    N_(
        "You or someone else wanted to use this address for another account at {host}. It already belongs to an "
        "account there, so nothing was changed. If this was not you, ignore this email."
    ),
    N_("Sign in"),
)
REQUESTED = (
    N_("Your email address is about to change"),
    N_(
        "The email address of your account “{name}” at {host} is to change to {new}, as soon as the new address is "
        "confirmed. If you asked for this, there is nothing to do. If this was not you, open the link by {day}: your "
        "address stays, and all devices are signed out."
    ),
    N_("This was not me"),
)
CHANGED = (
    N_("Your email address was changed"),
    N_(
        "The email address of your account “{name}” at {host} is now {new}. If you changed it, there is nothing to do. "
        "If this was not you, open the link by {day}: this address is restored, and all devices are signed out."
    ),
    N_("This was not me"),
)


@dataclass(frozen=True, slots=True)
class Change:
    """What an email says of a change: whose account, at which site, to which address, until when it can be undone."""

    name: str
    public_url: str
    new: str
    undo_until: datetime | None
    language: Language


def to_confirm(change: Change, *, token: str) -> Content:
    """Return the content of the email to the new address."""
    return _content(CONFIRM, change, path=f"/email/confirm/{token}")


def about_taken_address(change: Change) -> Content:
    """Return the content of the email to an address that belongs to another account."""
    return _content(TAKEN, change, path="/sign-in")


def to_former_address(change: Change, *, is_done: bool, token: str) -> Content:
    """Return the content of the notice to the address that is to be or was replaced."""
    return _content(CHANGED if is_done else REQUESTED, change, path=f"/email/undo/{token}")


def _content(template: tuple[Message, Message, Message], change: Change, *, path: str) -> Content:
    subject, text, label = template
    day = "" if change.undo_until is None else format_full_day(change.undo_until, change.language)
    host = mail_host(change.public_url)
    filled = translate(text, change.language, name=change.name, host=host, new=change.new, day=day)
    link = f"{change.public_url}{path}"
    return Content(translate(subject, change.language), filled, link, translate(label, change.language))
