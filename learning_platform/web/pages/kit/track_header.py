"""What several pages about the progress of a track show around their own; and lists that go on by id."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from fastapi import Request

from learning_platform.accounts.queries import LiveSession
from learning_platform.attempts.queries import AssignmentView, assignments
from learning_platform.core.database import Connection
from learning_platform.questions.reported import OpenReports, open_reports
from learning_platform.reviews.author.appeals import open_appeals
from learning_platform.tracks.access import TrackAccess, access_of_viewer
from learning_platform.tracks.queries import Track, track
from learning_platform.web.http.redirects import with_query


class ListItem(Protocol):
    """Whatever is listed by id."""

    @property
    def id(self) -> int:
        """Return the id by which a list goes on."""


Item = TypeVar("Item", bound=ListItem)


@dataclass(frozen=True, slots=True)
class ListPage(Generic[Item]):
    """The part of a list that is shown, where it goes on, and where it began."""

    shown: Sequence[Item]
    following: str | None
    first: str | None


@dataclass(frozen=True, slots=True)
class TrackHeader:
    """A track with its assignments; what the viewer may see of it, and what waits for them: appeals and reports."""

    track: Track
    assignments: Sequence[AssignmentView]
    access: TrackAccess
    open_appeals: int
    open_reports: OpenReports
    now: datetime

    @property
    def may_oversee(self) -> bool:
        """Say whether the viewer sees everything of the track."""
        return self.access.oversees

    @property
    def titles(self) -> Mapping[int, str]:
        """Return the titles of the assignments, by id."""
        return {view.id: view.title for view in self.assignments}

    @property
    def last_opened(self) -> AssignmentView | None:
        """Return the assignment that opened last, or the first if none has."""
        opened = [view for view in self.assignments if view.opens_at is not None and view.opens_at <= self.now]
        return next(reversed(opened or self.assignments[:1]), None)

    @property
    def is_before_first_deadline(self) -> bool:
        """Say whether the track runs, and no deadline has passed yet."""
        due_at = self.assignments[0].due_at
        return self.track.status == "running" and due_at is not None and self.now < due_at

    @property
    def over(self) -> frozenset[int]:
        """Return the assignments whose time for reviews is over."""
        return frozenset(
            view.id for view in self.assignments if view.reviews_due_at is not None and view.reviews_due_at <= self.now
        )


def list_page(
    request: Request, found: Sequence[Item], *, size: int, after: int, parameter: str = "after"
) -> ListPage[Item]:
    """Return the first `size` of what was found above the id `after`; one more says that the list goes on.

    `parameter`: the one of the address that has this id.
    """
    shown = found[:size]
    following = with_query(request, **{parameter: shown[-1].id}) if len(found) > size else None
    return ListPage(shown, following, first=with_query(request, **{parameter: None}) if after else None)


async def track_header(db: Connection, *, track_id: int, user: LiveSession, now: datetime) -> TrackHeader:
    """Return the header of a track's pages. Raises TrackNotFound."""
    head = await track(db, track_id=track_id, viewer=user.actor, now=now)
    access = access_of_viewer(head, actor=user.actor)
    return TrackHeader(
        track=head,
        assignments=await assignments(db, track_id=track_id, user_id=user.user_id, sees_all=user.is_admin, now=now),
        access=access,
        open_appeals=await open_appeals(db, track_id=track_id) if access.oversees else 0,
        open_reports=await open_reports(db, track_id=track_id) if access.oversees else OpenReports(),
        now=now,
    )
