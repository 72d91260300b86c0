"""Read a roster: a list of email addresses and names, as CSV or pasted text. Pure functions.

The separator is a comma, a semicolon or a tab; a header is optional. The address is found by its `@`, in any column;
the other columns are the name.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from email_validator import EmailNotValidError, validate_email

MAX_ROSTER_BYTES, MAX_ROSTER_LINES, MAX_NAME_LENGTH, MAX_EMAIL_LENGTH = 300_000, 1000, 100, 254
SEPARATORS = "\t;,"
# As mail programs copy it: Alice Smith <alice@example.com>
WITH_NAME = re.compile(r"^(.{0,200})<([^<>]{1,300})>$")
# The name of a column of addresses, in English or Russian.
COLUMN = re.compile("mail|address|почт|адрес", re.IGNORECASE)
RosterProblem = Literal["no_email", "bad_email", "unreadable", "too_long"]


@dataclass(frozen=True, slots=True)
class RosterLine:
    """One person of a roster."""

    line: int
    email: str
    name: str | None


@dataclass(frozen=True, slots=True)
class RosterError:
    """A line that names no person; `text` is its beginning."""

    line: int
    problem: RosterProblem
    text: str


@dataclass(frozen=True, slots=True)
class Roster:
    """What was read: people, each once, the lines that were not understood, and the number of repeated addresses."""

    people: Sequence[RosterLine]
    errors: Sequence[RosterError]
    duplicates: int


def decoded(content: bytes) -> str:
    """Return the text of a file in UTF-8 or, if it is none, in CP1251."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1251", errors="replace")


def read_roster(text: str) -> Roster:
    """Return the people of a roster; of two lines with one address the first counts."""
    people: dict[str, RosterLine] = {}
    errors, duplicates = [], 0
    for found in _lines(text.replace("\0", "")):
        if isinstance(found, RosterError):
            errors.append(found)
        elif found.email.lower() in people:
            duplicates += 1
        else:
            people[found.email.lower()] = found
    return Roster(list(people.values()), errors, duplicates)


def _lines(text: str) -> Iterator[RosterLine | RosterError]:
    reader = csv.reader(io.StringIO(text), delimiter=_separator_of(text))
    is_first = True
    try:
        for row in reader:
            cells = [_one_line(cell) for cell in row]
            if reader.line_num > MAX_ROSTER_LINES + 1:
                yield RosterError(reader.line_num, "too_long", "")
                return
            if any(cells) and not (is_first and _is_header(cells)):
                yield _person(reader.line_num, cells)
            is_first = is_first and not any(cells)
    except csv.Error:
        yield RosterError(reader.line_num, "unreadable", "")


def _is_header(cells: Sequence[str]) -> bool:
    """Say whether a first line names columns: one name without an address is a person whose address is missing."""
    named = [cell for cell in cells if cell]
    return not any("@" in cell for cell in named) and (len(named) > 1 or bool(COLUMN.search(named[0])))


def _person(line: int, cells: Sequence[str]) -> RosterLine | RosterError:
    index = next((index for index, cell in enumerate(cells) if "@" in cell), None)
    shown = " ".join(cells)[:80]
    if index is None:
        return RosterError(line, "no_email", shown)
    named = WITH_NAME.match(cells[index])
    address, own_name = (named[2], named[1]) if named else (cells[index], "")
    email = _valid(address.strip())
    if email is None:
        return RosterError(line, "bad_email", shown)
    names = [own_name.strip(' "'), *(cell for at, cell in enumerate(cells) if at != index)]
    return RosterLine(line, email, " ".join(filter(None, names))[:MAX_NAME_LENGTH].strip() or None)


def _valid(address: str) -> str | None:
    if len(address) > MAX_EMAIL_LENGTH:
        return None
    try:
        found = validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return None
    return found.normalized if found.ascii_email is not None else None


def _separator_of(text: str) -> str:
    """Return the separator that the first line with an address has most of."""
    first = next((line for line in text.splitlines() if "@" in line), "")
    return max(SEPARATORS, key=first.count) if first else ","


def _one_line(cell: str) -> str:
    """Return a cell without control characters and those that change the direction of text."""
    shown = "".join(" " if unicodedata.category(each) in {"Cc", "Cf", "Zl", "Zp"} else each for each in cell[:2000])
    return " ".join(shown.split())
