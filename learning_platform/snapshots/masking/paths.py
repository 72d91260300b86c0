"""Names of files and folders without terms: one for each, so that two files never become one."""

from collections.abc import Callable, Iterable
from itertools import count


def masked_paths(paths: Iterable[str], masked_name: Callable[[str], str]) -> dict[str, str]:
    """Return for each path, and each folder in it, what is shown of it: never the same for two, also without case.

    Numbers are given in the order of the paths: paths that are appended do not change them.
    """
    shown = {"": ""}
    taken: set[str] = set()
    parts = dict.fromkeys(part for path in paths for part in _with_folders(path))
    # Folders before what is in them; names that stay as they are before names that would take their place.
    for part in sorted(parts, key=lambda part: (part.count("/"), _changes(part, masked_name))):
        folder, _, name = part.rpartition("/")
        shown[part] = _free(f"{shown[folder]}/".lstrip("/"), masked_name(name), taken)
    return shown


def _with_folders(path: str) -> list[str]:
    names = path.split("/")
    return ["/".join(names[:end]) for end in range(1, len(names) + 1)]


def _changes(part: str, masked_name: Callable[[str], str]) -> bool:
    name = part.rpartition("/")[2]
    return masked_name(name) != name


def _free(folder: str, name: str, taken: set[str]) -> str:
    """Return a name with the next number that is free in its folder: `_hidden_.py`, `_hidden_2.py`."""
    stem, dot, suffix = name.rpartition(".") if "." in name[1:] else (name, "", "")
    for number in count(1):
        path = f"{folder}{name}" if number == 1 else f"{folder}{stem}{number}{dot}{suffix}"
        if path.casefold() not in taken:
            taken.add(path.casefold())
            return path
    raise AssertionError
