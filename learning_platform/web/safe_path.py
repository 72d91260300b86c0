"""Where to go after signing in: to a page of ours, whatever the address of the form said."""

from urllib.parse import urlsplit

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
