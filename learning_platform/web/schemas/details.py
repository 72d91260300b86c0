"""The details of a track: what its author may state about it."""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from learning_platform.tracks.details import (
    DETAILS,
    LANGUAGE_CODES,
    MAX_EFFORT,
    MAX_TAG_LENGTH,
    MAX_TAGS,
    Details,
    DetailsChange,
    Level,
    cleaned_tag,
)
from learning_platform.web.schemas.common import Input
from learning_platform.web.schemas.texts import IDENTIFIER, ONE_LINE


def _known_language(code: str) -> str:
    """Return a code in lower case. Raises for one that ISO 639-1 does not have."""
    if code.lower() not in LANGUAGE_CODES:
        raise PydanticCustomError("language_code", "not a code of ISO 639-1")
    return code.lower()


def _once(tags: list[str]) -> list[str]:
    """Return each tag once, in the order of their first appearance."""
    return list(dict.fromkeys(tags))


TextLanguage = Annotated[str, Field(max_length=10), AfterValidator(_known_language), IDENTIFIER]
# A comma separates tags in a form.
Tag = Annotated[
    str,
    Field(min_length=1, max_length=MAX_TAG_LENGTH, pattern=r"^[^\x00-\x1f,]*$"),
    AfterValidator(cleaned_tag),
    ONE_LINE,
]
Tags = Annotated[list[Tag], Field(max_length=MAX_TAGS), AfterValidator(_once)]
Effort = Annotated[int, Field(ge=1, le=MAX_EFFORT)]


class GivenDetails(Input):
    """The details of a new track, or of one that is edited."""

    language: TextLanguage | None = Field(
        None, description="The language in which the track is written, as a code of ISO 639-1.", examples=["en"]
    )
    level: Level | None = Field(None, description="Whom the track is for.")
    tags: Tags = Field([], description="Topics; upper case becomes lower case.", examples=[["python", "testing"]])
    effort: Effort | None = Field(None, description="Hours that the track takes in a week.", examples=[6])

    def details(self) -> Details:
        """Return what the actions take."""
        return Details(self.language, self.level, self.tags, self.effort)


class EditedDetails(Input):
    """The details to change: omitted ones stay, and null removes one."""

    language: TextLanguage | None = None
    level: Level | None = None
    tags: Tags | None = None
    effort: Effort | None = None

    def details_change(self) -> DetailsChange | None:
        """Return what the actions take; None: no detail is named."""
        named = [name for name in DETAILS if name in self.model_fields_set]
        return DetailsChange(named, Details(self.language, self.level, self.tags or (), self.effort)) if named else None
