"""What git shows a person of their push, after `remote:`."""

from datetime import datetime
from math import ceil
from zoneinfo import ZoneInfo

from learning_platform.accounts.hand_in_tokens import TokenOwner
from learning_platform.core.errors import Refusal
from learning_platform.core.languages import N_, Language, Message, translate, translate_plural
from learning_platform.core.time_formatting import format_time
from learning_platform.snapshots.failures import failure_text
from learning_platform.snapshots.freezing import Received
from learning_platform.snapshots.git.receiving import NotReceived
from learning_platform.snapshots.rules import KIB, FreezeFailed
from learning_platform.snapshots.warning_texts import warning_text
from learning_platform.web.http.formatting import format_number, format_refusal, format_span

ONLY_PUSHES = N_("This address only receives pushes. Use git push.")
UNREADABLE = N_("This is not what git sends.")
SUBMITTED = N_("Submitted: {files}, {size} KB, commit {commit}.")
STARTER_SAVED = N_("Starter code saved: {files}, {size} KB, commit {commit}.")
MAY_PUSH_AGAIN = N_("You can push again until {time} ({left} left).")
WARNING = N_("Warning:")
NOT_SAVED = N_("Not saved.")
COMMIT_LENGTH = 10


def submitted_lines(
    received: Received, owner: TokenOwner, *, page: str, due_at: datetime | None, now: datetime
) -> list[str]:
    """Return what was frozen, how long it can be replaced, and where to see it."""
    lines = [_frozen(SUBMITTED, received, owner.locale)]
    if due_at is not None:
        time = format_time(due_at, owner.locale, ZoneInfo(owner.time_zone), now=now)
        left = format_span(due_at - now, owner.locale)
        lines.append(translate(MAY_PUSH_AGAIN, owner.locale, time=time, left=left))
    lines += [f"{translate(WARNING, owner.locale)} {warning_text(one, owner.locale)}" for one in received.warnings]
    return ["", *lines, page, ""]


def starter_lines(received: Received, owner: TokenOwner, *, page: str) -> list[str]:
    """Return what participants start from now, and where to see it."""
    return ["", _frozen(STARTER_SAVED, received, owner.locale), page, ""]


def refused_lines(refusal: Refusal | FreezeFailed, language: Language) -> list[str]:
    """Return why nothing was handed in, with what git itself said of it."""
    said = refusal.said if isinstance(refusal, NotReceived) else []
    reason = format_refusal(refusal, language) if isinstance(refusal, Refusal) else failure_text(refusal, language)
    return ["", f"{translate(NOT_SAVED, language)} {reason}", *said, ""]


def _frozen(message: Message, received: Received, language: Language) -> str:
    assert received.tree is not None
    files = translate_plural("{count} file", "{count} files", language, count=len(received.tree.entries))
    # Rounded up: a file with something in it has not 0 KB.
    size = format_number(ceil(received.tree.bytes / KIB * 10) / 10, language)
    commit = (received.commit or "")[:COMMIT_LENGTH]
    return translate(message, language, files=files, size=size, commit=commit)
