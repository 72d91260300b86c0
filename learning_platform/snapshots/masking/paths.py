"""Names of files and folders without terms: one for each, so that two files never become one."""

from collections.abc import Callable, Iterable
from itertools import chain, count

from learning_platform.snapshots.paths import folded


def masked_paths(paths: Iterable[str], masked_name: Callable[[str], str]) -> dict[str, str]:
    """Return for each path, and each folder in it, what is shown of it.

    In a tree of these paths, of which no two were one on any file system (snapshots/paths.py), no two become one, also
    not a file and a folder. Only names in which something is hidden are numbered, in the order of the paths: paths that
    are appended do not change them.
    """
    shown = {"": ""}
    taken: set[str] = set()
    parts = dict.fromkeys(part for path in paths for part in _with_folders(path))
    names = {part: masked_name(part.rpartition("/")[2]) for part in parts}
    changed = {part for part, name in names.items() if name != part.rpartition("/")[2]}
    # Folders before what is in them; names that stay as they are before names that would take their place.
    for part in sorted(parts, key=lambda part: (part.count("/"), part in changed)):
        path = f"{shown[part.rpartition('/')[0]]}/{names[part]}".lstrip("/")
        shown[part] = _free(path, taken) if part in changed else path
        taken.add(folded(shown[part]))
    return shown


def _with_folders(path: str) -> list[str]:
    names = path.split("/")
    return ["/".join(names[:end]) for end in range(1, len(names) + 1)]


def _free(path: str, taken: set[str]) -> str:
    """Return a path with the next number that is free in its folder: `_hidden_.py`, `_hidden_2.py`."""
    folder, slash, name = path.rpartition("/")
    stem, dot, suffix = name.rpartition(".") if "." in name[1:] else (name, "", "")
    numbered = (f"{folder}{slash}{stem}{number}{dot}{suffix}" for number in count(2))
    return next(each for each in chain([path], numbered) if folded(each) not in taken)
