"""What became of files: by path, by equal content, by similar content."""

from hypothesis import given
from hypothesis import strategies as st

from learning_platform.snapshots.comparison.trees import MAX_COMPARED_FILES, renamed_perhaps, tree_changes
from learning_platform.snapshots.trees import Entry, Tree
from tests.frozen import tree

FILES = st.dictionaries(st.sampled_from(["a", "b", "c/d", "e"]), st.sampled_from(["", "one\n", "two\n"]), min_size=1)
LONG = "".join(f"line {number}\n" for number in range(10))


def test_files_are_added_removed_changed_and_left_alone() -> None:
    old = tree({"a": "a\n", "b": "b\n", "c": "c\n"})
    new = tree({"a": "a\n", "b": "other\n", "d": "d\n"})

    assert _changes(old, new) == [
        ("unchanged", "a", "a"),
        ("changed", "b", "b"),
        ("removed", "c", None),
        ("added", None, "d"),
    ]


def test_a_file_with_the_same_content_was_renamed_and_only_once() -> None:
    old = tree({"old.py": LONG})
    new = tree({"first.py": LONG, "second.py": LONG})

    assert _changes(old, new) == [("renamed", "old.py", "first.py"), ("added", None, "second.py")]


def test_empty_files_were_not_renamed() -> None:
    assert _changes(tree({"a/__init__.py": ""}), tree({"b/__init__.py": ""})) == [
        ("removed", "a/__init__.py", None),
        ("added", None, "b/__init__.py"),
    ]


def test_a_file_that_was_renamed_and_changed_a_little_is_found() -> None:
    old, new = tree({"old.py": LONG, "x": "x\n"}), tree({"new.py": LONG.replace("line 3", "changed")})

    assert _changes(old, new) == [("renamed", "old.py", "new.py"), ("removed", "x", None)]


def test_many_files_are_not_compared_with_each_other() -> None:
    number = MAX_COMPARED_FILES + 1
    old = tree({f"old/{n}": f"{LONG}{n}\n" for n in range(number)})
    new = tree({f"new/{n}": f"{LONG}{n}\nmore\n" for n in range(number)})

    assert renamed_perhaps(old.entries, new.entries) == []
    assert {kind for kind, *_ in _changes(old, new)} == {"added", "removed"}


@given(FILES, FILES)
def test_every_file_of_both_trees_is_there_once(old_files: dict[str, str], new_files: dict[str, str]) -> None:
    changes = _changes(tree(old_files), tree(new_files))

    assert sorted(path for _, path, _ in changes if path is not None) == sorted(old_files)
    assert sorted(path for *_, path in changes if path is not None) == sorted(new_files)


def _changes(old: Tree, new: Tree) -> list[tuple[str, str | None, str | None]]:
    compared = renamed_perhaps(old.entries, new.entries)
    contents = {hash: content for hash, content in {**old.blobs, **new.blobs}.items() if hash in compared}
    changes = tree_changes(old.entries, new.entries, contents)
    return [(each.kind, _path(each.old), _path(each.new)) for each in changes]


def _path(entry: Entry | None) -> str | None:
    return None if entry is None else entry.path
