"""What the author of a hand-in should know of it before the deadline: only the starter, nothing in it, a secret."""

import re
from collections.abc import Iterator, Sequence
from typing import Final, Literal, TypeAlias

from learning_platform.snapshots.trees import Entry, Tree

WarningCode: TypeAlias = Literal["starter_only", "empty", "private_key", "committed_after_deadline"]
# PEM and OpenSSH; the words stand in the file itself, whatever its name.
PRIVATE_KEY: Final = re.compile(rb"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----")
# A line of a file of settings that gives a secret a value.
SECRET_LINE: Final = re.compile(
    rb"^[ \t]*(?:export[ \t]+)?\w*(?:SECRET|TOKEN|PASSW(?:OR)?D|API_?KEY)\w*[ \t]*=[ \t]*['\"]?[^\s'\"]{6,}",
    re.MULTILINE | re.IGNORECASE,
)
ENV_FILE: Final = re.compile(r"(?:^|/)\.env(?:\.(?!example$|sample$|template$|dist$)[^/]*)?$")
MAX_PATHS: Final = 5


def warnings_of(tree: Tree, *, starter: Sequence[Entry] = ()) -> tuple[str, ...]:
    """Return the warnings for a hand-in: codes, with a path after a colon where a file is meant.

    `starter`: what participants of the assignment start from.
    """
    return (*_about_content(tree.entries, starter), *_secrets_in(tree))


def _about_content(entries: Sequence[Entry], starter: Sequence[Entry]) -> Iterator[WarningCode]:
    content = {(entry.path, entry.hash) for entry in entries if entry.size > 0}
    if not content:
        yield "empty"
    elif content <= {(entry.path, entry.hash) for entry in starter}:
        yield "starter_only"


def _secrets_in(tree: Tree) -> list[str]:
    paths = (entry.path for entry in tree.entries if entry.kind == "text" and _is_secret(tree, entry))
    return [f"private_key:{path}" for path, _ in zip(paths, range(MAX_PATHS), strict=False)]


def _is_secret(tree: Tree, entry: Entry) -> bool:
    content = tree.blobs[entry.hash] if entry.hash is not None else b""
    if PRIVATE_KEY.search(content):
        return True
    return ENV_FILE.search(entry.path) is not None and SECRET_LINE.search(content) is not None
