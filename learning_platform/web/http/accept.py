"""Whether a request wants a page: browsers name `text/html` in `Accept`, programs name JSON, or nothing."""

import re
from functools import lru_cache

from fastapi import Request
from starlette.types import Scope

PAGE, JSON = "text/html", "application/json"
# Messengers and social networks fetch what a shared link leads to, for its title and picture, with `Accept: */*`.
LINK_PREVIEWS = re.compile(
    r"facebookexternalhit|facebot|slackbot|twitterbot|discordbot|telegrambot|linkedinbot|whatsapp|vkshare"
    r"|skypeuripreview|pinterest|mastodon|mattermost|odklbot|embedly|iframely",
    re.IGNORECASE,
)


@lru_cache(maxsize=256)
def asks_for_page(accept: str) -> bool:
    """Say whether a page is named, and wanted at least as much as JSON (RFC 9110, section 12.5.1)."""
    wishes = {
        kind.strip().lower(): _quality(rest) for kind, _, rest in (part.partition(";") for part in _parts(accept))
    }
    wanted = wishes.get(PAGE, 0.0)
    return wanted > 0 and wanted >= wishes.get(JSON, 0.0)


def is_page_request(request: Request) -> bool:
    """Say whether an answer, a refusal included, is to be a page."""
    return asks_for_page(request.headers.get("accept", ""))


def wants_page(scope: Scope) -> bool:
    """Say whether a request is for pages.

    Besides those that name `text/html` these are requests for the bare address, and those of programs that fetch
    previews of links, if they only read and do not name JSON.
    """
    accept = _header(scope, b"accept")
    if asks_for_page(accept):
        return True
    if scope["method"] not in {"GET", "HEAD"} or JSON in accept.lower():
        return False
    return scope["path"] == "/" or LINK_PREVIEWS.search(_header(scope, b"user-agent")) is not None


def _header(scope: Scope, wanted: bytes) -> str:
    for name, value in scope["headers"]:
        if name == wanted:
            content: bytes = value
            return content.decode("latin-1")
    return ""


def _parts(accept: str) -> list[str]:
    return accept[:1000].split(",")


def _quality(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.strip().partition("=")
        if name.lower() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
