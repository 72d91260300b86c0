"""Every refusal of the platform is met in a test: seen in a browser, or answered to a program."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator

import learning_platform
from learning_platform.core.errors import Refusal
from learning_platform.core.settings import PROJECT

NOT_IMPORTED = "learning_platform.__main__"
# Tests that ask over HTTP: of the API, of pages, and in a browser.
OVER_HTTP = ("browser", "domain/reviews", "hostile", "journeys", "web")


def refusals() -> Iterator[type[Refusal]]:
    """Yield every kind of refusal that has a code of its own."""
    for module in pkgutil.walk_packages(learning_platform.__path__, "learning_platform."):
        if module.name != NOT_IMPORTED:
            importlib.import_module(module.name)
    kinds: list[type[Refusal]] = [Refusal]
    # The list grows while it is read.
    for kind in kinds:
        kinds += kind.__subclasses__()
        if "code" in vars(kind):
            yield kind


def words_of_tests() -> set[str]:
    """Return the names that tests over HTTP use, and the texts that are compared with what came: codes among them."""
    words = set[str]()
    for path in (path for folder in OVER_HTTP for path in (PROJECT / "tests" / folder).rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Name):
                words.add(node.id)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                words.add(node.value)
    return words


def test_every_refusal_is_met_over_http() -> None:
    met = words_of_tests()
    assert [kind.__name__ for kind in refusals() if not {kind.__name__, kind.code} & met] == []
