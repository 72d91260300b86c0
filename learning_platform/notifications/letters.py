"""The words of letters: plain text and HTML, in the reader's language. Pure."""

from dataclasses import dataclass
from email.message import EmailMessage
from html import escape

from learning_platform.core.languages import N_, Language, Message, translate

GREETING = N_("Hello, {name}!")
OPEN_LINK = N_("Open")
UNSUBSCRIBE = N_("No more mail of this kind")
CONFIRMATION = (
    N_("Confirm your e-mail address"),
    N_("Somebody, presumably you, has registered with this address. Confirm it, and we can write to you."),
    N_("Confirm"),
)
RESET = (
    N_("Choose a new password"),
    N_("Somebody, presumably you, wants a new password. The link works once, for an hour. If not, ignore this."),
    N_("Choose a password"),
)


@dataclass(frozen=True, slots=True)
class Wording:
    """What a letter says, its one link, and where its reader can stop such mail."""

    subject: str
    text: str
    link: str
    link_label: str
    unsubscribe: str | None = None


def wording_of(template: tuple[Message, Message, Message], language: Language, *, link: str) -> Wording:
    """Return a letter that somebody asked for."""
    subject, text, label = (translate(message, language) for message in template)
    return Wording(subject, text, link, label)


def compose(wording: Wording, *, sender: str, to: str, name: str, language: Language, message_id: str) -> EmailMessage:
    """Return the letter as it goes out (RFC 5322; one-click unsubscription by RFC 8058)."""
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = sender, to, " ".join(wording.subject.split())
    letter["Message-ID"] = message_id
    letter["Auto-Submitted"] = "auto-generated"
    letter["Content-Language"] = language
    if wording.unsubscribe is not None:
        letter["List-Unsubscribe"] = f"<{wording.unsubscribe}>"
        letter["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    letter.set_content(_plain(wording, name, language))
    letter.add_alternative(_html(wording, name, language), subtype="html")
    return letter


def _plain(wording: Wording, name: str, language: Language) -> str:
    parts = [translate(GREETING, language, name=name), wording.text, f"{wording.link_label}: {wording.link}"]
    if wording.unsubscribe is not None:
        parts.append(f"-- \n{translate(UNSUBSCRIBE, language)}: {wording.unsubscribe}")
    return "\n\n".join(parts) + "\n"


def _html(wording: Wording, name: str, language: Language) -> str:
    stop = ""
    if wording.unsubscribe is not None:
        label = escape(translate(UNSUBSCRIBE, language))
        stop = f'<p style="font-size:85%"><a href="{escape(wording.unsubscribe)}">{label}</a></p>'
    return (
        f'<!doctype html><html lang="{language}"><body style="font-family:sans-serif;max-width:36em">'
        f"<p>{escape(translate(GREETING, language, name=name))}</p><p>{escape(wording.text)}</p>"
        f'<p><a href="{escape(wording.link)}">{escape(wording.link_label)}</a></p>{stop}</body></html>'
    )
