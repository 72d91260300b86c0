"""The READMEs: both say the same, and everything there is."""

import re
from pathlib import Path

import pytest

from learning_platform.core.settings import PROJECT
from tests.architecture.test_contract import CONTRACT
from tests.readmes import READMES, commands, documented_statuses

DOCUMENTS = [PROJECT / name for name in READMES] + sorted((PROJECT / "docs").rglob("*.md"))
LINK = re.compile(r"\]\((?!https?://)([^)#\s]*)(#[^)\s]*)?\)")


def headings(readme: str) -> list[str]:
    text = re.sub(r"^```.*?^```", "", (PROJECT / readme).read_text(), flags=re.MULTILINE | re.DOTALL)
    return [line for line in text.splitlines() if re.match(r"#+ ", line)]


def test_both_readmes_give_the_same_commands() -> None:
    assert commands("README.ru.md").splitlines() == commands("README.md").splitlines()


def test_both_readmes_give_the_same_statuses() -> None:
    assert documented_statuses("README.ru.md") == documented_statuses("README.md")


def test_both_readmes_have_the_same_sections() -> None:
    english, russian = ([line.split()[0] for line in headings(readme)] for readme in READMES)
    assert english == russian


def test_every_endpoint_of_the_contract_has_an_example() -> None:
    """Further endpoints are documented at `/docs`: the READMEs are a tour, not a reference."""
    endpoints = {(method, path.replace("{}", "*")) for method, path in map(str.split, CONTRACT.strip().splitlines())}
    endpoints.remove(("WS", "/ws/*"))  # The examples are commands of curl.
    assert sorted(endpoints - set(documented_statuses("README.md"))) == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(PROJECT)))
def test_no_link_is_broken(document: Path) -> None:
    targets = [document.parent / target for target, _ in LINK.findall(document.read_text()) if target]
    assert [str(target) for target in targets if not target.exists()] == []


@pytest.mark.parametrize("readme", READMES)
def test_every_section_named_in_the_contents_exists(readme: str) -> None:
    anchors = {re.sub(r"[^\w\s-]", "", line.lstrip("# ").lower()).replace(" ", "-") for line in headings(readme)}
    named = {anchor[1:] for target, anchor in LINK.findall((PROJECT / readme).read_text()) if anchor and not target}
    assert named
    assert named <= anchors


def test_every_file_that_the_security_page_names_is_there() -> None:
    named = re.findall(r"`([a-z_]+(?:/[a-z_]+)*/[a-z_]+\.py)`", (PROJECT / "docs" / "security.md").read_text())
    missing = [
        path for path in named if not any((PROJECT / top / path).exists() for top in ("learning_platform", "tests"))
    ]
    assert named
    assert missing == []
