"""Changes between two texts: they make the new one out of the old, and stand where a reader would place them."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from learning_platform.snapshots.comparison.lines import MAX_PRODUCT, Change, counts, line_changes
from learning_platform.snapshots.comparison.words import changed_words

# Few different lines, so that texts have much in common and changes can be slid.
LINES = st.lists(st.sampled_from(["a", "b", "", "  a", "\tb", "c"]), max_size=30)
WORDS = st.text(alphabet="ab_ .é", max_size=30)


@given(LINES, LINES)
def test_the_changes_make_the_new_text_out_of_the_old(old: list[str], new: list[str]) -> None:
    assert _applied(line_changes(old, new), old, new) == new


@given(LINES, LINES)
def test_changes_follow_each_other_without_gaps_and_equal_lines_are_equal(old: list[str], new: list[str]) -> None:
    changes = line_changes(old, new)

    at = (0, 0)
    for change, following in zip(changes, [*changes[1:], None], strict=False):
        assert (change.old_start, change.new_start) == at
        at = (change.old_end, change.new_end)
        assert following is None or (change.kind == "equal") != (following.kind == "equal")
        if change.kind == "equal":
            assert old[change.old_start : change.old_end] == new[change.new_start : change.new_end]
    assert at == (len(old), len(new))


@given(LINES, LINES)
def test_white_space_is_ignored_on_request_and_line_numbers_stay(old: list[str], new: list[str]) -> None:
    def without_space(lines: Sequence[str]) -> list[str]:
        return ["".join(line.split()) for line in lines]

    applied = _applied(line_changes(old, new, ignore_space=True), old, new)

    assert without_space(applied) == without_space(new)
    assert len(applied) == len(new)


@given(LINES)
def test_a_text_is_equal_to_itself(text: list[str]) -> None:
    assert all(change.kind == "equal" for change in line_changes(text, text))


def test_an_added_function_is_shown_whole() -> None:
    old = ["def one():", "    return 1", "", "", "def three():", "    return 3", ""]
    new = [
        "def one():",
        "    return 1",
        "",
        "",
        "def two():",
        "    return 1",
        "",
        "",
        "def three():",
        "    return 3",
        "",
    ]

    (added,) = [change for change in line_changes(old, new) if change.kind != "equal"]

    assert new[added.new_start : added.new_end] == ["def two():", "    return 1", "", ""]


def test_blank_lines_do_not_tear_a_rewritten_passage_apart() -> None:
    old = ["def one():", "    pass", "", "def two():", "    pass"]
    new = ["class Counter:", "    count = 0", "", "def three(number):", "    return number"]

    assert line_changes(old, new) == [Change("replace", 0, 5, 0, 5)]


def test_a_change_at_the_beginning_and_one_at_the_end() -> None:
    assert line_changes(["b"], ["a", "b", "c"]) == [
        Change("insert", 0, 0, 0, 1),
        Change("equal", 0, 1, 1, 2),
        Change("insert", 1, 1, 2, 3),
    ]
    assert counts(line_changes(["a", "b"], ["b", "c"])) == (1, 1)


def test_texts_beyond_the_bound_are_one_change_between_what_they_have_in_common() -> None:
    length = int(MAX_PRODUCT**0.5) + 1
    old = ["same", *(f"old {number}" for number in range(length)), "end"]
    new = ["same", *(f"new {number}" for number in range(length)), "end"]

    assert [change.kind for change in line_changes(old, new)] == ["equal", "replace", "equal"]


@given(WORDS, WORDS)
def test_what_is_not_marked_in_a_line_is_the_same_in_both(old: str, new: str) -> None:
    removed, added = changed_words(old, new)

    if removed or added:
        assert _without(old, removed) == _without(new, added)


def test_the_changed_word_is_marked_and_nothing_where_lines_have_little_in_common() -> None:
    assert changed_words("return total / count", "return total / max(count, 1)") == ([], [(15, 19), (24, 28)])
    assert changed_words("x = compute(value)", "raise NotImplementedError") == ([], [])
    assert changed_words("a" * 3000, "a" * 2999) == ([], [])


def _applied(changes: Sequence[Change], old: Sequence[str], new: Sequence[str]) -> list[str]:
    """Return the old text with the changes made."""
    made: list[str] = []
    for change in changes:
        if change.kind == "equal":
            made += old[change.old_start : change.old_end]
        else:
            made += new[change.new_start : change.new_end]
    return made


def _without(line: str, spans: Sequence[tuple[int, int]]) -> str:
    for start, end in reversed(spans):
        line = line[:start] + line[end:]
    return line
