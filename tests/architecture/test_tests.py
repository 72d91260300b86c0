"""What holds for the tests themselves."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from learning_platform.core.settings import PROJECT

TESTS = sorted((PROJECT / "tests").rglob("*.py"))


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def is_own(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id in {"self", "cls"}


def defined_names(tree: ast.Module) -> set[str]:
    """Return the names of the functions of a file, and of the attributes its classes give themselves."""
    nodes = list(ast.walk(tree))
    functions = [node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    attributes = [node.attr for node in nodes if isinstance(node, ast.Attribute) and is_own(node)]
    return {*functions, *attributes}


def private_names(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield private names that are imported, read or patched: the name, and where it stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from ((alias.name, str(node.module)) for alias in node.names if is_private(alias.name))
        elif isinstance(node, ast.Attribute) and is_private(node.attr):
            yield node.attr, ast.unparse(node)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("attr"):
            for argument in node.args:
                name = str(argument.value).rpartition(".")[2] if isinstance(argument, ast.Constant) else ""
                if is_private(name):
                    yield name, ast.unparse(node)


@pytest.mark.parametrize("path", TESTS, ids=lambda path: str(path.relative_to(PROJECT)))
def test_tests_read_no_private_names_of_the_product(path: Path) -> None:
    tree = ast.parse(path.read_text())
    own = defined_names(tree)
    assert [where for name, where in private_names(tree) if name not in own and where != "os._exit"] == []
