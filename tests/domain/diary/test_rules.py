"""The rights to write in the diary and to read it. No database."""

from datetime import UTC, datetime, timedelta

import pytest

from learning_platform.attempts.rules import AssignmentLocked
from learning_platform.diary.rules import are_shared_entries_visible, ensure_may_write
from learning_platform.tracks.rules import NotAParticipant

DUE = datetime(2030, 1, 1, 12, tzinfo=UTC)


def test_a_participant_writes_once_the_assignment_is_open_to_them() -> None:
    ensure_may_write(is_participant=True, opened_at=DUE)
    with pytest.raises(AssignmentLocked):
        ensure_may_write(is_participant=True, opened_at=None)
    with pytest.raises(NotAParticipant):
        ensure_may_write(is_participant=False, opened_at=DUE)


def test_what_others_share_is_read_from_the_deadline_on() -> None:
    assert not are_shared_entries_visible(due_at=None, now=DUE)
    assert not are_shared_entries_visible(due_at=DUE, now=DUE - timedelta(microseconds=1))
    assert are_shared_entries_visible(due_at=DUE, now=DUE)
