"""Every text of the platform exists in every language."""

import re
import tomllib
from functools import cache

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

from learning_platform.core.languages import CATALOGUES, DEFAULT_LANGUAGE, LANGUAGE_NAMES, LANGUAGES, translate_plural
from learning_platform.core.settings import PROJECT

# As `make messages` has it.
KEYWORDS = {**DEFAULT_KEYWORDS, "N_": None, "translate_plural": (1, 2)}
PLACEHOLDER = re.compile(r"\{\w*\}|%\(\w+\)s")
TRANSLATED = [language for language in LANGUAGES if language != DEFAULT_LANGUAGE]


@cache
def texts_in_the_code() -> frozenset[str]:
    """Return every marked text; of plural ones the singular."""
    mappings = tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["babel"]["mappings"]
    methods = [(mapping["pattern"], mapping["method"]) for mapping in mappings]
    found = extract_from_dir(PROJECT / "learning_platform", methods, keywords=KEYWORDS)
    return frozenset(text if isinstance(text, str) else text[0] for _, _, text, _, _ in found)


@cache
def catalogue(language: str) -> Catalog:
    with (CATALOGUES / language / "LC_MESSAGES" / "messages.po").open("rb") as source:
        return read_po(source, locale=language)


def messages(language: str) -> list[Message]:
    return [message for message in catalogue(language) if message.id]


def forms(text: str | list[str] | tuple[str, ...] | None) -> list[str]:
    return [text] if isinstance(text, str) else list(text or ())


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_text_of_the_code_lacks_a_translation(language: str) -> None:
    translated = {forms(message.id)[0] for message in messages(language) if all(forms(message.string))}
    assert sorted(texts_in_the_code() - translated) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_translated_text_is_used(language: str) -> None:
    assert sorted({forms(message.id)[0] for message in messages(language)} - texts_in_the_code()) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_is_a_guess(language: str) -> None:
    assert [message.id for message in messages(language) if message.fuzzy] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_fills_the_same_placeholders(language: str) -> None:
    for message in messages(language):
        wanted = set(PLACEHOLDER.findall(forms(message.id)[-1]))
        for form in forms(message.string):
            assert set(PLACEHOLDER.findall(form)) == wanted, message.id


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_plural_has_every_form_of_the_language(language: str) -> None:
    for message in messages(language):
        if message.pluralizable:
            assert len(forms(message.string)) == catalogue(language).num_plurals, message.id


def test_a_text_without_translation_is_shown_in_english_with_its_number() -> None:
    assert translate_plural("{count} thing", "{count} things", "en", count=1) == "1 thing"
    assert translate_plural("{count} thing", "{count} things", "en", count=5) == "5 things"


def test_every_language_has_a_name() -> None:
    assert tuple(LANGUAGE_NAMES) == LANGUAGES
