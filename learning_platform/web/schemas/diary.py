"""The diary."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from learning_platform.diary.rules import MAX_ENTRY_LENGTH, Visibility
from learning_platform.web.schemas.common import NO_NUL, Input, Output
from learning_platform.web.schemas.texts import PROSE

EntryText = Annotated[str, Field(min_length=1, max_length=MAX_ENTRY_LENGTH, pattern=NO_NUL), PROSE]


class NewEntry(Input):
    """A note under an assignment; shared with the track only if asked for, and only after the deadline."""

    text: EntryText = Field(examples=["Today I learnt about generators."])
    visibility: Visibility = "private"


class EntryChange(Input):
    """What is to be changed; the rest stays as it is."""

    text: EntryText | None = None
    visibility: Visibility | None = None


class EditedEntry(EntryChange):
    """An entry as it is to be from now on: the form has all of it, and a blank one is no entry."""

    text: EntryText


class DiaryEntry(Output):
    """A note; `author` is a username. Of others' entries `created_at` is the day, and `updated_at` null."""

    id: int
    assignment_id: int
    author: str
    is_own: bool
    text: str
    visibility: Visibility
    created_at: datetime
    updated_at: datetime | None
