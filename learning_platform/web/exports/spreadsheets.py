"""Tables as files for spreadsheet programs: CSV and Excel workbooks (.xlsx).

A workbook says of each cell whether it is text or a number, so a name such as `001276`, `8e348` or `-x` stays as it
is. CSV cannot say that. It is written the way the reader's language expects (in Russian: semicolons and decimal
commas), and a text that a program would take for a formula gets an apostrophe before it (OWASP, CSV Injection).
"""

from collections.abc import Sequence
from typing import BinaryIO, Literal, TypeAlias

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


def csv_cell(cell: Cell, language: Language, point: str) -> str:
    """Return a cell as CSV has it, with the decimal sign `point`."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return translate(YES_NO[cell], language)
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(FORMULA_BEGINNINGS) else cell
    return str(cell).replace(".", point)


class Workbook:
    """An Excel workbook with one sheet that is written to a file row by row; the head comes first.

    The head stays in sight and filters its columns. Rows go to a temporary file: memory does not grow with the table.
    """

    def __init__(self, file: BinaryIO, *, title: str) -> None:
        self._book = xlsxwriter.Workbook(file, {"constant_memory": True})
        self._book.set_properties({"title": title})
        self._sheet = self._book.add_worksheet()
        self._sheet.set_landscape()
        self._sheet.freeze_panes(1, 1)
        self._columns = self._rows = 0

    def write(self, rows: Sequence[Sequence[Cell]]) -> None:
        """Write some rows; the first of all is the head."""
        for row in rows:
            if self._rows == 0:
                self._write_head([str(cell) for cell in row])
            else:
                for column, cell in enumerate(row):
                    _write_cell(self._sheet, self._rows, column, cell)
            self._rows += 1

    def close(self) -> None:
        """Finish the file."""
        if self._columns:
            self._sheet.autofilter(0, 0, max(self._rows - 1, 0), self._columns - 1)
        self._book.close()

    def _write_head(self, head: Sequence[str]) -> None:
        self._columns = len(head)
        bold = self._book.add_format({"bold": True})
        for column, text in enumerate(head):
            self._sheet.set_column(column, column, min(max(len(text) + 2, MIN_WIDTH), MAX_WIDTH))
            self._sheet.write_string(0, column, text, bold)


def _write_cell(sheet: xlsxwriter.worksheet.Worksheet, row: int, column: int, cell: Cell) -> None:
    if isinstance(cell, bool):
        sheet.write_boolean(row, column, cell)
    elif isinstance(cell, str):
        sheet.write_string(row, column, cell)
    elif cell is not None:
        sheet.write_number(row, column, cell)
