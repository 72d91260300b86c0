"""Of a file the lines that changed are shown with a few around them, page by page, however long it is."""

from hypothesis import given
from hypothesis import strategies as st

from learning_platform.snapshots.comparison.lines import line_changes
from learning_platform.web.pages.kit.code_rows import Line, Place, Side
from learning_platform.web.pages.kit.shown_lines import CONTEXT, lines_of

TEXT = st.lists(st.sampled_from("abc{"), max_size=25)
SIDES: list[Side] = ["L", "R"]
PLACES = st.sets(st.tuples(st.sampled_from(SIDES), st.integers(1, 30)))
MANY = 1000


@given(TEXT, TEXT, PLACES, st.integers(0, 40))
def test_every_line_is_shown_or_counted_as_left_out(
    old: list[str], new: list[str], places: set[Place], start: int
) -> None:
    changes = line_changes(old, new)
    whole, length = lines_of(changes, is_whole=True, count=MANY)
    shown, total = lines_of(changes, is_whole=False, places=places, count=MANY)

    assert length == len(whole)
    assert [line.new for line in whole if line.new is not None] == list(range(len(new)))
    assert {line.old for line in whole if line.old is not None} == set(range(len(old)))
    near = [
        any(
            whole[at].mark or _place(whole[at]) in places
            for at in range(max(index - CONTEXT, 0), index + CONTEXT + 1)
            if at < length
        )
        for index in range(length)
    ]
    assert [line for line in shown if not line.left_out] == [
        line for line, is_near in zip(whole, near, strict=True) if is_near
    ]
    assert sum(line.left_out or 1 for line in shown) == length
    assert total == len(shown)
    for is_whole, lines in ((True, whole), (False, shown)):
        part, _ = lines_of(changes, is_whole=is_whole, places=places, start=start, count=3)
        assert part == lines[start : start + 3]


def _place(line: Line) -> Place:
    if line.new is not None:
        return "R", line.new + 1
    assert line.old is not None
    return "L", line.old + 1
