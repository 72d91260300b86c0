"""The programs of the demo school: every part of their texts fits."""

import ast
import json
from collections.abc import Iterator, Sequence
from itertools import chain, combinations

import pytest

from learning_platform.demo.cohorts import COHORTS
from learning_platform.demo.program_texts import FIX, PROGRAMS, Solution, corrected, program, solution_in
from learning_platform.demo.voices import VOICES

NAMES = sorted(path.name for path in PROGRAMS.iterdir())
MAX_LINES = 300


def choices_of(solution: Solution) -> Iterator[Sequence[str]]:
    """Yield everything that may be chosen from the variations of a solution."""
    names = solution.variations
    return chain.from_iterable(combinations(names, number) for number in range(len(names) + 1))


@pytest.mark.parametrize("name", NAMES)
def test_every_edit_finds_its_lines(name: str) -> None:
    missing = []
    for solution in program(name).solutions:
        everything = [program(name).files_of(solution, choice) for choice in choices_of(solution)]
        for edit in solution.edits:
            done = [files for files in everything if edit.new.encode() in files[edit.path]]
            to_do = [files for files in everything if edit.changes(files)]
            if not (to_do if edit.name == FIX else done and (not edit.name or to_do)):
                missing.append(edit)
    assert missing == []


@pytest.mark.parametrize("name", NAMES)
def test_every_remark_finds_its_line(name: str) -> None:
    missing = []
    for solution in program(name).solutions:
        everything = [program(name).files_of(solution, choice) for choice in choices_of(solution)]
        for remark in solution.remarks:
            assert remark.edit is None or remark.edit in solution.variations
            if not any(remark.path in files and (not remark.line or remark.line_in(files)) for files in everything):
                missing.append(remark)
    assert missing == []


@pytest.mark.parametrize("name", NAMES)
def test_every_file_is_what_it_claims_to_be(name: str) -> None:
    for solution in program(name).solutions:
        for choice in choices_of(solution):
            first = program(name).files_of(solution, choice)
            for path, content in (*first.items(), *corrected(solution, first).items()):
                if path.endswith(".py"):
                    ast.parse(content)
                if path.endswith((".json", ".ipynb")):
                    json.loads(content)
                assert path.endswith(".png") == content.startswith(b"\x89PNG")
                assert content.count(b"\n") <= MAX_LINES or path.endswith((".lock", ".json"))


def test_every_program_belongs_to_an_assignment() -> None:
    used = [name for cohort in COHORTS for name in cohort.programs]
    assert sorted(used) == NAMES
    assert all(len(cohort.programs) <= len(cohort.draft.assignments) for cohort in COHORTS)


def test_remarks_are_about_a_criterion_that_there_is() -> None:
    for cohort in COHORTS:
        remarks = [
            each for name in cohort.programs for solution in program(name).solutions for each in solution.remarks
        ]
        assert max((remark.criterion for remark in remarks), default=0) <= len(cohort.draft.criteria)


def test_no_two_participants_write_the_same_note() -> None:
    assert all(len(cohort.people) <= len(VOICES[cohort.language].notes) for cohort in COHORTS if cohort.programs)


def test_a_text_has_files_edits_and_remarks() -> None:
    solution = solution_in(
        "@@@ a.txt\none\ntwo\n@@@ b.txt x\n@@@ a.txt ~ fix\n- two\n+ three\n"
        "@@@ a.txt ?\n= problem 1 [x] : two\nWhy two?\n< fixed: Sorry.\n! Rude.\n= note 0 :\nFine.\n"
    )
    assert solution.files == {"a.txt": b"one\ntwo\n"}
    assert solution.removed == ["b.txt"]
    assert corrected(solution, solution.files) == {"a.txt": b"one\nthree\n"}
    first, second = solution.remarks
    assert (first.line, first.edit, first.text, first.answer, first.outcome, first.report) == (
        *("two", "x", "Why two?", "Sorry.", "fixed", "Rude."),
    )
    assert (second.line, second.text, second.line_in(solution.files | {"a.txt": b""})) == ("", "Fine.", None)
