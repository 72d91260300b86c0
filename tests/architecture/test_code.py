"""Rules of the house that a program can check."""

import ast
import logging
from pathlib import Path
from statistics import median, quantiles

import pytest
from importlinter.cli import lint_imports

from learning_platform.core.settings import PROJECT, Settings

SOURCES = sorted((PROJECT / "learning_platform").rglob("*.py"))
MAX_LINES, MAX_FUNCTION_LINES, MAX_UNEXPLAINED_SQL_LINES = 300, 40, 25
MAX_MEDIAN, MAX_NINTH_DECILE = 7, 17
PACKAGES = [path for path in SOURCES if path.name == "__init__.py"]
SETTINGS = [name.upper() for name in Settings.model_fields]


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def called(path: Path) -> list[str]:
    """Return the names of the methods that a file calls."""
    calls = [node.func for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]
    return [function.attr for function in calls if isinstance(function, ast.Attribute)]


def test_no_code_commits_by_hand() -> None:
    assert [path.name for path in SOURCES if {"commit", "rollback"} & set(called(path))] == []


def test_no_file_is_too_long() -> None:
    assert [path.name for path in SOURCES if len(path.read_text().splitlines()) > MAX_LINES] == []


def test_functions_are_short() -> None:
    functions = [
        (f"{path.name}: {node.name}", (node.end_lineno or 0) - node.lineno + 1)
        for path in SOURCES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert [name for name, lines in functions if lines > MAX_FUNCTION_LINES] == []
    lengths = [lines for _, lines in functions]
    assert median(lengths) <= MAX_MEDIAN
    assert quantiles(lengths, n=10)[-1] <= MAX_NINTH_DECILE


def test_long_sql_statements_are_explained() -> None:
    assert [name for path in SOURCES for name in unexplained_sql(path)] == []


def unexplained_sql(path: Path) -> list[str]:
    """Return the constants of a file with many lines of text and no comment before them."""
    lines = path.read_text().splitlines()
    return [
        f"{path.name}: line {node.lineno}"
        for node in tree(path).body
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant)
        if isinstance(node.value.value, str) and node.value.value.count("\n") > MAX_UNEXPLAINED_SQL_LINES
        if not lines[node.lineno - 2].startswith("#")
    ]


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.parent.name)
def test_every_package_says_in_one_sentence_what_belongs_there(package: Path) -> None:
    said = ast.get_docstring(tree(package)) or ""
    assert said.endswith(".")
    assert "\n\n" not in said
    assert ". " not in said


def test_every_folder_with_code_is_a_package() -> None:
    assert {path.parent for path in SOURCES} == {package.parent for package in PACKAGES}


@pytest.mark.parametrize("document", ["README.md", "README.ru.md", ".env.example"])
@pytest.mark.parametrize("setting", SETTINGS)
def test_every_setting_is_documented(document: str, setting: str) -> None:
    assert setting in (PROJECT / document).read_text()


def test_packages_import_downwards_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROJECT)
    monkeypatch.syspath_prepend(str(PROJECT))
    try:
        assert lint_imports(config_filename="pyproject.toml", no_cache=True) == 0
    finally:
        logging.disable(logging.NOTSET)
