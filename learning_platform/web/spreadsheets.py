"""CSV that a spreadsheet may open: no cell is taken for a formula.

A cell that begins like one gets an apostrophe before it (OWASP, CSV Injection).
"""

import csv
import io
from collections.abc import Iterable, Sequence

FORMULA_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r")


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    """Return rows as CSV (RFC 4180) with a byte order mark, without which Excel takes Cyrillic for something else."""
    text = io.StringIO()
    writer = csv.writer(text)
    text.write("\ufeff")
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    return text.getvalue()


def _safe(cell: object) -> object:
    if cell is None:
        return ""
    if isinstance(cell, str) and cell.startswith(FORMULA_BEGINNINGS):
        return f"'{cell}"
    return cell
