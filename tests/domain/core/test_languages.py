"""Which language a person wants, and what is written to them in it."""

import pytest

from learning_platform.core.languages import Language, language_by_script, preferred_language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("ru", "ru"),
        ("en", "en"),
        ("RU", "ru"),
        ("ru-RU", "ru"),
        ("en-GB,en;q=0.9", "en"),
        ("ru-RU,ru;q=0.9,en-US;q=0.8,en;q=0.7", "ru"),
        ("en;q=0.5, ru;q=0.8", "ru"),
        ("en;q=0.8, ru;q=0.5", "en"),
        ("de, ru;q=0.5", "ru"),
        ("de, fr", "en"),
        ("*", "en"),
        ("de, *;q=0.5", "en"),
        ("ru;q=0", "en"),
        ("en;q=0, ru;q=0.1", "ru"),
        (" ru ; q=0.5 ", "ru"),
        ("ru;Q=0.9, en;q=0.1", "ru"),
        ("ru;q=0.1, *;q=0.9", "en"),
        ("russian", "en"),
        ("ru;q=abc", "en"),
        ("ru;q=nan", "en"),
        (";;;,,,=", "en"),
        ("ru," * 10_000, "ru"),
    ],
)
def test_the_language_is_the_one_a_person_likes_best_of_those_available(header: str, language: Language) -> None:
    assert preferred_language(header) == language


def test_any_language_but_a_refused_one_is_any_other() -> None:
    assert preferred_language("en;q=0, *") != "en"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Разбор", "ru"),
        ("Docker на практике", "ru"),
        ("Code я", "en"),
        ("مراجعة Go", None),
        ("1 + 1 = 2", None),
        ("", None),
    ],
)
def test_the_language_of_a_text_is_guessed_by_its_script(text: str, language: str | None) -> None:
    assert language_by_script(text) == language
