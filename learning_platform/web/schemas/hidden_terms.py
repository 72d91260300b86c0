"""What a participant adds to what is hidden from reviewers."""

from typing import Annotated

from pydantic import Field

from learning_platform.snapshots.hidden_terms import MAX_TERM_LENGTH, MAX_TERMS, MIN_TERM_LENGTH
from learning_platform.web.schemas.common import NO_NUL, Input, Output
from learning_platform.web.schemas.texts import ONE_LINE

Term = Annotated[str, Field(min_length=MIN_TERM_LENGTH, max_length=MAX_TERM_LENGTH, pattern=NO_NUL), ONE_LINE]


class HiddenTerms(Output):
    """What you added to what is hidden from reviewers in your files, in the order in which you wrote it."""

    terms: list[str]


class NewHiddenTerms(Input):
    """Words to be hidden from reviewers in your files, beside your username, your addresses and your names."""

    terms: Annotated[list[Term], Field(max_length=MAX_TERMS, examples=[["my nickname", "Group 21-3"]])]
