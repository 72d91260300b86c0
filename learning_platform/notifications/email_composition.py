"""What an email looks like: headers, plain text and HTML, in the reader's language. Pure."""

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape
from urllib.parse import urlsplit

from learning_platform.core.languages import N_, Language, Message, translate
from learning_platform.notifications.queries import Notification

GREETING = N_("Hello, {name}!")
OPEN_LINK = N_("Open")
UNSUBSCRIBE = N_("Unsubscribe from emails of this kind")
CONFIRMATION = (
    N_("Confirm your email address"),
    N_("This address was used to sign up. Confirm it to get emails. If it was not you, ignore this email."),
    N_("Confirm"),
)
RESET = (
    N_("Choose a new password"),
    N_("Somebody, presumably you, wants a new password. The link works once, for an hour. If not, ignore this."),
    N_("Choose a password"),
)
# Of each title in a subject.
MAX_TITLE_LENGTH = 80


@dataclass(frozen=True, slots=True)
class Content:
    """What an email says, its one link, and, for notifications, the track it is about and how to unsubscribe."""

    subject: str
    text: str
    link: str
    link_label: str
    track_id: int | None = None
    unsubscribe: str | None = None


@dataclass(frozen=True, slots=True)
class Envelope:
    """From whom an email goes to whom; addresses in ASCII."""

    sender: str
    to: str
    name: str
    language: Language


def requested(template: tuple[Message, Message, Message], language: Language, *, link: str) -> Content:
    """Return the content of an email that somebody asked for."""
    subject, text, label = (translate(message, language) for message in template)
    return Content(subject, text, link, label)


def about(notification: Notification, *, public_url: str, unsubscribe: str, now: datetime) -> Content:
    """Return the content of an email about a notification, as it is true at `now`."""
    return Content(
        subject=_subject(notification, now=now),
        text=notification.text_at(now),
        link=f"{public_url}{notification.url}",
        link_label=translate(OPEN_LINK, notification.locale),
        track_id=notification.track_id,
        unsubscribe=unsubscribe,
    )


def compose(content: Content, envelope: Envelope, *, email_id: int, public_url: str, now: datetime) -> EmailMessage:
    """Return the email as it goes out (RFC 5322; one-click unsubscription by RFC 8058)."""
    host = mail_host(public_url)
    email = EmailMessage()
    email["Date"] = format_datetime(now)
    email["From"], email["To"], email["Subject"] = envelope.sender, envelope.to, _one_line(content.subject)
    # The same at every try, so that a mail server that saw it before can tell.
    email["Message-ID"] = f"<email-{email_id}@{host}>"
    email["Auto-Submitted"] = "auto-generated"
    email["Content-Language"] = envelope.language
    if content.track_id is not None:
        _add_thread(email, track_id=content.track_id, host=host)
    if content.unsubscribe is not None:
        email["List-Unsubscribe"] = f"<{content.unsubscribe}>"
        email["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    email.set_content(_plain(content, envelope))
    email.add_alternative(_html(content, envelope), subtype="html")
    return email


def mail_host(public_url: str) -> str:
    """Return the host of the platform in ASCII, for identifiers in headers."""
    host = urlsplit(public_url).hostname or "localhost"
    try:
        in_ascii = host.encode("idna").decode()
    except UnicodeError:
        return "localhost"
    return in_ascii if ":" not in in_ascii else "localhost"  # An IPv6 address is no name.


def _add_thread(email: EmailMessage, *, track_id: int, host: str) -> None:
    """Let mail programs group and filter by track: all emails about one answer a message that was never sent."""
    root = f"<track-{track_id}@{host}>"
    email["References"], email["In-Reply-To"], email["List-Id"] = root, root, f"<track-{track_id}.{host}>"


def _subject(notification: Notification, *, now: datetime) -> str:
    track, assignment = (_shortened(notification.words.get(name, "")) for name in ("track", "assignment"))
    title = notification.title_at(now)
    return (f"[{track}] " if track else "") + title + (f": {assignment}" if assignment else "")


def _shortened(title: str) -> str:
    return title if len(title) <= MAX_TITLE_LENGTH else f"{title[: MAX_TITLE_LENGTH - 1].rstrip()}…"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _plain(content: Content, envelope: Envelope) -> str:
    greeting = translate(GREETING, envelope.language, name=envelope.name)
    parts = [greeting, content.text, f"{content.link_label}: {content.link}"]
    if content.unsubscribe is not None:
        parts.append(f"-- \n{translate(UNSUBSCRIBE, envelope.language)}: {content.unsubscribe}")
    return "\n\n".join(parts) + "\n"


def _html(content: Content, envelope: Envelope) -> str:
    stop = ""
    if content.unsubscribe is not None:
        label = escape(translate(UNSUBSCRIBE, envelope.language))
        stop = f'<p style="font-size:85%"><a href="{escape(content.unsubscribe)}">{label}</a></p>'
    greeting = translate(GREETING, envelope.language, name=envelope.name)
    return (
        f'<!doctype html><html lang="{envelope.language}"><body style="font-family:sans-serif;max-width:36em">'
        f"<p>{escape(greeting)}</p><p>{escape(content.text)}</p>"
        f'<p><a href="{escape(content.link)}">{escape(content.link_label)}</a></p>{stop}</body></html>'
    )
