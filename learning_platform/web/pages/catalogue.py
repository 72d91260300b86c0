"""The catalogue of tracks: searched, filtered by their details, and sorted. What was chosen is in the address."""

from collections.abc import Sequence
from typing import Annotated, get_args

from fastapi import Query, Request, Response
from pydantic import Field

from learning_platform.accounts.actor import Actor
from learning_platform.core.database import Connection
from learning_platform.tracks.browsing import Order, similar_tracks, sort_value, tracks_in_order
from learning_platform.tracks.details import (
    LANGUAGE_CODES,
    MAX_EFFORT,
    MAX_TAG_LENGTH,
    DetailFilter,
    Level,
    cleaned_tag,
    listed_languages,
)
from learning_platform.tracks.filters import TrackFilter
from learning_platform.tracks.queries import Track
from learning_platform.tracks.rules import TrackStatus
from learning_platform.web.http.dependencies import Reader
from learning_platform.web.http.redirects import with_query
from learning_platform.web.pages.kit.page_router import page_router
from learning_platform.web.pages.kit.rendering import page
from learning_platform.web.pages.kit.viewer import CatalogueViewer, Viewer
from learning_platform.web.schemas.common import MAX_ID, NO_NUL, Input
from learning_platform.web.schemas.texts import MACHINE, ONE_LINE, SEARCH

router = page_router()
TRACKS_PER_PAGE = 24
EFFORTS = (3, 5, 8, 12, 20)
FILTERS = ("status", "language", "level", "effort", "tag")
FROM_THE_FIRST: dict[str, None] = {"before": None, "value": None, "similar": None}
Position = Annotated[int, Field(ge=1, le=MAX_ID)]
SortValue = Annotated[int, Field(ge=0, le=MAX_ID)]
# A value of a menu. One that the menu does not have counts as not chosen: an address may be old.
Choice = Annotated[str, Field(max_length=20), MACHINE]


class Chosen(Input):
    """What was chosen in the catalogue. Without a `status`, tracks that are over are left out.

    `before`, `similar`: the track after which a page begins; `value`: by what it was sorted.
    """

    q: Annotated[str, Field(max_length=200, pattern=NO_NUL), SEARCH] = ""
    status: Choice = ""
    language: Choice = ""
    level: Choice = ""
    tag: Annotated[str, Field(max_length=MAX_TAG_LENGTH, pattern=NO_NUL), ONE_LINE] = ""
    effort: Choice = ""
    sort: Choice = ""
    before: Position | None = None
    value: SortValue | None = None
    similar: Position | None = None

    @property
    def one_status(self) -> TrackStatus | None:
        """Return the status, if it is a single one."""
        return next((each for each in get_args(TrackStatus) if each == self.status), None)

    @property
    def hides_over(self) -> bool:
        """Say whether finished and cancelled tracks are left out."""
        return self.status not in {"all", *get_args(TrackStatus)}

    @property
    def order(self) -> Order:
        """Return the order of the tracks."""
        return next((each for each in get_args(Order) if each == self.sort), "newest")

    @property
    def details(self) -> DetailFilter:
        """Return the details that tracks must have."""
        return DetailFilter(
            self.language if self.language in LANGUAGE_CODES else None,
            next((each for each in get_args(Level) if each == self.level), None),
            cleaned_tag(self.tag) or None,
            int(self.effort) if self.effort in map(str, range(1, MAX_EFFORT + 1)) else None,
        )

    def tracks_for(self, viewer: Actor) -> TrackFilter:
        """Return which tracks are listed for a user."""
        return TrackFilter(viewer, self.one_status, self.q, self.details, self.hides_over)

    @property
    def is_everything(self) -> bool:
        """Say whether nothing was chosen."""
        return not (self.q or self.status or self.before or self.similar) and self.details.is_empty


@router.get("/tracks")
async def list_tracks(
    request: Request, viewer: CatalogueViewer, db: Reader, chosen: Annotated[Chosen, Query()]
) -> Response:
    """Show the tracks that fit, page by page; after those with the words of the search those with similar ones."""
    found, exact_count = await _found(db, chosen, viewer, limit=TRACKS_PER_PAGE + 1)
    shown = found[:TRACKS_PER_PAGE]
    following = None
    if len(found) > len(shown):
        is_similar = len(shown) > exact_count
        last = shown[-1]
        start = {"before": last.id, "value": sort_value(last, chosen.order)}
        following = with_query(request, **(FROM_THE_FIRST | ({"similar": last.id} if is_similar else start)))
    return page(
        request,
        "tracks.html",
        tracks=shown,
        chosen=chosen,
        wanted=chosen.details,
        languages=await _languages(db, chosen),
        efforts=sorted({*EFFORTS, chosen.details.max_effort or EFFORTS[0]}),
        exact_count=exact_count,
        following=following,
        without={name: with_query(request, **{name: None}, **FROM_THE_FIRST) for name in FILTERS},
        first=with_query(request, **FROM_THE_FIRST) if chosen.before or chosen.similar else None,
        in_all_statuses=None if shown else await _in_all_statuses(request, db, chosen, viewer),
    )


async def _found(db: Connection, chosen: Chosen, viewer: Viewer, *, limit: int) -> tuple[Sequence[Track], int]:
    """Return the tracks that fit, and how many of them have the words of the search and not similar ones."""
    wanted = chosen.tracks_for(viewer.actor)
    found = []
    if not chosen.similar:
        order, after = chosen.order, chosen.before or 0
        found = await tracks_in_order(
            db, wanted, order=order, after=after, value=chosen.value, limit=limit, now=viewer.now
        )
    exact_count = len(found)
    if wanted.words is None or exact_count == limit:
        return found, exact_count
    similar = await similar_tracks(
        db, wanted, before=chosen.similar or MAX_ID, limit=limit - exact_count, now=viewer.now
    )
    return [*found, *similar], exact_count


async def _in_all_statuses(request: Request, db: Connection, chosen: Chosen, viewer: Viewer) -> str | None:
    """Return the address of the same search in all statuses, if finished or cancelled tracks were left out that fit."""
    if not chosen.hides_over:
        return None
    in_all = chosen.model_copy(update={**FROM_THE_FIRST, "status": "all"})
    found, _ = await _found(db, in_all, viewer, limit=1)
    return with_query(request, **FROM_THE_FIRST, status="all") if found else None


async def _languages(db: Connection, chosen: Chosen) -> Sequence[str]:
    """Return the languages to choose from: those of listed tracks, and the chosen one."""
    listed = await listed_languages(db)
    return listed if chosen.details.language in {None, *listed} else [*listed, str(chosen.details.language)]
