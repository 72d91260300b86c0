"""Jupyter notebooks (nbformat 4) as cells, each with the lines of the file that it stands in. For worker processes.

Anything may call itself a notebook. One that is not written as the format says, or is too large for a page, has no
cells: its lines are shown instead.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

CellKind: TypeAlias = Literal["markdown", "code", "raw"]
OutputKind: TypeAlias = Literal["text", "error", "picture", "not_shown"]

MAX_CELLS, MAX_OUTPUTS = 400, 50
MAX_CHARACTERS = 300_000
MAX_OUTPUT_CHARACTERS = 20_000
MAX_NAME, MAX_NUMBER = 50, 999_999
DEFAULT_LANGUAGE = "python"
# A drawing or a page can load and run anything; these cannot.
PICTURES = ("image/png", "image/jpeg")
SPACE = re.compile(r"[ \t\r\n]*")
# What colours the words of a terminal.
TERMINAL = re.compile(r"\x1b\[[0-9;?]{0,20}[ -/]?[@-~]")
SURROGATES = re.compile(r"[\ud800-\udfff]")
DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Output:
    """An output of a cell of code.

    `text`: what it says, with its end left out if it `is_cut`; of what is not shown, its media type. `media_types`:
    what else it has that is not shown.
    """

    kind: OutputKind
    text: str = ""
    is_cut: bool = False
    media_types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell. Its lines count from 1; `number` is that of its last run. `left_out`: how many outputs are too many."""

    kind: CellKind
    source: str
    first_line: int
    last_line: int
    number: int | None = None
    outputs: tuple[Output, ...] = ()
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Notebook:
    """The cells of a notebook; `language` is a name that Pygments may know."""

    language: str
    cells: tuple[Cell, ...]


class _NotANotebook(ValueError):
    """The text is not written as the format says."""


def notebook_in(text: str) -> Notebook | None:
    """Return the notebook that a file holds, or None if its lines are to be shown."""
    try:
        fields, placed = _read(text)
        cells = tuple(_cells(text, placed))
    except (ValueError, RecursionError):
        return None
    size = sum(len(cell.source) + sum(len(output.text) for output in cell.outputs) for cell in cells)
    return Notebook(_language(fields), cells) if cells and size <= MAX_CHARACTERS else None


def picture_in(text: str, *, cell: int, output: int) -> str | None:
    """Return a picture of a notebook in base 64, by the numbers of its cell and its output from 0, or None."""
    try:
        _, placed = _read(text)
        shown = _object(placed[cell][0]).get("outputs")
        data = _object(_object(_list(shown)[output]).get("data"))
        found = next(data[kind] for kind in PICTURES if kind in data)
        return "".join(_text(found).split())
    except (ValueError, RecursionError, LookupError, StopIteration):
        return None


def notebook_of(found: Mapping[str, Any]) -> Notebook:
    """Return a notebook that travelled as JSON."""
    cells = (
        Cell(**cell | {"outputs": tuple(Output(**each | {"media_types": tuple(each["media_types"])}) for each in outs)})
        for cell in found["cells"]
        for outs in (cell["outputs"],)
    )
    return Notebook(found["language"], tuple(cells))


