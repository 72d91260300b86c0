"""Tables with a search, filters, an order and pages, all of them in the address, so that they work without script."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Query, Request

from learning_platform.web.http.redirects import with_query
from learning_platform.web.schemas.common import NO_NUL
from learning_platform.web.schemas.texts import MACHINE, SEARCH

MAX_PAGE = 100_000
Row = TypeVar("Row")
SearchText = Annotated[str, Query(max_length=64, pattern=NO_NUL), SEARCH]
# A column, with a minus sign for its reverse order.
Sort = Annotated[str, Query(max_length=32, pattern=r"^-?[a-z_]*[0-9]*$"), MACHINE]
PageNumber = Annotated[int, Query(ge=1, le=MAX_PAGE)]


@dataclass(frozen=True, slots=True)
class Listing:
    """How many rows fit, which of them are shown, and in which order."""

    request: Request
    sort: str
    number: int
    count: int
    size: int

    @property
    def column(self) -> str:
        """Return the name of the column that the rows are sorted by."""
        return self.sort.removeprefix("-")

    @property
    def is_descending(self) -> bool:
        """Say whether the largest comes first."""
        return self.sort.startswith("-")

    def sorted_by(self, column: str, *, largest_first: bool = False) -> str:
        """Return the address of the first page sorted by a column, or in reverse if it is sorted by it already."""
        is_descending = not self.is_descending if column == self.column else largest_first
        return with_query(self.request, sort=f"{'-' if is_descending else ''}{column}", page=None)

    @property
    def pages_count(self) -> int:
        """Return the number of pages; an empty list has one."""
        return max(-(-self.count // self.size), 1)

    @property
    def first_shown(self) -> int:
        """Return the number of the first row of this page."""
        return (self.number - 1) * self.size + 1

    @property
    def last_shown(self) -> int:
        """Return the number of the last row of this page."""
        return min(self.number * self.size, self.count)

    def page(self, number: int) -> str:
        """Return the address of a page."""
        return with_query(self.request, page=None if number == 1 else number)


def counted(request: Request, count: int, *, sort: str, number: int, size: int) -> Listing:
    """Return the state of a list of so many rows; a page beyond the last one is the last one."""
    return Listing(request, sort, min(number, max(-(-count // size), 1)), count, size)


def listing(request: Request, found: Sequence[Row], *, sort: str, number: int, size: int) -> tuple[Listing, list[Row]]:
    """Return the state of a list, and the rows (or their ids) on its page."""
    state = counted(request, len(found), sort=sort, number=number, size=size)
    return state, list(found[state.first_shown - 1 : state.last_shown])
