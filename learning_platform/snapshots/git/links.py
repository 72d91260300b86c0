"""What to fetch for a link as people paste it: the repository, and the branch that a page of its host is about."""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from learning_platform.snapshots.rules import FreezeFailed

COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
# What git allows in the name of a branch, and a few characters less.
BRANCH = re.compile(r"[^\x00-\x20\x7f~^:?*\[\\]+")
# A branch and the folders below it are both divided by slashes; hosts show no deeper ones.
MAX_LEVELS = 8
# The owner and the name of a repository are the first two parts of every page.
TWO_PART_HOSTS = frozenset({"github.com", "www.github.com", "bitbucket.org", "codeberg.org", "gitea.com"})
# What stands before the branch: GitHub, Bitbucket, Gitea.
PAGES_OF_BRANCHES = (("tree",), ("blob",), ("src", "branch"), ("src", "tag"), ("src",))
PAGES_OF_COMMITS = (("commit",), ("src", "commit"))


@dataclass(frozen=True, slots=True)
class RepositoryLink:
    """The address git is given. `branch`: the parts of a branch, perhaps with folders after it; `commit`: in full."""

    url: str
    branch: tuple[str, ...] = ()
    commit: str | None = None

    def refs(self) -> list[str]:
        """Return the names that the branch or tag may have, the longest first."""
        names = ["/".join(self.branch[:length]) for length in range(len(self.branch), 0, -1)]
        return [f"refs/{kind}/{name}" for name in names for kind in ("heads", "tags")]


def repository_link(link: str) -> RepositoryLink:
    """Return what a link leads to. Raises FreezeFailed (host_refused) unless it is https without credentials."""
    parts = _parts(link)
    segments = [segment for segment in parts.path.split("/") if segment]
    repository, page = _divided(segments, host=(parts.hostname or "").lower())
    if not repository:
        raise FreezeFailed("private_or_missing")
    url = f"https://{parts.netloc}/{'/'.join(repository)}"
    for prefix in PAGES_OF_COMMITS + PAGES_OF_BRANCHES:
        rest = tuple(unquote(segment) for segment in page[len(prefix) :])
        if tuple(page[: len(prefix)]) == prefix and rest:
            return _at(url, rest)
    return RepositoryLink(url)


def _parts(link: str) -> SplitResult:
    try:
        parts = urlsplit(link)
        is_valid = parts.port != 0
    except ValueError:
        raise FreezeFailed("host_refused") from None
    is_printable = link.isprintable() and link.isascii() and " " not in link and "\\" not in link
    if not (is_valid and is_printable and parts.scheme == "https" and parts.hostname) or "@" in parts.netloc:
        raise FreezeFailed("host_refused")
    return parts


def _divided(segments: list[str], *, host: str) -> tuple[list[str], list[str]]:
    """Divide a path into that of the repository and that of a page about it."""
    if host in TWO_PART_HOSTS:
        return segments[:2], segments[2:]
    # GitLab, on any host: its groups have any number of levels.
    if "-" in segments:
        return segments[: segments.index("-")], segments[segments.index("-") + 1 :]
    return segments, []


def _at(url: str, rest: tuple[str, ...]) -> RepositoryLink:
    if COMMIT.fullmatch(rest[0]):
        return RepositoryLink(url, commit=rest[0])
    branch = rest[:MAX_LEVELS]
    return RepositoryLink(url, branch=branch if BRANCH.fullmatch("/".join(branch)) else ())
