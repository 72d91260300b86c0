"""Which tracks a program asks for, and in which order."""

from typing import Annotated

from fastapi import Query

from learning_platform.tracks.browsing import Order
from learning_platform.tracks.details import MAX_EFFORT, MAX_TAG_LENGTH
from learning_platform.web.schemas.common import MAX_ID, NO_NUL
from learning_platform.web.schemas.details import TextLanguage
from learning_platform.web.schemas.texts import ONE_LINE, SEARCH

Search = Annotated[
    str | None,
    Query(max_length=200, pattern=NO_NUL, description="Words in the title, the description or the tags."),
    SEARCH,
]
LanguageFilter = Annotated[TextLanguage | None, Query(description="A code of ISO 639-1.")]
TagFilter = Annotated[str | None, Query(max_length=MAX_TAG_LENGTH, pattern=NO_NUL), ONE_LINE]
EffortFilter = Annotated[int | None, Query(ge=1, le=MAX_EFFORT, description="At most so many hours a week.")]
Sorting = Annotated[
    Order | None,
    Query(
        description="Newest first, fewest free places first, or least effort first; by id without it. "
        "`after` is then the last track of the page before."
    ),
]
AfterValue = Annotated[
    int | None,
    Query(ge=0, le=MAX_ID, description="By what the track `after` was sorted: the link to the next page has it."),
]
