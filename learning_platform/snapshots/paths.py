"""Which paths a tree may have. git and archives let many pass that no file system or reader should meet."""

import unicodedata
from collections.abc import Iterable, Iterator

from learning_platform.snapshots.rules import MAX_PATH_BYTES, MAX_PATH_LEVELS, FreezeFailed

# Names that some file system takes for `.git`: by its short name, or by what it ignores.
GIT_TWINS = frozenset({".git", "git~1"})
# Characters that change the order or the look of what stands beside them (CVE-2021-42574), and invisible ones.
HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def ensure_path(path: str) -> None:
    """Raise FreezeFailed for a path that leaves its tree, is too long or too deep, or holds hidden characters."""
    parts = path.split("/")
    is_too_long = len(path.encode(errors="surrogatepass")) > MAX_PATH_BYTES or len(parts) > MAX_PATH_LEVELS
    if is_too_long or any(not _is_name(part) for part in parts):
        raise FreezeFailed("bad_path", shown_path(path))


def ensure_no_twins(paths: Iterable[str]) -> None:
    """Raise FreezeFailed where two paths are one on a file system that ignores case or composition.

    A path that is a file and a folder at the same time is refused too.
    """
    known: dict[str, str] = {}
    for path in paths:
        if folded(path) in known:
            raise FreezeFailed("bad_path", shown_path(path))
        known[folded(path)] = path
    for each, path in known.items():
        if any(folder in known for folder in _folders(each)):
            raise FreezeFailed("bad_path", shown_path(path))


def folded(path: str) -> str:
    """Return what two paths have in common that are one on a file system without case or composition."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", path).casefold())


def shown_path(path: str) -> str:
    """Return a path for a message: short, with hidden characters escaped."""
    shown = "".join(c if unicodedata.category(c) not in HIDDEN_CATEGORIES else f"\\u{ord(c):04x}" for c in path)
    return shown if len(shown) <= 80 else f"{shown[:79]}…"


def _folders(path: str) -> Iterator[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def _is_name(part: str) -> bool:
    if part in {"", ".", ".."} or "\\" in part or part.rstrip(". ").casefold() in GIT_TWINS:
        return False
    return all(unicodedata.category(character) not in HIDDEN_CATEGORIES for character in part)