class _Reader:
    """Reads JSON from its beginning, and knows where it is."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.at = 0

    def takes(self, character: str) -> bool:
        """Pass over a character, if it is the next one."""
        self._skip()
        is_next = self._text.startswith(character, self.at)
        self.at += is_next
        return is_next

    def expect(self, character: str) -> None:
        """Pass over a character, which has to be the next one."""
        if not self.takes(character):
            raise _NotANotebook

    def value(self) -> tuple[object, int, int]:
        """Return the next value, and where it begins and ends."""
        self._skip()
        start = self.at
        value, self.at = DECODER.raw_decode(self._text, start)
        return value, start, self.at

    def values(self) -> Iterator[tuple[object, int, int]]:
        """Yield the values of a list."""
        self.expect("[")
        if self.takes("]"):
            return
        while True:
            yield self.value()
            if not self.takes(","):
                break
        self.expect("]")

    def expect_end(self) -> None:
        """Ensure that nothing follows."""
        self._skip()
        if self.at != len(self._text):
            raise _NotANotebook

    def _skip(self) -> None:
        found = SPACE.match(self._text, self.at)
        assert found is not None
        self.at = found.end()


def _read(text: str) -> tuple[dict[str, object], list[tuple[object, int, int]]]:
    """Return the fields of a notebook but its cells, and the cells with their places in the text."""
    reader = _Reader(text)
    fields: dict[str, object] = {}
    cells: list[tuple[object, int, int]] = []
    reader.expect("{")
    while not reader.takes("}"):
        if fields or cells:
            reader.expect(",")
        name = _text(reader.value()[0])
        reader.expect(":")
        if name == "cells":
            if cells:
                raise _NotANotebook
            cells = list(reader.values())
        else:
            fields[name] = reader.value()[0]
    reader.expect_end()
    return fields, cells


def _cells(text: str, placed: list[tuple[object, int, int]]) -> Iterator[Cell]:
    if len(placed) > MAX_CELLS:
        raise _NotANotebook
    line, counted = 1, 0
    for value, start, end in placed:
        first = line + text.count("\n", counted, start)
        line = first + text.count("\n", start, end)
        counted = end
        yield _cell(_object(value), first, line)


def _cell(values: dict[str, object], first_line: int, last_line: int) -> Cell:
    kind, source = values.get("cell_type"), _text(values.get("source"))
    if kind == "markdown":
        return Cell("markdown", source, first_line, last_line)
    if kind == "raw":
        return Cell("raw", source, first_line, last_line)
    if kind != "code":
        raise _NotANotebook
    outputs = _list(values.get("outputs"))
    shown = tuple(_output(_object(each)) for each in outputs[:MAX_OUTPUTS])
    number = _number(values.get("execution_count"))
    return Cell("code", source, first_line, last_line, number, shown, len(outputs) - len(shown))


def _number(value: object) -> int | None:
    """Return how many cells were run when this one was, if the file says so."""
    return value if type(value) is int and 0 <= value <= MAX_NUMBER else None


def _output(values: dict[str, object]) -> Output:
    match values.get("output_type"):
        case "stream":
            return _said("text", _text(values.get("text")))
        case "error":
            trace = _text(values.get("traceback"), between="\n")
            return _said("error", trace or f"{_text(values.get('ename'))}: {_text(values.get('evalue'))}")
        case "execute_result" | "display_data":
            return _displayed(_object(values.get("data")))
        case other:
            return Output("not_shown", _clean(str(other))[:MAX_NAME])


def _displayed(data: dict[str, object]) -> Output:
    """Return a picture, or the plain text that nearly every output has beside what it looks like."""
    others = tuple(_clean(name)[:MAX_NAME] for name in data if name not in {"text/plain", *PICTURES})[:MAX_OUTPUTS]
    if any(kind in data for kind in PICTURES):
        return Output("picture", media_types=others)
    if "text/plain" in data:
        said = _said("text", _text(data["text/plain"]))
        return Output("text", said.text, said.is_cut, others)
    return Output("not_shown", ", ".join(others)[: 4 * MAX_NAME])


def _said(kind: OutputKind, text: str) -> Output:
    shown = TERMINAL.sub("", text[: 2 * MAX_OUTPUT_CHARACTERS])
    is_cut = len(shown) > MAX_OUTPUT_CHARACTERS or len(text) > 2 * MAX_OUTPUT_CHARACTERS
    return Output(kind, shown[:MAX_OUTPUT_CHARACTERS], is_cut)


def _language(fields: dict[str, object]) -> str:
    metadata = fields.get("metadata")
    for name, key in (("language_info", "name"), ("kernelspec", "language")):
        about = metadata.get(name) if isinstance(metadata, dict) else None
        language = about.get(key) if isinstance(about, dict) else None
        if isinstance(language, str) and 0 < len(language) <= MAX_NAME:
            return _clean(language.lower())
    return DEFAULT_LANGUAGE


def _text(value: object, *, between: str = "") -> str:
    """Return a text, which notebooks write as one or as a list of its lines."""
    if isinstance(value, str):
        return _clean(value)
    return _clean(between.join(map(_only_text, _list(value))))


def _only_text(value: object) -> str:
    if not isinstance(value, str):
        raise _NotANotebook
    return value


def _clean(text: str) -> str:
    """Return a text without halves of characters, which JSON can say and UTF-8 cannot."""
    return SURROGATES.sub("\ufffd", text)


def _object(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise _NotANotebook
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise _NotANotebook
    return value
