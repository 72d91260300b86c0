"""The small programs of the demo's assignments: starters, solutions of them, and what reviewers say at their lines.

`programs/NAME/` has a text file for the starter and for each solution. A line that begins with `@@@` begins a part:

    @@@ PATH                 a file
    @@@ PATH = GENERATOR     a file that generated_files.py makes of the text
    @@@ PATH x               a file of the starter that is not there
    @@@ PATH -> PATH         a file of the starter under another name, with edits
    @@@ PATH ~ NAME          edits: `- ` lines are replaced by the `+ ` lines after them. Without a name they are made
                             always, with one in some hand-ins, with the name `fix` in the second iteration
    @@@ PATH ?               remarks: `= KIND CRITERION [NAME] : TEXT OF THE LINE`, with NAME only where this edit was
                             made; lines with `<` are the author's answer, a line with `!` is the reason of a report
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias, cast

from learning_platform.demo.generated_files import GENERATORS

PROGRAMS = Path(__file__).parent / "programs"
STARTER, FIX = "starter", "fix"
HEAD = re.compile(r"@@@ (?P<path>\S+)(?: (?P<sign>\S+)(?: (?P<rest>.+))?)?")
REMARK = re.compile(r"= (?P<kind>\w+) (?P<criterion>\d)(?: \[(?P<edit>[^]]+)\])? :(?: (?P<line>.*))?")
OUTCOME = re.compile(r"(fixed|declined): ?")

RemarkKind: TypeAlias = Literal["problem", "question", "praise", "note"]
Outcome: TypeAlias = Literal["fixed", "declined"]


@dataclass(frozen=True, slots=True)
class Edit:
    """Lines of a file and what replaces them. `name`: of the edits that are made together; empty if always made."""

    path: str
    name: str
    old: str
    new: str

    def changes(self, files: Mapping[str, bytes]) -> bool:
        """Say whether the lines are there."""
        return self.old.encode() in files.get(self.path, b"")

    def apply(self, files: dict[str, bytes]) -> None:
        """Replace the lines where they are first."""
        files[self.path] = files[self.path].replace(self.old.encode(), self.new.encode(), 1)


@dataclass(frozen=True, slots=True)
class Remark:
    """What a reviewer says at a line, and what the author answers. `criterion` counts from 1; 0 is none.

    `line` is a part of the line; without it, the remark is about the file. `edit`: where this was made only.
    """

    path: str
    kind: RemarkKind
    criterion: int
    edit: str | None
    line: str
    text: str
    answer: str | None
    outcome: Outcome | None
    report: str | None

    def line_in(self, files: Mapping[str, bytes]) -> int | None:
        """Return the number of its line, or None if it is not there or the remark is about the file."""
        lines = files[self.path].decode().splitlines()
        return next((number for number, line in enumerate(lines, start=1) if self.line and self.line in line), None)


@dataclass(slots=True)
class Solution:
    """A solution: what it changes in the starter, variations of it, and remarks."""

    files: dict[str, bytes] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)
    edits: list[Edit] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    @property
    def variations(self) -> Sequence[str]:
        """Return the names of the edits that are made in some hand-ins."""
        return list(dict.fromkeys(edit.name for edit in self.edits if edit.name not in {"", FIX}))


@dataclass(frozen=True, slots=True)
class Program:
    """The programs of one assignment: the starter, and solutions of it in the order of their names."""

    starter: Solution
    solutions: Sequence[Solution]

    def files_of(self, solution: Solution, variations: Sequence[str]) -> dict[str, bytes]:
        """Return the files of a hand-in: the starter with the solution, and with these of its variations."""
        files = {solution.renamed.get(path, path): content for path, content in self.starter.files.items()}
        files |= solution.files
        for path in solution.removed:
            del files[path]
        for edit in solution.edits:
            if edit.name in {"", *variations}:
                edit.apply(files)
        return files


def corrected(solution: Solution, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files of the second iteration."""
    result = dict(files)
    for edit in solution.edits:
        if edit.name == FIX and edit.changes(result):
            edit.apply(result)
    return result


@cache
def program(name: str) -> Program:
    """Return the programs of an assignment."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted((PROGRAMS / name).glob("*.txt"))}
    starter = solution_in(texts.pop(STARTER))
    return Program(starter, [solution_in(text) for text in texts.values()])


def solution_in(text: str) -> Solution:
    """Return what a text file describes."""
    solution = Solution()
    for part in re.split(r"^(?=@@@ )", text, flags=re.MULTILINE):
        head, _, body = part.partition("\n")
        found = HEAD.fullmatch(head)
        if found is not None:
            _add(solution, found["path"], found["sign"], found["rest"] or "", body)
    return solution


def _add(solution: Solution, path: str, sign: str | None, rest: str, body: str) -> None:
    match sign:
        case "?":
            solution.remarks += _remarks(path, body)
        case "~":
            solution.edits += _edits(path, rest, body)
        case "->":
            solution.renamed[path] = rest
            solution.edits += _edits(rest, "", body)
        case "x":
            solution.removed.append(path)
        case "=":
            solution.files[path] = GENERATORS[rest](body)
        case _:
            solution.files[path] = body.encode()


def _edits(path: str, name: str, body: str) -> Iterator[Edit]:
    for old, new in re.findall(r"((?:^-(?: .*)?\n)+)((?:^\+(?: .*)?\n)*)", body, flags=re.MULTILINE):
        before, after = _unmarked(old), _unmarked(new)
        # Without lines in their place, the end of the last line goes too.
        yield Edit(path, name, before if new else f"{before}\n", after)


def _unmarked(lines: str) -> str:
    return "\n".join(line[2:] for line in lines.splitlines())


def _remarks(path: str, body: str) -> Iterator[Remark]:
    for part in re.split(r"^(?== \w+ \d)", body, flags=re.MULTILINE):
        head, _, text = part.partition("\n")
        found = REMARK.fullmatch(head)
        if found is None:
            continue
        lines = text.splitlines()
        said = "\n".join(line for line in lines if line[:2] not in {"< ", "! "}).strip()
        answer = next((line[2:] for line in lines if line.startswith("< ")), None)
        report = next((line[2:] for line in lines if line.startswith("! ")), None)
        outcome = OUTCOME.match(answer or "")
        yield Remark(
            *(path, cast(RemarkKind, found["kind"]), int(found["criterion"]), found["edit"], found["line"] or "", said),
            *(OUTCOME.sub("", answer) if answer else None, cast(Outcome, outcome[1]) if outcome else None, report),
        )
