"""What addresses say about lists of a track's participants: the board, the results, and what is done with many."""

from dataclasses import dataclass
from typing import Annotated, Literal, get_args

from fastapi import Depends, Query

from learning_platform.attempts.queries import AssignmentView
from learning_platform.reviews.author.standings import Choice, Filter, SortKey
from learning_platform.web.pages.kit.listing import PageNumber, SearchText, Sort
from learning_platform.web.pages.kit.track_header import TrackHeader
from learning_platform.web.schemas.texts import MACHINE

FILTERS: tuple[Filter, ...] = get_args(Filter)
SORTS: dict[str, SortKey] = {"name": "name", "total": "total", "owed": "owed"}
# A track with more assignments shows those around the current one.
MANY_ROWS, FEW_ROWS = 50, 20
MAX_COLUMNS, FOLDED_COLUMNS = 8, 3
# An id, or nothing, as a form sends it; eighteen digits are always one that the database can hold.
ChosenAssignment = Annotated[str, Query(max_length=18, pattern=r"^[0-9]*$"), MACHINE]


@dataclass(frozen=True, slots=True)
class ParticipantsQuery:
    """The search, filter, assignment, columns, order and page that an address names."""

    name: str
    filter: Filter
    # 0 where none is named.
    assignment_id: int
    shows_all: bool
    sort: str
    page: int

    def rows_per_page(self, header: TrackHeader) -> int:
        """Return how many participants a page shows: fewer where each has many cells."""
        return MANY_ROWS if len(self.columns(header)) <= MAX_COLUMNS else FEW_ROWS

    def choice(self, header: TrackHeader) -> Choice:
        """Return what to look for; an order that does not exist is that of names."""
        column = self.sort.removeprefix("-")
        by_id = {f"a{view.id}": view.id for view in header.assignments}
        focus = self.focus(header)
        return Choice(
            name=self.name,
            filter=self.filter,
            assignment_id=None if focus is None else focus.id,
            sort="assignment" if column in by_id else SORTS.get(column, "name"),
            sorted_assignment_id=by_id.get(column),
            is_descending=self.sort.startswith("-"),
        )

    def focus(self, header: TrackHeader) -> AssignmentView | None:
        """Return the assignment that is looked at: the chosen one, or the one that opened last."""
        chosen = next((view for view in header.assignments if view.id == self.assignment_id), None)
        return chosen or header.last_opened

    def columns(self, header: TrackHeader) -> list[AssignmentView]:
        """Return the assignments that have a column: all, or the one looked at with its neighbours."""
        views = list(header.assignments)
        focus = self.focus(header)
        if self.shows_all or len(views) <= MAX_COLUMNS or focus is None:
            return views
        first = min(max(views.index(focus) - 1, 0), len(views) - FOLDED_COLUMNS)
        return views[first : first + FOLDED_COLUMNS]


async def participants_query(
    q: SearchText = "",
    show: Annotated[str, Query(max_length=20), MACHINE] = "",
    assignment: ChosenAssignment = "",
    columns: Annotated[Literal["", "all"], Query(), MACHINE] = "",
    sort: Sort = "name",
    page: PageNumber = 1,
) -> ParticipantsQuery:
    """Read the query of an address; a filter that does not exist filters nothing."""
    chosen: Filter = next((each for each in FILTERS if each == show), "")
    return ParticipantsQuery(q, chosen, int(assignment or 0), columns == "all", sort, page)


AskedParticipants = Annotated[ParticipantsQuery, Depends(participants_query)]
