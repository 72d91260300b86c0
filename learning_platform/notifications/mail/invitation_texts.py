"""Compose the content of an invitation by email, which may reach a person who has never heard of the site. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime

from learning_platform.core.languages import N_, Language, translate
from learning_platform.core.time_formatting import format_full_day
from learning_platform.notifications.mail.composition import MAX_TITLE_LENGTH, Content, mail_host

SUBJECT = N_("Invitation to the track “{track}”")
TEXT = N_(
    "{inviter} invites you to take part in the track “{track}” at {host}. The link is for you only, works once, and is "
    "valid until {day} (UTC). If you do not want to take part, ignore this email."
)
VIEW = N_("View the invitation")
# A name that staff typed stands in the greeting; what could be read as a link or an advertisement does not.
NAME = re.compile(r"[^\W\d_]+(?:(?:\.? |['’-])[^\W\d_]+){0,4}\.?")
MAX_GREETED_LENGTH = 60


@dataclass(frozen=True, slots=True)
class InvitedByEmail:
    """What an email says to an invited person: to which track, by whom, in which language, and the secret token."""

    email: str
    name: str | None
    locale: Language
    track: str
    inviter: str
    token: str
    expires_at: datetime

    @property
    def greeted_as(self) -> str | None:
        """Return the name to greet with, if it looks like the name of a person."""
        is_name = self.name is not None and len(self.name) <= MAX_GREETED_LENGTH and NAME.fullmatch(self.name)
        return self.name if is_name else None


def invitation(to: InvitedByEmail, *, public_url: str) -> Content:
    """Return the content of an invitation."""
    title = to.track if len(to.track) <= MAX_TITLE_LENGTH else f"{to.track[: MAX_TITLE_LENGTH - 1].rstrip()}…"
    text = translate(
        TEXT,
        to.locale,
        inviter=to.inviter,
        track=title,
        host=mail_host(public_url),
        day=format_full_day(to.expires_at, to.locale),
    )
    link = f"{public_url}/invitations/{to.token}"
    return Content(translate(SUBJECT, to.locale, track=title), text, link, translate(VIEW, to.locale))
