"""Formats the files of the code page that can be: Markdown and notebooks. The others are shown as lines."""

import asyncio
from collections.abc import Sequence
from functools import partial

from learning_platform.core.languages import Language, translate
from learning_platform.reviews.compared_code import ComparedCode
from learning_platform.snapshots.kinds import says_generated
from learning_platform.snapshots.notebooks import Cell, Notebook
from learning_platform.web.pages.kit import formatted_cells
from learning_platform.web.pages.kit.code_comments import CodeComments
from learning_platform.web.pages.kit.code_rows import key_of
from learning_platform.web.pages.kit.code_view import Choices, FileView
from learning_platform.web.pages.kit.rendering import UNFORMATTED
from learning_platform.web.services import Services
from learning_platform.web.texts.formatted_text import Text
from learning_platform.web.texts.highlighted_code import Code, ended

# Of one file, and of a page: larger files, and those for which it has no space, are shown as lines.
MAX_FILE_CHARACTERS, MAX_PAGE_CHARACTERS, MAX_PAGE_CELLS = 300_000, 400_000, 500


async def format_files(
    services: Services,
    files: Sequence[FileView],
    code: ComparedCode,
    choices: Choices,
    comments: CodeComments,
    *,
    language: Language,
) -> None:
    """Give cells to the files that are shown formatted. It waits for worker processes about a second at most."""
    chosen = [file for file in files if file.has_lines and file.is_to_be_formatted(choices)]
    notebooks = _that_fit(chosen, await _notebooks(services, chosen), comments)
    for file in chosen:
        if file.key not in notebooks and choices.file is None and says_generated(_source(file)):
            file.folded = "generated"
    if not notebooks:
        return
    cells = [(key, cell) for key, notebook in notebooks.items() for cell in notebook.cells]
    prose = [Text("note", cell.source) for _, cell in cells if cell.kind == "markdown"]
    programs = [_code(cell, notebooks[key]) for key, cell in cells if cell.kind != "markdown"]
    formatted, highlighted = await asyncio.gather(
        services.formatted_texts.html(prose, apology=translate(UNFORMATTED, language)),
        services.highlighted_code.lines(programs),
    )
    fill = partial(_fill, files, notebooks, code, choices, comments)
    await asyncio.to_thread(fill, formatted, highlighted)


async def _notebooks(services: Services, files: Sequence[FileView]) -> dict[str, Notebook]:
    """Return what files consist of, by their keys."""
    found = {
        file.key: Notebook("", (Cell("markdown", _source(file), 1, _source(file).count("\n") + 1),))
        for file in files
        if file.kind != "notebook" and _source(file).strip() and len(_source(file)) <= MAX_FILE_CHARACTERS
    }
    read = [file for file in files if file.kind == "notebook"]
    notebooks = await services.notebooks.of([_source(file) for file in read])
    return found | {file.key: each for file, each in zip(read, notebooks, strict=True) if each is not None}


def _that_fit(files: Sequence[FileView], notebooks: dict[str, Notebook], comments: CodeComments) -> dict[str, Notebook]:
    """Return those for which the page has space, and in whose cells the form for a comment is, if it is asked for."""
    fitting: dict[str, Notebook] = {}
    size = count = 0
    for key in (file.key for file in files if file.key in notebooks):
        cells = notebooks[key].cells
        asked = comments.asked
        is_elsewhere = (
            asked is not None
            and asked.key == key
            and asked.place is not None
            and not formatted_cells.covers(cells, asked.place)
        )
        size += sum(len(cell.source) + sum(len(output.text) for output in cell.outputs) for cell in cells)
        count += len(cells)
        if not is_elsewhere and (not fitting or (size <= MAX_PAGE_CHARACTERS and count <= MAX_PAGE_CELLS)):
            fitting[key] = notebooks[key]
    return fitting


def _fill(
    files: Sequence[FileView],
    notebooks: dict[str, Notebook],
    code: ComparedCode,
    choices: Choices,
    comments: CodeComments,
    formatted: Sequence[str],
    highlighted: Sequence[Sequence[str] | None],
) -> None:
    prose, programs = iter(formatted), iter(highlighted)
    known = code.new.by_path

    def address_of(path: str) -> str | None:
        return f"{choices.address(file=path, show=None)}#{key_of(path)}" if path in known else None

    by_key = {file.key: file for file in files}
    for key, notebook in notebooks.items():
        file = by_key[key]
        html = [
            formatted_cells.prose_html(next(prose), file.path, address_of)
            if cell.kind == "markdown"
            else formatted_cells.code_html(_plain(cell.source), next(programs))
            for cell in notebook.cells
        ]
        file.cells, elsewhere = formatted_cells.cells_of(notebook, key, html, comments.places.get(key, ()))
        file.elsewhere = sum(len(comments.threads_at(file, place)) for place in elsewhere)
        file.lines = ()


def _code(cell: Cell, notebook: Notebook) -> Code:
    return Code(notebook.language if cell.kind == "code" else "", ended(_plain(cell.source)))


def _plain(source: str) -> str:
    return source.replace("\r\n", "\n").removesuffix("\n")


def _source(file: FileView) -> str:
    assert file.text is not None
    return file.text.new.text
