"""Rules of the house that a program can check."""

import ast
import logging
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

from learning_platform.core.settings import PROJECT, Settings

SOURCES = sorted((PROJECT / "learning_platform").rglob("*.py"))
MAX_LINES, MAX_FUNCTION_LINES = 400, 50
SETTINGS = [name.upper() for name in Settings.model_fields]


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def called(path: Path) -> list[str]:
    """Return the names of the methods that a file calls."""
    calls = [node.func for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]
    return [function.attr for function in calls if isinstance(function, ast.Attribute)]


def test_nobody_commits_by_hand() -> None:
    assert [path.name for path in SOURCES if {"commit", "rollback"} & set(called(path))] == []


def test_no_file_is_too_long() -> None:
    assert [path.name for path in SOURCES if len(path.read_text().splitlines()) > MAX_LINES] == []


def test_no_function_is_too_long() -> None:
    functions = [
        (f"{path.name}: {node.name}", (node.end_lineno or 0) - node.lineno + 1)
        for path in SOURCES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert [name for name, lines in functions if lines > MAX_FUNCTION_LINES] == []


@pytest.mark.parametrize("document", ["README.md", "README.ru.md", ".env.example"])
@pytest.mark.parametrize("setting", SETTINGS)
def test_every_setting_is_documented(document: str, setting: str) -> None:
    assert setting in (PROJECT / document).read_text()


def test_rooms_and_doors_import_downwards_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROJECT)
    monkeypatch.syspath_prepend(str(PROJECT))
    try:
        assert lint_imports(config_filename="pyproject.toml", no_cache=True) == 0
    finally:
        logging.disable(logging.NOTSET)
