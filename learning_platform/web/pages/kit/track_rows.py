"""Rows of criteria and assignments in the form of a track, and the buttons that rearrange them.

Rows are fields named `criteria-0-name`. The buttons are named `rows`, and their values are a list, a verb and numbers:
`criteria add`, `assignments add 5`, `assignments move 2 1`. `open` says whether a row is unfolded, where that is known.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from learning_platform.tracks.rules import MAX_ASSIGNMENTS, MAX_CRITERIA
from learning_platform.web.pages.kit.durations import duration_fields, duration_input, parts_of
from learning_platform.web.pages.kit.forms import Form

RowList = Literal["criteria", "assignments"]
Row = dict[str, str]
TIME = parts_of("duration_hours")
# What a new row holds: the first part is the one to go to.
NEW_ROWS: Mapping[RowList, Row] = {
    "criteria": {"name": "", "description": "", "max_score": "10", "open": ""},
    "assignments": {"title": "", "description": "", **duration_fields("duration_hours", 48), "open": ""},
}
MAX_ROWS: Mapping[RowList, int] = {"criteria": MAX_CRITERIA, "assignments": MAX_ASSIGNMENTS}
# The mark of a list from which titles were copied.
BULLET = re.compile(r"^\s*(?:[-*•–]|\d{1,3}[.)])\s+")


@dataclass(frozen=True, slots=True)
class Pasted:
    """Rows that were made from pasted titles: the first of them and how many; lines that did not fit are `left`."""

    first: int
    count: int
    left: int


def rows(form: Form, name: RowList) -> list[Row]:
    """Return the rows of a list with all their parts; there is always one to write in."""
    parts = NEW_ROWS[name]
    return [{part: row.get(part, "") for part in parts} for row in form.rows(name)] or [dict(parts)]


def number_rows(form: Form) -> None:
    """Number the rows from nought without gaps, as errors and buttons count them."""
    for name in get_args(RowList):
        put_rows(form, name, rows(form, name))


def number_present_rows(form: Form) -> None:
    """Number the rows of a track that is edited: its form has criteria only while they can be changed."""
    has_criteria = any(field.startswith("criteria-") for field in form.values)
    number_rows(form)
    if not has_criteria:
        put_rows(form, "criteria", [])


def put_rows(form: Form, name: RowList, written: Sequence[Row]) -> None:
    """Let the rows of a list be these."""
    for field in [field for field in form.values if field.startswith(f"{name}-")]:
        del form.values[field]
    for number, row in enumerate(written):
        form.values |= {f"{name}-{number}-{part}": value for part, value in row.items()}


def criteria_input(form: Form) -> list[Row]:
    """Return the criteria as the schemas take them; a part left blank counts as not given."""
    return [{part: value for part, value in row.items() if part != "open"} for row in form.rows("criteria")]


def assignments_input(form: Form) -> list[dict[str, object]]:
    """Return the assignments as the schemas take them; a part left blank counts as not given."""
    return [
        {part: row[part] for part in ("title", "description") if part in row}
        | {"duration_hours": duration_input(row, "duration_hours")}
        for row in form.rows("assignments")
    ]


def is_open(form: Form, name: RowList, number: int, count: int) -> bool:
    """Say whether a row is unfolded: where it has errors or is gone to, where it was, without a name, and alone."""
    row, first = f"{name}-{number}-", first_part(name)
    if form.focus == f"{row}{first}" or any(field.startswith(row) for field in form.errors):
        return True
    chosen = form[f"{row}open"]
    return chosen == "yes" if chosen else count == 1 or not form[f"{row}{first}"].strip()


def first_part(name: RowList) -> str:
    """Return the first part of a row, which names it."""
    return next(iter(NEW_ROWS[name]))


def rearrange(form: Form, wish: str) -> Pasted | None:
    """Do what a button of the rows asks for, and point at the row it was about; anything else changes nothing."""
    match wish.split():
        case ["assignments", "paste"]:
            return _paste(form)
        case ["assignments", "undo", first, count] if _is_number(first) and _is_number(count):
            _take_back(form, int(first), int(count))
        case [("criteria" | "assignments") as name, "remove", number] if _is_number(number):
            _remove(form, name, int(number))
        case [("criteria" | "assignments") as name, "restore"]:
            _restore(form, name)
        case [("criteria" | "assignments") as name, verb, *numbers] if all(map(_is_number, numbers)):
            written = rows(form, name)
            form.focus = _changed(name, written, verb, [int(number) for number in numbers])
            put_rows(form, name, written)
    return None


def _changed(name: RowList, written: list[Row], verb: str, numbers: Sequence[int]) -> str:
    """Change the rows; return the field or the button to go to."""
    first = first_part(name)
    match verb, numbers:
        case "add", [] | [5] if len(written) < MAX_ROWS[name]:
            number, more = len(written), numbers[0] if numbers else 1
            written.extend(_new_rows(name, written, [""] * more, is_open="yes"))
            return f"{name}-{number}-{first}"
        case "copy", [number] if number < len(written) < MAX_ROWS[name]:
            written.insert(number + 1, written[number] | {"open": "yes"})
            return f"{name}-{number + 1}-{first}"
        case "move", [number, to] if max(number, to) < len(written):
            written.insert(to, written.pop(number))
            return f"{name}-{to}-{'up' if 0 < to <= number or to == len(written) - 1 else 'down'}"
        case (("fold" | "unfold"), []):
            for row in written:
                row["open"] = "no" if verb == "fold" else "yes"
            return f"{name}-{verb}"
    return ""


def removed_row(form: Form, name: RowList) -> Row | None:
    """Return the row that was removed last, with the number it had; the form carries it until it is put back."""
    if not _is_number(form[f"removed-{name}-number"]):
        return None
    return {part: form[f"removed-{name}-{part}"] for part in [*NEW_ROWS[name], "number"]}


def _remove(form: Form, name: RowList, number: int) -> None:
    written = rows(form, name)
    if not number < len(written) > 1:
        return
    removed = written.pop(number) | {"number": str(number)}
    put_rows(form, name, written)
    form.values |= {f"removed-{name}-{part}": value for part, value in removed.items()}
    form.focus = f"{name}-restore"


def _restore(form: Form, name: RowList) -> None:
    """Put the row that was removed last back where it was, if there is a place for it."""
    written, removed = rows(form, name), removed_row(form, name)
    if removed is None or len(written) >= MAX_ROWS[name]:
        return
    number = min(int(removed.pop("number")), len(written))
    written.insert(number, removed)
    put_rows(form, name, written)
    del form.values[f"removed-{name}-number"]
    form.focus = f"{name}-{number}-toggle"


def _new_rows(name: RowList, written: Sequence[Row], titles: Sequence[str], *, is_open: str) -> list[Row]:
    """Return new rows, as many as there are places; their times are those of the row above."""
    like = written[-1] if written else NEW_ROWS[name]
    times = {part: value for part, value in like.items() if part in TIME}
    places = MAX_ROWS[name] - len(written)
    return [NEW_ROWS[name] | times | {first_part(name): title, "open": is_open} for title in titles[:places]]


def _paste(form: Form) -> Pasted | None:
    """Make a row of each line that was pasted; lines that do not fit stay in the field."""
    lines = [BULLET.sub("", line).strip() for line in form["pasted"].splitlines()]
    titles = [line for line in lines if line]
    if not titles:
        form.focus = "pasted"
        return None
    written = rows(form, "assignments")
    times = {part: written[-1][part] for part in TIME}
    while written and _is_blank(written[-1]):
        written.pop()
    added = [row | times for row in _new_rows("assignments", written, titles, is_open="no")]
    put_rows(form, "assignments", [*written, *added])
    left = titles[len(added) :]
    form.values["pasted"] = "\n".join(left)
    form.focus = "assignments-undo" if added else "pasted"
    return Pasted(len(written), len(added), len(left))


def _take_back(form: Form, first: int, count: int) -> None:
    """Put the titles of pasted rows back into the field, except of those that have a description by now."""
    written = rows(form, "assignments")
    pasted = written[first : first + count]
    titles = [row["title"] for row in pasted if not row["description"]]
    put_rows(
        form,
        "assignments",
        [*written[:first], *(row for row in pasted if row["description"]), *written[first + count :]],
    )
    number_rows(form)
    form.values["pasted"] = "\n".join(filter(None, [*titles, form["pasted"]]))
    form.focus = "pasted"


def _is_blank(row: Row) -> bool:
    return not (row["title"].strip() or row["description"].strip())


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 4
