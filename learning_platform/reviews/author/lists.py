"""What a reader of a track's lists looks for: appeals, returns, submissions, reviewers; and in which order."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

SubmissionSort = Literal["submitted", "name", "reviews"]
AppealSort = Literal["created", "name"]
ReturnSort = Literal["returned", "name", "reviewer"]
ReviewerSort = Literal["name", "reviews", "helpful", "unhelpful", "severity"]
AppealState = Literal["open", "settled"]


@dataclass(frozen=True, slots=True)
class ListChoice:
    """The rows asked for: part of a username, a state, an assignment, and an order; "" and None leave nothing out."""

    name: str = ""
    state: str = ""
    assignment_id: int | None = None
    sort: str = ""
    is_descending: bool = False

    def ordered(self, ids: Sequence[int]) -> Sequence[int]:
        """Return ids, of which the smallest comes first, in the order asked for."""
        return ids[::-1] if self.is_descending else ids
