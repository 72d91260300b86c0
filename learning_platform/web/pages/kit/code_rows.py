"""The lines of a file as rows of a table, with a number that leads to a form for a comment.

Rows are put together here and not by a template, which takes ten times as long for 3,000 of them.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import zip_longest
from typing import Literal, TypeAlias

from markupsafe import Markup

from learning_platform.reviews.compared_code import ComparedText
from learning_platform.snapshots.comparison.words import Span, changed_words
from learning_platform.web.texts.code_lines import line_html

Side: TypeAlias = Literal["L", "R"]
Place: TypeAlias = tuple[Side, int]
# Lines of two texts are compared word by word where as many were removed as added.
MAX_PAIRED_LINES = 100
NO_LINES: Sequence[Span] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is shown: of the old text, the new one or both (numbers from 0), or so many that are left out."""

    old: int | None
    new: int | None
    left_out: int = 0

    @property
    def mark(self) -> str:
        """Return the class of the row."""
        return "" if self.old is not None and self.new is not None else "del" if self.new is None else "add"


@dataclass(frozen=True, slots=True)
class Rows:
    """What rows need to know about their file and page.

    `comment`: the address that a line's id is appended to, None where there is nothing to comment on; `whole`: the
    address of the whole file. `places`: the lines below which something stands.
    """

    key: str
    text: ComparedText
    old_html: Sequence[str] | None
    new_html: Sequence[str] | None
    comment: str | None
    whole: str
    left_out: str
    places: Collection[Place]


@dataclass(frozen=True, slots=True)
class Part:
    """Rows, and the line below which something stands; None after the last rows."""

    html: Markup
    place: Place | None


def key_of(path: str) -> str:
    """Return what stands for a path in ids and addresses of lines."""
    return f"f{blake2b(path.encode(errors='replace'), digest_size=5).hexdigest()}"


def line_id(key: str, side: Side, number: int) -> str:
    """Return the id of a line's row; numbers count from 1."""
    return f"{key}-{side}{number}"


def unified(rows: Rows, lines: Sequence[Line]) -> list[Part]:
    """Return rows with both texts in one column."""
    words = _changed_words(rows.text)
    parts = _Parts(rows.places)
    for line in lines:
        if line.left_out:
            parts.add(_gap(rows, line.left_out, columns=3))
        else:
            parts.add(_unified_row(rows, line, words), line)
    return parts.ended()


def side_by_side(rows: Rows, lines: Sequence[Line]) -> list[Part]:
    """Return rows with the old text on the left and the new one on the right."""
    words = _changed_words(rows.text)
    parts = _Parts(rows.places)
    for left, right in _paired(lines):
        shown = left or right
        assert shown is not None
        if shown.left_out:
            parts.add(_gap(rows, shown.left_out, columns=4))
        else:
            row = "<tr>" + _half(rows, "L", left, words) + _half(rows, "R", right, words)
            parts.add(row, *(line for line in (left if left is not right else None, right) if line is not None))
    return parts.ended()


class _Parts:
    """Rows that are put together, cut where something stands between them."""

    def __init__(self, places: Collection[Place]) -> None:
        self._places = places
        self._rows: list[str] = []
        self._parts: list[Part] = []

    def add(self, row: str, *lines: Line) -> None:
        """Add a row that shows these lines."""
        self._rows.append(row)
        for line in lines:
            place = _place(line)
            if place in self._places:
                self._cut(place)

    def ended(self) -> list[Part]:
        """Return everything."""
        if self._rows:
            self._cut(None)
        return self._parts

    def _cut(self, place: Place | None) -> None:
        html = Markup("".join(self._rows))  # noqa: S704  # Every part was escaped.
        self._parts.append(Part(html, place))
        self._rows = []


def _changed_words(text: ComparedText) -> dict[tuple[Side, int], Sequence[Span]]:
    """Return the words that changed, by side and line, where lines were replaced one by one."""
    words: dict[tuple[Side, int], Sequence[Span]] = {}
    for change in text.changes:
        count = change.old_end - change.old_start
        if change.kind != "replace" or count != change.new_end - change.new_start or count > MAX_PAIRED_LINES:
            continue
        for old, new in zip(
            range(change.old_start, change.old_end), range(change.new_start, change.new_end), strict=True
        ):
            words["L", old], words["R", new] = changed_words(text.old_lines[old], text.new_lines[new])
    return words


def _unified_row(rows: Rows, line: Line, words: Mapping[tuple[Side, int], Sequence[Span]]) -> str:
    id = _id(rows, line)
    number = (line.old if line.new is None else line.new) or 0
    link = _link(rows, id, number + 1)
    old, new = (link, "") if line.new is None else ("" if line.old is None else line.old + 1, link)
    code = _code(rows, "L" if line.new is None else "R", number, words)
    mark = f' class="{line.mark}"' if line.mark else ""
    return f'<tr id="{id}"{mark}><td class="ln">{old}<td class="ln">{new}<td class="lc">{code}'


def _half(rows: Rows, side: Side, line: Line | None, words: Mapping[tuple[Side, int], Sequence[Span]]) -> str:
    """Return two cells of a row: the number and the text of one side."""
    number = None if line is None else line.old if side == "L" else line.new
    if line is None or number is None:
        return '<td class="ln"><td class="lc void">'
    shown, id = str(number + 1), line_id(rows.key, side, number + 1)
    is_place = side == "R" or line.new is None
    if is_place:
        shown = _link(rows, id, number + 1)
    place = f' id="{id}"' if is_place else ""
    mark = f" {line.mark}" if line.mark else ""
    return f'<td class="ln{mark}"{place}>{shown}<td class="lc{mark}">{_code(rows, side, number, words)}'


def _link(rows: Rows, id: str, number: int) -> str:
    address = "" if rows.comment is None else f"{rows.comment}{id}"
    return f'<a href="{address}#{id}">{number}</a>'


def _code(rows: Rows, side: Side, number: int, words: Mapping[tuple[Side, int], Sequence[Span]]) -> str:
    is_old = side == "L"
    lines, html = (rows.text.old_lines, rows.old_html) if is_old else (rows.text.new_lines, rows.new_html)
    return line_html(lines[number], html[number] if html is not None else None, words.get((side, number), NO_LINES))


def _gap(rows: Rows, left_out: int, *, columns: int) -> str:
    label = rows.left_out.format(count=left_out)
    return f'<tr class="gap"><td colspan="{columns}"><a href="{rows.whole}" data-whole>{label}</a>'


def _id(rows: Rows, line: Line) -> str:
    return line_id(rows.key, *_place(line))


def _place(line: Line) -> Place:
    """Return the place of a line: in the new text, unless it was removed."""
    if line.new is not None:
        return "R", line.new + 1
    assert line.old is not None
    return "L", line.old + 1


def _paired(lines: Sequence[Line]) -> Iterator[tuple[Line | None, Line | None]]:
    """Yield lines side by side: removed ones beside those that were added in their place."""
    removed: list[Line] = []
    added: list[Line] = []
    for line in lines:
        if line.mark == "del":
            if added:
                yield from zip_longest(removed, added)
                removed, added = [], []
            removed.append(line)
        elif line.mark == "add":
            added.append(line)
        else:
            yield from zip_longest(removed, added)
            removed, added = [], []
            yield line, line
    yield from zip_longest(removed, added)
