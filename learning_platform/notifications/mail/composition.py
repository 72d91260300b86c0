"""Compose emails: headers, plain text and HTML, in the recipient's language. Pure functions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape
from urllib.parse import urlsplit

from learning_platform.core.languages import N_, Language, Message, language_by_script, translate
from learning_platform.notifications.queries import Notification

GREETING, GREETING_WITHOUT_NAME = N_("Hello, {name}!"), N_("Hello!")
OPEN_LINK = N_("Open")
TIMES_ARE_IN = N_("Times are shown in {time_zone}.")
UNSUBSCRIBE = N_("Unsubscribe from these emails")
CONFIRMATION = (
    N_("Confirm your email address"),
    N_("This address was used to sign up. Confirm it to receive emails. If you did not sign up, ignore this email."),
    N_("Confirm"),
)
RESET = (
    N_("Reset your password"),
    N_(
        "You or someone else asked to reset your password. The link works once and expires in an hour. "
        "If you did not ask for it, ignore this email."
    ),
    N_("Reset password"),
)
# Of the name of a track or an assignment in a subject.
MAX_TITLE_LENGTH = 80


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of a digest, with its link."""

    title: str
    text: str
    link: str
    link_label: str


@dataclass(frozen=True, slots=True)
class Section:
    """The messages of a digest that are about one track."""

    title: str
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class Content:
    """What an email says, its one link, and, for notifications, the track it is about and how to unsubscribe.

    `times_are_in` is a sentence that names the zone of the times in the text. A digest has `sections`.
    """

    subject: str
    text: str
    link: str
    link_label: str
    track_id: int | None = None
    unsubscribe: str | None = None
    times_are_in: str | None = None
    sections: Sequence[Section] = ()


@dataclass(frozen=True, slots=True)
class Envelope:
    """The sender and the recipient of an email; addresses in ASCII."""

    sender: str
    to: str
    name: str | None
    language: Language

    @property
    def greeting(self) -> str:
        """Return the first line of the email."""
        if self.name is None:
            return translate(GREETING_WITHOUT_NAME, self.language)
        return translate(GREETING, self.language, name=self.name)


def requested(template: tuple[Message, Message, Message], language: Language, *, link: str) -> Content:
    """Return the content of an email that its recipient asked for."""
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
        times_are_in=_times_are_in(notification),
    )


def _times_are_in(notification: Notification) -> str | None:
    if notification.due_at is None:
        return None
    return translate(TIMES_ARE_IN, notification.locale, time_zone=notification.time_zone)


def compose(content: Content, envelope: Envelope, *, email_id: int, public_url: str, now: datetime) -> EmailMessage:
    """Return the complete email (RFC 5322; one-click unsubscription by RFC 8058)."""
    host = mail_host(public_url)
    email = EmailMessage()
    email["Date"] = format_datetime(now)
    email["From"], email["To"], email["Subject"] = envelope.sender, envelope.to, _one_line(content.subject)
    # The id is the same at every try, so that a mail server can recognise an email it already has.
    email["Message-ID"] = f"<email-{email_id}@{host}>"
    email["Auto-Submitted"] = "auto-generated"
    if content.track_id is not None:
        _add_thread(email, track_id=content.track_id, host=host)
    if content.unsubscribe is not None:
        email["List-Unsubscribe"] = f"<{content.unsubscribe}>"
        email["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    email.set_content(_plain(content, envelope))
    email.add_alternative(_html(content, envelope), subtype="html")
    # Setting the content removes headers that describe it.
    email["Content-Language"] = envelope.language
    return email


def mail_host(public_url: str) -> str:
    """Return the host of the platform in ASCII, for identifiers in headers."""
    host = urlsplit(public_url).hostname or "localhost"
    try:
        in_ascii = host.encode("idna").decode()
    except UnicodeError:
        return "localhost"
    return in_ascii if ":" not in in_ascii else "localhost"  # An IPv6 address is not allowed here.


def _add_thread(email: EmailMessage, *, track_id: int, host: str) -> None:
    """Let mail programs group and filter by track: the emails about a track all refer to the same (unsent) message."""
    root = f"<track-{track_id}@{host}>"
    email["References"], email["In-Reply-To"], email["List-Id"] = root, root, f"<track-{track_id}.{host}>"


def _subject(notification: Notification, *, now: datetime) -> str:
    """Return the title with its track in front, unless the title names the track itself."""
    parameters = {name: _shortened(word) for name, word in notification.parameters.items()}
    title = replace(notification, parameters=parameters).title_at(now)
    return f"[{parameters['track']}] {title}" if "assignment" in parameters and "track" in parameters else title


def _shortened(title: str) -> str:
    return title if len(title) <= MAX_TITLE_LENGTH else f"{title[: MAX_TITLE_LENGTH - 1].rstrip()}…"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _plain(content: Content, envelope: Envelope) -> str:
    parts = [envelope.greeting, content.text, *_plain_sections(content), f"{content.link_label}: {content.link}"]
    if content.times_are_in is not None:
        parts.append(content.times_are_in)
    if content.unsubscribe is not None:
        parts.append(f"-- \n{translate(UNSUBSCRIBE, envelope.language)}: {content.unsubscribe}")
    return "\n\n".join(parts) + "\n"


def _plain_sections(content: Content) -> Iterator[str]:
    for section in content.sections:
        yield f"== {_one_line(section.title)} =="
        for entry in section.entries:
            yield f"* {_one_line(entry.title)}\n{entry.text}\n{entry.link}"


def _language(text: str) -> str:
    """Return the attribute with the language of a title, which may not be that of the email."""
    language = language_by_script(text)
    return "" if language is None else f' lang="{language}"'


def _html_sections(content: Content) -> Iterator[str]:
    for section in content.sections:
        yield f'<h2 dir="auto"{_language(section.title)} style="font-size:115%">{escape(section.title)}</h2>'
        for entry in section.entries:
            link = f'<a href="{escape(entry.link)}">{escape(entry.title)}</a>'
            yield f'<p dir="auto"><strong>{link}</strong><br>{escape(entry.text)}</p>'


def _html(content: Content, envelope: Envelope) -> str:
    footer = "" if content.times_are_in is None else f'<p style="font-size:85%">{escape(content.times_are_in)}</p>'
    if content.unsubscribe is not None:
        label = escape(translate(UNSUBSCRIBE, envelope.language))
        footer += f'<p style="font-size:85%"><a href="{escape(content.unsubscribe)}">{label}</a></p>'
    return (
        f'<!doctype html><html lang="{envelope.language}"><body style="font-family:sans-serif;max-width:36em">'
        f'<p>{escape(envelope.greeting)}</p><p dir="auto">{escape(content.text)}</p>{"".join(_html_sections(content))}'
        f'<p><a href="{escape(content.link)}">{escape(content.link_label)}</a></p>{footer}</body></html>'
    )
