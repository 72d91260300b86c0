"""Tables as files for spreadsheet programs: CSV and Excel workbooks (.xlsx).

A workbook says of each cell whether it is text or a number, so a name such as `001276`, `8e348` or `-x` stays as it
is. CSV cannot say that. It is written the way the reader's language expects (in Russian: semicolons and decimal
commas), and a text that a program would take for a formula gets an apostrophe before it (OWASP, CSV Injection).
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import xlsxwriter

from learning_platform.core.languages import N_, Language, Message, translate

Cell: TypeAlias = str | float | bool | None
TableFormat: TypeAlias = Literal["csv", "xlsx"]
MEDIA_TYPES: dict[TableFormat, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FORMULA_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r")
YES_NO: tuple[Message, Message] = (N_("no"), N_("yes"))
# Titles may be long; a column wider than this pushes the others off the screen. In characters.
MIN_WIDTH, MAX_WIDTH = 8, 40


@dataclass(frozen=True, slots=True)
class Table:
    """A head and rows, for a reader of `language`."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    language: Language


def csv_cell(cell: Cell, language: Language, point: str) -> str:
    """Return a cell as CSV has it, with the decimal sign `point`."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return translate(YES_NO[cell], language)
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(FORMULA_BEGINNINGS) else cell
    return str(cell).replace(".", point)


def xlsx_bytes(table: Table) -> bytes:
    """Return an Excel workbook with one sheet: its head stays in sight and filters its columns."""
    file = io.BytesIO()
    # Rows go to a temporary file one by one: memory does not grow with the table.
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as workbook:
        sheet = workbook.add_worksheet()
        sheet.set_landscape()
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, len(table.rows), len(table.head) - 1)
        bold = workbook.add_format({"bold": True})
        for column, text in enumerate(table.head):
            sheet.set_column(column, column, min(max(len(text) + 2, MIN_WIDTH), MAX_WIDTH))
            sheet.write_string(0, column, text, bold)
        for number, row in enumerate(table.rows, start=1):
            for column, cell in enumerate(row):
                _write_cell(sheet, number, column, cell)
        workbook.set_properties({"title": table.title})
    return file.getvalue()


def _write_cell(sheet: xlsxwriter.worksheet.Worksheet, row: int, column: int, cell: Cell) -> None:
    if isinstance(cell, bool):
        sheet.write_boolean(row, column, cell)
    elif isinstance(cell, str):
        sheet.write_string(row, column, cell)
    elif cell is not None:
        sheet.write_number(row, column, cell)
