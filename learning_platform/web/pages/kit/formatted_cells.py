"""What a page shows of a file that is formatted: the cells of a notebook, or a text in Markdown as its only cell."""

import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from html import escape, unescape
from urllib.parse import unquote, urlsplit

from markupsafe import Markup

from learning_platform.snapshots.notebooks import Cell, CellKind, Notebook, Output
from learning_platform.web.pages.kit.code_rows import Place, line_id
from learning_platform.web.texts.code_lines import line_html, with_hidden_characters

# Longer outputs are folded.
MAX_OPEN_LINES = 12
LINK = re.compile(r'(?P<tag><a\b(?:[^">]|"[^"]*")*?)\shref="(?P<href>[^"]*)"')

# Returns the address of a file of the tree by its path, or None if there is none.
AddressOf = Callable[[str], str | None]


@dataclass(slots=True)
class OutputView:
    """An output of a cell, with its number in it."""

    number: int
    output: Output
    html: Markup
    lines: int

    @property
    def is_open(self) -> bool:
        """Say whether it is short."""
        return self.lines <= MAX_OPEN_LINES


@dataclass(slots=True)
class CellView:
    """A cell with its place in the file. `id`: that of its last line; `asked`: what asks for a comment on its lines."""

    index: int
    kind: CellKind
    number: int | None
    html: Markup
    outputs: Sequence[OutputView]
    left_out: int
    id: str
    asked: str
    places: Sequence[Place]


def cells_of(
    notebook: Notebook, key: str, html: Sequence[str], places: Collection[Place]
) -> tuple[list[CellView], list[Place]]:
    """Return the cells, given with their HTML, and the places at which something stands that are in none of them."""
    left = sorted(places)
    views: list[CellView] = []
    for index, (cell, formatted) in enumerate(zip(notebook.cells, html, strict=True)):
        # Cells that share a line, in a file without line breaks, do not share what stands at it.
        here = [place for place in left if covers([cell], place)]
        left = [place for place in left if place not in here]
        outputs = [_output(number, output) for number, output in enumerate(cell.outputs)]
        asked = f"{line_id(key, 'R', cell.first_line)}-{cell.last_line}"
        views.append(
            CellView(
                *(index, cell.kind, cell.number, _trusted(formatted), outputs, cell.left_out),
                *(line_id(key, "R", cell.last_line), asked, here),
            )
        )
    return views, left


def covers(cells: Iterable[Cell], place: Place) -> bool:
    """Say whether a line is one of the cells'."""
    return place[0] == "R" and any(cell.first_line <= place[1] <= cell.last_line for cell in cells)


def code_html(source: str, html: Sequence[str] | None) -> str:
    """Return the lines of a cell of code; `html` are the same with tokens marked, if there are any."""
    lines = source.split("\n")
    return "\n".join(line_html(line, None if html is None else html[at]) for at, line in enumerate(lines))


def prose_html(html: str, path: str, address_of: AddressOf) -> str:
    """Return formatted Markdown whose links to other files of the code lead to them, and nowhere if there are none."""

    def linked(found: re.Match[str]) -> str:
        target = own_path(unescape(found["href"]), path)
        if target is None:
            return found[0]
        address = address_of(target)
        return found["tag"] if address is None else f'{found["tag"]} href="{escape(address)}"'

    return with_hidden_characters(LINK.sub(linked, html))


def own_path(href: str, path: str) -> str | None:
    """Return the path of the file that a link in a file leads to, or None if it leads elsewhere."""
    try:
        link = urlsplit(href)
    except ValueError:
        return None
    if link.scheme or link.netloc or not link.path:
        return None
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(path), unquote(link.path))).lstrip("/")


def marked(cells: Iterable[CellView], mark: Callable[[Markup], Markup]) -> None:
    """Mark what is hidden in cells."""
    for cell in cells:
        cell.html = mark(cell.html)
        for output in cell.outputs:
            output.html = mark(output.html)


def _output(number: int, output: Output) -> OutputView:
    lines = output.text.removesuffix("\n").split("\n")
    return OutputView(number, output, _trusted("\n".join(map(line_html, lines, [None] * len(lines)))), len(lines))


def _trusted(html: str) -> Markup:
    return Markup(html)  # noqa: S704  # It was cleaned or escaped.
