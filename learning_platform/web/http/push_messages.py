"""What git shows a person of their push, after `remote:`."""

from collections.abc import Iterator
from datetime import datetime
from math import ceil
from zoneinfo import ZoneInfo

from learning_platform.accounts.hand_in_tokens import TokenOwner
from learning_platform.core.errors import Refusal
from learning_platform.core.languages import N_, Language, translate, translate_plural
from learning_platform.core.time_formatting import format_time
from learning_platform.snapshots.failures import failure_text
from learning_platform.snapshots.freezing import Received
from learning_platform.snapshots.git.receiving import NotReceived
from learning_platform.snapshots.rules import KIB, FreezeFailed
from learning_platform.web.http.formatting import format_number, format_refusal, format_span

ONLY_PUSHES = N_("This address only receives pushes. Use git push.")
UNREADABLE = N_("This is not what git sends.")
SUBMITTED = N_("Submitted: {files}, {size} KB, commit {commit}.")
MAY_PUSH_AGAIN = N_("You can push again until {time} ({left} left).")
NOT_SUBMITTED = N_("Not submitted.")
COMMIT_LENGTH = 10


def accepted_lines(
    received: Received, owner: TokenOwner, *, page: str, due_at: datetime | None, now: datetime
) -> list[str]:
    """Return what was frozen, how long it can be replaced, and where to see it."""
    return ["", *_accepted(received, owner, due_at=due_at, now=now), page, ""]


def refused_lines(refusal: Refusal | FreezeFailed, language: Language) -> list[str]:
    """Return why nothing was handed in, with what git itself said of it."""
    said = refusal.said if isinstance(refusal, NotReceived) else []
    reason = format_refusal(refusal, language) if isinstance(refusal, Refusal) else failure_text(refusal, language)
    return ["", f"{translate(NOT_SUBMITTED, language)} {reason}", *said, ""]


def _accepted(received: Received, owner: TokenOwner, *, due_at: datetime | None, now: datetime) -> Iterator[str]:
    assert received.tree is not None
    language = owner.locale
    files = translate_plural("{count} file", "{count} files", language, count=len(received.tree.entries))
    # Rounded up: a file with something in it has not 0 KB.
    size = format_number(ceil(received.tree.bytes / KIB * 10) / 10, language)
    commit = (received.commit or "")[:COMMIT_LENGTH]
    yield translate(SUBMITTED, language, files=files, size=size, commit=commit)
    if due_at is not None:
        time = format_time(due_at, language, ZoneInfo(owner.time_zone), now=now)
        yield translate(MAY_PUSH_AGAIN, language, time=time, left=format_span(due_at - now, language))
