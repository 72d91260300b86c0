"""Addresses that come from outside: where to go, whatever a form or a header said, and links to other parts of a list.

What a client claims of itself (`Host`, `Origin`, `Referer`) is compared, never believed: our own links name no host.
"""

from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from fastapi import Request

SAFE_DEFAULT = "/"


def safe_path(path: str) -> str:
    """Return `path` if it stays on this site, or else the front page.

    Browsers drop tabs and line breaks and read `\\` as `/`, so `/\\evil.example` would leave.
    """
    if not path.startswith("/") or path.startswith("//") or "\\" in path or not path.isprintable():
        return SAFE_DEFAULT
    try:
        parts = urlsplit(path)
    except ValueError:
        return SAFE_DEFAULT
    return path if not parts.scheme and not parts.netloc else SAFE_DEFAULT


def host_of(url: str) -> str | None:
    """Return the host and port that an address names, or None if it cannot be read."""
    try:
        return urlsplit(url).netloc
    except ValueError:
        return None


def here(request: Request) -> str:
    """Return the address that was asked for, from its path on."""
    query: bytes = request.scope["query_string"]
    return quote(request.scope["path"]) + (f"?{query.decode('latin-1')}" if query else "")


def previous_page(request: Request) -> str:
    """Return the page to come back to: this one, or for a form that was sent, the page it stood on."""
    if request.method in {"GET", "HEAD"}:
        return here(request)
    referer = request.headers.get("referer", "")
    if host_of(referer) != request.headers.get("host"):
        return SAFE_DEFAULT
    return safe_path(urlsplit(referer).path)


def with_query(request: Request, **changes: object) -> str:
    """Return the address that was asked for with other parameters, from its path on; None takes one away."""
    given = parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True)
    kept = [(name, value) for name, value in given if name not in changes]
    query = urlencode([*kept, *((name, value) for name, value in changes.items() if value is not None)])
    return quote(request.scope["path"]) + (f"?{query}" if query else "")
