"""Which tracks a list has: those that a user may find, with one status, some words and some details."""

from dataclasses import dataclass

from learning_platform.accounts.actor import Actor
from learning_platform.tracks.details import ANY_DETAILS, DetailFilter
from learning_platform.tracks.rules import TrackStatus


@dataclass(frozen=True, slots=True)
class TrackFilter:
    """Which tracks a list has; `hides_over` leaves out the finished and the cancelled ones."""

    viewer: Actor
    status: TrackStatus | None = None
    search: str | None = None
    details: DetailFilter = ANY_DETAILS
    hides_over: bool = False

    @property
    def words(self) -> str | None:
        """Return the words to look for, or None."""
        return self.search if self.search and self.search.strip() else None

    @property
    def viewer_arguments(self) -> tuple[int, bool]:
        """Return the viewer as the statements of lists take them."""
        return self.viewer.user_id, self.viewer.is_admin

    @property
    def detail_arguments(self) -> tuple[list[str], int | None]:
        """Return the details as the statements of lists take them."""
        return self.details.lexemes, self.details.max_effort
