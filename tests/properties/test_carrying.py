"""A comment is carried to a later version: onto the same text, or onto no line."""

from collections.abc import Mapping, Sequence

from hypothesis import given
from hypothesis import strategies as st

from learning_platform.snapshots.comparison.carrying import Anchor, Carried, carried
from learning_platform.snapshots.comparison.trees import tree_changes
from learning_platform.snapshots.trees import File, Tree, tree_of

# Few different lines, so that many of them are alike.
LINES = st.lists(st.sampled_from(["", "a", "b", "c", "    return a", "}"]), min_size=1, max_size=12)
FILES = st.dictionaries(st.sampled_from(["a.py", "b.py", "lib/c.py"]), LINES, min_size=1)


def tree(files: Mapping[str, Sequence[str]]) -> Tree:
    contents = {path: "\n".join(lines).encode() for path, lines in files.items()}
    return tree_of(File(path, "100644", content, len(content)) for path, content in contents.items())


def carry(anchor: Anchor, old: Mapping[str, Sequence[str]], new: Mapping[str, Sequence[str]]) -> Carried:
    before, after = tree(old), tree(new)
    contents = {**before.blobs, **after.blobs}
    changes = tree_changes(before.entries, after.entries, contents)
    return carried(anchor, changes, lines_of=lambda hash: contents[hash].decode().split("\n"))


@given(old=FILES, new=FILES, data=st.data())
def test_lines_are_carried_onto_the_same_text_only(
    old: dict[str, list[str]], new: dict[str, list[str]], data: st.DataObject
) -> None:
    path = data.draw(st.sampled_from(sorted(old)))
    first = data.draw(st.integers(1, len(old[path])))
    last = data.draw(st.integers(first, len(old[path])))
    place = carry(Anchor(path, first, last), old, new)
    if place.kind == "lines":
        assert place.path is not None
        assert place.first_line is not None
        assert place.last_line is not None
        assert new[place.path][place.first_line - 1 : place.last_line] == old[path][first - 1 : last]
    else:
        assert (place.first_line, place.last_line) == (None, None)
        assert (place.path in new) == (place.kind == "changed")


@given(files=FILES, above=LINES, below=LINES, name=st.sampled_from(["a.py", "d.py"]), data=st.data())
def test_a_comment_follows_its_lines_when_others_are_added_and_the_file_is_renamed(
    files: dict[str, list[str]], above: list[str], below: list[str], name: str, data: st.DataObject
) -> None:
    old = {"a.py": [f"line {number}" for number in range(20)]}
    line = data.draw(st.integers(1, 20))
    marked = [f"# {each}" for each in above]
    new = {name: [*marked, *old["a.py"], *(f"# {each}" for each in below[:4])]}
    kept = {path: lines for path, lines in files.items() if path != "a.py"}
    place = carry(Anchor("a.py", line, line), old | kept, new | kept)
    if name == "a.py" or len(marked) + min(len(below), 4) <= 13:
        assert place == Carried("lines", name, line + len(marked), line + len(marked))


def test_a_changed_line_keeps_its_file_and_a_removed_file_nothing() -> None:
    old = {"a.py": ["one", "two", "three"], "b.py": ["x"]}
    changed = {"a.py": ["one", "2", "three"], "b.py": ["x"]}
    assert carry(Anchor("a.py", 2, 2), old, changed) == Carried("changed", "a.py")
    assert carry(Anchor("a.py", 1, 2), old, changed) == Carried("changed", "a.py")
    assert carry(Anchor("b.py", 1, 1), old, {"a.py": old["a.py"]}) == Carried("gone")
    assert carry(Anchor("b.py"), old, old) == Carried("file", "b.py")
