"""What became of the files between two trees: added, removed, changed, renamed."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from learning_platform.snapshots.trees import Entry

FileChangeKind: TypeAlias = Literal["added", "removed", "changed", "renamed", "unchanged"]
# A file whose lines are found again in another to this share was renamed.
MIN_SIMILARITY = 0.6
# Every removed file is compared with every added one, so there must not be many, nor long ones.
MAX_COMPARED_FILES = 40
MAX_COMPARED_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file of the new tree beside the file of the old one that it came from; one of them may be missing."""

    kind: FileChangeKind
    old: Entry | None
    new: Entry | None

    @property
    def path(self) -> str:
        """Return where the file is, or was."""
        return self._shown.path

    @property
    def _shown(self) -> Entry:
        entry = self.new or self.old
        assert entry is not None
        return entry


def tree_changes(
    old: Sequence[Entry], new: Sequence[Entry], contents: Mapping[str, bytes] | None = None
) -> list[FileChange]:
    """Return every file of both trees, in the order of paths.

    `contents` by hash, of those that `renamed_perhaps` names: with them a file that was renamed and changed a little is
    found as well.
    """
    old_by_path, new_by_path = _by_path(old), _by_path(new)
    removed, added = _one_sided(old_by_path, new_by_path)
    renamed = _same_content(removed, added)
    left_removed, left_added = _left(removed, added, renamed)
    renamed |= _similar(left_removed, left_added, contents or {})
    came_from = {entry.path: old_by_path[path] for path, entry in renamed.items()}
    changes = [_change(entry, old_by_path.get(entry.path), came_from) for entry in new]
    changes += [FileChange("removed", entry, None) for entry in removed if entry.path not in renamed]
    return sorted(changes, key=lambda change: change.path)


def renamed_perhaps(old: Sequence[Entry], new: Sequence[Entry]) -> list[str]:
    """Return the hashes of the contents that `tree_changes` would compare; none where there are too many."""
    removed, added = _one_sided(_by_path(old), _by_path(new))
    candidates = _left(removed, added, _same_content(removed, added))
    return [entry.hash for entries in candidates for entry in _comparable(entries) if entry.hash is not None]


def _change(entry: Entry, former: Entry | None, came_from: Mapping[str, Entry]) -> FileChange:
    if former is None:
        source = came_from.get(entry.path)
        return FileChange("added" if source is None else "renamed", source, entry)
    is_same = (former.hash, former.mode, former.kind, former.size) == (entry.hash, entry.mode, entry.kind, entry.size)
    return FileChange("unchanged" if is_same else "changed", former, entry)


def _by_path(entries: Sequence[Entry]) -> dict[str, Entry]:
    return {entry.path: entry for entry in entries}


def _one_sided(old: Mapping[str, Entry], new: Mapping[str, Entry]) -> tuple[list[Entry], list[Entry]]:
    """Return the entries whose path the other tree does not have."""
    return (
        [entry for path, entry in old.items() if path not in new],
        [entry for path, entry in new.items() if path not in old],
    )


def _same_content(removed: Sequence[Entry], added: Sequence[Entry]) -> dict[str, Entry]:
    """Return, by the path of a removed file, the added one with the same content."""
    by_hash: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in reversed(added):
        # Empty files are all the same, and none came from another.
        if entry.hash is not None and entry.size:
            by_hash[entry.hash].append(entry)
    return {entry.path: by_hash[entry.hash].pop() for entry in removed if entry.hash and by_hash.get(entry.hash)}


def _left(
    removed: Sequence[Entry], added: Sequence[Entry], renamed: Mapping[str, Entry]
) -> tuple[list[Entry], list[Entry]]:
    taken = {entry.path for entry in renamed.values()}
    return (
        [entry for entry in removed if entry.path not in renamed],
        [entry for entry in added if entry.path not in taken],
    )


def _comparable(entries: Sequence[Entry]) -> list[Entry]:
    found = [entry for entry in entries if entry.kind == "text" and 0 < entry.size <= MAX_COMPARED_BYTES]
    return found if len(found) <= MAX_COMPARED_FILES else []


def _similar(removed: Sequence[Entry], added: Sequence[Entry], contents: Mapping[str, bytes]) -> dict[str, Entry]:
    """Return, by the path of a removed file, the added one that is most like it; each file is used once."""
    lines = {
        entry.path: Counter(contents[entry.hash].split(b"\n"))
        for entry in (*_comparable(removed), *_comparable(added))
        if entry.hash is not None and entry.hash in contents
    }
    pairs = [
        (_similarity(lines[one.path], lines[other.path]), one, other)
        for one in _comparable(removed)
        for other in _comparable(added)
        if one.path in lines and other.path in lines
    ]
    found: dict[str, Entry] = {}
    taken: set[str] = set()
    for similarity, one, other in sorted(pairs, key=lambda pair: (-pair[0], pair[1].path, pair[2].path)):
        if similarity >= MIN_SIMILARITY and one.path not in found and other.path not in taken:
            found[one.path] = other
            taken.add(other.path)
    return found


def _similarity(one: Counter[bytes], other: Counter[bytes]) -> float:
    """Return the share of the longer file's lines, empty ones aside, that the other has too."""
    common = sum(count for line, count in (one & other).items() if line.strip())
    longer = max(sum(count for line, count in each.items() if line.strip()) for each in (one, other))
    return common / longer if longer else 0.0
