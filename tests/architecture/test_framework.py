"""FastAPI, Starlette and uvicorn are used as they are documented: no internal names, nothing of theirs overridden."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from learning_platform.core.settings import PROJECT

SOURCES = sorted(
    path for folder in ("learning_platform", "tests", "benchmarks") for path in (PROJECT / folder).rglob("*.py")
)
FRAMEWORKS = ("fastapi", "starlette", "uvicorn")
# Public by their spelling, and internal all the same: they change without notice.
INTERNAL_MODULES = ("fastapi.dependencies", "fastapi._compat", "fastapi.utils", "starlette._utils")
INTERNAL_NAMES = {
    "RouteContext",
    "iter_route_contexts",
    "get_request_handler",
    "request_response",
    "solve_dependencies",
    "serialize_response",
    "DefaultPlaceholder",
}
# Attributes that belong to the framework, in whichever object.
INTERNAL_ATTRIBUTES = {"middleware_stack", "build_middleware_stack", "dependency_overrides_provider", "server_state"}
# What may be subclassed, as the documentation of each shows; used as a whole, uvicorn's protocols are only wrapped.
SUBCLASSED = {
    "APIRoute",
    "OAuth2PasswordBearer",
    "HTMLResponse",
    "HTTPException",
    "Response",
    "StaticFiles",
    "StreamingResponse",
}


def imports_of(path: Path) -> Iterator[tuple[str, str]]:
    """Yield module and name of everything that a file imports from a framework."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in FRAMEWORKS:
            yield from ((node.module, alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names if alias.name.split(".")[0] in FRAMEWORKS)


def is_internal(module: str, name: str) -> bool:
    is_private = any(part.startswith("_") for part in (*module.split("."), name) if part != "__version__")
    return is_private or name in INTERNAL_NAMES or module.startswith(INTERNAL_MODULES)


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("fastapi.dependencies.models", "Dependant"),
        ("fastapi.routing", "iter_route_contexts"),
        ("starlette._utils", "is_async_callable"),
        ("fastapi.routing", "_IncludedRouter"),
    ],
)
def test_what_was_used_once_is_known_as_internal(module: str, name: str) -> None:
    assert is_internal(module, name)


def test_no_internal_name_of_a_framework_is_imported() -> None:
    found = [
        f"{path.relative_to(PROJECT)}: {module} {name}"
        for path in SOURCES
        for module, name in imports_of(path)
        if is_internal(module, name)
    ]
    assert found == []


def test_no_internal_attribute_of_a_framework_is_touched() -> None:
    found = [
        f"{path.relative_to(PROJECT)}: {node.attr}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in INTERNAL_ATTRIBUTES
    ]
    assert found == []


def test_only_what_is_offered_to_be_subclassed_is_subclassed() -> None:
    found = []
    for path in SOURCES:
        framework = {name for _, name in imports_of(path)} | set(FRAMEWORKS)
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                bases = {ast.unparse(base) for base in node.bases}
                theirs = {base for base in bases if base.split(".")[0].split("[")[0] in framework}
                found += [f"{path.relative_to(PROJECT)}: {base}" for base in theirs - SUBCLASSED]
    assert found == []
