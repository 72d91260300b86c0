"""What addresses say about other lists of a track for its staff: appeals, returns, submissions, reviewers."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import Depends, Query

from learning_platform.attempts.queries import AssignmentView
from learning_platform.reviews.author.lists import ListChoice
from learning_platform.web.pages.kit.listing import PageNumber, SearchText, Sort
from learning_platform.web.pages.kit.participants_list import ChosenAssignment
from learning_platform.web.pages.kit.track_header import TrackHeader
from learning_platform.web.schemas.texts import MACHINE


@dataclass(frozen=True, slots=True)
class ListQuery:
    """The search, state, assignment, order and page that an address names; `sort` is "" for the list's own order."""

    name: str
    filter: str
    # 0 where none is named.
    assignment_id: int
    sort: str
    page: int

    def choice(
        self, header: TrackHeader, *, sorts: Collection[str], states: Collection[str] = (), default: str
    ) -> ListChoice:
        """Return what to look for; what a list does not know, it leaves out."""
        sort = self.sort if self.sort.removeprefix("-") in sorts else default
        return ListChoice(
            name=self.name,
            state=self.filter if self.filter in states else "",
            assignment_id=self.assignment_id if self.assignment_id in header.titles else None,
            sort=sort.removeprefix("-"),
            is_descending=sort.startswith("-"),
        )

    def at(self, assignment: AssignmentView | None) -> "ListQuery":
        """Return the same query about one assignment."""
        return self if assignment is None else replace(self, assignment_id=assignment.id)

    @property
    def is_narrowed(self) -> bool:
        """Say whether anything is left out."""
        return bool(self.name or self.filter or self.assignment_id)


async def list_query(
    q: SearchText = "",
    show: Annotated[str, Query(max_length=20), MACHINE] = "",
    assignment: ChosenAssignment = "",
    sort: Sort = "",
    page: PageNumber = 1,
) -> ListQuery:
    """Read the query of an address."""
    return ListQuery(q, show, int(assignment or 0), sort, page)


AskedList = Annotated[ListQuery, Depends(list_query)]
