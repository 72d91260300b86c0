"""Pagination of lists by `after` and `limit`, with a link to the next page."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from fastapi import Request, Response

from learning_platform.web.http.dependencies import Page
from learning_platform.web.http.problems import Answers
from learning_platform.web.http.redirects import with_query


class HasId(Protocol):
    """A value with an id."""

    @property
    def id(self) -> int:
        """Return the id lists are ordered by."""


Item = TypeVar("Item", bound=HasId)
Found = TypeVar("Found")
LINK_HEADER: Answers = {
    200: {
        "headers": {
            "Link": {
                "description": 'The next page, if there is one: `<…>; rel="next"`.',
                "schema": {"type": "string"},
            }
        }
    }
}


def paged(
    items: Sequence[Item], page: Page, request: Request, response: Response, **position: object
) -> Sequence[Item]:
    """Return the items; a full page links to the next one, without a host (RFC 8288, section 3.1).

    `position`: what else says where the next page begins.
    """
    if len(items) >= page.limit:
        following = with_query(request, after=items[-1].id, limit=page.limit, **position)
        response.headers["Link"] = f'<{following}>; rel="next"'
    return items


def part_at(
    found: Sequence[Found], *, offset: int, limit: int, request: Request, response: Response, since: int = 0
) -> Sequence[Found]:
    """Return one page of a list that has an order of its own, and link to the next one if there is one.

    The first `since` rows were left out of what was found.
    """
    if len(found) > offset + limit:
        following = with_query(request, offset=since + offset + limit, limit=limit, after=None)
        response.headers["Link"] = f'<{following}>; rel="next"'
    return found[offset : offset + limit]
