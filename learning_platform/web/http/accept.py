"""Whether a request asks for a page: browsers name `text/html` in `Accept`, programs name JSON, or nothing."""

from functools import lru_cache

from fastapi import Request
from starlette.types import Scope

PAGE, JSON = "text/html", "application/json"


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


def accept_of(scope: Scope) -> str:
    """Return the `Accept` header of a request."""
    for name, value in scope["headers"]:
        if name == b"accept":
            accept: bytes = value
            return accept.decode("latin-1")
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
