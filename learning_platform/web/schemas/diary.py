"""The diary."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from learning_platform.diary.rules import MAX_ENTRY_LENGTH, Visibility
from learning_platform.web.schemas.common import NO_NUL, Input, Output
from learning_platform.web.schemas.texts import PROSE

EntryText = Annotated[str, Field(min_length=1, max_length=MAX_ENTRY_LENGTH, pattern=NO_NUL), PROSE]


class NewEntry(Input):
    """A diary entry. With `visibility: track` other participants can read it after the deadline."""

    text: EntryText = Field(examples=["Today I learnt about generators."])
    visibility: Visibility = "private"


class EntryChange(Input):
    """The fields to change; omitted fields keep their values."""

    text: EntryText | None = None
    visibility: Visibility | None = None


class EditedEntry(EntryChange):
    """The form that edits an entry; it sends every field, and the text is required."""

    text: EntryText


class DiaryEntry(Output):
    """A diary entry; `author` is a username. For entries by others `created_at` is a day and `updated_at` is null."""

    id: int
    assignment_id: int
    author: str
    is_own: bool
    text: str
    visibility: Visibility
    created_at: datetime
    updated_at: datetime | None
