"""Paths that no reader and no file system should meet."""

import pytest

from learning_platform.snapshots.paths import ensure_no_twins, ensure_path, shown_path
from learning_platform.snapshots.rules import FreezeFailed


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/etc/passwd",
        "..",
        "a/../b",
        "./a",
        "a//b",
        "a/",
        "a\\b",
        "C:\\a",
        ".git/config",
        "a/.GIT/hooks/x",
        "git~1/x",
        ".git./x",
        ".git /x",
        ".g\u200cit/config",
        "a\nb",
        "a\0b",
        "invoice\u202etxt.exe",
        "a\ud800",
        "a\u2028b",
        "x" * 401,
        "ж" * 201,
        "/".join("a" * 21),
    ],
)
def test_a_dangerous_path_is_refused(path: str) -> None:
    with pytest.raises(FreezeFailed) as failed:
        ensure_path(path)
    assert failed.value.code == "bad_path"


@pytest.mark.parametrize(
    "path",
    ["a", ".gitignore", ".github/workflows/ci.yml", "Отчёт/задача 1.md", "x" * 400, "/".join("a" * 20), "日本/é"],
)
def test_an_ordinary_path_is_allowed(path: str) -> None:
    ensure_path(path)


@pytest.mark.parametrize(
    "paths",
    [
        ["README", "readme"],
        ["й", "и\u0306"],
        ["Straße", "STRASSE"],
        ["a", "a"],
        ["a", "a/b"],
        ["a/b/c", "A/B"],
    ],
)
def test_two_paths_that_are_one_somewhere_are_refused(paths: list[str]) -> None:
    with pytest.raises(FreezeFailed):
        ensure_no_twins(paths)


def test_neighbours_are_no_twins() -> None:
    ensure_no_twins(["a", "ab", "a.b", "b/a", "b/ab"])


def test_a_path_in_a_message_is_short_and_shows_what_is_hidden() -> None:
    assert shown_path("a\u202eb") == "a\\u202eb"
    assert len(shown_path("x" * 1000)) == 80
