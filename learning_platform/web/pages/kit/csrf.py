"""Requests that another site made a browser send are refused: the browser itself says where they come from.

The rule is that of Go's `http.CrossOriginProtection`: `Sec-Fetch-Site` decides; an older browser without it sends
`Origin`; a client that sends neither is no browser, and has no cookie that another site could misuse.
"""

from fastapi import Request

from learning_platform.core.errors import Forbidden
from learning_platform.core.languages import N_
from learning_platform.web.http.redirects import host_of

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OWN_SITE = frozenset({"same-origin", "none"})


class CrossSiteRequest(Forbidden):
    code = "cross_site_request"
    message = N_("This request was blocked because it came from another site. Open the page here and try again.")


async def refuse_cross_site(request: Request) -> None:
    """Raise CrossSiteRequest for a request that changes something and was begun elsewhere."""
    if request.method in SAFE_METHODS:
        return
    if not is_own_site(
        site=request.headers.get("sec-fetch-site"),
        origin=request.headers.get("origin"),
        host=request.headers.get("host", ""),
    ):
        raise CrossSiteRequest


def is_own_site(*, site: str | None, origin: str | None, host: str) -> bool:
    """Say whether a request was begun on a page of this site, or by no page at all."""
    if site is not None:
        return site in OWN_SITE
    return origin is None or host_of(origin) == host
