"""What a tree is made of, and what is refused while it is made."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_platform.snapshots.rules import MAX_FILE_BYTES, MAX_FILES, MAX_TREE_BYTES, FreezeFailed
from learning_platform.snapshots.trees import Entry, File, Kind, entries_in, hashes_in, manifest_of, tree_of
from tests.domain.snapshots.files import file, link, submodule

LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 2\n"
HASH = "9d9eea2a1ff44d3a8cc4dbf21d1fd4a4f4a5eb0b0b5ad7d8a1e2c1d1a1e9a2d4"
entries = st.builds(
    Entry,
    st.text(min_size=1),
    st.sampled_from(["100644", "100755", "120000", "160000"]),
    st.sampled_from(["text", "binary", "too_large", "symlink", "submodule", "lfs"]),
    st.integers(0, 2**40),
    st.none() | st.integers(0, 10**6),
    st.none() | st.just(HASH),
)


@pytest.mark.parametrize(
    ("content", "kind", "lines"),
    [
        (b"", "text", 0),
        (b"one", "text", 1),
        (b"one\ntwo\n", "text", 2),
        (b"\xff\xfea\0\n\0", "text", 1),
        (b"\x89PNG\0", "binary", None),
        (b"a" * 8000 + b"\0", "text", 1),
        (LFS, "lfs", None),
        (b"a" * (MAX_FILE_BYTES + 1), "too_large", None),
    ],
)
def test_the_kind_of_a_file_follows_from_its_content(content: bytes, kind: Kind, lines: int | None) -> None:
    (entry,) = tree_of([file("a", content)]).entries
    assert (entry.kind, entry.lines, entry.size) == (kind, lines, len(content))


def test_links_and_submodules_are_kept_for_what_they_are() -> None:
    tree = tree_of([link("a", "b.py"), submodule("library"), file("b.py", mode="100755")])
    assert [(entry.path, entry.mode, entry.kind) for entry in tree.entries] == [
        ("a", "120000", "symlink"),
        ("b.py", "100755", "text"),
        ("library", "160000", "submodule"),
    ]
    assert tree.entries[2].hash is None
    assert set(tree.blobs.values()) == {b"b.py", b"print(1)\n"}


def test_the_order_of_files_makes_no_other_tree_and_content_path_and_mode_do() -> None:
    one, other = file("a.py", "1"), file("b.py", "2")
    digest = tree_of([one, other]).digest
    assert tree_of([other, one]).digest == digest
    for changed in (file("b.py", "3"), file("c.py", "2"), file("b.py", "2", "100755")):
        assert tree_of([one, changed]).digest != digest


def test_equal_files_are_one_blob_and_all_their_bytes_count() -> None:
    tree = tree_of([file("a", b"x" * 10), file("b", b"x" * 10)])
    assert len(tree.blobs) == 1
    assert tree.bytes == 20


def test_a_file_over_the_limit_is_listed_with_its_size_and_without_its_content() -> None:
    tree = tree_of([File("data.csv", "100644", None, 54_000_000), file("a.py")])
    assert tree.entries[1] == Entry("data.csv", "100644", "too_large", 54_000_000, None, None)
    assert tree.bytes == len(b"print(1)\n")


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ([], "empty"),
        ([file("../a")], "bad_path"),
        ([file("a.py"), file("A.py")], "bad_path"),
        ([file("a"), file("a")], "bad_path"),
        ([file("a"), file("a/b")], "bad_path"),
        ([file("A/b"), file("a")], "bad_path"),
        ([file(f"{n}", b"0" * MAX_FILE_BYTES) for n in range(MAX_TREE_BYTES // MAX_FILE_BYTES + 1)], "too_large"),
        ([file(f"{n}", b"") for n in range(MAX_FILES + 1)], "too_many_files"),
    ],
    ids=["no files", "outside", "case", "twice", "file and folder", "folder and file", "bytes", "files"],
)
def test_a_tree_that_cannot_be_kept_is_refused(files: list[File], code: str) -> None:
    with pytest.raises(FreezeFailed) as failed:
        tree_of(files)
    assert failed.value.code == code


def test_as_much_as_the_limits_say_is_a_tree() -> None:
    assert len(tree_of(file(f"{n}", b"") for n in range(MAX_FILES)).entries) == MAX_FILES
    whole = [file(f"{n}", b"0" * MAX_FILE_BYTES) for n in range(MAX_TREE_BYTES // MAX_FILE_BYTES)]
    assert tree_of(whole).bytes == MAX_TREE_BYTES


def test_files_without_end_are_not_read_to_their_end() -> None:
    read = 0

    def endless() -> Iterator[File]:
        nonlocal read
        while True:
            read += 1
            yield file(f"{read}", b"")

    with pytest.raises(FreezeFailed):
        tree_of(endless())
    assert read == MAX_FILES + 1


@given(st.lists(entries, max_size=20))
def test_a_manifest_says_what_was_written_into_it(written: list[Entry]) -> None:
    manifest = manifest_of(written)
    assert entries_in(manifest) == tuple(written)
    assert hashes_in(manifest) == {entry.hash for entry in written if entry.hash is not None}
