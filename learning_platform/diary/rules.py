"""The rights to write in the diary and to read it."""

from datetime import datetime
from typing import Literal

from learning_platform.attempts.rules import AssignmentLocked
from learning_platform.core.errors import NotFound
from learning_platform.core.languages import N_
from learning_platform.tracks.rules import NotAParticipant

Visibility = Literal["private", "track"]
MAX_ENTRY_LENGTH = 20_000


class EntryNotFound(NotFound):
    code = "diary_entry_not_found"
    message = N_("Diary entry not found.")


def ensure_may_write(*, is_participant: bool, opened_at: datetime | None) -> None:
    """Raise NotAParticipant or AssignmentLocked; once open, a diary stays open for good."""
    if not is_participant:
        raise NotAParticipant
    if opened_at is None:
        raise AssignmentLocked


def are_shared_entries_visible(*, due_at: datetime | None, now: datetime) -> bool:
    """Say whether entries shared by others may be read: after the deadline, so that no participant copies before it."""
    return due_at is not None and now >= due_at
