"""What reviewers see of files in place of what would reveal their author."""

import pytest

from learning_platform.snapshots.masking.mask import MARK, mask_of
from learning_platform.snapshots.masking.terms import Terms

TERMS = Terms(
    logins=("ivan_petrov99",),
    emails=("ivan.petrov@mail.example", "vanya@work.example"),
    names=("Иван Щукин", "Tester"),
    added=("group 21-3",),
    whole=("bob-builder",),
)
MASK = mask_of(TERMS)


@pytest.mark.parametrize(
    "written",
    [
        *("Иван Щукин", "ЩУКИН", "Щукину", "Щукиным", "Shchukin", "Schukin", "Šukšin".replace("kš", "k"), "Ivan"),
        *("ivanShchukin", "shchukin-ivan", "Iwan_Schukin", "ＳＣＨＵＫＩＮ", "Щу\u00adкин", "Щу\u0301кин"),
        *("ivan_petrov99", "Ivan-Petrov99", "ivan.petrov", "vanya@work.example", "stranger@elsewhere.example"),
        *("Group 21-3", "group_21_3", "Bob Builder", "bob-builder"),
    ],
)
def test_a_term_is_hidden_in_prose_however_it_is_written(written: str) -> None:
    assert MASK.text(f"Done by {written}, see below.\n", "README.md") == f"Done by {MARK}, see below.\n"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("Copyright (c) 2026 Another Person", f"Copyright (c) 2026 {MARK}"),
        ("The above copyright notice shall be included", "The above copyright notice shall be included"),
        ("Автор: Пётр", f"Автор: {MARK}"),
        ("see https://github.com/another/lab/issues", f"see https://github.com/{MARK}/lab/issues"),
        ("git clone git@git.example:another/lab.git", f"git clone git@git.example:{MARK}/lab.git"),
        ("in /home/another/lab and C:\\Users\\An Other\\lab", f"in /home/{MARK}/lab and C:\\Users\\{MARK}\\lab"),
        (
            "![](https://img.shields.io/github/stars/another/lab)",
            f"![](https://img.shields.io/github/stars/{MARK}/lab)",
        ),
        ("[p](https://another.github.io/lab)", f"[p](https://{MARK}.github.io/lab)"),
    ],
)
def test_what_names_people_is_hidden_without_being_known(line: str, shown: str) -> None:
    assert MASK.text(line, "README.md") == shown


def test_in_code_only_whole_logins_and_known_addresses_are_hidden() -> None:
    code = (
        "import tester  # a tester\n"
        'x = f"{tester} tester" @ a@b.cd\n'
        "ivan_petrov99 = tester.Tester(ivan, 'C:\\\\Users\\\\another')\n"
        '__author__ = "Another"\n'
        "s = 'a\\nЩукин'\n"
    )
    assert MASK.text(code, "main.py") == (
        f"import tester  # a {MARK}\n"
        f'x = f"{{tester}} {MARK}" @ a@b.cd\n'
        f"{MARK} = tester.Tester(ivan, 'C:\\\\Users\\\\{MARK}')\n"
        f'__author__ = "{MARK}"\n'
        f"s = 'a\\n{MARK}'\n"
    )


@pytest.mark.parametrize(
    ("path", "content", "shown"),
    [
        (
            "package.json",
            '{"author": {"name": "A", "url": "B"}}',
            f'{{"author": {{"name": "{MARK}", "url": "{MARK}"}}}}',
        ),
        ("package.json", '{"contributors": ["A <a@b.cd>"]}', f'{{"contributors": ["{MARK}"]}}'),
        (
            "pyproject.toml",
            'authors = [\n  {name = "A B"},\n]\nx = "y"',
            f'authors = [\n  {{name = "{MARK}"}},\n]\nx = "y"',
        ),
        ("setup.py", 'setup(author="A B", name="lab")', f'setup(author="{MARK}", name="lab")'),
        ("pom.xml", "<developer><name>A</name></developer>", f"<developer><name>{MARK}</name></developer>"),
        ("CITATION.cff", "authors:\n  - family-names: A", f"authors:\n  - family-names: {MARK}"),
    ],
)
def test_fields_of_package_files_that_name_people_are_hidden(path: str, content: str, shown: str) -> None:
    assert MASK.text(content, path) == shown


def test_a_path_is_shown_alike_when_others_come_after_it() -> None:
    first, second = ["ivan.py", "lab.py", "zorin/ivan.py"], ["Shchukin.py", "a/tester.py", "lab.py"]
    alone, together = mask_of(TERMS, first), mask_of(TERMS, [*first, *second])
    assert [alone.path(path) for path in first] == [together.path(path) for path in first]
    assert {together.path(path) for path in ("ivan.py", "Shchukin.py")} == {f"{MARK}.py", f"{MARK}2.py"}


def test_two_paths_of_a_tree_never_become_one() -> None:
    paths = ["ivan.py", "Щукин.py", "_HIDDEN_.py", "ivan/a.py", "tester/a.py", "lab/main.py"]
    mask = mask_of(TERMS, paths)
    shown = [mask.path(path) for path in paths]
    assert len({path.casefold() for path in shown}) == len(paths)
    assert shown[2] == "_HIDDEN_.py"
    assert shown[5] == "lab/main.py"
    assert mask_of(TERMS, shown).path(shown[0]) == shown[0]
