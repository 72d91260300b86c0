"""Tokens with which git hands in."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from learning_platform.web.schemas.common import NO_NUL, Input, Output, UtcDatetime
from learning_platform.web.schemas.texts import ONE_LINE

Name = Annotated[str, Field(min_length=1, max_length=100, pattern=NO_NUL), ONE_LINE]


class NewHandInToken(Input):
    """A token to be created."""

    name: Name = Field(description="Where it is used: a computer, a course.", examples=["My laptop"])
    expires_at: UtcDatetime | None = Field(None, description="When it stops working; in a year if omitted.")


class HandInToken(Output):
    """A token, without its secret."""

    id: int
    name: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


class CreatedHandInToken(Output):
    """A new token. `token` is shown only once; git sends it as the password of your username."""

    id: int
    name: str
    token: str = Field(examples=["lp_…"])
    created_at: datetime
    expires_at: datetime
