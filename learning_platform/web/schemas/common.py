"""Types shared by the schemas."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from learning_platform.web.schemas.texts import ONE_LINE, PROSE

# PostgreSQL keeps every character but this one.
MAX_ID = 2**63 - 1
NO_NUL = r"^[^\x00]*$"
MAX_TITLE_LENGTH, MAX_TEXT_LENGTH, MAX_COMMENT_LENGTH = 200, 50_000, 10_000
# The constraints come before the conversion, so that error messages count characters of the input.
Title = Annotated[str, Field(min_length=1, max_length=MAX_TITLE_LENGTH, pattern=NO_NUL), ONE_LINE]
Text = Annotated[str, Field(max_length=MAX_TEXT_LENGTH, pattern=NO_NUL), PROSE]
Comment = Annotated[str, Field(max_length=MAX_COMMENT_LENGTH, pattern=NO_NUL), PROSE]
# A required text, such as an appeal or its answer.
Statement = Annotated[str, Field(min_length=1, max_length=MAX_COMMENT_LENGTH, pattern=NO_NUL), PROSE]
FIRST_YEAR, LAST_YEAR = 1970, 9000


def _in_utc(at: datetime) -> datetime:
    """Return a time in UTC. Raises for one that cannot be converted to every time zone."""
    try:
        at = at.astimezone(UTC)
    except OverflowError:
        at = datetime.min.replace(tzinfo=UTC)
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise PydanticCustomError("time_out_of_range", "out of range")
    return at


UtcDatetime = Annotated[AwareDatetime, AfterValidator(_in_utc)]
ObjectId = Annotated[int, Field(ge=1, le=MAX_ID)]


class Input(BaseModel):
    """The base of what a client sends."""


class Output(BaseModel):
    """The base of what a client receives; read from the attributes of domain values."""

    model_config = ConfigDict(from_attributes=True)
